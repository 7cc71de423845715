"""Events by class and by name: what handlers get, what waits give."""

from collections.abc import Callable
from typing import assert_type

from asterisk_ari.aio import AsyncAsteriskARI, Channel, LiveRecording, Playback, Registration, Waiter
from asterisk_ari.events import (
    ChannelDestroyed,
    ChannelDtmfReceived,
    Event,
    EventName,
    PlaybackFinished,
    RecordingFailed,
    RecordingFinished,
    StasisEnd,
    StasisStart,
)


class ChannelTeleported(Event):
    TYPE = "ChannelTeleported"


def any_event(event: Event) -> None: ...
def started(event: StasisStart) -> None: ...
def ended(event: StasisEnd) -> int:
    return len(event)


async def started_async(event: StasisStart) -> None: ...


async def waits(ari: AsyncAsteriskARI, channel: Channel) -> None:
    with ari.expect(StasisStart) as entered:
        assert_type(entered, Waiter[StasisStart])
        assert_type(await entered.result(timeout_seconds=5), StasisStart)
    with ari.expect((StasisStart, StasisEnd)) as either:
        assert_type(await either.result(), StasisStart | StasisEnd)
    with ari.expect(StasisEnd, about=channel) as about_handle:
        assert_type(about_handle, Waiter[StasisEnd])
    with ari.expect("StasisStart", about=("channel", channel.id)) as named:
        assert_type(await named.result(), Event)
    with ari.expect(["StasisStart", StasisEnd]) as several:
        assert_type(await several.result(), Event)
    assert_type(await channel.wait_for(ChannelDtmfReceived, match=lambda event: event.digit == "1"), ChannelDtmfReceived)
    assert_type(
        await channel.wait_for((ChannelDtmfReceived, StasisEnd, StasisStart)), ChannelDtmfReceived | StasisEnd | StasisStart
    )
    assert_type(await channel.wait_for("ChannelDtmfReceived"), Event)
    with channel.expect(ChannelTeleported) as teleported:
        assert_type(await teleported.result(), ChannelTeleported)
    with ari.expect(StasisStart) as entered:
        _: StasisEnd = await entered.result()  # error: mypy[assignment] pyright[reportAssignmentType]
    ari.expect("StasisStrat")  # error: mypy[arg-type] pyright[reportArgumentType] pyright[reportCallIssue]
    await channel.wait_for("StasisStrat")  # error: mypy[arg-type] pyright[reportArgumentType] pyright[reportCallIssue]


async def ends(channel: Channel, playback: Playback, recording: LiveRecording) -> None:
    assert_type(await channel.wait_until_gone(), ChannelDestroyed | None)
    assert_type(await playback.wait(), PlaybackFinished)
    assert_type(await recording.wait(), RecordingFinished | RecordingFailed)


def handlers(ari: AsyncAsteriskARI, channel: Channel, names: list[EventName]) -> None:
    assert_type(ari.on(StasisStart, started), Registration)
    ari.on(StasisStart, any_event)
    ari.on(StasisStart, started_async)
    ari.on("StasisStart", started)
    ari.on(names, any_event)
    ari.on("*", any_event)
    ari.on((StasisStart, StasisEnd), any_event)
    ari.on(StasisStart, lambda event: print(event.channel_id, event.args))
    channel.on(ChannelDtmfReceived, lambda event: print(event.digit))
    channel.on("ChannelDtmfReceived", lambda event: print(event["digit"]))
    ari.on(StasisStart, ended)  # error: mypy[arg-type] pyright[reportCallIssue] pyright[reportArgumentType]
    channel.on(StasisStart, ended)  # error: mypy[arg-type] pyright[reportCallIssue] pyright[reportArgumentType]
    ari.on("StasisStrat", any_event)  # error: mypy[arg-type] pyright[reportCallIssue] pyright[reportArgumentType]
    channel.on("StasisStrat", any_event)  # error: mypy[arg-type] pyright[reportCallIssue] pyright[reportArgumentType]


def decorators(ari: AsyncAsteriskARI, channel: Channel) -> None:
    @ari.on(StasisStart)
    async def one(event: StasisStart) -> None:
        assert_type(event.channel_id, str)

    @ari.on((StasisStart, StasisEnd))
    def two(event: StasisStart | StasisEnd) -> None:
        assert_type(event.channel["id"], str)

    @ari.on(StasisStart)
    @ari.on(StasisEnd)
    def stacked(event: Event) -> None: ...

    @ari.on("StasisStart")
    def named(event: StasisStart) -> None: ...

    @channel.on(["ChannelDtmfReceived", StasisEnd])
    def mixed(event: Event) -> None: ...

    @ari.on(StasisStart)  # error: mypy[arg-type] pyright[reportArgumentType]
    def wrong(event: StasisEnd) -> None: ...

    @channel.on((StasisStart, StasisEnd))  # error: mypy[arg-type] pyright[reportArgumentType]
    def too_narrow(event: StasisStart) -> None: ...

    print(one, two, stacked, named, mixed, wrong, too_narrow)


async def loop(
    ari: AsyncAsteriskARI,
    on_start: Callable[[Channel, StasisStart], None],
    on_end: Callable[[Channel, StasisEnd], None],
) -> None:
    def any_of_both(channel: Channel, event: Event) -> None: ...

    await ari.start_event_loop(on_stasis_start=on_start, on_stasis_end=on_end)
    await ari.start_event_loop(any_of_both, any_of_both)
    await ari.start_event_loop(on_stasis_start=on_end)  # error: mypy[arg-type] pyright[reportArgumentType]
    await ari.start_event_loop(on_stasis_end=on_start)  # error: mypy[arg-type] pyright[reportArgumentType]


def ids(start: StasisStart, finished: PlaybackFinished, failed: RecordingFailed) -> None:
    assert_type(start.channel_id, str)
    assert_type(start.replace_channel_id, str | None)
    assert_type(finished.playback_id, str)
    assert_type(failed.recording_name, str)
    start.bridge_id.upper()  # error: mypy[attr-defined] pyright[reportAttributeAccessIssue] pyright[reportUnknownMemberType]
