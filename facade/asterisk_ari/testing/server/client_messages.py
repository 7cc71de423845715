"""Messages as Asterisk reads them from an event WebSocket: the client's codec, with Asterisk's own leniency. No sockets here.

Asterisk checks little of what RFC 6455 requires of a client. Frames need not be masked, reserved bits and the encoding of the
length are ignored, control frames may be fragmented, text need not be UTF-8. A message that begins before the previous one ended
is appended to it; a continuation without a message is dropped. An unknown opcode ends the connection with code 1003, a frame of
more than 65 535 bytes, header included, with 1009. A close frame is answered with its own code, whatever it is, or with 1000.
"""

from asterisk_ari._transport.websocket.frames import CLOSE, FrameBuffer, payload_of

MAX_FRAME_BYTES = 65_535
UNKNOWN_OPCODE, TOO_BIG = 1003, 1009


class FrameTooBig(Exception):
    """The client sent a frame too big for Asterisk; close with `TOO_BIG`."""


class ClientMessages(FrameBuffer):
    """The messages of one client."""

    def __init__(self) -> None:
        super().__init__()
        self._opcode = 0
        self._message = bytearray()

    def next(self) -> tuple[int, bytes] | None:
        """Return opcode and payload of the next message; None if more bytes are needed.

        Raises:
            FrameTooBig: the next frame is too big according to its header.
        """
        while (header := self.header()) is not None:
            if header.size + header.payload_size > MAX_FRAME_BYTES:
                raise FrameTooBig
            if (frame := self.take(header)) is None:
                return None
            payload = payload_of(header, frame)
            if header.opcode >= CLOSE:
                return header.opcode, payload
            self._opcode = header.opcode or self._opcode
            self._message += payload
            if header.is_final:
                opcode, message = self._opcode, bytes(self._message)
                self._opcode, self._message = 0, bytearray()
                if opcode:
                    return opcode, message
        return None


def close_code(payload: bytes) -> int:
    """Return the code that answers a close frame with this payload."""
    return (int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 0) or 1000
