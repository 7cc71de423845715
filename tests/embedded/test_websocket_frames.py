"""The embedded Asterisk reads frames of clients as real ones do: the same table is tested on those."""

from collections.abc import Iterator

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.transport.rfc6455 import (
    CASES,
    CLOSE,
    PING,
    PONG,
    REQUEST,
    TEXT,
    Case,
    F,
    RawClient,
    case_id,
    expected_of_asterisk,
    what_asterisk_does,
)


@pytest.fixture(scope="module", params=["22.10.1", "16.28.0"])
def asterisk(request: pytest.FixtureRequest) -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(request.param) as server:
        yield server


def answers_requests(asterisk: EmbeddedAsterisk) -> bool:
    return asterisk.release == "22.10.1"


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_the_rfc(asterisk: EmbeddedAsterisk, case: Case) -> None:
    """The messages it reads, and the code with which it closes."""
    answers = answers_requests(asterisk)
    received = what_asterisk_does(RawClient(asterisk.port), case, answers_requests=answers)
    assert received == expected_of_asterisk(case, answers_requests=answers)


@pytest.mark.parametrize("excess", [0, 1])
def test_the_longest_frame(asterisk: EmbeddedAsterisk, excess: int) -> None:
    """65 535 bytes with header and masking key; a longer one is refused when its header arrives."""
    size = 65_535 - 8 + excess
    frames = (F(TEXT, REQUEST.ljust(size)),) if not excess else (F(TEXT, b"", announced=size),)
    case = Case(
        "10.4", "the longest frame", frames, asterisk=("text",) if not excess else (), asterisk_ends=1009 if excess else None
    )
    answers = answers_requests(asterisk)
    assert what_asterisk_does(RawClient(asterisk.port), case, answers_requests=answers) == expected_of_asterisk(
        case, answers_requests=answers
    )


def test_frames_in_pieces(asterisk: EmbeddedAsterisk) -> None:
    """Sent byte by byte they are read the same; bytes after a close frame are ignored."""
    client = RawClient(asterisk.port)
    try:
        for frame in (
            F(PING, b"1"),
            F(TEXT, REQUEST[:9], final=False),
            F(PING, b"2"),
            F(0, REQUEST[9:]),
            F(CLOSE),
            F(PING, b"3"),
        ):
            data = frame.encode(masked=True)
            for at in range(len(data)):
                client.socket.sendall(data[at : at + 1])
        received = list(client.frames())
    finally:
        client.close()
    texts = [(TEXT, payload) for opcode, payload in received if opcode == TEXT]
    assert len(texts) == answers_requests(asterisk)
    assert received == [(PONG, b"1"), (PONG, b"2"), *texts, (CLOSE, b"\x03\xe8")]


def test_the_handshake(asterisk: EmbeddedAsterisk) -> None:
    """Status line and headers of the response; its Sec-WebSocket-Accept is checked by RawClient."""
    client = RawClient(asterisk.port)
    client.close()
    assert client.status == b"HTTP/1.1 101 Switching Protocols\r\n"
    assert list(client.headers) == ["upgrade", "connection", "sec-websocket-accept"]
    assert (client.headers["upgrade"], client.headers["connection"]) == ("websocket", "Upgrade")
