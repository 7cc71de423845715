"""What RFC 6455 allows the peer to send over any WebSocket: frames, judged by their header, and close frames."""

from asterisk_ari._transport.websocket.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, FrameHeader

MAX_CONTROL_BYTES = 125
MIN_FRAGMENT_BYTES = 16
"""The least that a fragment counts towards the size of its message, so that empty fragments are limited too."""
NORMAL, GOING_AWAY = 1000, 1001
PROTOCOL_ERROR, INVALID_PAYLOAD, POLICY_VIOLATION, MESSAGE_TOO_BIG = 1002, 1007, 1008, 1009

_OPCODES = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})
_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)})
"""Allowed close codes: those defined so far, and those of libraries and programs (RFC 6455, 7.4, and IANA's additions)."""


class ProtocolViolation(Exception):
    """The peer sent something that RFC 6455 forbids. The connection ends with a close frame of this `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def check_header(
    header: FrameHeader, *, is_masked: bool, message_opcode: int, message_bytes: int, max_message_bytes: int
) -> None:
    """Check a frame by its header, before its payload has arrived.

    Args:
        header: the frame's header.
        is_masked: whether the peer masks its frames: a client does, a server does not.
        message_opcode: opcode of the message whose fragments are arriving, 0 between messages.
        message_bytes: how many bytes of that message have arrived.
        max_message_bytes: the maximum size of a message.

    Raises:
        ProtocolViolation: the frame is not allowed.
    """
    is_control = header.opcode >= CLOSE
    is_first = header.opcode in (TEXT, BINARY)
    for is_wrong, words in (
        (header.is_masked is not is_masked, "a frame that is not masked" if is_masked else "a masked frame"),
        (header.reserved_bits, "reserved bits, though no extension was agreed on"),
        (header.opcode not in _OPCODES, f"the reserved opcode {header.opcode:#x}"),
        (not header.is_shortest or header.payload_size >= 1 << 63, "a length that is not written as it must be"),
        (is_control and not header.is_final, "a fragmented control frame"),
        (is_control and header.payload_size > MAX_CONTROL_BYTES, f"a control frame of more than {MAX_CONTROL_BYTES} bytes"),
        (header.opcode == CONTINUATION and not message_opcode, "a continuation of no message"),
        (is_first and message_opcode, "a new message before the last one was complete"),
    ):
        if is_wrong:
            raise ProtocolViolation(PROTOCOL_ERROR, words)
    if not is_control and message_bytes + header.payload_size > max_message_bytes:
        raise ProtocolViolation(MESSAGE_TOO_BIG, f"a message of more than {max_message_bytes} bytes")


def close_code_and_reason(payload: bytes) -> tuple[int | None, str]:
    """Return the code of a close frame, or None if it has none, and its reason.

    Raises:
        ProtocolViolation: the close frame is invalid.
    """
    if not payload:
        return None, ""
    if len(payload) == 1:
        raise ProtocolViolation(PROTOCOL_ERROR, "a malformed close frame, of one byte")
    code = int.from_bytes(payload[:2], "big")
    if code not in _CLOSE_CODES:
        raise ProtocolViolation(PROTOCOL_ERROR, f"a malformed close frame, with the code {code}")
    try:
        return code, payload[2:].decode()
    except UnicodeDecodeError:
        raise ProtocolViolation(INVALID_PAYLOAD, "a close frame whose reason is not UTF-8") from None
