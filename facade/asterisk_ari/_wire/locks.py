"""Locks for state that threads share; in the asynchronous colour handlers run in threads too."""

import threading


def new_lock() -> threading.Lock:
    """A lock for one thread at a time."""
    return threading.Lock()
