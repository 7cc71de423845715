"""A session that was recorded is served again: to the same program, and to one that does something else."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.aio import AsyncAsteriskARI
from asterisk_ari.errors import AriError, BadArgument
from asterisk_ari.testing import EmbeddedAsterisk, ReplayDiffers

Handle = Callable[[Any], None]


def greet(call: Any, media: str = "sound:hello-world") -> None:
    """Answers, plays a greeting under an id that nobody else has, hangs up."""
    call.answer()
    call.play(media=media, playback_id=f"greeting-{uuid4()}").wait()
    call.hangup()


def access(asterisk: EmbeddedAsterisk) -> dict[str, Any]:
    return {"url": asterisk.url, "username": asterisk.username, "password": asterisk.password, "app_name": "ivr"}


def serve(asterisk: EmbeddedAsterisk, handle: Handle, until: Callable[[AsteriskARI], object]) -> list[AriError]:
    """Runs a program until what happens there, and its handler is done; gives what that raised."""
    ari = AsteriskARI(**access(asterisk))
    errors: list[AriError] = []
    ended: list[str] = []

    def run(event: Any) -> None:
        channel_id = event["channel"]["id"]
        try:
            handle(ari.channels(channel_id))
        except AriError as error:
            errors.append(error)
        finally:
            ended.append(channel_id)

    ari.on("StasisStart", run)
    with ari:
        until(ari)
        asterisk.wait_until(lambda: ended)
    return errors


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `greet` did, as the embedded server has seen it."""
    file = tmp_path_factory.mktemp("sessions") / "greeting.jsonl"
    with EmbeddedAsterisk("22.10.1", virtual_time=True) as asterisk:

        def one_call(_ari: AsteriskARI) -> None:
            phone = asterisk.incoming_call(app="ivr", caller="Ann <1234>")
            asterisk.wait_until(lambda: asterisk.requests.to("/answer"))
            asterisk.wait_until(lambda: asterisk.events.of("PlaybackStarted"))
            asterisk.advance(2)
            asterisk.wait_until(lambda: phone.ended)
            asterisk.wait_until(lambda: asterisk.events.of("StasisEnd"))

        assert serve(asterisk, greet, one_call) == []
        asterisk.save_session(file)
    return file


def over(asterisk: EmbeddedAsterisk) -> Callable[[AsteriskARI], object]:
    return lambda _ari: asterisk.wait_until(lambda: asterisk.replay_is_over)


def test_a_session_is_readable_and_without_passwords(session: Path) -> None:
    lines = [json.loads(line) for line in session.read_text(encoding="utf-8").splitlines()]
    assert lines[0]["version"] == "22.10.1"
    played = next(line for line in lines if str(line.get("request", {}).get("path")).endswith("/play"))
    assert played["request"]["method"] == "POST"
    assert played["answer"]["media_uri"] == "sound:hello-world"
    assert "StasisStart" in [line["event"]["type"] for line in lines if "event" in line]
    assert "Basic " not in session.read_text(encoding="utf-8")
    assert "api_key" not in session.read_text(encoding="utf-8")


def test_the_same_program_gets_the_same_answers_and_events(session: Path) -> None:
    """The playback's id is made up by the program: another one than recorded, in requests, answers and events."""
    with EmbeddedAsterisk.replay(session) as asterisk:
        assert serve(asterisk, greet, over(asterisk)) == []
    report = asterisk.replay_report
    assert report.is_same
    assert str(report) == f"{report.requests} requests and {report.events} events as recorded"
    recorded = [json.loads(line) for line in session.read_text(encoding="utf-8").splitlines()]
    assert asterisk.events.types == [line["event"]["type"] for line in recorded if "event" in line]
    assert asterisk.release == "22.10.1"
    started = asterisk.events.of("PlaybackStarted")[0]["playback"]
    assert started["id"] == asterisk.requests.to("/play")[0].query["playbackId"]
    assert started["id"] not in session.read_text(encoding="utf-8")


def test_an_asynchronous_program_gets_them_too(session: Path) -> None:
    ended: list[str] = []

    async def handle(ari: AsyncAsteriskARI, event: Any) -> None:
        call = ari.channels(event["channel"]["id"])
        await call.answer()
        playback = await call.play(media="sound:hello-world", playback_id=f"greeting-{uuid4()}")
        await playback.wait()
        await call.hangup()
        ended.append(call.id)

    async def program() -> None:
        async with EmbeddedAsterisk.replay(session) as asterisk:
            ari = AsyncAsteriskARI(**access(asterisk))
            ari.on("StasisStart", lambda event: handle(ari, event))
            async with ari:
                await asterisk.until(lambda: asterisk.replay_is_over and ended)
        assert asterisk.replay_report.is_same

    asyncio.run(program())


def test_a_request_that_was_not_recorded_is_an_error_that_names_it(session: Path) -> None:
    def asks_for_more(call: Any) -> None:
        call.answer()
        call.mute()

    def refused(_ari: AsteriskARI) -> None:
        asterisk.wait_until(lambda: asterisk.replay_report.unexpected)

    with pytest.raises(ReplayDiffers) as raised, EmbeddedAsterisk.replay(session) as asterisk:
        errors = serve(asterisk, asks_for_more, refused)
    assert "unexpected request: POST /channels/" in str(raised.value)
    assert "/mute" in str(raised.value)
    assert "the session does not have this request" in str(errors[0])


def test_a_request_that_is_missing_is_an_error_that_names_it(session: Path) -> None:
    def answers_alone(call: Any) -> None:
        call.answer()

    def answered(_ari: AsteriskARI) -> None:
        asterisk.wait_until(lambda: asterisk.requests.to("/answer"))

    with pytest.raises(ReplayDiffers, match=r"missing request: POST /channels/\S+/play .*media=sound:hello-world"):
        with EmbeddedAsterisk.replay(session) as asterisk:
            assert serve(asterisk, answers_alone, answered) == []
    assert "PlaybackStarted" in asterisk.replay_report.unsent
    assert "PlaybackStarted" not in asterisk.events.types


def test_other_parameters_are_an_error_unless_lenient(session: Path) -> None:
    def plays_another(call: Any) -> None:
        greet(call, "sound:goodbye")

    def refused(_ari: AsteriskARI) -> None:
        asterisk.wait_until(lambda: asterisk.replay_report.unexpected)

    with pytest.raises(ReplayDiffers, match=r"differs: media sound:goodbye, recorded sound:hello-world"):
        with EmbeddedAsterisk.replay(session) as asterisk:
            serve(asterisk, plays_another, refused)

    with EmbeddedAsterisk.replay(session, lenient=True) as asterisk:
        assert serve(asterisk, plays_another, over(asterisk)) == []
    assert "media sound:goodbye, recorded sound:hello-world" in asterisk.replay_report.changed[0]
    assert "changed request: POST /channels/" in str(asterisk.replay_report)


def test_leniently_a_program_may_leave_requests_out(session: Path) -> None:
    """The events that were held up by them come with the next request that was recorded."""

    def hangs_up(call: Any) -> None:
        call.hangup()

    def ended(_ari: AsteriskARI) -> None:
        asterisk.wait_until(lambda: asterisk.events.of("StasisEnd"))

    with EmbeddedAsterisk.replay(session, lenient=True) as asterisk:
        assert serve(asterisk, hangs_up, ended) == []
    missing = asterisk.replay_report.missing
    assert [one.split()[1].rpartition("/")[2] for one in missing] == ["answer", "play"]


def test_paced_events_come_in_the_time_of_the_server(session: Path) -> None:
    with EmbeddedAsterisk.replay(session, paced=True, virtual_time=True) as asterisk:

        def one_call(_ari: AsteriskARI) -> None:
            asterisk.wait_until(lambda: asterisk.requests.to("/play") or asterisk.events.of("PlaybackStarted"))
            asterisk.advance(0.5)
            asterisk.settle()
            assert "PlaybackFinished" not in asterisk.events.types
            asterisk.advance(2)
            asterisk.wait_until(lambda: asterisk.requests.to("", "DELETE"))
            asterisk.advance(1)
            asterisk.wait_until(lambda: asterisk.replay_is_over)

        assert serve(asterisk, greet, one_call) == []


def test_events_alone_are_replayed_leniently_to_any_app() -> None:
    """What `asterisk-ari record` keeps has no requests, and was heard by an app of its own."""
    event = {"type": "ChannelUserevent", "application": "recorder", "eventname": "hello", "userevent": {}}
    seen: list[str] = []
    lines = [json.dumps({"recording": 1, "version": "22.10.1"}), json.dumps({"at": "2026-01-01T12:00:00+00:00", "event": event})]
    with EmbeddedAsterisk.replay(lines, lenient=True) as asterisk:
        ari = AsteriskARI(**access(asterisk))
        ari.on("ChannelUserevent", lambda heard: seen.append(heard["eventname"]))
        with ari:
            asterisk.wait_until(lambda: seen)
    assert seen == ["hello"]


@pytest.mark.parametrize(
    ("session", "says"),
    [(["{}", "nonsense"], "line 2"), (["{}"], "neither events nor requests"), ("no/such/file.jsonl", "No such file")],
)
def test_what_is_not_a_session_is_refused(session: Any, says: str) -> None:
    with pytest.raises(BadArgument, match=says):
        EmbeddedAsterisk.replay(session)


def test_calls_of_a_replay_come_from_its_session(session: Path) -> None:
    asterisk = EmbeddedAsterisk.replay(session)
    with pytest.raises(RuntimeError, match="replays a session"):
        asterisk.incoming_call(app="ivr")
    with pytest.raises(RuntimeError, match="replays no session"):
        _ = EmbeddedAsterisk().replay_report
