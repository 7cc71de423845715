"""A handle is taken wherever an id is; the handle of another kind of object is an error."""

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Application, Bridge, Channel, Endpoint, LiveRecording, Sound, StoredRecording


async def in_handles(bridge: Bridge, channel: Channel, other: Channel, endpoint: Endpoint, app: Application) -> None:
    await bridge.add_channel(channel)
    await bridge.add_channel([channel, other.id])
    await bridge.add_channel((channel, other))
    await bridge.remove_channel("1")
    await bridge.set_video_source(channel)
    await channel.dial(other, timeout_seconds=20)
    await channel.redirect(endpoint)
    await channel.move(app)
    await bridge.add_channel(bridge)  # error: mypy[arg-type] pyright[reportArgumentType]
    await bridge.add_channel([channel, bridge])  # error: mypy[list-item] pyright[reportArgumentType]
    await channel.dial(endpoint)  # error: mypy[arg-type] pyright[reportArgumentType]
    await channel.redirect(other)  # error: mypy[arg-type] pyright[reportArgumentType]
    await channel.dial(5)  # error: mypy[arg-type] pyright[reportArgumentType]


async def in_collections(ari: AsyncAsteriskARI, channel: Channel, bridge: Bridge, endpoint: Endpoint) -> None:
    await ari.channels.originate(endpoint, app=ari.applications("demo"), originator=channel)
    await ari.channels.answer(channel)
    await ari.channels.play(channel, "sound:hello-world", lang="en")
    await ari.bridges.add_channel(bridge, [channel, "2"])
    await ari.events.claim_channel(channel, "demo")
    await ari.channels.answer(bridge)  # error: mypy[arg-type] pyright[reportArgumentType]
    await ari.channels.originate(channel)  # error: mypy[arg-type] pyright[reportArgumentType]
    ari.channels(bridge)  # error: mypy[arg-type] pyright[reportArgumentType]


async def in_documented_methods(ari: AsyncAsteriskARI, channel: Channel, bridge: Bridge, recording: StoredRecording) -> None:
    await ari.answer_channel(channel)
    await ari.add_channel_to_bridge(channel, bridge)
    await ari.play_media(recording, channel)
    await ari.play_recording(recording, channel)
    await ari.subscribe_to_events(bridge)
    await ari.answer_channel(bridge)  # error: mypy[arg-type] pyright[reportArgumentType]
    await ari.destroy_bridge(channel)  # error: mypy[arg-type] pyright[reportArgumentType]
    await ari.subscribe_to_events(recording)  # error: mypy[arg-type] pyright[reportArgumentType]


async def as_media(channel: Channel, bridge: Bridge, sound: Sound, stored: StoredRecording, live: LiveRecording) -> None:
    await channel.play(sound)
    await channel.play([sound, stored, live, "digits:42"])
    await bridge.play(stored)
    await channel.play(channel)  # error: mypy[arg-type] pyright[reportArgumentType]


async def as_event_source(app: Application, channel: Channel, bridge: Bridge, endpoint: Endpoint, sound: Sound) -> None:
    await app.subscribe(channel)
    await app.subscribe([channel, bridge, endpoint, "deviceState:Stasis:desk"])
    await app.unsubscribe(bridge)
    await app.subscribe(sound)  # error: mypy[arg-type] pyright[reportArgumentType]
