"""Forked children: each runs a function and gives back what it returned."""

import os
import pickle
import signal
import traceback
import warnings
from collections.abc import Callable
from typing import Any

SECONDS = 20


def fork() -> int:
    """`os.fork` without Python 3.12's word about threads: that there are some is what is tested."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def in_a_child(function: Callable[[], Any]) -> Any:
    """What a function returns in a forked child, which ends without any clean-up."""
    reading, writing = os.pipe()
    child = fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS)  # whatever it waits for
        outcome: Any = None
        try:
            outcome = function()
        except BaseException:
            outcome = traceback.format_exc()
        finally:
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(outcome, pipe)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        outcome = pickle.load(pipe)
    os.waitpid(child, 0)
    return outcome


def error_of(function: Callable[[], Any]) -> str:
    """The class and the message of what a function raises."""
    try:
        return f"returned {function()!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
