"""Messages of audio streams as bytes, and read back: written for the tests alone, apart from the codecs that are tested."""

import base64
import hashlib
import struct

from tests.transport.rfc6455 import GUID, F


def audiosocket_message(kind: int, payload: bytes = b"") -> bytes:
    """A message of AudioSocket: its kind, its length in two bytes, its payload."""
    return bytes([kind]) + struct.pack("!H", len(payload)) + payload


def rtp_packet(kind: int, sequence: int, audio: bytes) -> bytes:
    """A packet of version 2, of one source."""
    return struct.pack("!BBHII", 0x80, kind, sequence, 0, 1) + audio


def client_frame(opcode: int, payload: bytes) -> bytes:
    """A frame of a WebSocket client."""
    return F(opcode, payload).encode(masked=True)


def server_frame(opcode: int, payload: bytes) -> bytes:
    """A frame of a WebSocket server."""
    return F(opcode, payload).encode(masked=False)


def switching_protocols(key: str, *lines: str, version: str = "HTTP/1.1") -> bytes:
    """A server's answer to a handshake, with the Sec-WebSocket-Accept that fits, and these lines."""
    accept = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()
    return "\r\n".join([f"{version} 101 Switching Protocols", *lines, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode()


UPGRADE = ("Upgrade: websocket", "Connection: Upgrade")


def take_client_frame(data: bytes) -> tuple[int, bytes, bytes] | None:
    """Opcode and payload of the first frame of a client, and what follows it; None when not all of it is there."""
    if len(data) < 2:
        return None
    assert data[0] & 0xF0 == 0x80, "one final frame, no reserved bits"
    assert data[1] & 0x80, "a client masks its frames"
    size, at = data[1] & 0x7F, 2
    if size >= 126:
        width = 2 if size == 126 else 8
        size, at = int.from_bytes(data[2 : 2 + width], "big"), 2 + width
    key, end = data[at : at + 4], at + 4 + size
    if len(data) < end:
        return None
    return data[0] & 0x0F, bytes(byte ^ key[index % 4] for index, byte in enumerate(data[at + 4 : end])), data[end:]
