"""What waits and runs: tasks and threads, handlers, locks, clocks."""
