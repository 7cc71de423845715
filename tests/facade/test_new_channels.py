"""Channels that a client sends into its app, on the embedded Asterisk: what needs them there waits until they are."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from asterisk_ari import Reconnect, errors
from asterisk_ari.testing import EmbeddedAsterisk
from tests.embedded.support import Client
from tests.facade.variants import Variant
from tests.transport.ways import Way

SOON = 0.02
NEVER = 3600.0

CREATIONS: dict[str, Callable[[Any], Any]] = {
    "create": lambda ari: ari.channels.create("PJSIP/alice"),
    "originate": lambda ari: ari.channels.originate("PJSIP/alice", app="aiagc"),
    "originate_with_id": lambda ari: ari.channels.originate_with_id("mine", "PJSIP/alice", app="aiagc"),
    "originate_call": lambda ari: ari.originate_call("PJSIP/alice"),
    "external_media": lambda ari: ari.channels.external_media("127.0.0.1:4000", format="ulaw"),
    "a second app": lambda ari: ari.channels.create("PJSIP/alice", app="second"),
    "operation": lambda ari: ari.operation("channels.create", endpoint="PJSIP/alice", app="aiagc"),
}

COMMANDS: dict[str, Callable[[Any, str, str], Any]] = {
    "handle": lambda ari, channel_id, bridge_id: ari.channels(channel_id).set_channel_var("A", "b"),
    "flat": lambda ari, channel_id, bridge_id: ari.set_channel_variable("A", "b", channel_id),
    "by id": lambda ari, channel_id, bridge_id: ari.channels.set_channel_var(channel_id, "A", "b"),
    "operation": lambda ari, channel_id, bridge_id: ari.operation(
        "channels.setChannelVar", channelId=channel_id, variable="A", value="b"
    ),
    "add_channel": lambda ari, channel_id, bridge_id: ari.bridges(bridge_id).add_channel(channel_id),
}


@pytest.fixture
def asterisk(request: pytest.FixtureRequest) -> Iterator[EmbeddedAsterisk]:
    """A server on which entering an app takes as long as the test says."""
    with embedded(SOON) as running:
        yield running


@contextmanager
def embedded(entry_delay_seconds: float, **options: Any) -> Iterator[EmbeddedAsterisk]:
    endpoints = {"alice": "answers", "bob": "busy", "carol": "silent"}
    with EmbeddedAsterisk(endpoints=endpoints, entry_delay_seconds=entry_delay_seconds, **options) as running:
        yield running


def connected(variant: Variant, asterisk: EmbeddedAsterisk, **options: Any) -> Any:
    options = {"events": True, "apps": ["second"], **options}
    ari = variant.client(url=asterisk.url, username=asterisk.username, password=asterisk.password, **options)
    variant.do(ari.connect())
    return ari


def id_of(channel: Any) -> str:
    return channel if isinstance(channel, str) else channel.id


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("creation", CREATIONS)
def test_the_first_command_waits_for_the_channel(
    variant: Variant, asterisk: EmbeddedAsterisk, creation: str, command: str
) -> None:
    """However the channel came about, and however the command is spelled; the second asks nobody."""
    ari = connected(variant, asterisk)
    bridge = variant.do(ari.bridges.create("mixing"))
    asterisk.clear()
    channel_id = id_of(variant.do(CREATIONS[creation](ari)))
    variant.do(COMMANDS[command](ari, channel_id, bridge.id))
    # After half a second without the event, on a busy machine, the client asks for the channel.
    assert [200, 204] == [request.status for request in asterisk.requests if request.method != "GET"]
    assert not ari.hub.new_channels.awaited


def test_a_bridge_waits_for_each_new_channel(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Some may be there, others on their way."""
    ari = connected(variant, asterisk)
    bridge = variant.do(ari.bridges.create("mixing"))
    channels = [variant.do(ari.channels.create("PJSIP/alice")) for _ in range(3)]
    variant.do(channels[0].wait_until_in_stasis(5))
    variant.do(bridge.add_channel([channel.id for channel in channels]))
    assert {channel.id for channel in channels} == set(variant.do(bridge.refresh()).json["channels"])


def test_a_snoop_can_be_recorded_at_once(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """It is up when it is made, and not in the app yet."""
    ari = connected(variant, asterisk)
    channel = variant.do(ari.channels.create("PJSIP/alice"))
    snoop = variant.do(channel.snoop(spy="both"))
    variant.do(snoop.record("r", "wav"))
    flat = variant.do(ari.snoop_channel(channel, spy="both"))
    assert variant.do(ari.play_media("sound:beep", flat))


def test_a_call_of_a_scope_snoops_and_records(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """What a scope makes is waited for like anything else."""
    ari = connected(variant, asterisk)
    scope = ari.call("PJSIP/alice")
    variant.enter(scope)
    snoop = variant.do(scope.snoop(spy="both"))
    recording = variant.do(snoop.record("r", "wav"))
    assert (recording.id, recording.json["target_uri"]) == ("r", f"channel:{snoop.id}")
    variant.leave(scope)


def test_a_channel_in_the_dialplan_is_waited_for(variant: Variant) -> None:
    """`originate_call` with a context: the dialplan brings it into the app, some time later."""
    dialplan = {"out": {"s": ["Wait(0.2)", "Stasis(aiagc)"]}}
    with embedded(SOON, dialplan=dialplan) as asterisk:
        ari = connected(variant, asterisk)
        channel_id = variant.do(ari.originate_call("PJSIP/alice", context="out"))
        assert variant.do(ari.play_media("sound:beep", channel_id))


def test_what_needs_no_app_does_not_wait(variant: Variant) -> None:
    """Hanging up and asking work wherever the channel is."""
    with embedded(NEVER) as asterisk:
        ari = connected(variant, asterisk)
        channel = variant.do(ari.channels.create("PJSIP/alice"))
        variant.do(channel.refresh())
        with pytest.raises(errors.NotFound):
            variant.do(channel.get_channel_var("A"))
        variant.do(channel.hangup())


def test_a_channel_of_another_app_is_not_waited_for(variant: Variant) -> None:
    """Its StasisStart does not come here."""
    with embedded(NEVER) as asterisk, closing(Client(asterisk)) as client:
        client.listen("theirs")
        ari = connected(variant, asterisk)
        channel = variant.do(ari.channels.create("PJSIP/alice", app="theirs"))
        with pytest.raises(errors.NotInStasis):
            variant.do(channel.set_channel_var("A", "b"))


@pytest.mark.parametrize("options", [{"events": False, "apps": []}, {"stasis_timeout": 0}])
def test_who_cannot_wait_or_will_not_takes_the_servers_word(variant: Variant, options: Any) -> None:
    """Without events there is nothing to wait for."""
    with embedded(NEVER) as asterisk, closing(Client(asterisk)) as client:
        if options.get("events") is False:
            client.listen("aiagc")
        ari = connected(variant, asterisk, **options)
        channel = variant.do(ari.channels.create("PJSIP/alice"))
        with pytest.raises(errors.NotInStasis):
            variant.do(channel.set_channel_var("A", "b"))


def test_a_channel_that_ends_first_is_named(variant: Variant, caplog: pytest.LogCaptureFixture) -> None:
    """A command that waits ends at once, and says why the channel has ended; documented methods return False."""
    with embedded(SOON) as asterisk:
        ari = connected(variant, asterisk)
        channel = variant.do(ari.channels.originate("PJSIP/bob", app="aiagc"))
        with pytest.raises(
            errors.ObjectGone, match=f"{channel.id} ended before it entered the app aiagc: cause 17, User busy"
        ) as told:
            variant.do(channel.set_channel_var("A", "b"))
        assert told.value.event is not None
        assert 17 == told.value.event["cause"]
        with pytest.raises(errors.NotFound):
            variant.do(channel.set_channel_var("A", "b"))
        channel_id = variant.do(ari.originate_call("PJSIP/bob"))
        assert variant.do(ari.add_channel_to_bridge(channel_id, variant.do(ari.create_bridge()))) is False
        assert isinstance(ari.last_error, errors.ObjectGone)
    assert [] == [record for record in caplog.records if record.levelno > logging.WARNING]


def test_an_end_that_nobody_tells_is_noticed(variant: Variant) -> None:
    """An event may be filtered, or lost: the server is asked now and then."""
    silent = {"disallowed": [{"type": "ChannelDestroyed"}]}
    with embedded(NEVER) as asterisk:
        ari = connected(variant, asterisk)
        variant.do(ari.operation("applications.filter", applicationName="aiagc", filter=silent))
        channel = variant.do(ari.channels.create("PJSIP/alice"))
        variant.do(channel.hangup())
        with pytest.raises(errors.ObjectGone, match=channel.id):
            variant.do(channel.dial())


def test_a_channel_that_does_not_come_is_left_to_the_server(variant: Variant, caplog: pytest.LogCaptureFixture) -> None:
    """When the time is over the command is sent, what it says is the truth, and the next one does not wait again."""
    with embedded(NEVER) as asterisk:
        ari = connected(variant, asterisk, stasis_timeout_seconds=0.05)
        channel = variant.do(ari.channels.create("PJSIP/alice"))
        with caplog.at_level(logging.WARNING), pytest.raises(errors.NotInStasis):
            variant.do(channel.dial())
        assert f"channel {channel.id} did not enter the app aiagc within 0.05 s" in caplog.text
        assert not ari.hub.new_channels.awaited


def test_a_creation_that_is_refused_is_not_waited_for(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Nothing was created; but the id of a channel that is on its way stays awaited."""
    ari = connected(variant, asterisk)
    with pytest.raises(errors.AllocationFailed):
        variant.do(ari.channels.create("Nonsense/alice"))
    assert not ari.hub.new_channels.awaited
    variant.do(ari.channels.create("PJSIP/alice", channel_id="mine"))
    with pytest.raises(errors.Conflict):
        variant.do(ari.channels.create("PJSIP/alice", channel_id="mine"))
    variant.do(ari.channels("mine").set_channel_var("A", "b"))


def test_a_wait_that_the_loss_of_the_stream_ends_is_taken_up_again(variant: Variant, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is sent as things are; the channel may come yet, so the next one waits for it."""
    way = Way("http", variant)
    with embedded(NEVER) as asterisk:
        entries: list[Callable[[], object]] = []
        monkeypatch.setattr(asterisk._server, "_enter_later", lambda enter, seconds: entries.append(enter))
        ari = connected(variant, asterisk, reconnect=Reconnect(first_seconds=0.01))
        channel = variant.do(ari.channels.create("PJSIP/alice"))
        lose = way.when(lambda: ari.stats.waiters, asterisk.faults.drop_sockets)
        refused, _ = way.at_once([channel.dial, lose])
        assert isinstance(refused, errors.NotInStasis)
        enter = way.when(lambda: ari.stats.waiters and ari.stats.reconnects, lambda: asterisk.run_in_server(entries.pop()))
        assert [None, None] == way.at_once([channel.dial, enter])


def test_a_wait_that_begins_after_the_caller_has_left(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Its StasisEnd was the last that is heard of it: a wait for what it does in the app ends at once."""
    ari = connected(variant, asterisk)
    phone = asterisk.incoming_call(app="aiagc")
    channel = ari.channels(phone.channel_id)
    with channel.expect("StasisEnd") as left:
        phone.hang_up()
        variant.do(left.result(5))
    with pytest.raises(errors.ObjectGone, match=f"channel {channel.id} was hung up already: cause 127"):
        variant.do(channel.wait_for("ChannelDtmfReceived", timeout_seconds=5))


def test_a_wait_that_ends_without_its_event_names_what_it_was_for(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """The object and the awaited types; of a call that has ended the cause, in the message and as attributes."""
    ari = connected(variant, asterisk)
    channel = variant.do(ari.channels.create("PJSIP/alice"))
    variant.do(channel.wait_until_in_stasis(5))
    with pytest.raises(errors.WaitTimeout, match=f"no ChannelDtmfReceived of channel {channel.id} within 0.05 s"):
        variant.do(channel.wait_for("ChannelDtmfReceived", timeout_seconds=0.05))
    with (
        pytest.raises(errors.WaitTimeout, match="no BridgeCreated or BridgeDestroyed within 0.05 s"),
        ari.expect(("BridgeCreated", "BridgeDestroyed")) as waiter,
    ):
        variant.do(waiter.result(0.05))
    with channel.expect("StasisStart") as waiter:
        variant.do(channel.hangup(reason="busy"))
        with pytest.raises(errors.ObjectGone) as told:
            variant.do(waiter.result(5))
    known, awaited = "cause 17, User busy", f"StasisStart of channel {channel.id}"
    assert str(told.value) == f"channel {channel.id} has ended: {known}; awaited was {awaited}"
    assert (17, "User busy", "busy") == (told.value.cause, told.value.cause_text, told.value.outcome)
    with pytest.raises(errors.ObjectGone, match=f"channel {channel.id} has ended.*: {known}"):
        variant.do(channel.wait_for("ChannelDtmfReceived", timeout_seconds=5))


def test_a_handler_may_use_what_it_creates(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """With one worker too: who waits is served by the reader, not by a worker."""
    ari = connected(variant, asterisk, workers=1)
    done: list[Any] = []

    if variant.name == "sync":

        def enters(event: Any) -> None:
            if not done:
                done.append(event.channel_id)
                ari.channels(event.channel_id).snoop(spy="both").record("r", "wav")
                ari.user_event("done", {})

        ari.on("StasisStart", enters)
    else:

        async def enters_async(event: Any) -> None:
            if not done:
                done.append(event.channel_id)
                snoop = await ari.channels(event.channel_id).snoop(spy="both")
                await snoop.record("r", "wav")

        ari.on("StasisStart", enters_async)
    with ari.expect("RecordingStarted") as started:
        asterisk.incoming_call(app="aiagc")
        assert "r" == variant.do(started.result(5))["recording"]["name"]
