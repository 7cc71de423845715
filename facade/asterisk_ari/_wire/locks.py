"""Locks for state that threads share; in the asynchronous colour handlers run in threads too."""

import threading
from contextlib import AbstractContextManager


def new_lock() -> AbstractContextManager[object]:
    """A lock for one thread at a time, which that thread may take twice: a signal handler may close the client in between."""
    return threading.RLock()
