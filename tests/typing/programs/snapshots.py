"""What handles know: JSON, models and properties, each of its own type."""

from typing import assert_type

from ari_rest import models
from ari_rest.json_shapes import (
    ApplicationJson,
    BridgeJson,
    CallerIDJson,
    ChannelJson,
    DeviceStateJson,
    EndpointJson,
    LiveRecordingJson,
    MailboxJson,
    PlaybackJson,
    SoundJson,
    StoredRecordingJson,
)
from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Bridge, Channel, LiveRecording, Playback, Snoop, StoredRecording


async def snapshots(ari: AsyncAsteriskARI, channel: Channel, bridge: Bridge, playback: Playback) -> None:
    assert_type(channel.json, ChannelJson)
    assert_type(channel.data, models.Channel)
    assert_type(bridge.json, BridgeJson)
    assert_type(bridge.data, models.Bridge)
    assert_type(playback.json, PlaybackJson)
    assert_type(playback.data, models.Playback)
    assert_type(ari.recordings.live("r").json, LiveRecordingJson)
    assert_type(ari.recordings.live("r").data, models.LiveRecording)
    assert_type(ari.recordings.stored("r").json, StoredRecordingJson)
    assert_type(ari.recordings.stored("r").data, models.StoredRecording)
    assert_type(ari.endpoints("PJSIP/alice").json, EndpointJson)
    assert_type(ari.endpoints("PJSIP/alice").data, models.Endpoint)
    assert_type(ari.device_states("Stasis:desk").json, DeviceStateJson)
    assert_type(ari.device_states("Stasis:desk").data, models.DeviceState)
    assert_type(ari.mailboxes("100@default").json, MailboxJson)
    assert_type(ari.mailboxes("100@default").data, models.Mailbox)
    assert_type(ari.applications("demo").json, ApplicationJson)
    assert_type(ari.applications("demo").data, models.Application)
    assert_type(ari.sounds("hello-world").json, SoundJson)
    assert_type(ari.sounds("hello-world").data, models.Sound)
    assert_type(channel.json["caller"]["number"], str)
    assert_type(channel.data.caller.number, str)
    channel.json["caler"]  # error: mypy[typeddict-item] pyright[reportGeneralTypeIssues]
    print(channel.data.language, channel.data.creationtime.year)


async def properties(ari: AsyncAsteriskARI, channel: Channel, bridge: Bridge, snoop: Snoop) -> None:
    assert_type(channel.name, str)
    assert_type(channel.state, str)
    assert_type(channel.caller, CallerIDJson)
    assert_type(channel.connected, CallerIDJson)
    assert_type(channel.language, str)
    assert_type(channel.variables.get("X"), str | None)
    assert_type(bridge.type, str)
    assert_type(bridge.channels, list[Channel])
    assert_type(snoop.target, Channel | None)
    assert_type(ari.mailboxes("100@default").new_messages, int | None)
    channel.name = "other"  # error: mypy[misc] pyright[reportAttributeAccessIssue]
    channel.data.nam = "x"  # error: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    channel.data = channel.data  # error: mypy[misc] pyright[reportAttributeAccessIssue]
    channel.caller["nam"]  # error: mypy[typeddict-item] pyright[reportGeneralTypeIssues]


async def results(ari: AsyncAsteriskARI, channel: Channel) -> None:
    assert_type(await channel.refresh(), Channel)
    assert_type(await channel.play("sound:hello-world"), Playback)
    assert_type(await channel.record("r", "wav"), LiveRecording)
    assert_type(await channel.snoop(spy="both"), Snoop)
    assert_type(await ari.channels.list(), list[Channel])
    assert_type(await ari.channels.get("1"), Channel)
    assert_type(await ari.channels.play("1", "sound:hello-world"), Playback)
    assert_type(await ari.recordings.copy_stored("r", "s"), StoredRecording)
    async with ari.call("PJSIP/alice") as call:
        assert_type(ari.channels(call), Channel)
        assert_type(await ari.channels.play(call, "sound:hello-world"), Playback)
        assert_type(await ari.answer_channel(call), bool)
        await ari.bridges("b").add_channel([call, channel, "1"])
        ari.bridges(call)  # error: mypy[arg-type] pyright[reportArgumentType]
    assert_type(await ari.recordings.get_live("r"), LiveRecording)
    assert_type(await ari.answer_channel("1"), bool)
    assert_type(await ari.play_media("sound:hello-world", "1"), str | None)
