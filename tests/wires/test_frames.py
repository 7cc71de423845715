"""Frames of the event WebSocket, without sockets: however they are cut into pieces, the same messages come out."""

import base64
import hashlib
import struct
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websocket import WebSocketException

from asterisk_ari._wire.frames import CLOSE, MAX_MESSAGE_BYTES, PING, TEXT, Incoming, TooLong
from asterisk_ari._wire.handshake import Handshake
from asterisk_ari._wire.http1 import MAX_HEAD_BYTES, Garbled
from asterisk_ari.errors import EventStreamRefused

BINARY, PONG = 2, 10
SIZES = (0, 1, 2, 124, 125, 126, 127, 128, 300, 65_535, 65_536, 70_000)

Message = tuple[int, bytes]
cuts = st.lists(st.integers(0, 200_000), max_size=12)
forms = st.sampled_from([0, 125, 126, 127])
masks = st.one_of(st.just(b""), st.binary(min_size=4, max_size=4))
payloads = st.one_of(st.binary(max_size=20), st.sampled_from(SIZES).map(lambda size: b"q" * size))
controls = st.tuples(st.sampled_from([PING, PONG]), st.binary(max_size=125))


def frame(opcode: int, payload: bytes, *, last: bool = True, form: int = 0, mask: bytes = b"") -> bytes:
    """A frame with its length in the shortest form, or in the longer one that is asked for."""
    size, masked = len(payload), 0x80 if mask else 0
    form = max(form, 127 if size > 0xFFFF else 126 if size > 125 else 0)
    head = bytes([opcode | (0x80 if last else 0), masked | (form if form > 125 else size)])
    head += struct.pack("!H", size) if form == 126 else struct.pack("!Q", size) if form == 127 else b""
    return head + mask + (bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload)) if mask else payload)


@st.composite
def conversations(draw: Any) -> tuple[bytes, list[Message]]:
    """Bytes, and the messages that are in them."""
    data, messages = b"", []
    for _ in range(draw(st.integers(0, 6))):
        opcode, payload = draw(st.one_of(st.tuples(st.sampled_from([TEXT, TEXT, BINARY]), payloads), controls))
        if opcode in (TEXT, BINARY) and draw(st.booleans()):
            parts = [payload[: len(payload) // 3], b"", payload[len(payload) // 3 :]]
            for number, part in enumerate(parts):
                if number and draw(st.booleans()):
                    messages.append(between := draw(controls))
                    data += frame(*between)
                data += frame(opcode if not number else 0, part, last=number == 2, form=draw(forms), mask=draw(masks))
        else:
            data += frame(opcode, payload, form=draw(forms), mask=draw(masks))
        messages.append((opcode, payload))
    return data, messages


def fed(incoming: Incoming, data: bytes, at: Any) -> list[Message]:
    """What comes out of bytes given in pieces."""
    messages: list[Message] = []
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in at)})
    for start, end in [*pairwise(edges), (len(data), len(data))]:
        incoming.feed(data[start:end])
        while True:
            messages += [(TEXT, text) for text in incoming.texts()]
            if (message := incoming.message()) is None:
                break
            messages.append(message)
    return messages


@given(conversations(), cuts)
def test_pieces_do_not_matter(conversation: tuple[bytes, list[Message]], at: list[int]) -> None:
    """Every length in every form, masked or not, control frames between fragments."""
    data, messages = conversation
    assert messages == fed(Incoming(), data, at)
    if len(data) < 2000:
        assert messages == fed(Incoming(), data, range(len(data)))


@given(st.binary(max_size=60), cuts)
def test_any_bytes_are_read_or_refused(data: bytes, at: list[int]) -> None:
    """The same in pieces as at once, and no exception but those that are announced."""
    outcomes = []
    for chosen in ([], at):
        try:
            outcomes.append(fed(Incoming(), data, chosen))
        except (WebSocketException, TooLong):
            outcomes.append([])
    if outcomes[0]:
        assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("announced", [MAX_MESSAGE_BYTES + 1, 2**62, 2**64 - 1])
def test_messages_without_end(announced: int) -> None:
    """A length no event has is refused before the rest of it comes, and so are fragments that add up to one."""
    with pytest.raises(TooLong):
        fed(Incoming(), bytes([0x81, 127]) + struct.pack("!Q", announced) + b"x", [])
    fragments = [frame(TEXT, b"x" * 2**20, last=False), *[frame(0, b"x" * 2**20, last=False)] * 17]
    with pytest.raises(TooLong):
        fed(Incoming(), b"".join(fragments), range(0, 18 * 2**20, 2**20))


def answer_to(handshake: Handshake, before: bytes = b"", accept: bytes | None = None) -> bytes:
    """The 101 that fits."""
    key = handshake.headers.partition("Key: ")[2].strip().encode()
    digest = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    accepted = digest if accept is None else accept
    return before + b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-ACCEPT:%s\r\nUpgrade: websocket\r\n\r\n" % accepted


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 3])
def test_a_handshake_in_pieces(before: bytes) -> None:
    """Heads that only announce the answer are passed over; what stands behind it are frames, wherever it was cut."""
    handshake = Handshake()
    head, behind = answer_to(handshake, before), frame(TEXT, b"{}") + frame(PING, b"?") + frame(CLOSE, b"\x03\xe8")
    for size in range(len(head)):
        assert not handshake.is_whole(head[:size])
    for size in range(len(head), len(head + behind) + 1):
        assert handshake.is_whole((head + behind)[:size])
        incoming = handshake.incoming((head + behind)[:size])
        messages = fed(incoming, (head + behind)[size:], [])
        assert [(TEXT, b"{}"), (PING, b"?"), (CLOSE, b"\x03\xe8")] == messages


def test_a_burst_behind_the_handshake() -> None:
    """However many events came with the answer, it is the answer's head that has a limit."""
    handshake = Handshake()
    text = frame(TEXT, b"x" * 50_000)
    assert handshake.is_whole(answer_to(handshake) + text * 3)
    assert len(fed(handshake.incoming(answer_to(handshake) + text * 3), text, [])) == 4


@pytest.mark.parametrize("status", [b"200 OK", b"301 Moved", b"401 Unauthorized", b"503 Service Unavailable"])
def test_a_handshake_refused(status: bytes) -> None:
    """Another status is a refusal, whatever comes behind it."""
    handshake = Handshake()
    answer = b"HTTP/1.1 %s\r\nContent-Length: 100000\r\n\r\n" % status + b"<" * 100_000
    assert handshake.is_whole(answer)
    with pytest.raises(EventStreamRefused) as refused:
        handshake.incoming(answer)
    assert refused.value.status == int(status[:3])


@pytest.mark.parametrize("accept", [b"", b"wrong", b"AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_an_answer_to_another_handshake(accept: bytes) -> None:
    """A 101 that does not prove it read the question is none."""
    handshake = Handshake()
    with pytest.raises(Garbled):
        handshake.incoming(answer_to(handshake, accept=accept))


def test_a_head_without_end() -> None:
    """A head has a limit, those before the answer's counted in."""
    for endless in (b"HTTP/1.1 101 X\r\nX: " + b"y" * MAX_HEAD_BYTES, b"HTTP/1.1 100 Continue\r\n\r\n" * 4000):
        with pytest.raises(Garbled):
            Handshake().is_whole(endless)
