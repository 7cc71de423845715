"""`asterisk-ari tail` and `calls` on a real Asterisk: what they show of a call, and that they leave no app behind."""

import json
import threading

import pytest

from asterisk_ari import AsteriskARI
from scripts.live import LiveAsterisk
from tests.cli.running import Run, runner
from tests.live.calls import LIMIT, eventually, fresh


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


def test_a_call_of_another_program_is_seen(run: Run, packaged: LiveAsterisk) -> None:
    """From its creation to its end; in the meantime it is in the table of calls."""
    channel_id = fresh("watched")
    tables: list[str] = []

    def call() -> None:
        with AsteriskARI(url=packaged.url, username="asterisk", password="asterisk", app_name=fresh("watched")) as ari:
            eventually(lambda: any(app.json["name"].startswith("asterisk-ari-tail") for app in ari.applications.list()))
            channel = ari.channels.originate_with_id(channel_id, "Local/talk@plain", app=ari.settings.app_name)
            with channel.expect("ChannelDestroyed") as gone:
                tables.extend(one.name for one in ari.channels.list() if one.id == channel.id)
                channel.hangup()
                gone.result(LIMIT)

    caller = threading.Thread(target=call)
    caller.start()
    try:
        kinds = ("-t", "ChannelCreated", "-t", "ChannelDestroyed", "-n", "4")  # of both halves
        ran = run("tail", "--url", packaged.url, "--json", "--call", channel_id, *kinds, "--seconds", "60")
    finally:
        caller.join()
    seen = [json.loads(line) for line in ran.out.splitlines()]
    assert (ran.status, len(tables)) == (0, 1)
    assert sorted((event["type"], event["channel"]["id"]) for event in seen) == [
        (kind, half) for kind in ("ChannelCreated", "ChannelDestroyed") for half in (channel_id, f"{channel_id};2")
    ]
    with AsteriskARI(url=packaged.url, username="asterisk", password="asterisk", events=False) as ari:
        eventually(lambda: not [app.id for app in ari.applications.list() if app.json["name"].startswith("asterisk-ari-tail-")])


def test_a_call_from_a_shell(run: Run, packaged: LiveAsterisk) -> None:
    """Answered, a prompt heard, ended; and one that is refused says why."""
    ran = run("call", "PJSIP/trunk", "sound:beep", "--url", packaged.url)
    assert (ran.status, ran.out.splitlines()[1:]) == (0, ["played sound:beep", "hung up"]), ran.err
    refused = run("call", "PJSIP/busy@trunk", "--url", packaged.url)
    assert (refused.status, refused.out) == (1, "")
    assert "busy" in refused.err.lower()


def test_a_channel_is_hung_up(run: Run, packaged: LiveAsterisk) -> None:
    with AsteriskARI(url=packaged.url, username="asterisk", password="asterisk", app_name=fresh("watched")) as ari:
        channel = ari.channels.originate("Local/talk@plain", app=ari.settings.app_name)
        with channel.expect("ChannelDestroyed") as gone:
            ran = run("hangup", channel.id, "--url", packaged.url)
            gone.result(LIMIT)
    assert (ran.status, ran.out.endswith(" is gone\n")) == (0, True)
