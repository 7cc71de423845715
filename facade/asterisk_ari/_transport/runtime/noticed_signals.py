"""Notices a signal that the program handles itself, without interfering.

Python writes the number of each signal that has a handler to one descriptor of the process, the wake-up descriptor. Where
nothing else uses it, a thread reads it here. Neither end is ever closed: whoever replaces the descriptor may put it back.
"""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable

_END = b"\0"  # not the number of any signal


class NoticedSignals:
    """Calls a function, in a thread, when a signal has arrived; to be used from the main thread only."""

    def __init__(self, number: int, tell: Callable[[], None]) -> None:
        self._number = number
        self._tell = tell
        self._sockets: tuple[socket.socket, socket.socket] | None = None
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start noticing the signal, unless the wake-up descriptor is already in use."""
        if self._thread is not None:
            return
        if self._sockets is None:
            self._sockets = socket.socketpair()
            self._sockets[1].setblocking(False)
        with contextlib.suppress(ValueError):  # in a subinterpreter
            if _take(*self._sockets):
                self._thread = threading.Thread(
                    target=self._read, args=self._sockets[:1], name="asterisk-ari-signals", daemon=True
                )
                self._thread.start()

    def end(self) -> None:
        """Stop noticing; when this returns, the function is no longer running."""
        thread, self._thread = self._thread, None
        if thread is None or self._sockets is None:
            return
        with contextlib.suppress(BlockingIOError):  # it is full of signals: the thread will read them first
            self._sockets[1].send(_END)
        thread.join()
        with contextlib.suppress(ValueError):
            if _take(*self._sockets):
                signal.set_wakeup_fd(-1)

    def is_on(self) -> bool:
        """Whether signals are noticed."""
        return self._thread is not None

    def forget(self) -> None:
        """Leave the parent's descriptor to the parent; for a forked child."""
        if self._sockets is None:
            return
        with contextlib.suppress(ValueError):
            if _take(*self._sockets):
                signal.set_wakeup_fd(-1)
        for one in self._sockets:
            one.close()
        self._sockets = self._thread = None

    def _read(self, reading: socket.socket) -> None:
        reading.setblocking(True)
        while _END not in (numbers := reading.recv(4096)):
            if self._number in numbers:
                self._tell()


def _take(reading: socket.socket, writing: socket.socket) -> bool:
    """Take the wake-up descriptor; if it was in use, put it back, with signals that arrived meanwhile, and return False."""
    owner = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    if owner in (-1, writing.fileno()):
        return True
    signal.set_wakeup_fd(owner)
    with contextlib.suppress(OSError):
        reading.setblocking(False)
        os.write(owner, reading.recv(4096))
    return False
