"""Concurrency: tasks and threads, handlers, locks, clocks."""
