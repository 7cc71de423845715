"""Interruptions of a program: a cancellation, Ctrl-C, or SystemExit raised by a signal handler."""

import sys


def is_being_interrupted() -> bool:
    """Return whether such an exception is being handled now, such as while it propagates through `with` and `finally` blocks."""
    error = sys.exc_info()[1]
    return error is not None and not isinstance(error, Exception)
