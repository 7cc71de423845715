"""Reads and writes the sockets of all audio streams of an event loop in one place; with many streams, in batches ("turns")."""

import asyncio
import logging
import os
import select
import weakref
from collections.abc import Callable
from math import ceil
from typing import ClassVar

from asterisk_ari._transport.runtime.forks import own_sockets_of

log = logging.getLogger("asterisk_ari.media")

MANY_STREAMS = 10
"""The number of streams from which turns are used; with fewer, they are read and written immediately."""
TURN_SECONDS = 0.004
"""Time from the beginning of one turn to that of the next."""
_READ_BYTES = 64 * 1024


class SharedSockets:
    """Sockets of one event loop: reads on behalf of their transports, whose own reading is paused meanwhile.

    A stream has a frame every 20 ms, at a moment of its own, and waking up for it costs more than reading it. Therefore,
    data that arrived on many streams since the last turn is read at once, then processed by programs, and then their output is
    written at once.
    """

    _of_loops: ClassVar[weakref.WeakValueDictionary[int, "SharedSockets"]] = weakref.WeakValueDictionary()

    @classmethod
    def with_transport(cls, transport: asyncio.Transport, take: Callable[[bytes], None]) -> "SharedSockets | None":
        """Return the running loop's sockets, with a transport's added; None where unsupported: other systems than Linux, and TLS.

        Args:
            transport: must be closed by `close`, and its protocol must call `remove` when the connection is lost.
            take: called with received data.
        """
        if not hasattr(select, "epoll") or transport.get_extra_info("sslcontext") is not None or transport.is_closing():
            return None
        loop = asyncio.get_running_loop()
        shared = cls._of_loops.get(id(loop))
        if shared is None or shared._loop is not loop:
            shared = cls._of_loops[id(loop)] = cls(loop)
        shared._add(transport, take)
        return shared

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._poll = select.epoll()
        self._sources: dict[int, tuple[asyncio.Transport, Callable[[bytes], None]]] = {}
        self._numbers: dict[asyncio.Transport, int] = {}
        self._unsent: list[tuple[asyncio.Transport, bytes]] = []
        self._timer: asyncio.TimerHandle | None = None
        own_sockets_of(self, [self._poll], loop)
        loop.add_reader(self._poll.fileno(), self._read)

    def _add(self, transport: asyncio.Transport, take: Callable[[bytes], None]) -> None:
        number = transport.get_extra_info("socket").fileno()
        transport.pause_reading()
        self._sources[number], self._numbers[transport] = (transport, take), number
        self._poll.register(number, select.EPOLLIN)

    def remove(self, transport: asyncio.Transport) -> None:
        """Stop reading on behalf of a transport, if it was added."""
        if (number := self._numbers.pop(transport, None)) is None:
            return
        del self._sources[number]
        self._poll.unregister(number)
        if not self._sources:
            SharedSockets._of_loops.pop(id(self._loop), None)
            if self._timer is None:
                self._loop.remove_reader(self._poll.fileno())
            else:
                self._timer.cancel()
            own_sockets_of(self, [], self._loop)
            self._poll.close()

    # -- reading --

    def _read(self) -> None:
        ready = self._poll.poll(0)
        for number, _ in ready:
            if (source := self._sources.get(number)) is not None:  # processing another stream's data may have ended it
                self._read_one(number, *source)
        if self._sources:
            self._plan(has_turns=bool(ready) and len(self._sources) >= MANY_STREAMS)

    def _plan(self, *, has_turns: bool) -> None:
        """Schedule the next read: at the next turn, or as soon as data arrives."""
        if has_turns:
            if self._timer is None:
                self._loop.remove_reader(self._poll.fileno())
            self._timer = self._loop.call_at(ceil(self._loop.time() / TURN_SECONDS) * TURN_SECONDS, self._read)
        elif self._timer is not None:
            self._timer = None
            self._loop.add_reader(self._poll.fileno(), self._read)

    def _read_one(self, number: int, transport: asyncio.Transport, take: Callable[[bytes], None]) -> None:
        if transport.is_closing():
            self.remove(transport)
            return
        try:
            data = os.read(number, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:  # its transport detects how it ended
            self.remove(transport)
            transport.resume_reading()
            return
        try:
            take(data)
        except Exception:
            log.exception("what came to an audio stream could not be taken")
            transport.abort()

    # -- writing --

    def write(self, transport: asyncio.Transport, data: bytes) -> None:
        """Send data; with many streams, only after the programs' work of this turn, which a woken reader would interrupt."""
        if self._unsent:
            self._unsent.append((transport, data))
        elif len(self._sources) >= MANY_STREAMS:
            self._unsent.append((transport, data))
            self._loop.call_soon(self._send)
        else:
            transport.write(data)

    def close(self, transport: asyncio.Transport) -> None:
        """Close a transport after its written data."""
        self._send()
        self.remove(transport)
        transport.close()

    def _send(self) -> None:
        unsent, self._unsent = self._unsent, []
        for transport, data in unsent:
            transport.write(data)
