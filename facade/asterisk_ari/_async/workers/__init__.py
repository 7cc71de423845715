"""Workers that share calls and take over the calls of dead workers."""
