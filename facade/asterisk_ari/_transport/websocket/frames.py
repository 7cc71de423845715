"""WebSocket frames as bytes (RFC 6455, section 5): the codec of the client and of the embedded server. Touches no socket.

`FrameBuffer` splits received data into frames, `encode_frame` creates frames, both with a mask (as sent by clients) and without
(as sent by servers). What is allowed is decided elsewhere: a client is strict (`frame_parser.py`), the embedded server accepts
what Asterisk accepts (`testing/server/client_messages.py`).
"""

import os
import struct
from collections.abc import Iterator
from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FINAL = 0x80
MASKED = 0x80
LENGTH_16, LENGTH_64 = 126, 127

_KEY_BYTES = 4
_KEYS_AT_ONCE = 1024


class FrameHeader(NamedTuple):
    """The header fields of a frame."""

    is_final: bool
    reserved_bits: int
    opcode: int
    is_masked: bool
    size: int
    """Size of the header itself, including the masking key."""
    payload_size: int
    is_shortest: bool
    """Whether the length is encoded in as few bytes as possible."""


class FrameBuffer:
    """Received bytes of a connection, fed in pieces of any size and taken out frame by frame.

    The cost is linear in the number of bytes, however small pieces and frames are: pieces of an incomplete frame are
    collected, and examined again only when all of it has arrived.
    """

    # The data to read next begins at `_at` of `_buffer` and continues in `_fed`. While `_wanted` is not 0, that many bytes are
    # needed before examining it again is worthwhile.

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0
        self._fed: bytes | bytearray = b""
        self._wanted = 0

    def feed(self, data: bytes) -> None:
        """Add received bytes."""
        if self._fed:
            if not isinstance(self._fed, bytearray):
                self._fed = bytearray(self._fed)
            self._fed += data
        elif self._at == len(self._buffer):
            self._buffer, self._at = data, 0
        else:
            self._fed = data

    def header(self) -> FrameHeader | None:
        """Return the header of the next frame, or None if it has not arrived yet."""
        if not self._is_ready():
            return None
        buffer, at = self._buffer, self._at
        left = len(buffer) - at
        if left < 2:
            self._wanted = 2
            return None
        length = buffer[at + 1] & 0x7F
        size = 2 + (8 if length == LENGTH_64 else 2 if length == LENGTH_16 else 0)
        if left < size:
            self._wanted = size
            return None
        payload_size = int.from_bytes(buffer[at + 2 : at + size], "big") if size > 2 else length
        is_shortest = size == 2 or payload_size > (0xFFFF if size == 10 else LENGTH_16 - 1)
        first, is_masked = buffer[at], bool(buffer[at + 1] & MASKED)
        size += _KEY_BYTES if is_masked else 0
        return FrameHeader(bool(first & FINAL), first & 0x70, first & 0x0F, is_masked, size, payload_size, is_shortest)

    def take(self, header: FrameHeader) -> bytes | None:
        """Return the next frame, including its header, or None if it has not arrived completely.

        Args:
            header: what `header()` has just returned.
        """
        size = header.size + header.payload_size
        end = self._at + size
        if end > len(self._buffer):
            self._wanted = size
            return None
        frame = self._buffer[self._at : end]
        self._at = end
        return frame

    def _is_ready(self) -> bool:
        """Return whether reading makes sense: all wanted bytes have arrived and are in the buffer."""
        if self._fed and len(self._buffer) - self._at + len(self._fed) >= self._wanted:
            self._buffer = self._buffer[self._at :] + self._fed
            self._at, self._wanted, self._fed = 0, 0, b""
        return not self._wanted and self._at < len(self._buffer)


def payload_of(header: FrameHeader, frame: bytes) -> bytes:
    """Return the payload of a frame, unmasked."""
    payload = frame[header.size :]
    return masked(payload, frame[header.size - _KEY_BYTES : header.size]) if header.is_masked else payload


def masked(payload: bytes, key: bytes) -> bytes:
    """Apply a masking key of four bytes; applying it again reverses it."""
    size = len(payload)
    repeated = (key * (size // _KEY_BYTES + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")


def masking_keys() -> Iterator[bytes]:
    """Yield random masking keys; many of them are requested from the system at once."""
    while True:
        many = os.urandom(_KEYS_AT_ONCE * _KEY_BYTES)
        for at in range(0, len(many), _KEY_BYTES):
            yield many[at : at + _KEY_BYTES]


def encode_frame(opcode: int, payload: bytes, key: bytes = b"", *, is_final: bool = True) -> bytes:
    """Return an encoded frame.

    Args:
        opcode: `TEXT`, `CLOSE`, ….
        payload: its payload.
        key: masking key of four bytes, required for a client's frame; empty for a server's.
        is_final: False for a fragment that is followed by others.
    """
    size = len(payload)
    first, mask_bit = (FINAL if is_final else 0) | opcode, MASKED if key else 0
    content = key + masked(payload, key) if key else payload
    if size < LENGTH_16:
        return bytes((first, mask_bit | size)) + content
    if size <= 0xFFFF:
        return struct.pack("!BBH", first, mask_bit | LENGTH_16, size) + content
    return struct.pack("!BBQ", first, mask_bit | LENGTH_64, size) + content


def text_frame(text: bytes, *, is_client: bool = True) -> bytes:
    """Return a text message. Here and below, a client's frame is masked and a server's is not."""
    return encode_frame(TEXT, text, _key(is_client))


def ping_frame(payload: bytes = b"", *, is_client: bool = True) -> bytes:
    """Return a ping; its pong has the same payload."""
    return encode_frame(PING, payload, _key(is_client))


def pong_frame(payload: bytes, *, is_client: bool = True) -> bytes:
    """Return the pong for a ping with this payload. Never sent unsolicited: some releases of Asterisk crash on such pongs."""
    return encode_frame(PONG, payload, _key(is_client))


def close_frame(code: int = 1000, *, is_client: bool = True) -> bytes:
    """Return a close frame."""
    return encode_frame(CLOSE, struct.pack("!H", code), _key(is_client))


def _key(is_client: bool) -> bytes:
    return os.urandom(_KEY_BYTES) if is_client else b""
