"""What the other end sends, read as strictly as RFC 6455 asks: the server, or a client that has connected to this end.

Plain text frames, which is all that a server sends as long as nothing is wrong, are cut here, many at once. Every other frame
goes through websocket-client's parser once all of it has arrived.
"""

import struct
from collections.abc import Callable
from io import BytesIO

from asterisk_ari._transport.websocket.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
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
MIN_FRAGMENT_BYTES = 16
"""What the smallest fragment counts for: no message is of more than 1 048 576 fragments."""
MAX_CONTROL_BYTES = 125
PROTOCOL_ERROR, INVALID_PAYLOAD, POLICY_VIOLATION, MESSAGE_TOO_BIG = 1002, 1007, 1008, 1009

# The first two bytes of a final text frame that is not masked: of an empty one, and of one whose length follows in 16 bits.
_PLAIN_TEXT = (FINAL | TEXT) << 8
_PLAIN_TEXT_16 = _PLAIN_TEXT | LENGTH_16
_BEGIN_OF_FRAME = struct.Struct("!HH").unpack_from
_OPCODES = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})


class ProtocolViolation(Exception):
    """The server sent what RFC 6455 forbids. The connection ends with a close frame of this `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class CloseFrameReceived(Exception):
    """The server's close frame came: its code, None where it has none, and the reason it gives."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class FrameParser(FrameBuffer):
    """The messages of one connection; `is_client` says which end reads here."""

    def __init__(self, *, is_client: bool = True) -> None:
        super().__init__()
        self._is_client = is_client
        # Costs 20 ms: not before a WebSocket is opened, nor after its first event has come.
        from websocket import WebSocketException, frame_buffer

        self._parser, self._refusal = frame_buffer, WebSocketException
        self._message_opcode = 0
        self._message = bytearray()
        self._message_size = 0

    def receive(self, send: Callable[[bytes], object], pong_received: Callable[[bytes], object] | None = None) -> list[bytes]:
        """The next text messages, none when more bytes must come first. Binary messages are passed over.

        Whether a text is UTF-8 is found out by the JSON decoder, which looks at each byte anyway.

        Args:
            send: sends the answer to a ping.
            pong_received: takes the payload of each pong.

        Raises:
            CloseFrameReceived: the close frame is next.
            ProtocolViolation: what is next must not be.
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
                raise _close_received(payload)
            elif header.opcode == PONG:
                if pong_received is not None:
                    pong_received(payload)
            elif (text := self._joined(header, payload)) is not None:
                return [text]
        return []

    def _texts(self) -> list[bytes]:
        """Cut off the plain text frames that are next: final, not masked, shorter than 64 KiB."""
        found: list[bytes] = []
        if self._message_opcode or not self._is_client:
            return found
        buffer, at = self._buffer, self._at
        size, add, begin_of_frame = len(buffer), found.append, _BEGIN_OF_FRAME
        last = size - 4
        while at <= last:
            begin, length = begin_of_frame(buffer, at)
            if begin == _PLAIN_TEXT_16 and length >= LENGTH_16:  # in the shortest way to write it
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
        """Refuse a frame for what its header says, before its payload has come."""
        is_control = header.opcode >= CLOSE
        is_first = header.opcode in (TEXT, BINARY)
        for is_wrong, words in (
            (header.is_masked is self._is_client, "a masked frame" if self._is_client else "a frame that is not masked"),
            (header.reserved_bits, "reserved bits, though no extension was agreed on"),
            (header.opcode not in _OPCODES, f"the reserved opcode {header.opcode:#x}"),
            (not header.is_shortest or header.payload_size >= 1 << 63, "a length that is not written as it must be"),
            (is_control and not header.is_final, "a fragmented control frame"),
            (is_control and header.payload_size > MAX_CONTROL_BYTES, f"a control frame of more than {MAX_CONTROL_BYTES} bytes"),
            (header.opcode == CONTINUATION and not self._message_opcode, "a continuation of no message"),
            (is_first and self._message_opcode, "a new message before the last one was complete"),
        ):
            if is_wrong:
                raise ProtocolViolation(PROTOCOL_ERROR, words)
        if not is_control and self._message_size + header.payload_size > MAX_MESSAGE_BYTES:
            raise ProtocolViolation(MESSAGE_TOO_BIG, f"a message of more than {MAX_MESSAGE_BYTES} bytes")

    def _parsed(self, header: FrameHeader, frame: bytes) -> bytes:
        """The payload of a complete frame."""
        try:
            data = self._parser(BytesIO(frame).read, skip_utf8_validation=True).recv_frame().data
        except self._refusal as error:
            kind = "close frame" if header.opcode == CLOSE else "frame"
            raise ProtocolViolation(PROTOCOL_ERROR, f"a malformed {kind} ({error})") from None
        return data if isinstance(data, bytes) else bytes(data, "utf-8")

    def _joined(self, header: FrameHeader, payload: bytes) -> bytes | None:
        """Add a fragment to its message; the text when that was the last one of a text message."""
        self._message_opcode = header.opcode or self._message_opcode
        self._message += payload
        self._message_size += max(MIN_FRAGMENT_BYTES, len(payload))  # so that there is an end to empty fragments too
        if not header.is_final:
            return None
        text = bytes(self._message) if self._message_opcode == TEXT else None
        self._message_opcode, self._message, self._message_size = 0, bytearray(), 0
        return text


def _close_received(payload: bytes) -> CloseFrameReceived:
    if not payload:
        return CloseFrameReceived(None, "")
    try:
        reason = payload[2:].decode()
    except UnicodeDecodeError:
        raise ProtocolViolation(INVALID_PAYLOAD, "a close frame whose reason is not UTF-8") from None
    return CloseFrameReceived(int.from_bytes(payload[:2], "big"), reason)
