"""The documented methods: results, False and None with their reason, strictness, waiting for the app; both variants."""

import re
import threading
import time
from typing import Any

import pytest

from asterisk_ari.errors import (
    AllocationFailed,
    BadArgument,
    Conflict,
    MissingParameter,
    NotFound,
    NotInStasis,
    NotSupportedByServer,
    ObjectGone,
    Unprocessable,
)
from scripts.live import LiveAsterisk
from tests.live.calls import LIMIT, eventually, fresh, into, place
from tests.live.server import Server, first_releases


def test_what_is_gone_is_false_or_none_with_a_reason(ari: Any) -> None:
    """A channel, bridge, recording or subscription that does not exist raises nothing; last_error says why."""
    assert ari.last_error is None
    for method in (
        "answer_channel",
        "hangup_channel",
        "ring_channel",
        "stop_ringing_channel",
        "hold_channel",
        "unhold_channel",
        "start_silence",
        "stop_silence",
        "start_silence_detection",
        "stop_silence_detection",
    ):
        assert getattr(ari, method)("gone") is False, method
        assert isinstance(ari.last_error, NotFound), method
    assert ari.mute_channel("both", "gone") is False
    assert ari.unmute_channel("both", "gone") is False
    assert ari.send_dtmf("1", "gone") is False
    assert ari.set_channel_variable("A", "1", "gone") is False
    assert ari.get_channel_variable("A", "gone") is None
    assert ari.get_channel_info("gone") is None
    assert ari.play_media("sound:hello-world", "gone") is None
    assert ari.play_recording("nothing", "gone") is None
    assert ari.record_channel("nothing", channel_id="gone") is None
    assert ari.get_recording("nothing") is None
    assert ari.delete_recording("nothing") is False
    assert ari.snoop_channel("gone", spy="both") is None
    assert ari.redirect_channel("PJSIP/alice", "gone") is False
    assert ari.destroy_bridge("gone") is False
    assert "Bridge not found" in str(ari.last_error)
    assert ari.subscribe_to_events("channel:gone") is False
    assert ari.unsubscribe_from_events("channel:gone") is False
    assert isinstance(ari.last_error, Unprocessable)
    assert ari.originate_call("Nowhere/1") is None
    assert isinstance(ari.last_error, AllocationFailed)
    bridge_id = ari.create_bridge("mixing")
    assert ari.add_channel_to_bridge("gone", bridge_id) is False
    assert ari.remove_channel_from_bridge("gone", bridge_id) is False
    assert ari.destroy_bridge(bridge_id) is True


def test_a_variable_that_is_not_set_is_none(ari: Any) -> None:
    """An unset variable is no error; a set one is text."""
    near, _ = place(ari)
    assert ari.get_channel_variable("NEVER_SET", near.id) is None
    assert ari.set_channel_variable("NOW_SET", "yes & no", near.id) is True
    assert eventually(lambda: ari.get_channel_variable("NOW_SET", near.id)) == "yes & no"


def test_strict_clients_get_exceptions(connect: Any) -> None:
    """strict=True raises what otherwise is False or None."""
    ari = connect(strict=True)
    with pytest.raises(NotFound, match="Channel not found"):
        ari.answer_channel("gone")
    with pytest.raises(NotFound):
        ari.get_channel_info("gone")
    with pytest.raises(NotFound):
        ari.get_recording("nothing")
    with pytest.raises(AllocationFailed):
        ari.originate_call("Nowhere/1")


def test_arguments_that_hurt_are_refused_before_sending(ari: Any) -> None:
    """Empty ids, missing parameters and impossible values never leave the client."""
    near, _ = place(ari)
    for channel_id in ("", ".", ".."):
        with pytest.raises(BadArgument):
            ari.hangup_channel(channel_id)
    with pytest.raises(MissingParameter):
        ari.record_channel("x")
    with pytest.raises(MissingParameter):
        ari.snoop_channel(near.id)
    with pytest.raises(BadArgument):
        ari.send_dtmf("1", near.id, duration=-5)
    with pytest.raises(BadArgument):
        ari.mute_channel("sideways", near.id)
    assert ari.get_channel_info(near.id)["state"] == "Up"


def test_originate_into_the_dialplan_then_command_at_once(connect: Any, packaged: LiveAsterisk) -> None:
    """The first in-app command waits for the channel's StasisStart instead of failing."""
    ari = connect(app_name="aiagc")
    channel_id = ari.originate_call("Local/ring@ring-then-answer", context="outbound-calls", extension="s")
    began = time.monotonic()
    assert ari.answer_channel(channel_id) is True
    assert 0.5 < time.monotonic() - began < LIMIT
    bridge_id = ari.create_bridge()
    assert ari.add_channel_to_bridge(channel_id, bridge_id) is True
    assert ari.play_media("sound:hello-world", channel_id)
    assert ari.hangup_channel(channel_id) is True
    assert ari.destroy_bridge(bridge_id) is True


def test_a_channel_that_dies_in_the_dialplan_ends_the_wait(connect: Any, packaged: LiveAsterisk) -> None:
    """Nobody waits for a channel that was refused: False, with the reason, long before the time limit."""
    ari = connect(app_name="aiagc")
    channel_id = ari.originate_call("Local/hangup17@plain", context="outbound-calls", extension="s")
    began = time.monotonic()
    if channel_id is not None:
        assert ari.answer_channel(channel_id) is False
        assert isinstance(ari.last_error, NotFound | ObjectGone)  # gone before the command, or while it waited
    assert time.monotonic() - began < 5

    channel_id = ari.originate_call("Local/ring@plain", context="outbound-calls", extension="s")
    with ari.expect("ChannelDestroyed", about=("channel", channel_id)) as gone:
        ari.hangup_channel(channel_id)
        gone.result(LIMIT)
    assert ari.answer_channel(channel_id) is False


def test_a_channel_hung_up_while_a_command_waits(connect: Any, packaged: LiveAsterisk) -> None:
    """The wait ends with False when the channel dies during it."""
    ari = connect(app_name="aiagc")
    channel_id = ari.originate_call("Local/ring@plain", context="outbound-calls", extension="s")

    def hang_up() -> None:
        eventually(lambda: ari.stats.waiters, "nothing waits")
        ari.hangup_channel(channel_id)

    other = threading.Thread(target=hang_up)
    other.start()
    began = time.monotonic()
    assert ari.answer_channel(channel_id) is False
    assert time.monotonic() - began < 10
    assert isinstance(ari.last_error, ObjectGone)
    other.join()


def test_the_wait_has_a_limit_and_can_be_turned_off(connect: Any, packaged: LiveAsterisk) -> None:
    """stasis_timeout=0 fails at once, with the server's reason; a short one after that time."""
    for seconds in (0, 0.3):
        ari = connect(app_name="aiagc", stasis_timeout=seconds)
        channel_id = ari.originate_call("Local/ring@plain", context="outbound-calls", extension="s")
        began = time.monotonic()
        assert ari.answer_channel(channel_id) is False
        assert seconds <= time.monotonic() - began < seconds + 5
        assert isinstance(ari.last_error, NotInStasis)
        assert ari.hangup_channel(channel_id) is True
        ari.disconnect()


def test_a_channel_that_never_enters_the_app(connect: Any, packaged: LiveAsterisk) -> None:
    """A channel that the dialplan keeps is told apart: False, not in Stasis."""
    ari = connect(stasis_timeout=0.3)
    channel_id = ari.originate_call("Local/wait@plain", context="plain", extension="wait")
    assert ari.answer_channel(channel_id) is False
    assert isinstance(ari.last_error, NotInStasis)
    assert isinstance(ari.last_error, Conflict)
    assert ari.hangup_channel(channel_id) is True


def test_recordings_live_and_stored_have_format_and_state(ari: Any) -> None:
    """get_recording tells format and state whether the recording runs or is stored."""
    near, far = place(ari)
    name = fresh("documented")
    assert ari.record_channel(name, "wav", 60, 0, far.id) == name
    running = eventually(lambda: ari.get_recording(name))
    assert running["format"] == "wav"
    assert running["state"] in ("queued", "recording")
    near.play("sound:hello-world").wait(LIMIT)
    with ari.expect("RecordingFinished", about=("recording", name)) as finished:
        ari.hangup_channel(near.id)
        finished.result(LIMIT)
    info = ari.get_recording(name)
    assert (info["name"], info["format"], info["state"]) == (name, "wav", "done")
    assert ari.delete_recording(name) is True


def test_a_recording_is_played_back(ari: Any) -> None:
    """play_recording plays what record_channel made; a name that is taken is None."""
    near, far = place(ari)
    name = fresh("again")
    with ari.expect("RecordingFinished", about=("recording", name)) as finished:
        assert ari.record_channel(name=name, max_silence_seconds=5, channel_id=far.id) == name
        near.play("sound:hello-world").wait(LIMIT)
        ari.recordings.stop(name)
        finished.result(LIMIT)
    assert ari.record_channel(name=name, channel_id=far.id) is None
    with near.expect("PlaybackFinished") as over:
        playback_id = ari.play_recording(name, near.id)
        event = over.result(LIMIT)
    assert (event["playback"]["id"], event["playback"]["state"]) == (playback_id, "done")
    assert ari.delete_recording(name) is True


def test_talking_is_reported_with_its_length(ari: Any) -> None:
    """start_silence_detection brings ChannelTalkingStarted and, after the silence, ChannelTalkingFinished."""
    near, far = place(ari)
    assert ari.start_silence_detection(far.id, silence_ms=300, talk_threshold=100) is True
    with far.expect("ChannelTalkingStarted") as started, far.expect("ChannelTalkingFinished") as finished:
        near.play(["sound:hello-world", "sound:silence/1"])
        started.result(LIMIT)
        assert finished.result(LIMIT)["duration"] > 0
    assert ari.stop_silence_detection(far.id) is True


def test_subscriptions_bring_events_of_others(connect: Any) -> None:
    """A subscribed channel of another app is heard, and not any more after the unsubscription."""
    ari, other = connect(), connect()
    near, _ = place(other)
    assert ari.subscribe_to_events(f"channel:{near.id}") is True
    with ari.expect("ChannelVarset", about=("channel", near.id)) as heard:
        near.set_variable("HEARD", "1")
        heard.result(LIMIT)
    assert ari.unsubscribe_from_events(f"channel:{near.id}") is True
    assert ari.unsubscribe_from_events(f"channel:{near.id}") is False


def test_a_scope_ends_all_it_made(ari: Any) -> None:
    """Leaving `ari.call(…)` ends playbacks, recordings, bridges and channels, whatever is gone already."""
    app = ari.settings.app_name
    _answer_the_far_half(ari)
    with ari.call(into(app)) as call:
        channel = call.channel
        assert channel.refresh().json["state"] == "Up"
        bridge = call.bridge(type="mixing")
        with channel.expect("ChannelEnteredBridge") as entered:
            bridge.add_channel(channel.id)
            entered.result(LIMIT)
        snoop = call.snoop(spy="both")
        playback = call.play(media=["sound:hello-world"] * 20)
        recording = snoop.record(fresh("scope"), "wav")
        snoop.hangup()  # gone before the scope ends: no error
    for gone in (channel, snoop):
        eventually(lambda gone=gone: ari.get_channel_info(gone.id) is None, f"{gone} lives on")
    eventually(lambda: bridge.id not in [one["id"] for one in ari.list_bridges()], "the bridge lives on")
    with pytest.raises(NotFound):
        playback.refresh()
    eventually(lambda: ari.delete_recording(recording.id))


def test_a_scope_ends_its_call_after_an_error(ari: Any) -> None:
    """An exception in the block ends the call and comes through."""
    _answer_the_far_half(ari)
    with pytest.raises(ZeroDivisionError), ari.call(into(ari.settings.app_name)) as call:
        channel_id = call.channel.id
        raise ZeroDivisionError
    eventually(lambda: ari.get_channel_info(channel_id) is None)


def test_a_scope_around_a_channel_that_is_there(ari: Any) -> None:
    """A scope may own a channel that came by itself."""
    near, _ = place(ari)
    with ari.call(near) as call:
        assert call.channel == near
    eventually(lambda: ari.get_channel_info(near.id) is None)


def _answer_the_far_half(ari: Any) -> None:
    ari.on("StasisStart", lambda event: event["channel"]["name"].endswith(";2") and ari.answer_channel(event["channel"]["id"]))


def test_what_the_release_lacks_is_refused_by_name(ari: Any, server: Server) -> None:
    """The version string, suffix and all, decides, or else its definitions; the refusal names what is needed and what is there."""
    assert (str(ari.capabilities.release) if ari.capabilities.release else None) == server.release
    for operation in ("channels.progress", "channels.setChannelVars", "endpoints.refer", "events.claimChannel"):
        assert ari.capabilities.supports(operation) is (operation in server.operations)
    if "events.claimChannel" not in server.operations:
        needed = re.escape(first_releases("POST /events/claim")["22"].removesuffix(".0"))
        with pytest.raises(NotSupportedByServer, match=rf"needs .*{needed}.*; this is {re.escape(server.name)}"):
            ari.events.claim_channel("x", "y")
    else:
        with pytest.raises(NotFound):
            ari.events.claim_channel("no-such-channel", ari.settings.app_name)


def test_versions_may_be_left_unchecked(connect: Any, server: Server) -> None:
    """version_check="off" sends everything: the server itself refuses."""
    ari = connect(version_check="off")
    near, _ = place(ari)
    if "channels.progress" in server.operations:
        near.progress()
    else:
        with pytest.raises(NotFound):
            near.progress()


def test_a_warning_instead_of_a_refusal(connect: Any, server: Server) -> None:
    """version_check="warn" warns by name, and sends."""
    ari = connect(version_check="warn")
    near, _ = place(ari)
    if "channels.progress" in server.operations:
        near.progress()
    else:
        with pytest.warns(UserWarning, match="channels.progress needs"), pytest.raises(NotFound):
            near.progress()
