"""Frames of the event WebSocket, without sockets: however they are cut into pieces, the same comes out, at a linear cost."""

import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_ari._transport.websocket.frame_parser import (
    MAX_MESSAGE_BYTES,
    CloseFrameReceived,
    FrameParser,
)
from asterisk_ari._transport.websocket.frame_rules import ProtocolViolation
from asterisk_ari._transport.websocket.frames import (
    FrameBuffer,
    close_frame,
    encode_frame,
    payload_of,
    ping_frame,
    pong_frame,
    text_frame,
)
from tests.transport.rfc6455 import BINARY, CASES, CLOSE, CONTINUATION, PING, PONG, TEXT, Case, F, case_id

SIZES = (0, 1, 2, 124, 125, 126, 127, 128, 300, 65_535, 65_536, 70_000)

Heard = list[tuple[str, Any]]
cuts = st.lists(st.integers(0, 200_000), max_size=12)
payloads = st.one_of(st.binary(max_size=20), st.sampled_from(SIZES).map(lambda size: b"q" * size))
controls = st.builds(F, st.sampled_from([PING, PONG]), st.binary(max_size=125))
frames = st.builds(
    F, st.integers(0, 15), payloads, st.booleans(), st.integers(0, 7), st.sampled_from([0, 0, 127]), wrong_mask=st.booleans()
)


@st.composite
def conversations(draw: Any) -> tuple[bytes, Heard]:
    """What a server may send, and what a client hears of it."""
    sent: list[F] = []
    heard: Heard = []

    def control() -> None:
        sent.append(frame := draw(controls))
        if frame.opcode == PING:
            heard.append(("pong", frame.payload))

    for _ in range(draw(st.integers(0, 6))):
        opcode, payload = draw(st.sampled_from([TEXT, TEXT, BINARY, PING])), draw(payloads)
        if opcode == PING:
            control()
            continue
        if draw(st.booleans()):
            parts = [payload[: len(payload) // 3], b"", payload[len(payload) // 3 :]]
            for number, part in enumerate(parts):
                if number and draw(st.booleans()):
                    control()
                sent.append(F(CONTINUATION if number else opcode, part, number == 2))
        else:
            sent.append(F(opcode, payload))
        if opcode == TEXT:
            heard.append(("text", payload))
    return b"".join(frame.encode(masked=False) for frame in sent), heard


def hear(data: bytes, at: Sequence[int] = ()) -> Heard:
    """What a client hears of bytes that are given to it in pieces."""
    parser = FrameParser()
    heard: Heard = []

    def send(pong: bytes) -> None:
        heard.append(("pong", unmasked(pong)))

    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in at)})
    try:
        for start, end in [*pairwise(edges), (len(data), len(data))]:
            parser.feed(data[start:end])
            while texts := parser.receive(send):
                heard += [("text", text) for text in texts]
    except ProtocolViolation as violation:
        heard.append(("violation", (violation.code, violation.reason)))
    except CloseFrameReceived as closed:
        heard.append(("close", (closed.code, closed.reason)))
    return heard


def unmasked(frame: bytes) -> bytes:
    """The payload of a short frame of a client."""
    assert frame[1] & 0x80
    return bytes(byte ^ frame[2 + index % 4] for index, byte in enumerate(frame[6:]))


def every(data: bytes) -> range:
    return range(len(data))


@given(conversations(), cuts)
def test_pieces_do_not_matter(conversation: tuple[bytes, Heard], at: list[int]) -> None:
    """Every length, fragments, and control frames between them."""
    data, heard = conversation
    assert heard == hear(data, at)
    if len(data) < 2000:
        assert heard == hear(data, every(data))


@given(st.binary(max_size=60), cuts)
def test_any_bytes_are_read_or_refused(data: bytes, at: list[int]) -> None:
    """The same in pieces as at once, and no exception but those that are announced."""
    assert hear(data) == hear(data, at)


@given(st.lists(frames, max_size=6), st.booleans(), cuts)
def test_frames_of_both_directions(sent: list[F], masked: bool, at: list[int]) -> None:
    """The codec below the rules: with a mask or without, of any opcode, bit and length."""
    data = b"".join(frame.encode(masked=masked) for frame in sent)
    buffer, found = FrameBuffer(), []
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in at)})
    for start, end in pairwise(edges):
        buffer.feed(data[start:end])
        while (header := buffer.header()) is not None and (taken := buffer.take(header)) is not None:
            found.append(F(header.opcode, payload_of(header, taken), header.is_final, header.reserved_bits >> 4))
            assert header.is_masked is (masked != sent[len(found) - 1].wrong_mask)
    assert found == [F(frame.opcode, frame.payload, frame.final, frame.rsv) for frame in sent]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", [b"", b"\x01\x80\xff\x00"], ids=["server", "client"])
def test_frames_as_they_are_sent(size: int, key: bytes) -> None:
    """By their bytes: the shortest length, the masking key, and the payload under it."""
    payload = bytes(number % 251 for number in range(size))
    mask = 0x80 if key else 0
    head = bytes([0x81])
    if size < 126:
        head += bytes([mask | size])
    else:
        head += struct.pack("!BH", mask | 126, size) if size < 65_536 else struct.pack("!BQ", mask | 127, size)
    covered = bytes(byte ^ key[at % 4] for at, byte in enumerate(payload)) if key else payload
    assert encode_frame(TEXT, payload, key) == head + key + covered
    assert encode_frame(TEXT, payload, key, is_final=False)[:1] == b"\x01"


def test_each_frame_has_a_key_of_its_own() -> None:
    """RFC 6455, 5.3: whoever chooses the payload cannot foresee what travels."""
    for make, opcode, payload in (
        (lambda: text_frame(b"same"), TEXT, b"same"),
        (ping_frame, PING, b""),
        (lambda: pong_frame(b"same"), PONG, b"same"),
        (close_frame, CLOSE, b"\x03\xe8"),
    ):
        made = [make() for _ in range(50)]
        assert {frame[0] for frame in made} == {0x80 | opcode}
        assert {unmasked(frame) for frame in made} == {payload}
        assert len({frame[2:6] for frame in made}) == 50


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_the_rfc_in_pieces(case: Case) -> None:
    """Each case of the table: what the client hears and how it ends, whether it comes at once or byte by byte."""
    data = case.data(masked=False)
    heard = hear(data)
    ends = [end for kind, end in heard if kind in ("violation", "close")]
    said = ["text" if kind == "text" else what for kind, what in heard if kind in ("text", "pong")]
    assert tuple(said) == case.client
    if case.client_ends:
        ((code, reason),) = ends
        assert (code or 1000) == case.client_ends[0]
    else:
        assert ends == []
    if len(data) < 20_000:
        assert heard == hear(data, every(data))


@pytest.mark.parametrize("announced", [MAX_MESSAGE_BYTES + 1, 2**62, 2**63 - 1])
def test_messages_without_end(announced: int) -> None:
    """A length no event has is refused before the rest of it comes, and so are fragments that add up to one."""
    for data in (
        F(TEXT, b"x", announced=announced).encode(masked=False),
        F(TEXT, b"x" * 2**20, False).encode(masked=False) + F(CONTINUATION, b"x" * 2**20, False).encode(masked=False) * 17,
    ):
        assert hear(data, range(0, len(data), 2**20)) == [("violation", (1009, "a message of more than 16777216 bytes"))]


def test_the_longest_message() -> None:
    """16 MiB are read: in one frame, and in fragments."""
    text = b"x" * MAX_MESSAGE_BYTES
    whole = F(TEXT, text).encode(masked=False)
    assert hear(whole, range(0, len(whole), 1000)) == [("text", text)]
    half = MAX_MESSAGE_BYTES // 2
    fragments = F(TEXT, text[:half], False).encode(masked=False) + F(CONTINUATION, text[half:]).encode(masked=False)
    assert hear(fragments, range(0, len(fragments), 65_536)) == [("text", text)]


@pytest.mark.parametrize("payload", [b"", b"x", b"xxx"])
def test_fragments_without_end(monkeypatch: pytest.MonkeyPatch, payload: bytes) -> None:
    """They are refused at the limit, empty ones too: each counts for 16 bytes at least."""
    monkeypatch.setattr("asterisk_ari._transport.websocket.frame_parser.MAX_MESSAGE_BYTES", 5000)
    parser, taken = FrameParser(), 1
    parser.feed(F(TEXT, payload, False).encode(masked=False))
    with pytest.raises(ProtocolViolation, match="more than 5000 bytes"):
        while parser.receive(lambda pong: None) == []:
            parser.feed(F(CONTINUATION, payload, False).encode(masked=False))
            taken += 1
    assert 5000 < taken * 16 <= 5000 + 2 * 16


# ---------------------------------------------------------------------- cost


def text_in_pieces(size: int) -> Iterator[bytes]:
    data = F(TEXT, b"x" * size).encode(masked=False)
    return (data[at : at + 1] for at in range(len(data)))


def message_in_fragments(size: int) -> Iterator[bytes]:
    fragments = [F(TEXT, b"x", False), *[F(CONTINUATION, b"x", False)] * (size - 2), F(CONTINUATION, b"x")]
    data = b"".join(frame.encode(masked=False) for frame in fragments)
    return (data[at : at + 4096] for at in range(0, len(data), 4096))


def fragments_after_a_long_one(size: int) -> Iterator[bytes]:
    """What there is of a message is not copied for each fragment that follows."""
    fragments = [F(TEXT, b"x" * 1000 * size, False), *[F(CONTINUATION, b"x", False)] * size, F(CONTINUATION, b"x")]
    data = b"".join(frame.encode(masked=False) for frame in fragments)
    return (data[at : at + 65_536] for at in range(0, len(data), 65_536))


def fragments_in_pieces(size: int) -> Iterator[bytes]:
    return (chunk[at : at + 1] for chunk in message_in_fragments(size) for at in range(len(chunk)))


def texts_cut_anywhere(size: int) -> Iterator[bytes]:
    data = F(TEXT, b"x" * 1000).encode(masked=False) * (size // 1000)
    return (data[at : at + 777] for at in range(0, len(data), 777))


def read_late(size: int) -> Iterator[bytes]:
    """Many pieces before the reader looks."""
    data = F(TEXT, b"x" * 100).encode(masked=False) * (size // 100)
    return (data[at : at + 10] for at in range(0, len(data), 10))


def seconds(pieces: Iterator[bytes], *, looks: bool) -> float:
    """CPU time of reading all of it."""
    parser, given, got = FrameParser(), list(pieces), 0
    begun = time.thread_time()
    for piece in given:
        parser.feed(piece)
        if looks:
            got += len(parser.receive(lambda pong: None))
    while texts := parser.receive(lambda pong: None):
        got += len(texts)
    assert got
    return time.thread_time() - begun


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (text_in_pieces, 60_000),
        (message_in_fragments, 12_000),
        (fragments_after_a_long_one, 250),
        (fragments_in_pieces, 6_000),
        (texts_cut_anywhere, 4_000_000),
        (read_late, 1_000_000),
    ],
)
def test_the_cost_is_linear(make: Callable[[int], Iterator[bytes]], size: int) -> None:
    """Eight times the bytes cost about eight times as much, not sixty-four times: the best of some runs is far from both."""
    looks = make is not read_late
    small = min(seconds(make(size), looks=looks) for _ in range(5))
    assert min(seconds(make(size * 8), looks=looks) for _ in range(2)) < small * 20


def test_tiny_pieces_take_no_more_memory() -> None:
    """What waits for the rest of its frame is held once."""
    data = F(TEXT, b"x" * 300_000).encode(masked=False)
    parser = FrameParser()
    tracemalloc.start()
    try:
        for at in range(0, len(data) - 2, 2):
            parser.feed(data[at : at + 2])
            assert parser.receive(lambda pong: None) == []
        assert tracemalloc.get_traced_memory()[0] < 2 * len(data)
    finally:
        tracemalloc.stop()
