"""Locks for state that threads share; in the asynchronous variant handlers run in threads too."""

import threading
import time
import weakref
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue

LOST_AFTER_SECONDS = 0.05
GIVE_UP_SECONDS = 5.0


def new_thread_lock() -> AbstractContextManager[object]:
    """Return a reentrant lock: a signal handler may close the client while it is held.

    Handlers run in threads in the asynchronous variant too. Hold it only briefly: do not wait for anything while holding it.

    Example:
        >>> lock = new_thread_lock()
    """
    return threading.RLock()


class Token:
    """Its owner holds the lock."""

    __slots__ = ("__weakref__",)


class InterruptSafeLock:
    """A lock that becomes free once the call that held it is gone, even if the call did not release it.

    A signal handler may raise an exception at any point, even between the last step under a lock and its release. The lock
    is a token in a queue; whoever takes it has the only reference.
    """

    def __init__(self) -> None:
        self._tokens: SimpleQueue[Token] = SimpleQueue()
        self._token: weakref.ref[Token] = weakref.ref(Token())
        self._renewing = threading.RLock()
        self._owner = 0

    def take(self) -> Token | None:
        """Wait for the token; return None if this thread already has it."""
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
        return None  # in a signal handler that interrupted the last two lines above

    def give_back(self, token: Token | None) -> None:
        """Release the lock."""
        if token is not None:
            self._owner = 0
            self._tokens.put(token)

    def _renew(self) -> None:
        """Create a new token: the owner of the last one is gone."""
        with self._renewing:
            if self._token() is None:
                token = Token()
                self._token, self._owner = weakref.ref(token), 0
                self._tokens.put(token)
