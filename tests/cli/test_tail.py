"""`tail`: the events of the whole server, one line each, and only those that were asked for."""

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari._core.ladder.event_text import detail_of, subject_of
from asterisk_ari._core.ladder.followed_calls import FollowedCalls, is_wanted
from asterisk_ari.testing import EmbeddedAsterisk
from tests.cli.running import Ran, Run


def is_listening(asterisk: EmbeddedAsterisk, purpose: str = "tail") -> bool:
    return any(name.startswith(f"asterisk-ari-{purpose}-") for name in list(asterisk.machine.apps))


def meanwhile(asterisk: EmbeddedAsterisk, action: Callable[[], object], command: Callable[[], Ran], purpose: str = "tail") -> Ran:
    """Run a command that listens; do something on the server as soon as it does."""

    def act() -> None:
        asterisk.wait_until(lambda: is_listening(asterisk, purpose), timeout=60)
        action()

    actor = threading.Thread(target=act)
    actor.start()
    try:
        return command()
    finally:
        actor.join()


def a_call(asterisk: EmbeddedAsterisk, app: str = "ivr") -> None:
    """Ann calls an app, presses a key, and hangs up."""
    with AsteriskARI(url=asterisk.url, username="asterisk", password="asterisk", app_name=app) as ari:
        with ari.expect("StasisStart") as entered:
            phone = asterisk.incoming_call(app=app, caller="Ann <1234>")
            channel = ari.channels(entered.result(20)["channel"]["id"])
        channel.answer()
        with ari.expect("ChannelDtmfReceived") as pressed:
            phone.press("7")
            pressed.result(20)
        with ari.expect("StasisEnd") as left:
            phone.hang_up(16)
            left.result(20)


def tail(run: Run, asterisk: EmbeddedAsterisk, *options: str) -> Ran:
    return meanwhile(asterisk, lambda: a_call(asterisk), lambda: run("tail", "--url", asterisk.url, *options))


def test_a_call_is_told_line_by_line(run: Run, asterisk: EmbeddedAsterisk) -> None:
    """Time, channel, type and what happened; the app of its own is gone afterwards."""
    ran = tail(run, asterisk, "-t", "ChannelDtmfReceived", "-t", "ChannelStateChange", "-t", "ChannelDestroyed", "-n", "3")
    assert ran.status == 0
    lines = [line.split(maxsplit=3) for line in ran.out.splitlines()]
    assert [kind for _, _, kind, *_ in lines] == ["ChannelStateChange", "ChannelDtmfReceived", "ChannelDestroyed"]
    assert [name for _, name, *_ in lines] == ["PJSIP/anonymous-00000000"] * 3
    assert [line[3] for line in lines[:2]] == ["Up", "7, 100 ms"]
    assert all(re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}", stamp) for stamp, *_ in lines)
    asterisk.wait_until(lambda: not is_listening(asterisk), timeout=20)


def test_json_lines_are_events_as_they_came(run: Run, asterisk: EmbeddedAsterisk) -> None:
    ran = tail(run, asterisk, "--json", "-t", "ChannelDtmfReceived", "-n", "1")
    event = json.loads(ran.out)
    assert (event["type"], event["channel"]["caller"]) == ("ChannelDtmfReceived", {"name": "Ann", "number": "1234"})


def test_only_one_call(run: Run, asterisk: EmbeddedAsterisk) -> None:
    """Another one goes by unseen, though it comes first."""

    def two_calls() -> None:
        asterisk.incoming_call(context="stasis", called="nobody", caller="Bob <99>")
        a_call(asterisk)

    ran = meanwhile(
        asterisk, two_calls, lambda: run("tail", "--url", asterisk.url, "--call", "1234", "-t", "Channel*", "-n", "3", "--json")
    )
    numbers = {json.loads(line)["channel"]["caller"]["number"] for line in ran.out.splitlines()}
    assert numbers == {"1234"}


def test_it_ends_after_the_time_that_was_given(run: Run, asterisk: EmbeddedAsterisk) -> None:
    assert run("tail", "--url", asterisk.url, "--seconds", "0.2").status == 0


def test_ctrl_c_ends_it_without_a_word(asterisk: EmbeddedAsterisk) -> None:
    """In a process of its own, as a shell runs it; no app is left on the server."""
    command = [sys.executable, "-m", "asterisk_ari", "tail", "--url", asterisk.url, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        asterisk.wait_until(lambda: is_listening(asterisk), timeout=60)
        asterisk.incoming_call(context="stasis", called="nobody", caller="Ann <1234>")
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["type"].startswith("Channel")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "")
    asterisk.wait_until(lambda: not is_listening(asterisk), timeout=20)


def test_a_reader_that_has_enough_ends_it(asterisk: EmbeddedAsterisk) -> None:
    """As `tail | head -1` does: no error is shown."""
    command = [sys.executable, "-m", "asterisk_ari", "tail", "--url", asterisk.url, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        asterisk.wait_until(lambda: is_listening(asterisk), timeout=60)
        assert process.stdout is not None
        process.stdout.close()
        asterisk.incoming_call(context="stasis", called="nobody", caller="Ann <1234>")
        assert process.stderr is not None
        errors = process.stderr.read()
        process.wait(60)
    assert (process.returncode, errors) == (0, "")


def test_an_older_server_keeps_one_app_at_most(run: Run) -> None:
    """It cannot forget one that hears everything: always the same is used, and who comes second takes it over."""
    with EmbeddedAsterisk("16.28.0") as asterisk:
        assert run("tail", "--url", asterisk.url, "--seconds", "0.2").status == 0
        assert run("tail", "--url", asterisk.url, "--seconds", "0.2").status == 0
        assert list(asterisk.machine.apps) == ["asterisk-ari-tail"]


def test_a_taken_over_app_ends_it(run: Run) -> None:
    with EmbeddedAsterisk("16.28.0") as asterisk:

        def take_over() -> None:
            asterisk.wait_until(lambda: "asterisk-ari-tail" in asterisk.machine.apps, timeout=60)
            with AsteriskARI(url=asterisk.url, username="asterisk", password="asterisk", app_name="asterisk-ari-tail"):
                ended.wait(60)

        ended = threading.Event()
        other = threading.Thread(target=take_over)
        other.start()
        ran = run("tail", "--url", asterisk.url)
        ended.set()
        other.join()
    assert ran.status == 0
    assert "ApplicationReplaced" in ran.out


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "timestamp": "2026-01-01T12:00:00.123+0000", **more}


def channel(name: str, **more: Any) -> dict[str, Any]:
    return {"id": f"id-{name}", "name": name, "caller": {"name": "", "number": ""}, **more}


def test_whom_a_call_meets_belongs_to_it() -> None:
    """By dialling, by a bridge, and by what is played to it; others do not."""
    calls = FollowedCalls(["alice"])
    assert not calls.belongs(event("ChannelCreated", channel=channel("PJSIP/bob-1")))
    assert calls.belongs(event("ChannelCreated", channel=channel("PJSIP/Alice-1")))
    assert calls.belongs(event("Dial", caller=channel("PJSIP/Alice-1"), peer=channel("PJSIP/trunk-1")))
    assert calls.belongs(event("ChannelStateChange", channel=channel("PJSIP/trunk-1")))
    bridge = {"id": "b", "channels": ["id-PJSIP/trunk-1", "id-PJSIP/eve-1"]}
    assert calls.belongs(event("ChannelEnteredBridge", bridge=bridge, channel=channel("PJSIP/eve-1")))
    assert calls.belongs(event("PlaybackStarted", playback={"id": "p", "target_uri": "bridge:b"}))
    assert not calls.belongs(event("PlaybackStarted", playback={"id": "p", "target_uri": "bridge:c"}))
    assert not calls.belongs(event("ChannelDestroyed", channel=channel("PJSIP/bob-1")))
    assert calls.belongs({"type": "ConnectionLost", "reason": "the server closed it"})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("Ann", {"1"}), ("4711", {"1"}), ("channel-7", {"2"}), ("channel-7f2a", {"2"}), ("chan", set()), ("8", set())],
)
def test_a_call_is_found_by_who_calls_and_by_its_id(text: str, wanted: set[str]) -> None:
    """By a part of a name or number of a caller, by an id or its beginning; not by what all ids have in common."""
    callers = {"1": {"name": "Ann", "number": "4711"}, "2": {"name": "Bob", "number": "77"}}
    ids = {"1": "channel-5b81", "2": "channel-7f2a"}
    found = {
        key
        for key, caller in callers.items()
        if FollowedCalls([text]).belongs(event("ChannelCreated", channel={"id": ids[key], "name": "PJSIP/x-1", "caller": caller}))
    }
    assert found == wanted


def test_a_playback_is_shown_with_the_name_of_its_channel() -> None:
    calls = FollowedCalls([])
    calls.belongs(event("ChannelCreated", channel=channel("PJSIP/alice-1")))
    played = event(
        "PlaybackStarted",
        playback={"id": "p", "target_uri": "channel:id-PJSIP/alice-1", "media_uri": "sound:hi", "state": "playing"},
    )
    assert (subject_of(played, calls.names), detail_of(played)) == ("PJSIP/alice-1", "sound:hi playing")
    calls.belongs(event("ChannelDestroyed", channel=channel("PJSIP/alice-1")))
    assert calls.names == {}


@pytest.mark.parametrize(
    ("name", "wanted", "unwanted", "all_types", "shown"),
    [
        ("StasisStart", [], [], False, True),
        ("ChannelVarset", [], [], False, False),
        ("ChannelVarset", [], [], True, True),
        ("ChannelVarset", ["ChannelVarset"], [], False, True),
        ("ChannelVarset", ["Channel*"], ["*set"], False, False),
        ("StasisStart", ["Channel*"], [], True, False),
        ("ConnectionLost", ["Channel*"], ["*"], False, True),
    ],
)
def test_which_types_are_shown(name: str, wanted: list[str], unwanted: list[str], all_types: bool, shown: bool) -> None:
    assert is_wanted({"type": name}, wanted, unwanted, all_types=all_types) is shown


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (event("ChannelVarset", variable="PASSWORD", value="hunter-two", channel=channel("a")), "PASSWORD is set"),
        (
            event("ChannelDestroyed", cause=17, cause_txt="User busy", tech_cause=486, channel=channel("a")),
            "User busy (17), SIP 486",
        ),
        (event("Dial", dialstatus="", peer=channel("PJSIP/bob-1")), "PJSIP/bob-1 begins"),
        (event("StasisStart", application="ivr", args=["a", "b"], channel=channel("x")), "into ivr: a b"),
        (
            event("ChannelCreated", channel=channel("a", dialplan={"exten": "100"}, caller={"name": "Ann", "number": "1"})),
            "from Ann <1> to 100",
        ),
        (event("RecordingFailed", recording={"name": "r", "state": "failed", "cause": "disk\x1b[31m full"}), "failed: disk"),
        (event("Unheard", of="it"), ""),
        (event("ChannelCreated"), ""),
        (event("ChannelUserevent", eventname="hi", userevent={}), "hi"),
    ],
)
def test_what_is_said_of_an_event(made: dict[str, Any], said: str) -> None:
    """Never the value of a variable, and no control characters of a server's text."""
    assert detail_of(made).startswith(said)
    assert "\x1b" not in detail_of(made)
