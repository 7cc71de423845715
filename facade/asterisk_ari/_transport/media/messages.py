"""WebSocket messages of either end of a media connection, extracted from received data. Touches no socket."""

from collections.abc import Iterator

from asterisk_ari._transport.websocket.frame_rules import MIN_FRAGMENT_BYTES, check_header, close_code_and_reason
from asterisk_ari._transport.websocket.frames import BINARY, CLOSE, FINAL, LENGTH_16, TEXT, FrameBuffer, FrameHeader, payload_of

MAX_MESSAGE_BYTES = 1024 * 1024


class MessageBuffer(FrameBuffer):
    """The messages of one connection.

    Args:
        is_masked: whether the peer masks its frames: a client does, a server does not.
    """

    def __init__(self, *, is_masked: bool) -> None:
        super().__init__()
        self._is_masked = is_masked
        self._opcode = 0
        self._parts: list[bytes] = []
        self._size = 0

    def only_audio(self, data: bytes) -> bytes | None:
        """Return the audio if exactly one audio message has arrived, which is nearly always the case."""
        if self._at != len(self._buffer) or self._fed or self._wanted or self._opcode or self._is_masked:
            return None
        if len(data) < 4 + LENGTH_16:  # or too short for any audio
            return None
        if data[0] != FINAL | BINARY or data[1] != LENGTH_16 or (data[2] << 8 | data[3]) != len(data) - 4:
            return None
        return data[4:]

    def only_text(self, data: bytes) -> bytes | None:
        """Return the text if exactly one text message has arrived: usually an answer about the queue."""
        if self._at != len(self._buffer) or self._fed or self._wanted or self._opcode or self._is_masked:
            return None
        size = len(data)
        if size < 2 or data[0] != FINAL | TEXT:
            return None
        if data[1] == size - 2 and size - 2 < LENGTH_16:
            return data[2:]
        if data[1] == LENGTH_16 and size >= 4 + LENGTH_16 and (data[2] << 8 | data[3]) == size - 4:
            return data[4:]
        return None

    def messages(self) -> Iterator[tuple[int, bytes]]:
        """Yield the complete messages, one after the other: opcode and payload.

        Raises:
            ProtocolViolation: the next frame is not allowed, or is far larger than audio needs.
        """
        while self._is_ready():
            for audio in self._plain_audio():
                yield BINARY, audio
            if self._wanted or (header := self.header()) is None:
                break
            self._check(header)
            if (frame := self.take(header)) is None:
                break
            payload = payload_of(header, frame)
            if header.opcode == CLOSE:
                close_code_and_reason(payload)  # otherwise it is refused
            if header.opcode >= CLOSE or (header.is_final and header.opcode):
                yield header.opcode, payload
            elif (whole := self._joined(header, payload)) is not None:
                yield whole

    def _plain_audio(self) -> list[bytes]:
        """Extract the audio frames that are next, nearly all of the traffic: final, unmasked, shorter than 64 KiB."""
        found: list[bytes] = []
        if self._opcode or self._is_masked:
            return found
        buffer, at = self._buffer, self._at
        size = len(buffer)
        while size - at >= 4 and buffer[at] == FINAL | BINARY:
            length, start = buffer[at + 1], at + 2
            if length == LENGTH_16:
                length, start = (buffer[start] << 8) | buffer[start + 1], at + 4
                if length < LENGTH_16:
                    break
            elif length > LENGTH_16:
                break
            if start + length > size:
                self._wanted = start + length - at
                break
            found.append(buffer[start : start + length])
            at = start + length
        self._at = at
        return found

    def _check(self, header: FrameHeader) -> None:
        check_header(
            header,
            is_masked=self._is_masked,
            message_opcode=self._opcode,
            message_bytes=self._size,
            max_message_bytes=MAX_MESSAGE_BYTES,
        )

    def _joined(self, header: FrameHeader, payload: bytes) -> tuple[int, bytes] | None:
        self._opcode = header.opcode or self._opcode
        self._parts.append(payload)
        self._size += max(MIN_FRAGMENT_BYTES, len(payload))
        if not header.is_final:
            return None
        whole = (self._opcode, b"".join(self._parts))
        self._opcode, self._parts, self._size = 0, [], 0
        return whole
