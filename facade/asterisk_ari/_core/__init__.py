"""What decides: pure, without I/O, threads or a clock."""
