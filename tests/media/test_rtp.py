"""RTP packets: what is sent, what is taken, order and loss; µ-law by table."""

import array
import struct

import pytest

from asterisk_ari._core.media.formats import format_of
from asterisk_ari._core.media.g711 import from_ulaw, to_ulaw
from asterisk_ari._core.media.rtp import RtpReceiver, RtpSender

WIDE = format_of(16_000)


def packet(sequence: int, number: int = 1, *, kind: int = 118, ssrc: int = 7, first: int = 0x80) -> bytes:
    return struct.pack("!BBHII", first, kind, sequence & 0xFFFF, 0, ssrc) + bytes([0, number]) * 320


def taken(receiver: RtpReceiver, *packets: bytes) -> tuple[list[int], int]:
    """The numbers of the frames that came out, 0 for silence, and how many packets count as lost."""
    found = [receiver.receive(one) for one in packets]
    return [audio[0] for one in found for audio in one.audio], sum(one.lost for one in found)


def test_packets_in_order_across_the_end_of_the_numbers() -> None:
    assert ([1, 2, 3, 4], 0) == taken(RtpReceiver(WIDE), *(packet(65_534 + n, n + 1) for n in range(4)))


def test_packets_out_of_order_and_twice() -> None:
    order = [0, 2, 1, 1, 5, 3, 4, 0, 6]
    assert ([1, 2, 3, 4, 5, 6, 7], 0) == taken(RtpReceiver(WIDE), *(packet(n, n + 1) for n in order))


def test_what_is_lost_is_silence() -> None:
    """Once more than three packets are ahead of it."""
    assert ([1, 0, 0, 4, 5, 6, 7], 2) == taken(RtpReceiver(WIDE), *(packet(n, n + 1) for n in (0, 3, 4, 5, 6)))


def test_another_source_begins_anew() -> None:
    assert ([1, 9, 10], 0) == taken(RtpReceiver(WIDE), packet(5, 1), packet(900, 9, ssrc=8), packet(901, 10, ssrc=8))


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x80",
        b"\0" * 200,
        packet(1, kind=0),
        packet(1)[:12],
        packet(1, first=0x8F)[:40],
        packet(1, first=0x90)[:14],
        b"\xff" * 600,
    ],
)
def test_garbage_is_passed_over(garbage: bytes) -> None:
    receiver = RtpReceiver(WIDE)
    assert receiver.receive(garbage).is_garbage
    assert ([1], 0) == taken(receiver, packet(1, 1))


def test_extensions_sources_and_padding_are_cut_off() -> None:
    body = bytes([0, 5]) * 320
    extended = struct.pack("!BBHII", 0x80 | 0x20 | 0x10 | 1, 118, 1, 0, 7) + b"abcd" + b"\0\0\0\1wxyz" + body + b"\0\0\0\4"
    found = RtpReceiver(WIDE).receive(extended)
    assert [bytes([5, 0]) * 320] == found.audio


def test_what_is_sent() -> None:
    """Version 2, numbers and timestamps that go on, the mark on what begins, samples with the significant byte first."""
    sender = RtpSender(WIDE, 65_535, 2**32 - 320, 99)
    one, two = sender.packet(b"\1\2" * 320, 1.0), sender.packet(b"\1\2" * 320, 1.02)
    assert (0x80, 118 | 0x80, 65_535, 2**32 - 320, 99) == struct.unpack_from("!BBHII", one)
    assert (0x80, 118, 0, 0, 99) == struct.unpack_from("!BBHII", two)
    assert b"\2\1" * 320 == one[12:]
    three = sender.packet(b"\1\2" * 320, 2.02)
    assert (0x80, 118 | 0x80, 1, 320 + 16_000, 99) == struct.unpack_from("!BBHII", three)


def test_narrow_samples_go_as_ulaw_and_come_back() -> None:
    narrow = format_of(8000)
    sent = RtpSender(narrow, 1, 1, 1).packet(b"\0\0" * 160, 1.0)
    assert (128, 160) == (sent[1], len(sent) - 12)
    assert [b"\0\0" * 160] == RtpReceiver(narrow).receive(sent).audio


def test_ulaw_by_the_values_of_g711() -> None:
    """Known codes, and every code is what its own sample gives, but for the second zero."""
    known = {0: 0xFF, 8: 0xFE, 32_124: 0x80, -32_124: 0x00, 32_767: 0x80, -32_768: 0x00, -8: 0x7E, 1000: 0xCE}
    for sample, code in known.items():
        assert code == to_ulaw(sample.to_bytes(2, "little", signed=True))[0], sample
    every = bytes(code for code in range(256) if code != 0x7F)
    assert every == to_ulaw(from_ulaw(every))
    values = array.array("h", from_ulaw(bytes(range(256))))
    assert (-32_124, 0, 32_124, 0) == (values[0], values[127], values[128], values[255])
