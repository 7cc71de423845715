"""What a call does, whichever way it goes: the same suite on every wire, in both colours."""

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
from tests.facade.certificate import PEM
from tests.facade.leaks import leaked_by
from tests.wires.server import Answered, Asked, Cut, Silence, WireServer
from tests.wires.ways import Way

ODD = "a b+c%2F/é,\"\\'&=?#☎"


def test_answers(way: Way, server: WireServer) -> None:
    ari = way.connected(server)
    server.answer(200, [{"id": "1", "name": ODD}])
    server.answer(204)
    assert [{"id": "1", "name": ODD}] == way.call(ari, "channels.list")
    assert way.call(ari, "channels.answer", channelId="1") is None
    assert [way.carried_by] * 2 == [one.way for one in server.calls()]


def test_what_is_asked_arrives(way: Way, server: WireServer) -> None:
    """Paths, queries and bodies with all that could be misread."""
    ari = way.connected(server)
    server.answer(200, {})
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
        Asked(
            "POST",
            "/channels",
            {"endpoint": "PJSIP/a&b", "app": "x", "callerId": ODD, "timeout": "5"},
            {"variables": {"A": ODD, "B": "line\r\nbreak"}},
            way.carried_by,
        ),
        Asked("POST", "/channels/a/b c/variable", {"variable": "X(y)", "value": ODD}, None, way.carried_by),
        Asked("POST", "/channels/a+b%/ring", {}, None, way.carried_by),
    ] == server.calls()


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
def test_errors(way: Way, server: WireServer, status: int, kind: type[errors.ResponseError]) -> None:
    ari = way.connected(server)
    server.answer(status, {"message": "the reason"})
    with pytest.raises(kind) as caught:
        way.call(ari, "channels.answer", channelId="1")
    assert (status, "the reason") == (caught.value.status, caught.value.reason)


def test_no_answer_in_time(way: Way, server: WireServer) -> None:
    """Never repeated; the next call works."""
    ari = way.connected(server, request_timeout_seconds=0.2)
    server.queue += [Silence, Answered(200, [])]
    begun = time.monotonic()
    with pytest.raises(errors.RequestTimeout) as caught:
        way.call(ari, "channels.list")
    assert 0.15 < time.monotonic() - begun < 2
    assert [] == leaked_by(caught.value)
    assert [] == way.call(ari, "channels.list")
    assert 2 == len(server.calls())


def test_a_connection_cut_during_a_command(way: Way, server: WireServer) -> None:
    """It may have been done, so it is not done again."""
    ari = way.connected(server)
    server.queue.append(Cut)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        way.call(ari, "channels.answer", channelId="1")
    assert not isinstance(caught.value, errors.RequestTimeout)
    assert [] == leaked_by(caught.value)
    assert 1 == len(server.calls())
    assert way.call(ari, "channels.answer", channelId="1") is None


def test_a_connection_cut_while_reading(way: Way, server: WireServer) -> None:
    """A GET is made good silently."""
    ari = way.connected(server)
    server.queue += [Cut, Answered(200, [{"id": "1"}])]
    assert [{"id": "1"}] == way.call(ari, "channels.list")
    assert 2 == len(server.calls())


def test_answers_find_their_calls(way: Way, server: WireServer) -> None:
    """Many calls at once: each gets its own answer, over few connections."""
    ari = way.connected(server)
    server.always = lambda asked: Answered(200, {"id": asked.path.rsplit("/", 1)[1]})
    names = [f"c{number}" for number in range(60)]
    calls = [lambda name=name: ari.rest.call("channels.get", channelId=name) for name in names]
    assert names == [answer["id"] for answer in way.at_once(calls)]
    if way.name != "httpx":
        assert server.most_open <= 8 + (way.name == "websocket")


def test_a_file(way: Way, server: WireServer, tmp_path: Path) -> None:
    """Bytes come over HTTP on every way."""
    ari = way.connected(server)
    sound = bytes(range(256)) * 1000
    server.answer(200, sound)
    server.answer(200, sound)
    assert sound == way.call(ari, "recordings.getStoredFile", recordingName="r")
    way.do(ari.recordings.stored("r").download(tmp_path / "r.wav"))
    assert sound == (tmp_path / "r.wav").read_bytes()
    assert {"http"} == {one.way for one in server.calls()}


@pytest.mark.parametrize("password", ["p:w", "é☎ß", " lead and trail ", "a%40b&c=d", "x" * 255, "=\"'\\"])
def test_odd_passwords(way: Way, server: WireServer, password: str) -> None:
    way.connected(server, password=password)
    assert {"Basic " + base64.b64encode(f"tester:{password}".encode()).decode()} == server.authorizations


def test_generated_functions(way: Way, server: WireServer) -> None:
    """The functions of `ari_rest` go the same way; statuses stay theirs to judge."""
    ari = way.connected(server)
    asynchronous = way.face.colour == "async"
    server.answer(200, [])
    server.answer(404, {"message": "no"})
    server.answer(200, {"ping": "pong", "timestamp": "t", "asterisk_id": "i"})
    client = ari.rest_client()
    assert [] == way.do(channels_list.asyncio(client=client) if asynchronous else channels_list.sync(client=client))
    detailed = channels_get.asyncio_detailed if asynchronous else channels_get.sync_detailed
    response: Any = way.do(detailed("nobody", client=client))
    assert (404, None) == (response.status_code, response.parsed)
    ping: Any = way.do(asterisk_ping.asyncio(client=client) if asynchronous else asterisk_ping.sync(client=client))
    assert "pong" == ping.ping
    assert {way.carried_by} == {one.way for one in server.calls()}


def test_nothing_stays_open(way: Way, server: WireServer) -> None:
    """No descriptor is left after `disconnect()`, whatever happened before."""
    warm = way.connected(server)
    way.do(warm.disconnect())
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        ari = way.connected(server, request_timeout_seconds=0.1)
        for broken in (Cut, Silence):
            server.queue.append(broken)
            with pytest.raises(errors.OutcomeUnknown):
                way.call(ari, "channels.answer", channelId="1")
        way.call(ari, "channels.answer", channelId="1")
        way.do(ari.disconnect())
    if way.name == "httpx":
        for client in way.face.transports:
            way.do(client.close() if way.face.colour == "sync" else client.aclose())
    _settle(server)
    assert len(os.listdir("/proc/self/fd")) <= before


def _settle(server: WireServer) -> None:
    end = time.monotonic() + 5
    while server.open and time.monotonic() < end:
        time.sleep(0.01)


def test_tls(way: Way, tls_server: WireServer) -> None:
    trusting = ssl.create_default_context(cadata=PEM[PEM.index("-----BEGIN CERTIFICATE") :])
    ari = way.connected(tls_server, tls=True, verify=trusting)
    tls_server.always = lambda asked: Answered(200, {"id": asked.path.rsplit("/", 1)[1]})
    for number in range(20):
        assert {"id": f"c{number}"} == way.call(ari, "channels.get", channelId=f"c{number}")
    if way.name == "http":
        assert 1 == tls_server.accepted
