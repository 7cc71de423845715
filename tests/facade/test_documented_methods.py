"""The documented methods: what they send, what they give back, and how they end when a call has simply ended."""

import logging
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from tests.facade.variants import Variant
from tests.servers.script import Script
from tests.surface.documented import CALLS, PARAMETERS, RETURNS

CHANNEL = {
    "id": "1",
    "name": "PJSIP/alice-1",
    "state": "Up",
    "language": "en",
    "caller": {"number": "100", "name": ""},
    "connected": {"number": "200", "name": ""},
}
BRIDGE = {"id": "b", "bridge_type": "mixing", "technology": "simple_bridge", "channels": []}
INFO = {"system": {"version": "20.15.2", "entity_id": "x"}, "build": {"os": "Linux"}}
LIVE = {"name": "call", "format": "wav", "state": "recording", "target_uri": "channel:1"}
STORED = {"name": "call", "format": "wav"}
PLAYBACK = {"id": "p", "media_uri": "sound:a", "target_uri": "channel:1", "language": "en", "state": "queued"}
APPLICATION = {"name": "aiagc", "channel_ids": ["1"]}
NOT_FOUND = {"message": "Channel not found"}
APP = "/ari/applications/aiagc/subscription"

# Method, arguments → method, path, query and body as they are sent; what is answered; the result. An id that the client
# makes up is written as its prefix with a star.
Case = tuple[str, tuple[Any, ...], dict[str, Any], str, dict[str, Any], Any, dict[str, Any] | None, Any]
SENT: list[Case] = [
    ("answer_channel", ("1",), {}, "POST /ari/channels/1/answer", {}, None, None, True),
    ("hangup_channel", ("1",), {}, "DELETE /ari/channels/1", {}, None, None, True),
    ("ring_channel", ("1",), {}, "POST /ari/channels/1/ring", {}, None, None, True),
    ("stop_ringing_channel", ("1",), {}, "DELETE /ari/channels/1/ring", {}, None, None, True),
    ("hold_channel", ("1",), {}, "POST /ari/channels/1/hold", {}, None, None, True),
    ("unhold_channel", ("1",), {}, "DELETE /ari/channels/1/hold", {}, None, None, True),
    ("mute_channel", ("in", "1"), {}, "POST /ari/channels/1/mute", {"direction": "in"}, None, None, True),
    ("unmute_channel", ("both", "1"), {}, "DELETE /ari/channels/1/mute", {"direction": "both"}, None, None, True),
    ("send_dtmf", ("1#", "1", 100), {}, "POST /ari/channels/1/dtmf", {"dtmf": "1#", "duration": "100"}, None, None, True),
    ("send_dtmf", ("#*", "1"), {}, "POST /ari/channels/1/dtmf", {"dtmf": "#*"}, None, None, True),
    ("get_channel_info", ("1",), {}, "GET /ari/channels/1", {}, None, {"json": CHANNEL}, CHANNEL),
    (
        "set_channel_variable", ("A", "b", "1"), {},
        "POST /ari/channels/1/variable", {"variable": "A", "value": "b"}, None, None, True,
    ),
    (
        "get_channel_variable", ("A", "1"), {},
        "GET /ari/channels/1/variable", {"variable": "A"}, None, {"json": {"value": "b"}}, "b",
    ),
    ("list_channels", (), {}, "GET /ari/channels", {}, None, {"json": [CHANNEL]}, [CHANNEL]),
    (
        "play_media", ("sound:a", "1", "en"), {},
        "POST /ari/channels/1/play", {"media": "sound:a", "lang": "en", "playbackId": "playback-*"}, None,
        {"json": PLAYBACK}, "playback-*",
    ),
    (
        "play_media", (["sound:a", "tone:400/250,0/250"], "1"), {},
        "POST /ari/channels/1/play", {"playbackId": "playback-*"}, {"media": ["sound:a", "tone:400/250,0/250"]}, {"json": PLAYBACK},
        "playback-*",
    ),
    (
        "play_recording", ("call", "1"), {},
        "POST /ari/channels/1/play", {"media": "recording:call", "playbackId": "playback-*"}, None, {"json": PLAYBACK}, "playback-*",
    ),
    (
        "record_channel", ("call", "wav", 300, 5, "1"), {},
        "POST /ari/channels/1/record",
        {"name": "call", "format": "wav", "maxDurationSeconds": "300", "maxSilenceSeconds": "5"}, None, {"json": LIVE}, "call",
    ),
    (
        "record_channel", ("call",), {"channel_id": "1"},
        "POST /ari/channels/1/record", {"name": "call", "format": "wav"}, None, {"json": LIVE}, "call",
    ),
    ("get_recording", ("call",), {}, "GET /ari/recordings/live/call", {}, None, {"json": LIVE}, LIVE),
    ("delete_recording", ("a/b",), {}, "DELETE /ari/recordings/stored/a%2Fb", {}, None, None, True),
    (
        "create_bridge", ("holding",), {},
        "POST /ari/bridges", {"type": "holding", "bridgeId": "bridge-*"}, None, {"json": BRIDGE}, "bridge-*",
    ),
    (
        "create_bridge", (), {},
        "POST /ari/bridges", {"type": "mixing", "bridgeId": "bridge-*"}, None, {"json": BRIDGE}, "bridge-*",
    ),
    ("destroy_bridge", ("b",), {}, "DELETE /ari/bridges/b", {}, None, None, True),
    ("add_channel_to_bridge", ("1", "b"), {}, "POST /ari/bridges/b/addChannel", {"channel": "1"}, None, None, True),
    ("remove_channel_from_bridge", ("1", "b"), {}, "POST /ari/bridges/b/removeChannel", {"channel": "1"}, None, None, True),
    ("list_bridges", (), {}, "GET /ari/bridges", {}, None, {"json": [BRIDGE]}, [{**BRIDGE, "type": "mixing"}]),
    (
        "originate_call", ("PJSIP/a",), {},
        "POST /ari/channels", {"endpoint": "PJSIP/a", "app": "aiagc", "channelId": "channel-*"}, None,
        {"json": CHANNEL}, "channel-*",
    ),
    (
        "originate_call", ("PJSIP/a", "out"), {},
        "POST /ari/channels", {"endpoint": "PJSIP/a", "context": "out", "extension": "s", "channelId": "channel-*"}, None,
        {"json": CHANNEL}, "channel-*",
    ),
    (
        "originate_call", ("PJSIP/a",), {"extension": "7", "caller_id": "Me <1>", "variables": {"A": "b"}},
        "POST /ari/channels", {"endpoint": "PJSIP/a", "extension": "7", "callerId": "Me <1>", "channelId": "channel-*"},
        {"variables": {"A": "b"}}, {"json": CHANNEL}, "channel-*",
    ),
    (
        "snoop_channel", ("1", "both"), {},
        "POST /ari/channels/1/snoop", {"spy": "both", "whisper": "none", "app": "aiagc", "snoopId": "snoop-*"}, None,
        {"json": CHANNEL}, "snoop-*",
    ),
    (
        "snoop_channel", ("1", "none", "in", "other", "x,y"), {},
        "POST /ari/channels/1/snoop",
        {"spy": "none", "whisper": "in", "app": "other", "appArgs": "x,y", "snoopId": "snoop-*"}, None,
        {"json": CHANNEL}, "snoop-*",
    ),
    ("redirect_channel", ("PJSIP/b", "1"), {}, "POST /ari/channels/1/redirect", {"endpoint": "PJSIP/b"}, None, None, True),
    (
        "start_silence_detection", ("1",), {},
        "POST /ari/channels/1/variable", {"variable": "TALK_DETECT(set)", "value": "2500,256"}, None, None, True,
    ),
    (
        "start_silence_detection", ("1", 1000, 128), {},
        "POST /ari/channels/1/variable", {"variable": "TALK_DETECT(set)", "value": "1000,128"}, None, None, True,
    ),
    (
        "stop_silence_detection", ("1",), {},
        "POST /ari/channels/1/variable", {"variable": "TALK_DETECT(remove)", "value": ""}, None, None, True,
    ),
    ("start_silence", ("1",), {}, "POST /ari/channels/1/silence", {}, None, None, True),
    ("stop_silence", ("1",), {}, "DELETE /ari/channels/1/silence", {}, None, None, True),
    ("subscribe_to_events", ("channel:1",), {}, f"POST {APP}", {"eventSource": "channel:1"}, None, {"json": APPLICATION}, True),
    ("unsubscribe_from_events", ("bridge:",), {}, f"DELETE {APP}", {"eventSource": "bridge:"}, None, {"json": APPLICATION}, True),
    (
        "get_asterisk_info", (), {},
        "GET /ari/asterisk/info", {}, None, {"json": INFO}, {**INFO, "version": "20.15.2", "system_info": INFO["system"]},
    ),
]  # fmt: skip

# What may find nothing, by how the document calls it; those that only list or ask of Asterisk itself are not among it.
MAY_FIND_NOTHING = [call for call in CALLS if RETURNS[call[0]] in ("bool", "str", "dict") and call[0] != "get_asterisk_info"]
TOLERATED: list[tuple[int, dict[str, str], type[errors.ResponseError]]] = [
    (404, NOT_FOUND, errors.NotFound),
    (409, {"message": "Channel not in Stasis application"}, errors.NotInStasis),
    (412, {"message": "Channel in invalid state"}, errors.InvalidState),
    (422, {"message": "Channel not in this bridge"}, errors.Unprocessable),
    (500, {"error": "Allocation failed"}, errors.AllocationFailed),
]
RAISED = [400, 401, 403, 405, 413, 500, 501, 503]


def ids_of(calls: list[Any]) -> list[str]:
    return [f"{number}-{call[0]}" for number, call in enumerate(calls)]


def starred(value: Any) -> Any:
    """Made-up ids, as the table writes them."""
    prefix, _, digits = value.rpartition("-") if isinstance(value, str) else ("", "", "")
    return f"{prefix}-*" if len(digits) == 32 else value


@pytest.mark.parametrize("case", SENT, ids=ids_of(SENT))
def test_a_documented_method(variant: Variant, server: Script, ari: Any, case: Case) -> None:
    """Each documented method sends its operation and gives back what the reference says."""
    name, arguments, named, line, query, body, answer, expected = case
    server.reply(**(answer or {"status": 204}))
    result = variant.do(getattr(ari, name)(*arguments, **named))
    sent = server.calls[0]
    assert (line, query) == (f"{sent.method} {sent.path}", {key: starred(value) for key, value in sent.query.items()})
    assert (body, expected) == (sent.body, starred(result))
    if starred(result) != result:
        assert result in sent.query.values()
    assert ari.last_error is None


def test_the_table_is_complete() -> None:
    """Each documented method that makes a call has a case here."""
    without_call = {"connect", "disconnect", "start_event_loop"}
    assert PARAMETERS.keys() - without_call <= {case[0] for case in SENT}


@pytest.mark.parametrize("call", MAY_FIND_NOTHING, ids=ids_of(MAY_FIND_NOTHING))
def test_what_is_gone_is_no_exception(
    variant: Variant, server: Script, ari: Any, call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """False or None for what has ended or is in no state for it: the reason is logged once and kept."""
    name, arguments, named = call
    for status, body, kind in TOLERATED:
        if name == "get_recording":
            server.reply(404, json=NOT_FOUND)
        server.reply(status, json=body)
        caplog.clear()
        with caplog.at_level(logging.INFO, logger="asterisk_ari"):
            result = variant.do(getattr(ari, name)(*arguments, **named))
        assert result is (False if RETURNS[name] == "bool" else None)
        assert kind is type(ari.last_error)
        said = next(iter(body.values()))
        assert said == ari.last_error.reason
        records = [record for record in caplog.records if record.name.startswith("asterisk_ari")]
        assert [logging.WARNING] == [record.levelno for record in records]
        assert said in records[0].getMessage()
        assert f"returned {result}" in records[0].getMessage()


@pytest.mark.parametrize("call", MAY_FIND_NOTHING, ids=ids_of(MAY_FIND_NOTHING))
def test_strict_clients_raise(variant: Variant, server: Script, call: Any) -> None:
    """With `strict=True` what is not found raises as well, and is not kept."""
    ari = variant.connected(server, strict=True)
    name, arguments, named = call
    for status, body, kind in TOLERATED:
        if name == "get_recording":
            server.reply(404, json=NOT_FOUND)
        server.reply(status, json=body)
        with pytest.raises(kind):
            variant.do(getattr(ari, name)(*arguments, **named))
    assert ari.last_error is None


@pytest.mark.parametrize("call", [call for call in CALLS if RETURNS[call[0]] != "None"], ids=lambda call: call[0])
def test_what_the_program_must_not_ignore_raises(variant: Variant, server: Script, ari: Any, call: Any) -> None:
    """Wrong arguments, wrong passwords, failing servers and a server without ARI raise whatever the method."""
    name, arguments, named = call
    for status in RAISED:
        server.reply(status, json={"message": "no"})
        with pytest.raises(errors.BY_STATUS[status]):
            variant.do(getattr(ari, name)(*arguments, **named))
    server.reply(404, html="<html><title>404 Not Found</title></html>")
    with pytest.raises(errors.AriDisabled):
        variant.do(getattr(ari, name)(*arguments, **named))
    assert ari.last_error is None


@pytest.mark.parametrize("name", ["add_channel_to_bridge", "remove_channel_from_bridge"])
def test_an_unknown_channel_of_a_bridge_is_gone(variant: Variant, server: Script, ari: Any, name: str) -> None:
    """Servers say 400 for it here; any other 400 is the program's mistake."""
    server.reply(400, json={"message": "Channel not found"})
    assert variant.do(getattr(ari, name)("1", "b")) is False
    assert isinstance(ari.last_error, errors.BadRequest)
    server.reply(400, json={"message": "Missing parameter channel"})
    with pytest.raises(errors.BadRequest):
        variant.do(getattr(ari, name)("1", "b"))


def test_an_unknown_channel_elsewhere_is_a_mistake(variant: Variant, server: Script, ari: Any) -> None:
    """The same words with 400 are tolerated nowhere else."""
    server.reply(400, json={"message": "Channel not found"})
    with pytest.raises(errors.BadRequest):
        variant.do(ari.answer_channel("1"))


def test_a_recording_that_has_ended_is_found(
    variant: Variant, server: Script, ari: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """`get_recording` looks among the stored ones next, says `done` for its state, and that is no warning."""
    server.reply(404, json={"message": "Recording not found"})
    server.reply(json=STORED)
    assert {**STORED, "state": "done"} == variant.do(ari.get_recording("call"))
    assert ["/ari/recordings/live/call", "/ari/recordings/stored/call"] == [call.path for call in server.calls]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("failure", [httpx.ReadTimeout("too slow"), httpx.ConnectError("refused")])
def test_no_answer_is_no_false(variant: Variant, server: Script, ari: Any, failure: Exception) -> None:
    """A broken connection raises: nobody knows whether the call has ended."""
    server.replies.append(failure)
    with pytest.raises(errors.TransportError):
        variant.do(ari.hangup_channel("1"))


def test_record_channel_needs_a_channel(variant: Variant, server: Script, ari: Any) -> None:
    """`channel_id` comes last in the reference, and yet is needed."""
    with pytest.raises(errors.MissingParameter, match="channel_id"):
        variant.do(ari.record_channel("call"))
    assert [] == server.calls


@pytest.mark.parametrize("bad", [{"silence_ms": 0}, {"talk_threshold": 0}, {"silence_ms": True}, {"talk_threshold": 40_000}])
def test_silence_detection_checks_its_numbers(variant: Variant, server: Script, ari: Any, bad: dict[str, Any]) -> None:
    """Values that TALK_DETECT would misread are refused."""
    with pytest.raises(errors.BadArgument):
        variant.do(ari.start_silence_detection("1", **bad))
    assert [] == server.calls
