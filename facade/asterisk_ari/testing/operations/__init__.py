"""One handler for each operation: parameters in, reply out, the state changed, later work left as timers."""
