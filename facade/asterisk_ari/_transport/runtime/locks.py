"""Locks for state that threads share; in the asynchronous variant handlers run in threads too."""

import threading
import time
import weakref
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue

LOST_AFTER_SECONDS = 0.05
GIVE_UP_SECONDS = 5.0


def new_thread_lock() -> AbstractContextManager[object]:
    """Return a lock that its thread may take again: a signal handler may close the client in between.

    Handlers run in threads, in the asynchronous variant too. It is held for a moment: nothing is waited for under it.

    Example:
        >>> lock = new_thread_lock()
    """
    return threading.RLock()


class Token:
    """Who has it holds the lock."""

    __slots__ = ("__weakref__",)


class InterruptSafeLock:
    """A lock that is free again once the call that held it is gone, whether or not it came to give it back.

    An exception may come out of a signal handler at any point, also between the last step under a lock and its release. The lock
    is a token in a queue; who takes it out has the only reference.
    """

    def __init__(self) -> None:
        self._tokens: SimpleQueue[Token] = SimpleQueue()
        self._token: weakref.ref[Token] = weakref.ref(Token())
        self._renewing = threading.RLock()
        self._owner = 0

    def take(self) -> Token | None:
        """Wait for the token; None when this thread has it."""
        try:
            token = self._tokens.get_nowait()
        except Empty:
            return self._wait()
        self._owner = threading.get_ident()
        return token

    def _wait(self) -> Token | None:
        give_up_at = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < give_up_at:
            if self._token() is None:
                self._renew()
            elif self._owner == threading.get_ident():
                return None
            try:
                token = self._tokens.get(timeout=LOST_AFTER_SECONDS)
            except Empty:
                continue
            self._owner = threading.get_ident()
            return token
        return None  # a signal handler, come between the two last lines above

    def give_back(self, token: Token | None) -> None:
        """Release the lock."""
        if token is not None:
            self._owner = 0
            self._tokens.put(token)

    def _renew(self) -> None:
        """Make another token: who had the last is gone."""
        with self._renewing:
            if self._token() is None:
                token = Token()
                self._token, self._owner = weakref.ref(token), 0
                self._tokens.put(token)
