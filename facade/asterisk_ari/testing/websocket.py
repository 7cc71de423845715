"""WebSocket frames, the server's side. Bytes in, messages out; bytes out. No sockets here."""

from base64 import b64encode
from hashlib import sha1

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MAX_FRAME = 65535
UNKNOWN_OPCODE, TOO_BIG = 1003, 1009


def accept_key(key: str) -> str:
    """The answer to a client's Sec-WebSocket-Key."""
    return b64encode(sha1(key.encode("ascii", "replace") + MAGIC, usedforsecurity=False).digest()).decode()


def frame(opcode: int, payload: bytes) -> bytes:
    """One unmasked frame."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65536:
        return bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big") + payload
    return bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big") + payload


class FrameError(Exception):
    """The client broke the protocol; close with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class FrameReader:
    """Collects bytes and gives complete messages: opcode and payload."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._parts = bytearray()
        self._opcode = 0

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """What is complete now. Raises FrameError."""
        self._buffer += data
        messages = []
        while (one := self._one()) is not None:
            final, opcode, payload = one
            if opcode >= CLOSE:
                messages.append((opcode, payload))
                continue
            # As the server does: a message that begins before the last one ended is joined to it; the rest of none is dropped.
            self._opcode = opcode or self._opcode
            self._parts += payload
            if final:
                if self._opcode:
                    messages.append((self._opcode, bytes(self._parts)))
                self._opcode, self._parts = 0, bytearray()
        return messages

    def _one(self) -> tuple[bool, int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, at = buffer[1] & 0x7F, 2
        masked = bool(buffer[1] & 0x80)
        if size >= 126:
            width = 2 if size == 126 else 8
            if len(buffer) < 2 + width:
                return None
            size, at = int.from_bytes(buffer[2 : 2 + width], "big"), 2 + width
        body = at + 4 if masked else at
        if body + size > MAX_FRAME:
            raise FrameError(TOO_BIG)
        if len(buffer) < body + size:
            return None
        payload = bytes(buffer[body : body + size])
        if masked:
            payload = unmask(payload, bytes(buffer[at:body]))
        final, opcode = bool(buffer[0] & 0x80), buffer[0] & 0x0F
        del buffer[: body + size]
        return final, opcode, payload


def unmask(payload: bytes, mask: bytes) -> bytes:
    """Undo a client's mask."""
    size = len(payload)
    if not size:
        return payload
    repeated = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")
