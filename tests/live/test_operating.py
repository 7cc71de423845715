"""What looks after a server, on a real one: the spans of a call, audio each way, and commands for calls that go on."""

from pathlib import Path

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.sync import Call
from scripts.live import LiveAsterisk
from tests.cli.running import Run, runner
from tests.live.calls import LIMIT, eventually, fresh, into
from tests.live.server import Server
from tests.telemetry.conftest import Seen


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


def test_the_spans_of_a_call(server: Server) -> None:
    """The call with its parts and requests in one trace, ended with its cause; the key for HOMER only where SIP is."""
    seen, app = Seen(), fresh("telemetry")
    ari = AsteriskARI(**server.credentials, app_name=app)
    telemetry = seen.instrument(ari)

    @ari.calls()
    def program(call: Call) -> None:
        call.answer()
        call.say("sound:beep")
        call.channel.wait_until_gone(LIMIT)

    with ari, AsteriskARI(**server.credentials, app_name=fresh("phones")) as phones:
        caller = phones.channels.originate(into(app), app=phones.settings.app_name)
        eventually(lambda: seen.named("play"))
        caller.hangup()
        eventually(lambda: seen.named("call"))
        eventually(lambda: ari.stats.busy_calls == 0)
    assert [point.value for point in seen.metrics["asterisk.calls"]] == [1]
    telemetry.close()
    call = seen.named("call")[0]
    assert call.context is not None
    assert call.attributes is not None
    assert call.attributes["asterisk.call.direction"] == "inbound"
    assert call.attributes["asterisk.call.answered"] is True
    parts = [one for one in seen.spans if one.context and one.context.trace_id == call.context.trace_id]
    assert {"call", "ring", "play", "ari channels.answer", "ari channels.play"} <= {one.name for one in parts}
    assert {seen.parent_of(one) for one in parts if one.name in ("ring", "play", "ari channels.answer")} == {"call"}
    seen.tracers.shutdown()
    seen.meters.shutdown()


def test_audio_comes_back_each_way(run: Run, packaged: LiveAsterisk) -> None:
    """Of those that the release has; nothing is left."""
    ran = run("media-test", "--json", "--rounds", "2", "--url", packaged.url)
    assert ran.status == 0, ran.out
    assert {one["problem"].partition(":")[0] for one in ran.json} <= {"", "not here"}
    assert all(one["round_trip_ms"] > 0 for one in ran.json if not one["problem"])
    with AsteriskARI(url=packaged.url, username="asterisk", password="asterisk", events=False) as ari:
        eventually(lambda: not [one for one in ari.bridges.list() if one.json["name"].startswith("asterisk-ari")])


def test_commands_for_a_call_that_goes_on(run: Run, packaged: LiveAsterisk, tmp_path: Path) -> None:
    """It hears what is played, is recorded by a snoop, and is hung up."""
    access = {"url": packaged.url, "username": "asterisk", "password": "asterisk"}
    with (
        AsteriskARI(**access, app_name=fresh("commands")) as ari,
        AsteriskARI(**access, app_name=fresh("phones")) as phones,
        ari.expect("StasisStart") as entered,
    ):
        phones.channels.originate(into(ari.settings.app_name), app=phones.settings.app_name)
        channel = ari.channels(entered.result(LIMIT)["channel"]["id"])
        channel.answer()
        played = run("play", channel.id, "sound:beep", "--url", packaged.url)
        assert (played.status, played.out) == (0, "played sound:beep\n")
        file = tmp_path / "call.wav"
        snooped = run("snoop", channel.id, str(file), "--seconds", "0.5", "--url", packaged.url)
        assert (snooped.status, file.stat().st_size > 8000) == (0, True)
        ended = run("hangup", channel.id, "--url", packaged.url)
        assert ended.status == 0
