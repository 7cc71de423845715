# Made from listening/accepted_streams.py by scripts/unasync.py: edit that file.
"""The WebSockets of one session, one after the other: Asterisk reopens a lost one."""

from asterisk_ari._core.events.introduction import Kind
from asterisk_ari._transport.runtime.locks import new_thread_lock
from asterisk_ari._transport.runtime.runtime_sync import ThreadsafeEvent, WaitQueue
from asterisk_ari._transport.websocket.event_stream_sync import EventStream
from asterisk_ari._transport.websocket.stream_closed import StreamClosed
from asterisk_ari.errors import NotSent


class AcceptedStreams:
    """The source from which the reader of a session takes its WebSockets.

    A per-call session is over with a close frame, which Asterisk sends when the call ends, or if the WebSocket does not come
    back.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._lock = new_thread_lock()
        self._next: WaitQueue[EventStream | None] = WaitQueue()
        self._current: EventStream | None = None
        self._is_closed = False
        self.ended: ThreadsafeEvent = ThreadsafeEvent()
        """Set once the session is over."""

    def put(self, stream: EventStream) -> bool:
        """Take the next one: if the previous one still seems to be open, Asterisk has given it up.

        Returns:
            False if the session is over and this one was not taken.
        """
        with self._lock:
            if self._is_closed or self.ended.is_set():
                return False
            self._next.put(stream)
            current = self._current
        if current is not None:
            current.abort("Asterisk has opened another WebSocket in its place")
        return True

    def next_stream(self, seconds: float) -> EventStream:
        """Return the next one.

        Raises:
            NotSent: none was opened in time.
        """
        stream: EventStream | None = None
        try:
            if not self._is_closed:
                stream = self._next.get(seconds)
        except TimeoutError:
            pass
        if stream is None:
            if self._kind == "per_call":
                self.ended.set()
            raise NotSent(f"Asterisk has not opened another WebSocket within {seconds:g} s")
        with self._lock:
            self._current = stream
        if len(self._next):  # another one has already replaced it
            stream.abort("Asterisk has opened another WebSocket in its place")
        return stream

    def is_over(self, closed: StreamClosed) -> bool:
        """Whether no further one follows a WebSocket that was closed like this."""
        with self._lock:
            self._current = None
            is_over = self._kind == "per_call" and closed.code is not None and not len(self._next)
        if is_over:
            self.ended.set()
        return is_over

    def close(self) -> None:
        """Take no more, and wake a reader that waits for one."""
        with self._lock:
            self._is_closed = True
            self._next.put(None)

    def release(self) -> None:
        """Close those that were never read."""
        left = self._next.take_all()
        for stream in left:
            if stream is not None:
                stream.send_close()
                stream.release()
