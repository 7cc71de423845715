"""Either end of a media WebSocket: audio in binary messages, commands and notifications in text messages."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import cast

from asterisk_ari._core.media.formats import FRAME_SECONDS
from asterisk_ari._core.media.playout import Pace, Step
from asterisk_ari._core.media.websocket_control import Notification, command, parse, read_status, status_request
from asterisk_ari._transport.media.link import Receiver
from asterisk_ari._transport.media.messages import MessageBuffer
from asterisk_ari._transport.media.shared_sockets import SharedSockets
from asterisk_ari._transport.runtime.forks import own_sockets_of
from asterisk_ari._transport.websocket.frame_rules import GOING_AWAY, NORMAL, ProtocolViolation, close_code_and_reason
from asterisk_ari._transport.websocket.frames import (
    BINARY,
    CLOSE,
    PING,
    TEXT,
    close_frame,
    encode_frame,
    masking_keys,
    pong_frame,
)

log = logging.getLogger("asterisk_ari.media")

CHUNK_FRAMES = 10
_READ_BYTES = 64 * 1024


class WebSocketLink(asyncio.BufferedProtocol):
    """One connection, starting with its opening handshake.

    Args:
        opening: processes the bytes of the handshake until it is done, and returns those after it.
        request: the bytes that this end sends first.
        is_client: whether this end is the client, which masks what it sends.
        ahead_seconds: how long before it is heard audio is sent.
    """

    def __init__(
        self, opening: Callable[[bytes], bytes | None], *, request: bytes = b"", is_client: bool, ahead_seconds: float
    ) -> None:
        self.set_ahead(ahead_seconds)
        self.is_json: bool = False
        self.has_marks: bool = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.started: asyncio.Future[Notification] = asyncio.get_running_loop().create_future()
        self._opening: Callable[[bytes], bytes | None] | None = opening
        self._request = request
        self._is_client = is_client
        self._keys: Iterator[bytes] = masking_keys() if is_client else repeat(b"")
        self._buffer = memoryview(bytearray(_READ_BYTES))
        self._messages = MessageBuffer(is_masked=not is_client)
        self._receiver: Receiver | None = None
        self._early: list[Callable[[Receiver], None]] = []
        self._is_over = False
        self.transport: asyncio.Transport | None = None
        self._shared: SharedSockets | None = None

    def set_ahead(self, seconds: float) -> None:
        """Set how long before it is heard audio is sent; call this before `attach`."""
        self.pace: Pace = Pace(seconds, min(CHUNK_FRAMES, max(1, int(seconds / (2 * FRAME_SECONDS)))), reports_queue=True)

    # -- called by the event loop --

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Record the connection."""
        self.transport = cast(asyncio.Transport, transport)
        own_sockets_of(self, [transport.get_extra_info("socket")], asyncio.get_running_loop())
        if self._request:
            self.transport.write(self._request)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the buffer to read into."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Process received data."""
        self._arrived(bytes(self._buffer[:nbytes]))

    def _arrived(self, data: bytes) -> None:
        try:
            if self._opening is not None:
                rest = self._opening(data)
                if rest is None:
                    return
                self._opening = None
                if not self.opened.done():
                    self.opened.set_result(None)
                data = rest
            elif self._receiver is not None and (audio := self._messages.only_audio(data)) is not None:
                self._receiver.audio(audio)
                return
            elif self._receiver is not None and (text := self._messages.only_text(data)) is not None:
                self._take_text(text)
                return
            self._messages.feed(data)
            for opcode, payload in self._messages.messages():
                self._take(opcode, payload)
        except ProtocolViolation as violation:
            self._fail(violation.code, ConnectionAbortedError(violation.reason))
        except Exception as error:  # noqa: BLE001 - from the handshake: raised where it is awaited
            self._fail(None, error)

    def eof_received(self) -> None:
        """Do nothing: the loop then closes the connection."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Record the end of the connection."""
        if self.transport is not None and self._shared is not None:
            self._shared.remove(self.transport)
        self._end(exc or ConnectionResetError("the connection was closed without a close frame"))

    # -- received data --

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == BINARY:
            self._deliver(lambda receiver: receiver.audio(payload)) if self._receiver is None else self._receiver.audio(payload)
        elif opcode == TEXT:
            self._take_text(payload)
        elif opcode == PING:
            self._write(pong_frame(payload) if self._is_client else encode_frame(0xA, payload))
        elif opcode == CLOSE:
            self._take_close(*close_code_and_reason(payload))

    def _take_close(self, code: int | None, reason: str) -> None:
        self._send_close(NORMAL)
        is_as_expected = code in (None, NORMAL, GOING_AWAY)
        words = f"Asterisk closed the connection with code {code}{': ' if reason else ''}{reason}"
        self._end(None if is_as_expected else ConnectionResetError(words))
        self._close_transport()

    def _take_text(self, text: bytes) -> None:
        if self._receiver is not None and (status := read_status(text)) is not None:
            self._receiver.status(status[0], is_full=status[1])
            return
        said = parse(text)
        if said is None:
            self._deliver(lambda receiver: receiver.garbage(f"the message {text[:80]!r}"))
        elif said.name == "MEDIA_START":
            self.is_json = text.lstrip().startswith(b"{")
            if not self.started.done():
                self.started.set_result(said)
        else:
            self._deliver(lambda receiver: _notify(receiver, said))

    def _deliver(self, what: Callable[[Receiver], None]) -> None:
        if self._receiver is None:
            self._early.append(what)
        else:
            what(self._receiver)

    def _fail(self, code: int | None, error: Exception) -> None:
        if code is not None:
            self._send_close(code)
        self._end(error)
        self._close_transport()

    def _end(self, error: Exception | None) -> None:
        for waited in (self.opened, self.started):
            if not waited.done():
                waited.set_exception(error or ConnectionResetError("Asterisk closed the connection"))
                waited.exception()  # marks it as retrieved: the waiting caller is told anyway
        if not self._is_over:
            self._is_over = True
            self._deliver(lambda receiver: receiver.lost(error))

    # -- what the engine asks --

    def attach(self, receiver: Receiver) -> None:
        """Set the receiver of audio and digits."""
        self._receiver = receiver
        early, self._early = self._early, []
        for what in early:
            what(receiver)
        if self.transport is not None:
            self._shared = SharedSockets.with_transport(self.transport, self._arrived)

    def send(self, steps: list[Step]) -> None:
        """Send audio, the boundaries of utterances, and marks."""
        frames: list[bytes] = []
        for step in steps:
            if step.kind == "audio":
                frames.append(self._frame(BINARY, step.data))
            elif step.kind == "start":
                frames.append(self._command("START_MEDIA_BUFFERING"))
            elif step.kind == "stop":
                frames.append(self._command("STOP_MEDIA_BUFFERING", step.id))
            elif self.has_marks:
                frames.append(self._command("MARK_MEDIA", step.id))
            else:  # an empty utterance is a mark that every release supports
                frames += [self._command("START_MEDIA_BUFFERING"), self._command("STOP_MEDIA_BUFFERING", step.id)]
        self._write(b"".join(frames))

    def send_frame(self, frame: bytes, *, asks: bool = False) -> None:
        """Send one frame, in a message."""
        message = self._frame(BINARY, frame)
        self._write(message + self._status_request() if asks else message)

    def ask_status(self) -> bool:
        """Ask how many frames are queued at Asterisk."""
        return self._write(self._status_request())

    def drop(self, *, was_paused: bool) -> None:
        """Make Asterisk drop queued audio, and end a pause, which would otherwise persist, contrary to its documentation."""
        commands = [self._command("FLUSH_MEDIA"), *([self._command("CONTINUE_MEDIA")] if was_paused else [])]
        self._write(b"".join(commands))

    def hold(self, *, is_paused: bool) -> None:
        """Make Asterisk pause or resume playing."""
        self._write(self._command("PAUSE_MEDIA" if is_paused else "CONTINUE_MEDIA"))

    def close(self) -> None:
        """Close the connection with a close frame."""
        self._is_over = True
        self._early.clear()
        self._send_close(NORMAL)
        self._close_transport()
        self._end(None)

    def _close_transport(self) -> None:
        if self.transport is None:
            return
        if self._shared is not None:
            self._shared.close(self.transport)
        else:
            self.transport.close()

    def _send_close(self, code: int) -> None:
        self._write(close_frame(code) if self._is_client else encode_frame(CLOSE, code.to_bytes(2, "big")))

    def _status_request(self) -> bytes:
        return self._frame(TEXT, status_request(is_json=self.is_json))

    def _command(self, name: str, id: str = "") -> bytes:
        return self._frame(TEXT, command(name, is_json=self.is_json, correlation_id=id))

    def _frame(self, opcode: int, payload: bytes) -> bytes:
        return encode_frame(opcode, payload, next(self._keys))

    def _write(self, data: bytes) -> bool:
        if self.transport is None or self.transport.is_closing() or not data:
            return False
        if self._shared is not None:
            self._shared.write(self.transport, data)
        else:
            self.transport.write(data)
        return True


def _notify(receiver: Receiver, said: Notification) -> None:
    name = said.name
    if name == "DTMF_END":
        receiver.digit(said.fields.get("digit", ""))
    elif name in ("MEDIA_BUFFERING_COMPLETED", "MEDIA_MARK_PROCESSED"):
        receiver.passed(said.correlation_id)
    elif name in ("MEDIA_XOFF", "MEDIA_XON"):
        receiver.flow(is_held=name == "MEDIA_XOFF")
    elif name == "STATUS":
        receiver.status(said.number("queue_length") or 0, is_full=said.fields.get("queue_full") == "true")
    elif name == "ERROR":
        log.warning("Asterisk reports about a media WebSocket: %s", said.fields.get("error_text", ""))
    elif name != "QUEUE_DRAINED":
        receiver.garbage(f"the notification {name}")
