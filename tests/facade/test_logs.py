"""The log, for a person: connected, calls that come and go, requests and events; switched on by ARI_LOG; without secrets."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from asterisk_ari._core.events.event_log import EventLog
from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.request_log import arguments_of
from asterisk_ari.logs import CallFilter, current_call
from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.test_event_loop import read_by
from tests.facade.variants import PASSWORD, Variant
from tests.servers.script import Script

ROOT = Path(__file__).parents[2]


def lines(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [
        record.getMessage() for record in caplog.records if record.levelno == level and record.name.startswith("asterisk_ari")
    ]


def test_connected(variant: Variant, server: Script, caplog: pytest.LogCaptureFixture) -> None:
    """One line: where, which release, for which apps, how long it took."""
    with caplog.at_level(logging.INFO, logger="asterisk_ari"):
        variant.connected(server, app_name="demo", apps=["second"])
        (line,) = lines(caplog, logging.INFO)
    assert line.startswith("connected to http://localhost:8088/ari: Asterisk 23.4.1, no events, in ")


def test_a_client_that_asks_nothing_says_so(variant: Variant, server: Script, caplog: pytest.LogCaptureFixture) -> None:
    """It is not known whether anything is there."""
    with caplog.at_level(logging.INFO, logger="asterisk_ari"):
        variant.connected(server, version_check="off")
        (line,) = lines(caplog, logging.INFO)
    assert line == "ready for http://localhost:8088/ari: no request was sent (events=False, version_check='off')"
    assert not server.requests


def test_a_version_of_any_text(variant: Variant, caplog: pytest.LogCaptureFixture) -> None:
    """What a server calls itself ends no line and colours no terminal."""
    with caplog.at_level(logging.INFO, logger="asterisk_ari"):
        ari = variant.connected(Script("home-made\x1b[31m\n7"))
        (line,) = lines(caplog, logging.INFO)
    assert "Asterisk home-made\\x1b[31m\\n7, " in line
    assert ari.capabilities.version == "home-made\\x1b[31m\\n7"


def test_calls_and_events(variant: Variant, caplog: pytest.LogCaptureFixture) -> None:
    """One line as it enters and one as it leaves, with the cause, at INFO; each event once at DEBUG, by type, object and name; each record knows its call."""
    with EmbeddedAsterisk() as asterisk, caplog.at_level(logging.DEBUG, logger="asterisk_ari"):
        options = {"username": asterisk.username, "password": asterisk.password, "events": True}
        ari = variant.client(url=asterisk.url, log_personal_data=True, **options)
        variant.do(ari.connect())
        phone = asterisk.incoming_call(app="aiagc", caller='"Al\nice" <100>')
        variant.do(read_by(variant, asterisk))
        phone.hang_up()
        variant.do(read_by(variant, asterisk))
        variant.do(ari.disconnect())
        told = lines(caplog, logging.INFO)
        (entered,) = [record for record in caplog.records if "entered aiagc" in record.getMessage()]
        events = [line for line in lines(caplog, logging.DEBUG) if line.startswith("event ")]
    call = entered.call
    assert "app aiagc, in " in told[0]
    assert f"call {call} entered aiagc: " in told[1]
    assert "<100>" in told[1]
    assert "\n" not in told[1]
    (left,) = told[2:]
    assert left.startswith(f"call {call} left aiagc: hung up, cause ")
    assert 1 == len([line for line in events if line.startswith(f"event StasisStart channel {call} ")])


class Kept(logging.Handler):
    """Keeps the records of a program that has added `CallFilter` to its handler."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.addFilter(CallFilter())
        self.calls: dict[str, str] = {}

    def emit(self, record: Any) -> None:
        self.calls[record.getMessage().partition(" →")[0]] = record.call


@pytest.fixture
def kept(caplog: pytest.LogCaptureFixture) -> Iterator[Kept]:
    handler = Kept()
    log = logging.getLogger()
    log.addHandler(handler)
    with caplog.at_level(logging.DEBUG):
        yield handler
    log.removeHandler(handler)


def test_lines_of_a_handler_belong_to_its_call(variant: Variant, kept: Kept) -> None:
    """Those of the program, of tasks and threads that belong to it, and of requests; outside of handlers a path tells."""
    mine = logging.getLogger("program")
    with EmbeddedAsterisk() as asterisk:
        options = {"username": asterisk.username, "password": asterisk.password, "events": True}
        ari = variant.client(url=asterisk.url, **options)
        variant.do(ari.connect())

        def plain(event: Any) -> None:
            mine.info("plain of %s", event.channel_id)
            assert current_call() == event.channel_id

        async def with_tasks(event: Any) -> None:
            mine.info("coroutine of %s", event.channel_id)
            await asyncio.create_task(asyncio.to_thread(mine.info, "thread of %s", event.channel_id))
            await ari.rest.call("asterisk.ping")

        def with_requests(event: Any) -> None:
            ari.rest.call("asterisk.ping")
            raise RuntimeError("it fails")

        ari.on("StasisStart", plain)
        ari.on("StasisStart", with_tasks if variant.name == "async" else with_requests)
        first, second = (asterisk.incoming_call(app="aiagc").channel_id for _ in range(2))
        variant.do(read_by(variant, asterisk))
        variant.do(ari.channels(second).answer())
        mine.info("outside")
        variant.do(ari.disconnect())
    calls = kept.calls
    for channel_id in (first, second):
        assert {calls[line] for line in calls if line.endswith(f" of {channel_id}")} == {channel_id}
        assert f"plain of {channel_id}" in calls
    assert calls["GET /asterisk/ping "] in {first, second}
    assert calls[f"POST /channels/{second}/answer "] == second
    assert calls["outside"] == calls["GET /asterisk/info only=system"] == ""
    assert all(isinstance(call, str) for call in calls.values())
    if variant.name == "async":
        assert calls[f"thread of {first}"] == first
    else:
        assert {calls[line] for line in calls if "failed on StasisStart" in line} == {first, second}


def test_why_a_call_ends(caplog: pytest.LogCaptureFixture) -> None:
    """By the cause of the network, by request, and as it is destroyed, for those that hear of it."""
    about = b'"channel":{"id":"1","name":"x"}'
    with caplog.at_level(logging.INFO, logger="asterisk_ari"):
        EventLog(personal=False).log_frames(
            [
                b'{"type":"ChannelHangupRequest","cause":17,%b}' % about,
                b'{"type":"ChannelHangupRequest","cause":32,"soft":true,%b}' % about,
                b'{"type":"StasisEnd","application":"a",%b}' % about,
                b'{"type":"ChannelDestroyed","cause":16,"cause_txt":"Normal Clearing",%b}' % about,
                b'{"type":"ChannelVarset",%b}' % about,
                b'{"type":"ChannelHangupRequest","cause":32,"soft":true,%b}' % about,
                b'{"type":"StasisEnd","application":"a",%b}' % about,
                b'{"type":"StasisEnd","application":"a",%b}' % about,
            ]
        )
        told, calls = caplog.messages, [record.call for record in caplog.records]
    assert told == [
        "call 1 left a: hung up, cause 17",
        "call 1 ended: Normal Clearing (16)",
        "call 1 left a: hung up by request",
        "call 1 left a: no hangup was heard of",
    ]
    assert ["1"] * 4 == calls


def test_callers_are_masked_unless_wanted(caplog: pytest.LogCaptureFixture) -> None:
    frame = b'{"type":"StasisStart","application":"a","channel":{"id":"1","name":"x","caller":{"name":"Alice","number":"100"}}}'
    with caplog.at_level(logging.DEBUG, logger="asterisk_ari"):
        EventLog(personal=False).log_frames([frame, b"no JSON", b"[]", b'{"type":5,"channel":7}', b'{"type":"StasisStart"}'])
    assert "call 1 entered a: x, caller ***" in caplog.text
    assert "Alice" not in caplog.text


@pytest.mark.parametrize("personal", [False, True])
def test_requests(variant: Variant, server: Script, caplog: pytest.LogCaptureFixture, personal: bool) -> None:
    """With arguments, answer and duration; values of variables never, numbers and digits by choice."""
    ari = variant.connected(server, log_personal_data=personal)
    with caplog.at_level(logging.DEBUG, logger="asterisk_ari"):
        variant.do(ari.channels("1").play(["sound:a", "sound:b"], lang="en", playback_id="p"))
        variant.do(ari.channels("1").set_channel_var("PIN", "s3cret"))
        variant.do(ari.channels("1").send_dtmf("4711"))
        variant.do(ari.channels("1").get_channel_vars(["A", "B"]))
        variant.do(ari.channels.originate("PJSIP/555", app="a", caller_id="Al <1>", variables={"K": "s3cret"}, channel_id="c"))
        variant.do(ari.channels("1").set_channel_var("X", "s3cret\n" * 1000))
        said = lines(caplog, logging.DEBUG)
    assert said[0].startswith("POST /channels/1/play media=sound:a,sound:b lang=en playbackId=p → 200 in ")
    assert said[0].endswith(" ms")
    assert "variable=PIN value=*** → 204" in said[1]
    assert ("dtmf=4711" in said[2]) == personal == ("dtmf=***" not in said[2])
    assert "variables=A,B " in said[3]
    assert ("endpoint=PJSIP/555" in said[4], "callerId=Al <1>" in said[4]) == (personal, personal)
    assert "variables={K: ***}" in said[4]
    assert all("s3cret" not in line and "\n" not in line and PASSWORD not in line for line in said)


def test_a_request_without_a_response(variant: Variant, caplog: pytest.LogCaptureFixture) -> None:
    """Its line says what became of it instead."""

    def respond(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone")

    ari = variant.client(http_client=variant.http(respond), version_check="off")
    variant.do(ari.connect())
    with caplog.at_level(logging.DEBUG, logger="asterisk_ari"), pytest.raises(errors.OutcomeUnknown):
        variant.do(ari.channels("1").hangup())
    (line,) = lines(caplog, logging.DEBUG)
    assert line.startswith("DELETE /channels/1  → OutcomeUnknown in ")


PROGRAM = """
from asterisk_ari import AsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk
with EmbeddedAsterisk() as asterisk:
    for _ in range(2):
        with AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password) as ari:
            ari.list_channels()
"""


@pytest.mark.parametrize(
    ("value", "connected", "requests"),
    [("debug", 2, True), ("INFO", 2, False), ("loud", 2, False), ("warning", 0, False), ("", 0, False)],
)
def test_switched_on_from_outside(value: str, connected: int, requests: bool) -> None:
    """Once in a process, to standard error, whatever the program does about logging."""
    environment = {**os.environ, "ARI_LOG": value}
    ran: Any = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    assert connected == ran.stderr.count("connected to http://")
    assert requests == ("GET /channels" in ran.stderr)
    assert ("not one of debug, info, warning" in ran.stderr) == (value == "loud")
    assert "" == ran.stdout


def test_names_of_callers_can_be_read_and_fake_no_line(caplog: pytest.LogCaptureFixture) -> None:
    """Letters of any script stay; what breaks the line, moves the cursor or turns the text around is escaped."""
    name = "Jörg 渡辺 Ąę"
    harmful = {"\n": "\\n", "\r": "\\r", "\x1b[31m": "\\x1b[31m", "\u202e": "\\u202e", "\u2028": "\\u2028", "\x00": "\\x00"}
    caller = {"name": name + "".join(harmful), "number": "1"}
    event = {"type": "StasisStart", "application": "a", "channel": {"id": "c1", "name": f"PJSIP/{name}", "caller": caller}}
    request = OperationRequest("channels.setChannelVar", "POST", "/x", {"callerId": caller["name"]}, None)
    with caplog.at_level(logging.INFO, "asterisk_ari"):
        EventLog(personal=True).log_frames([json.dumps(event).encode()])
    for said in (caplog.records[-1].getMessage(), arguments_of(request, personal=True)):
        assert name in said
        assert said.isprintable()
        assert all(escaped in said for escaped in harmful.values())
