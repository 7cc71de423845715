"""What interrupts a program: a cancellation, Ctrl-C, or SystemExit out of a signal handler."""

import sys


def is_being_interrupted() -> bool:
    """Whether such an exception is being handled now, as while it leaves `with` blocks and `finally` clauses."""
    error = sys.exc_info()[1]
    return error is not None and not isinstance(error, Exception)
