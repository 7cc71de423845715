"""`call` and `hangup`: one call from a shell; what becomes of it is said, and nothing is left."""

import signal
import subprocess
import sys

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk
from tests.cli.running import Run


def test_a_call_is_answered_hears_a_prompt_and_ends(run: Run, asterisk: EmbeddedAsterisk) -> None:
    ran = run("call", "PJSIP/trunk", "sound:beep", "--caller-id", "Desk <100>", "--url", asterisk.url)
    first, *others = ran.out.splitlines()
    assert (ran.status, others) == (0, ["played sound:beep", "hung up"])
    assert first.startswith("PJSIP/trunk-00000000 answered after ")
    [created] = asterisk.requests.to("/channels", "POST")
    assert "Desk" in f"{created.target} {created.body}"
    assert [event["playback"]["state"] for event in asterisk.events.of("PlaybackFinished")] == ["done"]
    asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=20)


@pytest.mark.parametrize(
    ("endpoints", "said"),
    [
        ({"bob": "busy"}, "busy"),
        ({"bob": "rings"}, "answer"),
        ({"bob": "unreachable"}, "not online|offline"),
        ({}, "no endpoint PJSIP/bob"),
    ],
)
def test_why_a_call_is_not_answered(endpoints: dict[str, str], said: str, run: Run) -> None:
    with EmbeddedAsterisk("22.10.1", endpoints=endpoints) as asterisk:
        ran = run("call", "PJSIP/bob", "--ring", "1", "--url", asterisk.url)
        assert (ran.status, ran.out, len(ran.err.splitlines())) == (1, "", 1)
        assert any(word in ran.err.lower() for word in said.lower().split("|")), ran.err
        asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=20)


def test_a_prompt_that_is_not_there_is_said(run: Run, asterisk: EmbeddedAsterisk) -> None:
    ran = run("call", "PJSIP/trunk", "sound:nope", "--url", asterisk.url)
    assert (ran.status, "nope" in ran.err) == (1, True)
    asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=20)


def test_ctrl_c_hangs_up(asterisk: EmbeddedAsterisk) -> None:
    command = [sys.executable, "-m", "asterisk_ari", "call", "PJSIP/trunk", "--stay", "100", "--url", asterisk.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        asterisk.wait_until(lambda: [one for one in list(asterisk.machine.channels.values()) if one.state == "Up"], timeout=60)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "")
    asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=20)


def test_channels_are_hung_up_by_name_or_id(run: Run, asterisk: EmbeddedAsterisk) -> None:
    """When it returns they are gone; one that is not there is said, and the others are hung up all the same."""
    with AsteriskARI(url=asterisk.url, username="asterisk", password="asterisk", app_name="ivr") as ari:
        channels = []
        for _ in range(2):
            with ari.expect("StasisStart") as entered:
                asterisk.incoming_call(app="ivr", caller="Ann <1234>")
                channels.append(ari.channels(entered.result(20)["channel"]["id"]).refresh())
        ran = run("hangup", channels[0].name, "nobody", channels[1].id, "--url", asterisk.url)
        assert ari.channels.list() == []
    assert ran.status == 1
    assert ran.out.splitlines() == [f"{channel.name} is gone" for channel in channels]
    assert ran.err.splitlines() == ["asterisk-ari: there is no channel nobody"]
