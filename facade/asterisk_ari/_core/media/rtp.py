"""RTP audio packets (RFC 3550) as Asterisk's UnicastRTP uses them: no SDP, fixed payload types. Pure."""

import array
import struct
from dataclasses import dataclass, field

from asterisk_ari._core.media.formats import AudioFormat
from asterisk_ari._core.media.g711 import from_ulaw, to_ulaw

PAYLOAD_TYPES = {"ulaw": 0, "alaw": 8, "slin": 0, "slin16": 118, "slin24": 123, "slin48": 126}
"""8 kHz samples are sent as µ-law: some releases send that whatever format is requested."""
HEADER_BYTES = 12
_VERSION = 2
_MAX_HELD = 3
"""How many packets may arrive ahead of a missing one before it counts as lost: 60 ms."""
_MAX_JUMP = 100
"""A larger jump of the sequence number begins a new sequence."""
_MAX_PACKET_BYTES = 16_384


def swapped(pcm: bytes) -> bytes:
    """Swap the bytes of 16-bit samples: RTP is big-endian."""
    values = array.array("h", pcm[: len(pcm) // 2 * 2])
    values.byteswap()
    return values.tobytes()


def leg_format(audio: AudioFormat) -> str:
    """The format to request for the leg."""
    return "ulaw" if audio.name == "slin" else audio.name


class RtpSender:
    """Builds packets from frames.

    Args:
        audio: the format.
        sequence: the first sequence number, random.
        timestamp: the first timestamp, random.
        ssrc: identifies the sender, random.
    """

    def __init__(self, audio: AudioFormat, sequence: int, timestamp: int, ssrc: int) -> None:
        self._payload_type = PAYLOAD_TYPES[audio.name]
        self._encode = to_ulaw if audio.name == "slin" else swapped if audio.name.startswith("slin") else bytes
        self._rate = audio.rate
        self._samples = audio.rate // 50
        self._sequence, self._timestamp, self._ssrc = sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc & 0xFFFFFFFF
        self._last: float | None = None

    def packet(self, frame: bytes, now: float) -> bytes:
        """Return the packet of the next frame; after a pause its timestamp advances by the elapsed time and the marker bit is
        set."""
        is_first = self._last is None or now - self._last > 0.2
        if is_first and self._last is not None:
            self._timestamp = (self._timestamp + int((now - self._last) * self._rate)) & 0xFFFFFFFF
        self._last = now
        kind = self._payload_type | (0x80 if is_first else 0)
        header = struct.pack("!BBHII", _VERSION << 6, kind, self._sequence, self._timestamp, self._ssrc)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + self._samples) & 0xFFFFFFFF
        return header + self._encode(frame)


@dataclass(slots=True)
class Received:
    """Result of a packet: audio in order, the number of packets lost, and whether the packet was discarded as invalid."""

    audio: list[bytes] = field(default_factory=list)
    lost: int = 0
    is_garbage: bool = False


class RtpReceiver:
    """Reorders packets. Lost packets become silence, so that timing is kept."""

    def __init__(self, audio: AudioFormat) -> None:
        self._audio = audio
        self._payload_type = PAYLOAD_TYPES[audio.name]
        self._decode = from_ulaw if audio.name == "slin" else swapped if audio.name.startswith("slin") else bytes
        self._ssrc: int | None = None
        self._next = 0
        self._held: dict[int, bytes] = {}

    def receive(self, packet: bytes) -> Received:
        """Process a received packet."""
        found = Received()
        parsed = self._parse(packet)
        if parsed is None:
            found.is_garbage = True
            return found
        sequence, ssrc, payload = parsed
        distance = (sequence - self._next + 0x8000) % 0x10000 - 0x8000
        if ssrc != self._ssrc or abs(distance) > _MAX_JUMP:
            self._flush(found)
            self._ssrc, self._next, distance = ssrc, sequence, 0
        if distance < 0 or sequence in self._held:
            return found  # duplicate, or too late
        self._held[sequence] = payload
        self._take(found)
        while len(self._held) > _MAX_HELD:
            self._skip(found)
            self._take(found)
        return found

    def _take(self, found: Received) -> None:
        while self._next in self._held:
            found.audio.append(self._held.pop(self._next))
            self._next = (self._next + 1) & 0xFFFF

    def _skip(self, found: Received) -> None:
        while self._next not in self._held:
            found.lost += 1
            found.audio.append(self._audio.silence(self._audio.frame_bytes))
            self._next = (self._next + 1) & 0xFFFF

    def _flush(self, found: Received) -> None:
        while self._held:
            self._skip(found)
            self._take(found)

    def _parse(self, packet: bytes) -> tuple[int, int, bytes] | None:
        """Return sequence number, source and audio of a packet that is well formed and of the expected type."""
        if not HEADER_BYTES < len(packet) <= _MAX_PACKET_BYTES or packet[0] >> 6 != _VERSION:
            return None
        if packet[1] & 0x7F != self._payload_type:
            return None
        sequence, _, ssrc = struct.unpack_from("!HII", packet, 2)
        start, end = HEADER_BYTES + 4 * (packet[0] & 0x0F), len(packet)
        if packet[0] & 0x10:  # header extension
            if start + 4 > end:
                return None
            start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
        if packet[0] & 0x20:  # padding
            end -= packet[-1]
        if start >= end:
            return None
        payload = packet[start:end]
        return sequence, ssrc, self._decode(payload)
