"""`record --through`: the session of a program, with its requests; `--mask`: without who calls whom."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.errors import NotFound
from asterisk_ari.testing import EmbeddedAsterisk
from tests.cli.recording import recording
from tests.cli.running import Run

SECRET = "hunter-two"


def work(url: str, asterisk: EmbeddedAsterisk, transport: str = "http") -> None:
    """A program: it answers a caller, sets variables, asks for what is not there, and hangs up."""
    with AsteriskARI(url=url, username="asterisk", password="asterisk", app_name="ivr", transport=transport) as ari:
        with ari.expect("StasisStart") as entered:
            phone = asterisk.incoming_call(app="ivr", caller='"Ann Lee" <4930123456>', called="7788")
            channel = ari.channels(entered.result(60).channel_id)
        channel.answer()
        channel.set_variable("COLOUR", "blue like 4930123456")
        channel.set_variable("DB_PASSWORD", SECRET)
        assert channel.get_variable("COLOUR")
        with pytest.raises(NotFound):
            ari.bridges("none").refresh()
        with ari.expect("StasisEnd") as gone:
            channel.hangup()
            gone.result(60)
        assert phone.ended


def entries(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(params=["http", "websocket"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_session_has_requests_answers_and_events_in_their_order(
    asterisk: EmbeddedAsterisk, tmp_path: Path, transport: str
) -> None:
    file = tmp_path / "call.jsonl"
    with recording(asterisk.url, file) as url:
        work(url, asterisk, transport)
    first, *lines = entries(file)
    assert first["version"] == "22.10.1"
    told = [
        f"{one['request']['method']} {one['request']['path'].rpartition('/')[2]} {one['status']}"
        if "request" in one
        else one["event"]["type"]
        for one in lines
    ]
    wanted = ["StasisStart", "POST answer 204", "POST variable 204", "GET variable 200", "GET none 404"]
    places = [told.index(one) for one in wanted]
    assert places == sorted(places)
    assert told[-1] == "StasisEnd"
    [asked] = [
        one for one in lines if one.get("request", {}).get("method") == "GET" and one["request"]["path"].endswith("variable")
    ]
    assert asked["answer"] == {"value": "blue like 4930123456"}
    assert "asterisk:asterisk" not in file.read_text()
    assert SECRET not in file.read_text()


def test_it_is_served_again(asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    """What was recorded of a server is what a replay asks for, and sends."""
    file = tmp_path / "call.jsonl"
    with recording(asterisk.url, file) as url:
        work(url, asterisk)
    with EmbeddedAsterisk.replay(file, lenient=True) as replaying:
        with AsteriskARI(url=replaying.url, username="asterisk", password="asterisk", app_name="ivr") as ari:
            channel = ari.channels(next(one for one in entries(file) if "event" in one)["event"]["channel"]["id"])
            channel.answer()
            channel.set_variable("COLOUR", "blue like 4930123456")
            assert channel.get_variable("COLOUR") == "blue like 4930123456"
        assert replaying.replay_report.changed == ()


def test_nobody_is_in_it_when_masked(asterisk: EmbeddedAsterisk, tmp_path: Path, run: Run) -> None:
    """The same stand-in wherever a number is, as long as the number; it can be drawn, and keeps ids and times."""
    file = tmp_path / "call.jsonl"
    with recording(asterisk.url, file, "--mask") as url:
        work(url, asterisk)
    text = file.read_text()
    for personal in ("4930123456", "Ann", "Lee", "blue", SECRET, "7788"):
        assert personal not in text, personal
    started = next(one["event"] for one in entries(file) if one.get("event", {}).get("type") == "StasisStart")
    number = started["channel"]["caller"]["number"]
    assert re.fullmatch(r"0+\d", number)
    assert len(number) == len("4930123456")
    assert text.count(f'"number": "{number}"') > 2
    assert run("ladder", str(file)).status == 0
    assert entries(file)[1]["at"].startswith("20")


def test_two_programs_at_once_and_one_that_speaks_no_http(asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    """Garbage is passed on, and is the server's to refuse; that is told, and all of the other one is in the file."""
    file = tmp_path / "call.jsonl"
    with recording(asterisk.url, file, complaint="a connection is passed on and no longer recorded") as url:
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), 60) as garbage:
            garbage.sendall(b"\x00\xff nonsense\r\n\r\n")
            assert garbage.recv(100).startswith(b"HTTP/1.1 400")
        with AsteriskARI(url=url, username="asterisk", password="asterisk", events=False) as other:
            other.asterisk.set_global_var(variable="OTHER", value="1")
            work(url, asterisk)
    paths = [one["request"]["path"] for one in entries(file) if "request" in one]
    assert "/asterisk/variable" in paths
    assert any(path.endswith("/answer") for path in paths)


def test_a_port_in_use_is_told(asterisk: EmbeddedAsterisk, tmp_path: Path, run: Run) -> None:
    ran = run("record", str(tmp_path / "x.jsonl"), "--url", asterisk.url, "--through", str(asterisk.port))
    assert (ran.status, f"port {asterisk.port} cannot be listened on" in ran.err) == (2, True)


def test_all_events_without_who_calls(asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    """Without a program's requests as well."""
    file = tmp_path / "all.jsonl"
    command = [
        sys.executable,
        "-m",
        "asterisk_ari",
        "record",
        str(file),
        "--url",
        asterisk.url,
        "--mask",
        "--until",
        "ChannelDestroyed",
    ]
    with subprocess.Popen(command) as process:
        try:
            asterisk.wait_until(lambda: asterisk.connected_apps, 60)
            asterisk.incoming_call(context="plain", called="wait", caller="Ann <4930123456>").hang_up()
            assert process.wait(60) == 0
        finally:
            process.kill()
    assert "ChannelDestroyed" in file.read_text()
    assert "4930123456" not in file.read_text()
    assert "Ann" not in file.read_text()
