"""What a call does, whichever way it goes: the same suite on every transport, in both variants."""

import base64
import os
import ssl
import time
from pathlib import Path
from typing import Any

import pytest

from ari_rest.api.asterisk import asterisk_ping
from ari_rest.api.channels import channels_get, channels_list
from asterisk_ari import errors
from asterisk_ari._transport.http import response_parser, stream_limit
from tests.facade.certificate import PEM
from tests.facade.leaks import leaked_by
from tests.servers.script import DISCONNECT, SILENCE, ReceivedRequest, reply
from tests.servers.scripted_server import ScriptedServer
from tests.transport.ways import Way

ODD = "a b+c%2F/é,\"\\'&=?#☎"


def test_answers(way: Way, server: ScriptedServer) -> None:
    ari = way.connected(server)
    server.reply(200, json=[{"id": "1", "name": ODD}])
    server.reply(204)
    assert [{"id": "1", "name": ODD}] == way.call(ari, "channels.list")
    assert way.call(ari, "channels.ring", channelId="1") is None
    assert [way.carried_by] * 2 == [one.transport for one in server.calls]


def test_what_is_asked_arrives(way: Way, server: ScriptedServer) -> None:
    """Paths, queries and bodies with all that could be misread."""
    ari = way.connected(server)
    way.call(
        ari,
        "channels.originate",
        endpoint="PJSIP/a&b",
        app="x",
        callerId=ODD,
        timeout=5,
        variables={"A": ODD, "B": "line\r\nbreak"},
    )
    way.call(ari, "channels.setChannelVar", channelId="a/b c", variable="X(y)", value=ODD)
    way.call(ari, "channels.ring", channelId="a+b%")
    assert [
        ReceivedRequest(
            "POST",
            "/channels",
            {"endpoint": "PJSIP/a&b", "app": "x", "callerId": ODD, "timeout": "5"},
            {"variables": {"A": ODD, "B": "line\r\nbreak"}},
            way.carried_by,
        ),
        ReceivedRequest(
            "POST", "/channels/a/b c/variable", {"variable": "X(y)", "value": ODD}, None, "http"
        ),  # it may wait for media
        ReceivedRequest("POST", "/channels/a+b%/ring", {}, None, way.carried_by),
    ] == server.calls


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.AuthenticationFailed),
        (403, errors.PermissionDenied),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (412, errors.InvalidState),
        (422, errors.Unprocessable),
        (500, errors.ServerFailure),
        (503, errors.NotBooted),
    ],
)
def test_errors(way: Way, server: ScriptedServer, status: int, kind: type[errors.ResponseError]) -> None:
    ari = way.connected(server)
    server.reply(status, json={"message": "the reason"})
    with pytest.raises(kind) as caught:
        way.call(ari, "channels.ring", channelId="1")
    assert (status, "the reason") == (caught.value.status, caught.value.reason)


def test_no_answer_in_time(way: Way, server: ScriptedServer) -> None:
    """Never repeated; the next call works."""
    ari = way.connected(server, request_timeout_seconds=0.5)
    server.replies += [SILENCE, reply(200, json=[])]
    begun = time.monotonic()
    with pytest.raises(errors.RequestTimeout) as caught:
        way.call(ari, "channels.list")
    assert 0.45 < time.monotonic() - begun < 2
    assert [] == leaked_by(caught.value)
    assert [] == way.call(ari, "channels.list")
    assert 2 == len(server.calls)


def test_a_connection_cut_during_a_command(way: Way, server: ScriptedServer) -> None:
    """It may have been done, so it is not done again."""
    ari = way.connected(server)
    server.replies.append(DISCONNECT)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        way.call(ari, "channels.ring", channelId="1")
    assert not isinstance(caught.value, errors.RequestTimeout)
    assert [] == leaked_by(caught.value)
    assert 1 == len(server.calls)
    assert way.call(ari, "channels.ring", channelId="1") is None


def test_a_connection_cut_while_reading(way: Way, server: ScriptedServer) -> None:
    """A GET is made good silently."""
    ari = way.connected(server)
    server.replies += [DISCONNECT, reply(200, json=[{"id": "1"}])]
    assert [{"id": "1"}] == way.call(ari, "channels.list")
    assert 2 == len(server.calls)


def test_answers_find_their_calls(way: Way, server: ScriptedServer) -> None:
    """Many calls at once: each gets its own answer, over few connections."""
    ari = way.connected(server)
    server.respond = lambda request: reply(200, json={"id": request.resource.rsplit("/", 1)[1]})
    names = [f"c{number}" for number in range(60)]
    calls = [lambda name=name: ari.rest.call("channels.get", channelId=name) for name in names]
    assert names == [answer["id"] for answer in way.at_once(calls)]
    if way.name not in ("httpx", "httpx2"):
        assert server.most_open_connections <= 8 + (way.name == "websocket")


def test_a_file(way: Way, server: ScriptedServer, tmp_path: Path) -> None:
    """Bytes come over HTTP on every way."""
    ari = way.connected(server)
    sound = bytes(range(256)) * 1000
    server.reply(200, content=sound)
    server.reply(200, content=sound)
    assert sound == way.call(ari, "recordings.getStoredFile", recordingName="r")
    way.do(ari.recordings.stored("r").download(tmp_path / "r.wav"))
    assert sound == (tmp_path / "r.wav").read_bytes()
    assert {"http"} == {one.transport for one in server.calls}


def test_a_page_instead_of_a_file(way: Way, server: ScriptedServer, tmp_path: Path) -> None:
    """It is refused by its head, and its connection is not used again."""
    ari = way.connected(server)
    server.reply(200, html="<html>log in</html>")
    with pytest.raises(errors.UnexpectedResponse, match="text/html, not a file"):
        way.do(ari.recordings.stored("r").download(tmp_path / "r.wav"))
    assert [] == list(tmp_path.iterdir())
    assert [] == way.call(ari, "channels.list")


def test_sizes_are_limited(way: Way, server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies and files without end are given up, on every way."""
    monkeypatch.setattr(response_parser, "MAX_BODY_BYTES", 100_000)
    monkeypatch.setattr(stream_limit, "MAX_FILE_BYTES", 1_000_000)
    ari = way.connected(server)
    server.reply(200, content=b"x" * 1_000_000)
    way.do(ari.recordings.stored("r").download(tmp_path / "whole.wav"))
    server.reply(200, content=b"x" * 1_000_001)
    with pytest.raises(errors.OutcomeUnknown, match="more than 1000000 bytes"):
        way.do(ari.recordings.stored("r").download(tmp_path / "r.wav"))
    server.respond = lambda request: reply(200, content=b"x" * 100_001)
    with pytest.raises(errors.OutcomeUnknown, match="more than 100000 bytes"):
        way.call(ari, "recordings.getStoredFile", recordingName="r")
    assert [tmp_path / "whole.wav"] == list(tmp_path.iterdir())


@pytest.mark.parametrize("password", ["p:w", "é☎ß", " lead and trail ", "a%40b&c=d", "x" * 255, "=\"'\\"])
def test_odd_passwords(way: Way, server: ScriptedServer, password: str) -> None:
    way.connected(server, password=password)
    assert {"Basic " + base64.b64encode(f"tester:{password}".encode()).decode()} == server.authorizations


def test_generated_functions(way: Way, server: ScriptedServer) -> None:
    """The functions of `ari_rest` go the same way; statuses stay theirs to judge."""
    ari = way.connected(server)
    asynchronous = way.variant.name == "async"
    server.reply(200, json=[])
    server.reply(404, json={"message": "no"})
    server.reply(200, json={"ping": "pong", "timestamp": "t", "asterisk_id": "i"})
    client = ari.rest_client()
    assert [] == way.do(channels_list.asyncio(client=client) if asynchronous else channels_list.sync(client=client))
    detailed = channels_get.asyncio_detailed if asynchronous else channels_get.sync_detailed
    response: Any = way.do(detailed("nobody", client=client))
    assert (404, None) == (response.status_code, response.parsed)
    ping: Any = way.do(asterisk_ping.asyncio(client=client) if asynchronous else asterisk_ping.sync(client=client))
    assert "pong" == ping.ping
    assert {way.carried_by} == {one.transport for one in server.calls}


def test_nothing_stays_open(way: Way, server: ScriptedServer) -> None:
    """No descriptor is left after `disconnect()`, whatever happened before."""
    warm = way.connected(server)
    way.do(warm.disconnect())
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        ari = way.connected(server, request_timeout_seconds=0.5)
        for broken in (DISCONNECT, SILENCE):
            server.replies.append(broken)
            with pytest.raises(errors.OutcomeUnknown):
                way.call(ari, "channels.ring", channelId="1")
        way.call(ari, "channels.ring", channelId="1")
        way.do(ari.disconnect())
    if way.name in ("httpx", "httpx2"):
        for client in way.variant.transports:
            way.do(client.close() if way.variant.name == "sync" else client.aclose())
    _settle(server)
    assert len(os.listdir("/proc/self/fd")) <= before


def _settle(server: ScriptedServer) -> None:
    end = time.monotonic() + 5
    while server.open_connections and time.monotonic() < end:
        time.sleep(0.01)


def test_tls(way: Way, tls_server: ScriptedServer) -> None:
    trusting = ssl.create_default_context(cadata=PEM[PEM.index("-----BEGIN CERTIFICATE") :])
    ari = way.connected(tls_server, tls=True, verify=trusting)
    tls_server.respond = lambda request: reply(200, json={"id": request.resource.rsplit("/", 1)[1]})
    for number in range(20):
        assert {"id": f"c{number}"} == way.call(ari, "channels.get", channelId=f"c{number}")
    if way.name == "http":
        assert 1 == tls_server.accepted
