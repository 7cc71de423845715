"""WebSocket frames as bytes: what arrives is cut into messages, what leaves is masked. Both colours share it.

Plain text frames, which is all that a server sends as long as nothing is wrong, are cut here, many at once; every other
frame goes through websocket-client's own parser.
"""

import os
import struct
from collections.abc import Callable

from websocket import ABNF, continuous_frame, frame_buffer

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
TEXT, CLOSE, PING = ABNF.OPCODE_TEXT, ABNF.OPCODE_CLOSE, ABNF.OPCODE_PING

_PLAIN_TEXT = 0x80 | TEXT  # the last, here the only, frame of a text message
_LENGTH_16 = 126
_IN_PARTS = (ABNF.OPCODE_CONT, ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY)


class TooLong(ValueError):
    """A message longer than any server's events."""


class Closed(Exception):
    """The server's close frame came; `code` is its code, where it has one."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


class _NotYet(Exception):
    """More bytes are needed."""


class Incoming:
    """Messages of one connection, fed with what comes off it, in pieces of any size."""

    def __init__(self) -> None:
        self._ahead = b""
        self._taken = 0
        self._parser = frame_buffer(self._some, skip_utf8_validation=True)
        self._parts = continuous_frame(fire_cont_frame=False, skip_utf8_validation=True)
        self._inside = False

    def feed(self, data: bytes) -> None:
        """Take what came."""
        rest = self._ahead[self._taken :]
        self._ahead = rest + data if rest else data
        self._taken = 0

    def receive(self, reply: Callable[[bytes], object], *, close_too: bool) -> list[bytes]:
        """Give the text messages that are next, none when more bytes must come first.

        Args:
            reply: lets the answer to a ping leave.
            close_too: answer the close frame as well; not when ours has left, which is the last frame that may.

        Raises:
            Closed: the close frame is next.
            TooLong, websocket.WebSocketException: no message will ever be.
        """
        while True:
            if texts := self.texts():
                return texts
            message = self.message()
            if message is None:
                return []
            opcode, payload = message
            if opcode == TEXT:
                return [payload]
            if opcode == PING:
                reply(pong_frame(payload))
            elif opcode == CLOSE:
                if close_too:
                    reply(close_frame())
                raise Closed(close_code(payload))

    def texts(self) -> list[bytes]:
        """Cut off the plain text frames that are next: final, not masked, shorter than 64 KiB."""
        found: list[bytes] = []
        if self._inside:
            return found
        buffer, at = self._ahead, self._taken
        size = len(buffer)
        while size - at >= 2 and buffer[at] == _PLAIN_TEXT:
            length = buffer[at + 1]
            start = at + 2
            if length == _LENGTH_16:
                if size - at < 4:
                    break
                length = (buffer[at + 2] << 8) | buffer[at + 3]
                start = at + 4
            elif length > _LENGTH_16:
                break
            end = start + length
            if end > size:
                break
            found.append(buffer[start:end])
            at = end
        self._taken = at
        return found

    def message(self) -> tuple[int, bytes] | None:
        """Give opcode and payload of the message that is next; None when it is not whole yet.

        Raises:
            TooLong, websocket.WebSocketException: it will never be.
        """
        if not self._inside and self._is_plain_text_next():
            return None
        self._inside = True  # until all of it is there, in however many frames
        while True:
            try:
                frame = self._parser.recv_frame()
            except _NotYet:
                self._refuse_length(self._parser.length or 0)
                return None
            if frame.opcode not in _IN_PARTS:
                self._inside = self._parts.cont_data is not None
                return frame.opcode, _bytes(frame)
            self._parts.validate(frame)
            self._parts.add(frame)
            if self._parts.is_fire(frame):
                self._inside = False
                opcode, whole = self._parts.extract(frame)
                return int(opcode), _bytes(whole)
            self._refuse_length(len(self._parts.cont_data[1]) if self._parts.cont_data else 0)

    def _is_plain_text_next(self) -> bool:
        """Whether what is next is nothing, or the beginning of a frame that `texts` will cut once it is whole."""
        buffer, at = self._ahead, self._taken
        left = len(buffer) - at
        return not left or (buffer[at] == _PLAIN_TEXT and (left < 2 or buffer[at + 1] <= _LENGTH_16))

    def _some(self, count: int) -> bytes:
        """What the parser reads from."""
        piece = self._ahead[self._taken : self._taken + count]
        if not piece:
            raise _NotYet
        self._taken += len(piece)
        return piece

    @staticmethod
    def _refuse_length(length: int) -> None:
        if length > MAX_MESSAGE_BYTES:
            raise TooLong(f"a message of more than {MAX_MESSAGE_BYTES} bytes")


def _bytes(frame: ABNF) -> bytes:
    data = frame.data
    return data if isinstance(data, bytes) else bytes(data, "utf-8")


def text_frame(text: bytes) -> bytes:
    """A text message, masked as the protocol wants it."""
    length, key = len(text), os.urandom(4)
    mask = (key * (length // 4 + 1))[:length]
    masked = (int.from_bytes(text, "big") ^ int.from_bytes(mask, "big")).to_bytes(length, "big")
    if length < _LENGTH_16:
        return struct.pack("!BB", _PLAIN_TEXT, 0x80 | length) + key + masked
    if length <= 0xFFFF:
        return struct.pack("!BBH", _PLAIN_TEXT, 0x80 | _LENGTH_16, length) + key + masked
    return struct.pack("!BBQ", _PLAIN_TEXT, 0xFF, length) + key + masked


def ping_frame() -> bytes:
    """Ask for a sign of life."""
    return ABNF.create_frame(b"", ABNF.OPCODE_PING).format()


def pong_frame(payload: bytes) -> bytes:
    """Give one."""
    return ABNF.create_frame(payload, ABNF.OPCODE_PONG).format()


def close_frame(code: int = 1000) -> bytes:
    """Say goodbye."""
    return ABNF.create_frame(struct.pack("!H", code), ABNF.OPCODE_CLOSE).format()


def close_code(payload: bytes) -> int | None:
    """The code of the server's close frame, where it has one."""
    code: int | None = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else None
    return code
