"""AudioSocket: messages of a type, a length and a payload. Pure."""

from asterisk_ari._core.media.formats import SLIN_RATES

HANGUP, UUID, DTMF, ERROR = 0x00, 0x01, 0x03, 0xFF
AUDIO_8K = 0x10
AUDIO = {rate: AUDIO_8K + number for number, rate in enumerate(SLIN_RATES)}
"""Sample rate → type of the messages that carry audio of that rate."""
_HEADER_BYTES = 3


def message(kind: int, payload: bytes) -> bytes:
    """Encode a message."""
    return kind.to_bytes(1, "big") + len(payload).to_bytes(2, "big") + payload


class MessageReader:
    """Splits received data into messages."""

    def __init__(self) -> None:
        self._unread = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Add received data; return the complete messages as type and payload."""
        data = self._unread + data
        found, at = [], 0
        while len(data) - at >= _HEADER_BYTES:
            end = at + _HEADER_BYTES + int.from_bytes(data[at + 1 : at + 3], "big")
            if end > len(data):
                break
            found.append((data[at], data[at + _HEADER_BYTES : end]))
            at = end
        self._unread = data[at:]
        return found
