"""A misspelt argument is an error, and so is a value that it cannot have."""

from typing import assert_type

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Bridge, Call, Channel, LiveRecording, OriginateOptions, Playback, Snoop, Variables


async def scope(ari: AsyncAsteriskARI, channel: Channel) -> None:
    async with ari.call("PJSIP/alice", caller_id="Desk <100>", answer_timeout_seconds=20) as call:
        assert_type(call, Call)
        assert_type(call.channel, Channel)
        assert_type(await call.play("sound:hello-world", lang="en"), Playback)
        assert_type(await call.play(media=["sound:hello-world", "digits:42"], offset_ms=10), Playback)
        assert_type(await call.record("r", "wav", beep=True), LiveRecording)
        assert_type(await call.bridge("mixing", name="room"), Bridge)
        assert_type(await call.snoop(spy="both"), Snoop)
        assert_type(await call.originate("PJSIP/bob", timeout_seconds=10), Channel)
        await call.play(medai="sound:hello-world")  # error: mypy[call-arg] pyright[reportCallIssue]
        await call.play("sound:hello-world", language="en")  # error: mypy[call-arg] pyright[reportCallIssue]
        await call.record("r", "wav", if_exists="replace")  # error: mypy[arg-type] pyright[reportArgumentType]
        await call.record("r", "wav", maxDurationSeconds=5)  # error: mypy[call-arg] pyright[reportCallIssue]
        await call.bridge(typ="mixing")  # error: mypy[call-arg] pyright[reportCallIssue]
        await call.snoop(spi="both")  # error: mypy[call-arg] pyright[reportCallIssue]
        await call.originate("PJSIP/bob", caler_id="x")  # error: mypy[call-arg] pyright[reportCallIssue]
        await call.originate()  # error: mypy[call-arg] pyright[reportCallIssue]
    async with ari.call(channel):
        pass
    ari.call("PJSIP/alice", caler_id="x")  # error: mypy[call-arg] pyright[reportCallIssue]
    ari.call("PJSIP/alice", timeout_seconds="30")  # error: mypy[arg-type] pyright[reportArgumentType]
    ari.call(5)  # error: mypy[arg-type] pyright[reportArgumentType]


async def options(ari: AsyncAsteriskARI) -> None:
    variables: Variables = {"LANG": "de", "TRIES": 3, "ROOM": {"value": "7", "report_events": True}}
    shared: OriginateOptions = {"caller_id": "Desk <100>", "variables": variables}
    async with ari.call("PJSIP/alice", **shared):
        pass
    wrong: OriginateOptions = {"calerid": "x"}  # error: mypy[typeddict-unknown-key] pyright[reportAssignmentType]
    print(wrong)


async def handles_and_collections(ari: AsyncAsteriskARI, channel: Channel, bridge: Bridge) -> None:
    await channel.send_dtmf("1234#", duration_ms=200)
    await channel.send_dtmf("1234#", duration=200)  # error: mypy[call-arg] pyright[reportCallIssue]
    await channel.mute("out")
    await channel.mute("outward")  # error: mypy[arg-type] pyright[reportArgumentType]
    await ari.channels.send_dtmf("1", "1234#", duration_ms=200)
    await ari.channels.send_dtmf("1", "1234#", duration=200)  # error: mypy[call-arg] pyright[reportCallIssue]
    await ari.channels.answer()  # error: mypy[call-arg] pyright[reportCallIssue]
    await bridge.add_channel("1", absorb_dtmf=True, mute="yes")  # error: mypy[arg-type] pyright[reportArgumentType]
    await ari.channels.originate("PJSIP/alice", ap="demo")  # error: mypy[call-arg] pyright[reportCallIssue]


async def documented(ari: AsyncAsteriskARI) -> None:
    await ari.mute_channel("both", "1")
    await ari.mute_channel("1", "both")  # error: mypy[arg-type] pyright[reportArgumentType]
    await ari.record_channel("r", max_duration_seconds=5, channel_id="1")
    await ari.record_channel("r", max_duration=5, channel_id="1")  # error: mypy[call-arg] pyright[reportCallIssue]


def clients() -> None:
    AsyncAsteriskARI(app_name="demo", version_check="warn", ping_interval_seconds=5)
    AsyncAsteriskARI(ap_name="demo")  # error: mypy[call-arg] pyright[reportCallIssue]
    AsyncAsteriskARI(version_check="never")  # error: mypy[arg-type] pyright[reportArgumentType]
    AsyncAsteriskARI(ping_intervall_seconds=5)  # error: mypy[call-arg] pyright[reportCallIssue]


async def forgotten(channel: Channel) -> None:
    channel.answer()  # async error: mypy[unused-coroutine] pyright[reportUnusedCoroutine]
