"""The control API: what a test outside of the process does to calls, time and faults, and what it is told when that fails."""

from __future__ import annotations

import base64
import http.client
import math
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.testing import ControlServer, EmbeddedAsterisk, User
from asterisk_ari.testing.sound.wav import read_wav, write_wav
from tests.embedded.control_client import Control
from tests.servers.listening_program import ListeningProgram

# A wait that a busy machine does not break: what is waited for comes, or is told at once.
LONG = {"timeout_seconds": 60}


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(virtual_time=True, sounds={"menu": 2.0}, endpoints={"alice": "silent", "bob": "busy"}) as server:
        yield server


@pytest.fixture
def server(asterisk: EmbeddedAsterisk) -> Iterator[ControlServer]:
    with ControlServer(asterisk) as serving:
        yield serving


@pytest.fixture
def control(server: ControlServer) -> Control:
    return Control(server)


@pytest.fixture
def ivr(asterisk: EmbeddedAsterisk) -> Iterator[AsteriskARI]:
    """A program: it plays a menu, repeats each key, and hangs up at #."""
    access = {"url": asterisk.url, "username": asterisk.username, "password": asterisk.password}

    def handle(event: Any) -> None:
        channel = ari.channels(event["channel"]["id"])
        if event.args == ["called"]:
            return
        channel.answer()
        channel.play(media="sound:menu")

    def key(event: Any) -> None:
        channel = ari.channels(event["channel"]["id"])
        if event["digit"] == "#":
            channel.hangup()
        else:
            channel.play(media=f"digits:{event['digit']}")

    with AsteriskARI(app_name="ivr", **access) as ari:
        ari.on("StasisStart", handle)
        ari.on("ChannelDtmfReceived", key)
        yield ari


def test_a_call_from_its_beginning_to_its_end(control: Control, ivr: AsteriskARI) -> None:
    call = control.done("POST", "/calls", {"app": "ivr", "caller": "Ann <1234>", **LONG})
    assert call["caller"] == "1234"
    path = f"/calls/{call['id']}"
    assert control.done("POST", f"{path}/wait-for-state", {"state": "answered", **LONG})["answered"]
    heard = control.done("POST", f"{path}/wait-for-prompt", {"media": "sound:menu", **LONG})["hears"]
    assert heard["media"] == "sound:menu"
    control.done("POST", "/advance", {"seconds": 5})
    control.done("POST", f"{path}/press", {"keys": "7"})
    assert control.done("POST", f"{path}/wait-for-prompt", {"media": "digits:7", **LONG})["hears"]["ends_in_seconds"] > 0
    control.done("POST", f"{path}/press", {"keys": "#"})
    over = control.done("POST", f"{path}/wait-for-state", {"state": "ended", **LONG})
    assert (over["ended"], over["hangup_cause"]) == (True, 16)
    assert [one["id"] for one in control.done("GET", "/calls")] == [call["id"]]
    assert control.done("GET", "/channels") == []
    control.done("POST", "/assert-clean")
    [answered] = control.done("GET", f"/requests?path=/answer&about={call['id']}")
    assert (answered["method"], answered["status"]) == ("POST", 204)
    [played, repeated] = control.done("POST", "/wait-for-request", {"path": "/play", "status": 201, "count": 2})
    assert (played["answer"]["media_uri"], repeated["answer"]["media_uri"]) == ("sound:menu", "digits:7")
    [key, _] = control.done("GET", "/events?type=ChannelDtmfReceived")
    assert key["digit"] == "7"


def test_a_call_is_placed_when_the_program_has_come(asterisk: EmbeddedAsterisk, control: Control) -> None:
    """One that comes too soon would end at once, and the test with it."""
    asked = threading.Event()
    answers: list[Any] = []

    def place() -> None:
        asked.set()
        answers.append(control.done("POST", "/calls", {"app": "late", **LONG}))

    placing = threading.Thread(target=place)
    placing.start()
    asked.wait()
    program = AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="late")
    started = threading.Event()
    program.on("StasisStart", lambda event: started.set())
    with program:
        placing.join()
        assert started.wait(60)
    assert answers[0]["ended"] is False


def test_virtual_time_passes_in_a_wait_and_no_further(asterisk: EmbeddedAsterisk, control: Control) -> None:
    call = control.done("POST", "/calls", {"context": "plain", "called": "short"})
    began = asterisk.now
    over = control.done("POST", f"/calls/{call['id']}/wait-for-state", {"state": "ended", "virtual_seconds": 3600})
    assert over["ended"]
    assert 0 < asterisk.now - began < 60
    control.done("POST", "/advance", {"seconds": 3600})
    assert asterisk.now - began >= 3600


def test_a_program_that_calls(control: Control, ivr: AsteriskARI) -> None:
    """The phone that it calls rings, answers, and is sent digits."""
    ivr.channels.originate(endpoint="PJSIP/alice", app="ivr", app_args="called", channel_id="out")
    call = control.done("POST", "/wait-for-call", {"endpoint": "alice", **LONG})
    assert (call["id"], call["state"]) == ("out", "Down")
    control.done("POST", "/calls/out/ring")
    assert control.done("POST", "/calls/out/answer")["state"] == "Up"
    control.done("POST", "/wait-for-event", {"type": "StasisStart", "about": "out", **LONG})
    ivr.channels("out").send_dtmf(dtmf="42")
    sent = control.done("POST", "/calls/out/wait-for-digits", {"digits": "42", "virtual_seconds": 10})
    assert sent["digits"] == "42"
    control.done("POST", "/calls/out/hold")
    control.done("POST", "/calls/out/unhold")
    assert [
        one["type"] for one in control.done("GET", "/events?about=out") if "Hold" in one["type"] or "hold" in one["type"]
    ] == [
        "ChannelHold",
        "ChannelUnhold",
    ]
    assert control.done("POST", "/calls/out/hang-up", {"cause": 17})["hangup_cause"] == 17


def test_a_phone_refuses(control: Control, ivr: AsteriskARI) -> None:
    ivr.channels.originate(endpoint="PJSIP/alice", app="ivr", channel_id="out")
    control.done("POST", "/wait-for-call", {"endpoint": "PJSIP/alice", **LONG})
    control.done("POST", "/calls/out/progress")
    assert control.done("POST", "/calls/out/refuse", {"cause": 17})["ended"]
    control.done("POST", "/wait-for-event", {"type": "ChannelDestroyed", **LONG})


def test_what_a_phone_says_and_hears(control: Control) -> None:
    call = control.done("POST", "/calls", {"context": "plain", "called": "echo"})
    path = f"/calls/{call['id']}"
    silent = control("GET", f"{path}/transcript")
    assert (silent.status, silent.body["why"].partition(":")[0]) == (409, "this phone does not listen, which costs time")
    control.done("POST", f"{path}/listen")
    assert control.done("POST", f"{path}/say", {"tone_hertz": 600, "seconds": 0.5})["ends_in_seconds"] == 0.5
    wav = write_wav(
        b"".join(round(9000 * math.sin(2 * math.pi * 900 * n / 8000)).to_bytes(2, "little", signed=True) for n in range(4000)),
        8000,
    )
    said = control("POST", f"{path}/say", wav, "audio/wav")
    assert (said.status, said.body["ends_in_seconds"]) == (200, pytest.approx(1.0))
    control.done("POST", f"{path}/say", {"wav_base64": base64.b64encode(wav).decode()})
    control.done("POST", "/advance", {"seconds": 2})
    for hertz in (600, 900):
        control.done("POST", f"{path}/assert-heard", {"tone_hertz": hertz, "seconds": 0.4})
    missed = control("POST", f"{path}/assert-heard", {"tone_hertz": 700})
    assert missed.status == 422
    assert "tone:700 was heard for 0.00 s" in missed.body["why"]
    assert control.done("GET", f"{path}/transcript")[0]["media"] == "tone:600"
    audio = control("GET", f"{path}/audio")
    assert audio.kind == "audio/wav"
    assert read_wav(audio.content)[1] == 8000


def test_websockets_to_programs(control: Control) -> None:
    with ListeningProgram() as program:
        access = {"username": "out", "password": "secret"}
        control.done("POST", "/outbound", {"url": program.url, "apps": ["voicebot"], **access})
        assert control.done("POST", "/wait-for-app", {"app": "voicebot", **LONG})["apps"] == ["voicebot"]
        control.done("POST", "/outbound", {"url": program.url, "apps": ["percall"], "per_call": True, **access})
        call = control.done("POST", "/calls", {"app": "percall"})
        control.done("POST", "/advance", {"seconds": 0.5})
        connection = program.wait_for("ApplicationRegistered", "StasisStart")
        assert connection.events[1]["channel"]["id"] == call["id"]
        program.leave()
        control.done("POST", "/calls", {"app": "voicebot"})
        for wrong in ({"url": "http://h/", "apps": ["x"]}, {"url": program.url, "apps": []}, {"url": program.url}):
            assert control("POST", "/outbound", wrong).status == 400


def test_faults(control: Control, ivr: AsteriskARI) -> None:
    control.done("POST", "/faults", {"fault": "answer", "status": 503, "path": "/asterisk/info"})
    with pytest.raises(Exception, match="503"):
        ivr.get_asterisk_info()
    assert ivr.get_asterisk_info()["version"]
    control.done("POST", "/faults", {"fault": "refuse"})  # the control API is on a port of its own
    control.done("POST", "/faults", {"fault": "drop_sockets"})
    assert control.done("GET", "/state")["apps"] == []
    control.done("DELETE", "/faults")
    control.done("POST", "/wait-for-app", {"app": "ivr", **LONG, "virtual_seconds": 600})


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "delay", "seconds": 0.0},
        {"fault": "answer", "status": 500, "body": {"message": "no"}},
        {"fault": "drop_reply"},
        {"fault": "drop_request"},
        {"fault": "garbage", "times": None},
        {"fault": "lose_events", "event_type": "StasisStart", "times": 2},
        {"fault": "delay_events", "seconds": 0.1},
        {"fault": "drop_sockets", "app": "x"},
        {"fault": "close_sockets", "code": 1011},
        {"fault": "send_text", "text": "{"},
        {"fault": "refuse"},
        {"fault": "booting", "loading": True},
        {"fault": "restart", "graceful": False},
    ],
    ids=lambda fault: fault["fault"],
)
def test_every_fault_is_taken(control: Control, fault: dict[str, Any]) -> None:
    control.done("POST", "/faults", fault)
    control.done("DELETE", "/faults")
    assert control.done("GET", "/state")["url"]


def test_endpoints_and_messages(asterisk: EmbeddedAsterisk, control: Control, ivr: AsteriskARI) -> None:
    assert {one["name"]: one["behaviour"] for one in control.done("GET", "/endpoints")} == {"alice": "silent", "bob": "busy"}
    made = control("PUT", "/endpoints/zoe%2Fx", {"behaviour": "answers"})
    assert made.body["name"] == "zoe/x"
    control.done("PUT", "/endpoints/bob", {"behaviour": "answers", "answers_after": 0, "rings_after": None})
    ivr.channels.originate(endpoint="PJSIP/bob", app="ivr", app_args="called", channel_id="out")
    control.done("POST", "/calls/out/wait-for-state", {"state": "answered", "virtual_seconds": 1})
    assert control.done("POST", "/endpoints/bob/unregister")["online"] is False
    assert control.done("POST", "/endpoints/bob/register")["online"] is True
    control.done("POST", "/messages", {"endpoint": "bob", "body": "hello"})
    assert control.done("GET", "/messages") == []
    control.done("POST", "/reset")
    assert {one["name"] for one in control.done("GET", "/endpoints")} == {"alice", "bob"}


def test_reset_is_for_the_next_test(control: Control, ivr: AsteriskARI) -> None:
    call = control.done("POST", "/calls", {"app": "ivr", **LONG})
    control.done("POST", f"/calls/{call['id']}/wait-for-state", {"state": "answered", **LONG})
    state = control.done("POST", "/reset")
    assert (state["channels"], state["requests"], state["events"], state["apps"]) == (0, 0, 0, ["ivr"])
    assert control.done("GET", "/calls") == []
    assert control("GET", f"/calls/{call['id']}").status == 404


def test_what_is_left_at_the_end_is_told(control: Control, ivr: AsteriskARI) -> None:
    ivr.bridges.create(bridge_id="forgotten")
    left = control("POST", "/assert-clean")
    assert left.status == 422
    assert "bridge forgotten" in left.body["why"]
    assert "POST /bridges" in left.body["ladder"] or "forgotten" in left.body["ladder"]
    assert control("POST", "/assert-clean", {"allow": ["leftovers"]}).status == 200
    assert "knows" in control("POST", "/assert-clean", {"allow": ["leftover"]}).body["why"]


def test_the_ladder_and_the_session(control: Control, ivr: AsteriskARI) -> None:
    call = control.done("POST", "/calls", {"app": "ivr", "caller": "<4930123456>", **LONG})
    control.done("POST", f"/calls/{call['id']}/wait-for-prompt", {"media": "sound:menu", **LONG})
    ladder = control("GET", "/ladder?width=80")
    assert ladder.kind == "text/plain; charset=utf-8"
    lines = ladder.content.decode().splitlines()
    assert any("enters into ivr" in line for line in lines)
    assert max(map(len, lines)) <= 80
    session = control("GET", "/session").content.decode().splitlines()
    assert '"StasisStart"' in "".join(session)
    assert "4930123456" in "".join(session)
    masked = control("GET", "/session?masked=true").content.decode()
    assert '"StasisStart"' in masked
    assert "4930123456" not in masked


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("GET", "/call", None, 404, "there is no such request"),
        ("PUT", "/state", {}, 405, "it is served by GET alone"),
        ("POST", "/calls", {}, 400, "it needs either app or context"),
        (
            "POST",
            "/calls",
            {"app": "nobody", "timeout_seconds": 0},
            422,
            "no program has connected as app 'nobody'; connected apps: ivr",
        ),
        ("POST", "/calls", {"ap": "ivr"}, 400, "unknown field `ap`"),
        ("POST", "/calls", [], 400, "Expected `object`"),
        ("POST", "/calls", b"{", 400, "truncated"),
        ("POST", "/calls/none/press", {"keys": "1"}, 404, "no channel 'none'"),
        ("POST", "/calls/none/press", {"keys": "x"}, 400, "keys"),
        ("POST", "/advance", {}, 400, "missing required field `seconds`"),
        ("POST", "/advance", {"seconds": -1}, 400, ">= 0.0"),
        ("POST", "/wait-for-app", {"app": "ivr", "timeout_seconds": 1e9}, 400, "<= 600.0"),
        ("POST", "/wait-for-app", {"app": "other", "timeout_seconds": 0}, 422, "connected apps: ivr"),
        ("POST", "/wait-for-call", {"endpoint": "alice", "timeout_seconds": 0}, 422, "no call to alice"),
        ("POST", "/wait-for-request", {"path": "/answer", "timeout_seconds": 0}, 422, "any …/answer: 0 of 1"),
        ("POST", "/wait-for-event", {"type": "StasisEnd", "timeout_seconds": 0}, 422, "StasisEnd: 0 of 1"),
        ("POST", "/faults", {"fault": "dely"}, 400, "Invalid value 'dely'"),
        ("POST", "/endpoints/eve/register", None, 400, "known are alice, bob"),
        ("PUT", "/endpoints/eve", {"behaviour": "away"}, 400, "cannot be 'away'"),
        ("GET", "/ladder?width=3", None, 400, ">= 40"),
    ],
)
def test_what_cannot_be_done_is_told(
    control: Control, ivr: AsteriskARI, method: str, path: str, body: Any, status: int, told: str
) -> None:
    answer = control(method, path, body)
    assert (answer.status, answer.kind) == (status, "application/json")
    problem = answer.body
    assert told in problem["why"]
    assert problem["what"]
    assert problem["what_to_do"]


def test_a_fault_that_means_nothing_says_which_there_are(control: Control) -> None:
    for body in ({"fault": "dely"}, {}):
        assert "delay, answer, drop_reply" in control("POST", "/faults", body).body["what_to_do"]


def test_what_a_call_cannot_do_any_more(control: Control) -> None:
    call = control.done("POST", "/calls", {"context": "plain", "called": "wait"})
    control.done("POST", f"/calls/{call['id']}/hang-up")
    pressed = control("POST", f"/calls/{call['id']}/press", {"keys": "1"})
    assert (pressed.status, pressed.body["why"]) == (409, "cannot press: the call is over (cause 16)")
    waited = control("POST", f"/calls/{call['id']}/wait-for-prompt", {"media": "sound:a", **LONG})
    assert (waited.status, waited.body["why"]) == (422, "sound:a was not heard: the call is over (cause 16)")
    assert "cannot be" not in waited.body["what_to_do"]


def test_who_may_use_it(asterisk: EmbeddedAsterisk, server: ControlServer) -> None:
    for user in ("asterisk:wrong", "nobody:asterisk", ":", "ä:ö"):
        assert Control(server, user)("GET", "/state").status == 401
    reader = Control(server, "reader:reader")
    assert reader("GET", "/state").status == 200
    assert reader("POST", "/wait-for-app", {"app": "x", "timeout_seconds": 0}).status == 422
    assert reader("POST", "/reset").status == 403
    without = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    without.request("GET", "/control/state")
    refused = without.getresponse()
    assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, 'Basic realm="control"')
    refused.read()
    without.close()


def test_passwords_that_everybody_knows_are_refused_where_others_reach_it() -> None:
    asterisk = EmbeddedAsterisk(host="0.0.0.0", users={"a": "of my own"})
    ControlServer(asterisk)
    asterisk.users["reader"] = User("reader", "reader", read_only=True)
    with pytest.raises(ValueError, match="known to everybody"):
        ControlServer(asterisk)


def test_ari_itself_is_as_on_a_real_server(asterisk: EmbeddedAsterisk, server: ControlServer) -> None:
    """Nothing of the control API is on its port."""
    connection = http.client.HTTPConnection("127.0.0.1", asterisk.port, timeout=60)
    connection.request("GET", "/control/state", headers=Control(server).headers)
    assert connection.getresponse().status == 404
    connection.close()


def test_many_at_once(asterisk: EmbeddedAsterisk, control: Control) -> None:
    """Calls, waits, advances and resets of lists beside each other: each is answered, and time moves by their sum."""
    began = asterisk.now
    failed: list[Any] = []

    def run(number: int) -> None:
        for _ in range(5):
            call = control("POST", "/calls", {"context": "plain", "called": "wait", "caller": f"<{number}>"})
            path = f"/calls/{call.body['id']}"
            answers = [
                control("POST", "/advance", {"seconds": 0.5}),
                control("POST", f"{path}/press", {"keys": "1"}),
                control("GET", "/calls"),
                control("POST", f"{path}/hang-up"),
                control("POST", f"{path}/wait-for-state", {"state": "ended"}),
                control("GET", "/ladder"),
            ]
            failed.extend(one.content for one in (call, *answers) if one.status != 200)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert asterisk.now - began == pytest.approx(20.0)
    assert control.done("GET", "/channels") == []


def test_a_wait_holds_up_nobody(asterisk: EmbeddedAsterisk, control: Control) -> None:
    """While one waits in real time, another lets time pass, which ends the wait."""
    call = control.done("POST", "/calls", {"context": "plain", "called": "short"})
    ended: list[Any] = []
    path = f"/calls/{call['id']}/wait-for-state"
    waiting = threading.Thread(target=lambda: ended.append(control("POST", path, {"state": "ended", **LONG})))
    waiting.start()
    control.done("POST", "/advance", {"seconds": 600})
    waiting.join()
    assert ended[0].body["ended"]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x7f\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /control/state HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /control/reset HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /control/reset HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"GET /control/../../etc/passwd HTTP/1.1\r\nAuthorization: Basic YQ==\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)
def test_garbage_is_refused_and_hurts_nobody(server: ControlServer, control: Control, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        got = client.makefile("rb").read()
    assert b" 200 " not in got.partition(b"\r\n")[0]
    assert control.done("GET", "/state")["channels"] == 0


def test_it_ends(asterisk: EmbeddedAsterisk) -> None:
    server = ControlServer(asterisk).start()
    port = server.port
    assert server.url == f"http://127.0.0.1:{port}/control"
    server.stop()
    server.stop()
    deadline = time.monotonic() + 60
    while any(thread.name == "control" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=60)
