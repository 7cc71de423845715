"""The time limit of a call holds whatever the server sends: sync like async."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from asterisk_ari import errors
from asterisk_ari._transport import proxy
from asterisk_ari._transport.http import response_parser, stream_limit
from asterisk_ari._transport.http.stream_limit import StreamLimit
from asterisk_ari._transport.websocket import handshake
from tests.facade.proxy import ProxyServer
from tests.servers.frames import PING, TEXT, encode_frame
from tests.servers.script import SILENCE, RawReply
from tests.servers.scripted_server import ScriptedServer
from tests.transport.ways import Way

LIMIT_SECONDS = 0.5
CALL_ENDED = r"no response within 0\.5 s \(request_timeout_seconds\)"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def loopback() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()


def endless(first: bytes, again: bytes, pause_seconds: float = 0.0) -> RawReply:
    """Sends the same bytes again and again, without a pause or with a short one, until the client is gone."""

    def parts() -> Iterator[bytes | float]:
        yield first
        while True:
            yield again
            yield pause_seconds

    return RawReply(parts())


ENDLESS = {
    "interim responses": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "fields": (OK, b"X: y\r\n"),
    "field": (OK + b"X: ", b"y"),
    "body": (OK + b"Content-Length: 200000000\r\n\r\n", b" "),
    "body without a length": (OK + b"\r\n", b" "),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "chunk extension": (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
    "trailers": (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
    "body of an error": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 200000000\r\n\r\n", b" "),
}


def connected(http: Way, loopback: ScriptedServer) -> Any:
    ari = http.variant.client(host="127.0.0.1", port=loopback.port, request_timeout_seconds=LIMIT_SECONDS)
    http.do(ari.connect())
    return ari


@pytest.fixture
def no_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers and sizes end nothing here: the time does."""
    monkeypatch.setattr(response_parser, "MAX_HEAD_BYTES", 10**9)
    monkeypatch.setattr(response_parser, "MAX_INTERIM_RESPONSES", 10**9)
    monkeypatch.setattr(response_parser, "MAX_TRAILER_BYTES", 10**9)
    monkeypatch.setattr(response_parser, "MAX_CHUNK_LINE_BYTES", 10**9)
    monkeypatch.setattr(handshake, "MAX_HEAD_BYTES", 10**9)
    monkeypatch.setattr(proxy, "_MAX_HEAD_BYTES", 10**9)


@pytest.mark.usefixtures("no_caps")
@pytest.mark.parametrize("pause", [0.0, 0.02], ids=["flood", "drip"])
@pytest.mark.parametrize("what", ENDLESS)
def test_a_response_without_end(http: Way, loopback: ScriptedServer, what: str, pause: float) -> None:
    ari = connected(http, loopback)
    first, again = ENDLESS[what]
    loopback.replies.append(endless(first, again if pause else again * 2000, pause))
    begun = time.monotonic()
    with pytest.raises(errors.RequestTimeout, match=CALL_ENDED):
        http.call(ari, "channels.list")
    assert time.monotonic() - begun < LIMIT_SECONDS + 6


@pytest.mark.parametrize("what", ["interim responses", "fields", "field", "chunk extension", "trailers"])
def test_what_nobody_needs_ends_early(http: Way, loopback: ScriptedServer, what: str) -> None:
    """By number and size, long before the time is over."""
    ari = http.variant.client(host="127.0.0.1", port=loopback.port, request_timeout_seconds=30)
    http.do(ari.connect())
    first, again = ENDLESS[what]
    loopback.replies.append(endless(first, again * 100))
    with pytest.raises(errors.OutcomeUnknown) as caught:
        http.call(ari, "channels.answer", channelId="1")
    assert not isinstance(caught.value, errors.RequestTimeout)


@pytest.mark.usefixtures("no_caps")
@pytest.mark.parametrize("pause", [0.0, 0.02], ids=["flood", "drip"])
@pytest.mark.parametrize("what", ["interim responses", "field", "body of an error"])
def test_a_file_whose_head_does_not_end(http: Way, loopback: ScriptedServer, tmp_path: Any, what: str, pause: float) -> None:
    ari = connected(http, loopback)
    first, again = ENDLESS[what]
    loopback.replies.append(endless(first, again if pause else again * 2000, pause))
    begun = time.monotonic()
    with pytest.raises(errors.RequestTimeout, match=CALL_ENDED):
        http.do(ari.recordings.stored("r").download(tmp_path / "r.wav"))
    assert time.monotonic() - begun < LIMIT_SECONDS + 6


@pytest.mark.parametrize("what", ["body", "body without a length", "chunks"])
def test_a_file_that_drips(http: Way, loopback: ScriptedServer, tmp_path: Any, what: str) -> None:
    """It holds its reader no longer than one that stops."""
    ari = connected(http, loopback)
    loopback.replies.append(endless(*ENDLESS[what], pause_seconds=0.02))
    begun = time.monotonic()
    with pytest.raises(errors.RequestTimeout, match="less than 1 KiB/s"):
        http.do(ari.recordings.stored("r").download(tmp_path / "r.wav"))
    assert time.monotonic() - begun < LIMIT_SECONDS + 6
    assert [] == list(tmp_path.iterdir())


def test_a_file_that_comes_slowly(http: Way, loopback: ScriptedServer, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may take longer than the limit, as long as it keeps coming."""
    monkeypatch.setattr(stream_limit, "MIN_BYTES_PER_SECOND", 100)
    ari = connected(http, loopback)

    parts = [part for _ in range(100) for part in (b"x" * 10, 0.01)]
    loopback.replies.append(RawReply([OK + b"Content-Length: 1000\r\n\r\n", *parts]))
    http.do(ari.recordings.stored("r").download(tmp_path / "r.wav"))
    assert b"x" * 1000 == (tmp_path / "r.wav").read_bytes()


def test_the_limit_of_a_stream() -> None:
    """SILENCE ends it, and so does less than a kibibyte for each second of waiting; more does not add up."""
    limit = StreamLimit(30)
    assert 30 == limit.seconds_left
    limit.received(10**9)
    assert 30 == limit.seconds_left
    limit.waited(20)
    limit.received(5 * 1024)
    assert 15 == limit.seconds_left
    limit.waited(15)
    with pytest.raises(TimeoutError):
        limit.seconds_left  # noqa: B018


def test_the_slowest_stream_that_goes_on() -> None:
    limit = StreamLimit(30)
    for _ in range(1000):
        limit.waited(1)
        limit.received(1024)
    assert 30 == limit.seconds_left


# ---------------------------------------------------------------------- connecting


@pytest.mark.usefixtures("no_caps")
@pytest.mark.parametrize("pause", [0.0, 0.02], ids=["flood", "drip"])
@pytest.mark.parametrize("what", ["interim responses", "field", "nothing but a status line"])
def test_an_answer_to_the_handshake_without_end(http: Way, loopback: ScriptedServer, what: str, pause: float) -> None:
    """The event WebSocket is open within `connect_timeout_seconds`, or not at all."""
    first, again = ENDLESS.get(what, (b"HTTP/1.1 101 ", b"x"))
    loopback.handshake_answers.append(endless(first, again if pause else again * 2000, pause))
    ari = http.variant.client(host="127.0.0.1", port=loopback.port, events=True, connect_timeout_seconds=LIMIT_SECONDS)
    with pytest.raises(errors.RequestTimeout, match=r"did not answer the handshake within 0\.5 s"):
        http.do(ari.connect())


@pytest.mark.usefixtures("no_caps")
def test_a_proxy_that_answers_without_end(http: Way, loopback: ScriptedServer) -> None:
    """Its tunnel is part of connecting."""
    made = ProxyServer()
    made.answer, made.repeats = b"HTTP/1.1 200 OK\r\nX: " + b"y" * 2000, True
    try:
        address = f"http://127.0.0.1:{made.port}"
        ari = http.variant.client(host="127.0.0.1", port=loopback.port, proxy=address, connect_timeout_seconds=LIMIT_SECONDS)
        with pytest.raises(errors.NotSent, match=r"within 0\.5 s \(connect_timeout_seconds\)"):
            http.do(ari.connect())
    finally:
        made.close()


# ---------------------------------------------------------------------- over the event WebSocket

EVENT = b'{"type": "ChannelDtmfReceived", "application": "aiagc", "digit": "1", "channel": {"id": "1"}}'
FRAMES = {
    "events": (b"", encode_frame(EVENT)),
    "fragments": (encode_frame(b"{", TEXT, is_final=False), encode_frame(b" ", 0, is_final=False)),
    "bytes of a frame": (bytes((0x81, 127)) + (10**6).to_bytes(8, "big"), b" "),
    "pings": (b"", encode_frame(b"x", PING)),
    "responses to others": (b"", encode_frame(b'{"type": "RESTResponse", "request_id": "nobody", "status_code": 200}')),
}


@contextmanager
def sending(server: ScriptedServer, first: bytes, again: bytes) -> Iterator[None]:
    """Frames go on coming, every few milliseconds."""
    over = threading.Event()

    def send() -> None:
        websocket = server.websocket()
        websocket.send_bytes(first)
        while not over.wait(0.005):
            websocket.send_bytes(again)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


@pytest.mark.parametrize("what", FRAMES)
def test_a_request_over_the_websocket_that_is_not_answered(websocket: Way, server: ScriptedServer, what: str) -> None:
    """Whatever else comes over it meanwhile."""
    ari = websocket.connected(server, request_timeout_seconds=LIMIT_SECONDS)
    server.replies.append(SILENCE)
    with sending(server, *FRAMES[what]), pytest.raises(errors.RequestTimeout, match=CALL_ENDED):
        websocket.call(ari, "channels.ring", channelId="1")
    assert [one.transport for one in server.calls] == ["websocket"]
