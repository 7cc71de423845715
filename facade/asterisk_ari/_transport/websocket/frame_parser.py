"""Parses frames from the peer as strictly as RFC 6455 requires: from a server, or from a client that has connected to this end.

Plain text frames, the only ones a server normally sends, are extracted here, many at once. Every other frame
goes through websocket-client's parser once it has arrived completely.
"""

import struct
from collections.abc import Callable
from io import BytesIO

from asterisk_ari._transport.websocket.frame_rules import (
    MIN_FRAGMENT_BYTES,
    PROTOCOL_ERROR,
    ProtocolViolation,
    check_header,
    close_code_and_reason,
)
from asterisk_ari._transport.websocket.frames import (
    CLOSE,
    FINAL,
    LENGTH_16,
    PING,
    PONG,
    TEXT,
    FrameBuffer,
    FrameHeader,
    pong_frame,
)

MAX_MESSAGE_BYTES = 16 * 1024 * 1024

# The first two bytes of a final, unmasked text frame: of an empty one, and of one whose length follows in 16 bits.
_PLAIN_TEXT = (FINAL | TEXT) << 8
_PLAIN_TEXT_16 = _PLAIN_TEXT | LENGTH_16
_BEGIN_OF_FRAME = struct.Struct("!HH").unpack_from


class CloseFrameReceived(Exception):
    """The server's close frame has arrived: its code, or None if it has none, and its reason."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class FrameParser(FrameBuffer):
    """The messages of one connection; `is_client` says which end this is."""

    def __init__(self, *, is_client: bool = True) -> None:
        super().__init__()
        self._is_client = is_client
        # Takes 20 ms: not before a WebSocket is opened, nor after its first event has arrived.
        from websocket import WebSocketException, frame_buffer

        self._parser, self._refusal = frame_buffer, WebSocketException
        self._message_opcode = 0
        self._message = bytearray()
        self._message_size = 0

    def receive(self, send: Callable[[bytes], object], pong_received: Callable[[bytes], object] | None = None) -> list[bytes]:
        """Return the next text messages, none if more bytes are needed first. Binary messages are skipped.

        The JSON decoder checks that a text is UTF-8, since it reads each byte anyway.

        Args:
            send: sends the pong for a ping.
            pong_received: called with the payload of each pong.

        Raises:
            CloseFrameReceived: the next frame is the close frame.
            ProtocolViolation: the next frame is not allowed.
        """
        while self._is_ready():
            if texts := self._texts():
                return texts
            if self._wanted or (header := self.header()) is None:
                break
            self._check(header)
            if (frame := self.take(header)) is None:
                break
            payload = self._parsed(header, frame)
            if header.opcode == PING:
                send(pong_frame(payload, is_client=self._is_client))
            elif header.opcode == CLOSE:
                raise CloseFrameReceived(*close_code_and_reason(payload))
            elif header.opcode == PONG:
                if pong_received is not None:
                    pong_received(payload)
            elif (text := self._joined(header, payload)) is not None:
                return [text]
        return []

    def _texts(self) -> list[bytes]:
        """Extract the plain text frames that are next: final, unmasked, shorter than 64 KiB."""
        found: list[bytes] = []
        if self._message_opcode or not self._is_client:
            return found
        buffer, at = self._buffer, self._at
        size, add, begin_of_frame = len(buffer), found.append, _BEGIN_OF_FRAME
        last = size - 4
        while at <= last:
            begin, length = begin_of_frame(buffer, at)
            if begin == _PLAIN_TEXT_16 and length >= LENGTH_16:  # in the shortest encoding
                start = at + 4
            elif _PLAIN_TEXT <= begin < _PLAIN_TEXT_16:
                start, length = at + 2, begin - _PLAIN_TEXT
            else:
                break
            end = start + length
            if end > size:
                self._wanted = end - at
                break
            add(buffer[start:end])
            at = end
        self._at = at
        return found

    def _check(self, header: FrameHeader) -> None:
        check_header(
            header,
            is_masked=not self._is_client,
            message_opcode=self._message_opcode,
            message_bytes=self._message_size,
            max_message_bytes=MAX_MESSAGE_BYTES,
        )

    def _parsed(self, header: FrameHeader, frame: bytes) -> bytes:
        """Return the payload of a complete frame."""
        try:
            data = self._parser(BytesIO(frame).read, skip_utf8_validation=True).recv_frame().data
        except self._refusal as error:
            kind = "close frame" if header.opcode == CLOSE else "frame"
            raise ProtocolViolation(PROTOCOL_ERROR, f"a malformed {kind} ({error})") from None
        return data if isinstance(data, bytes) else bytes(data, "utf-8")

    def _joined(self, header: FrameHeader, payload: bytes) -> bytes | None:
        """Add a fragment to its message; return the text if it was the last fragment of a text message."""
        self._message_opcode = header.opcode or self._message_opcode
        self._message += payload
        self._message_size += max(MIN_FRAGMENT_BYTES, len(payload))
        if not header.is_final:
            return None
        text = bytes(self._message) if self._message_opcode == TEXT else None
        self._message_opcode, self._message, self._message_size = 0, bytearray(), 0
        return text
