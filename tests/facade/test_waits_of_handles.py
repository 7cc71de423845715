"""What a wait leaves in its handle, and how it ends when its call does. On the embedded Asterisk, in both variants."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari import errors
from asterisk_ari.events import Event
from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.variants import Variant
from tests.transport.ways import Way

LIMIT = 5.0
# A wait that is to end at once: one that ran to this limit would be ended by the limit of the test itself.
LONG = 600.0


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    dialplan = {"answers": {"s": ["Answer()", "Wait(60)"]}}
    with EmbeddedAsterisk(endpoints={"alice": "silent", "bob": "answers"}, dialplan=dialplan) as running:
        yield running


class Program:
    """A connected client, and what happens while one of its waits goes on."""

    def __init__(self, variant: Variant, asterisk: EmbeddedAsterisk) -> None:
        self.variant, self.asterisk, self.do = variant, asterisk, variant.do
        self.way = Way("http", variant)
        self.ari = variant.client(url=asterisk.url, username=asterisk.username, password=asterisk.password, events=True)
        variant.do(self.ari.connect())

    def wait(self, wait: Callable[[], Any], act: Callable[[], Any]) -> Any:
        """The outcome of a wait, during which something happens."""
        outcome, acted = self.way.at_once([wait, self.way.when(lambda: self.ari.stats.waiters, act)])
        assert not isinstance(acted, Exception), acted
        return outcome

    def incoming(self) -> tuple[Any, Any]:
        """The handle of a caller's channel, and the caller's phone."""
        with self.ari.expect("StasisStart") as entered:
            phone = self.asterisk.incoming_call(app="aiagc")
            return self.ari.channels(self.do(entered.result(LIMIT)).channel["id"]), phone


@pytest.fixture
def program(variant: Variant, asterisk: EmbeddedAsterisk) -> Program:
    return Program(variant, asterisk)


def test_a_channel_is_up_after_the_wait_for_that(program: Program, asterisk: EmbeddedAsterisk) -> None:
    """Whether it was answered during the wait or before."""
    channel = program.do(program.ari.channels.originate("PJSIP/alice", app="aiagc"))
    assert channel.state == "Down"
    program.wait(lambda: channel.wait_until_up(LIMIT), lambda: asterisk.phone_of(channel.id).answer())
    assert channel.state == "Up"
    again = program.ari.channels(channel.id)
    program.do(again.wait_until_up(LIMIT))
    assert again.state == "Up"


def test_a_channel_in_the_app_is_known_after_the_wait_for_that(program: Program) -> None:
    """Whether it entered during the wait or before."""
    for endpoint in ("PJSIP/bob", "PJSIP/bob"):
        channel = program.do(program.ari.channels.originate(endpoint, app="aiagc"))
        again = program.ari.channels(channel.id)
        program.do(channel.wait_until_in_stasis(LIMIT))
        assert channel.state == "Up"
        program.do(again.wait_until_in_stasis(LIMIT))
        assert again.state == "Up"


def test_an_answered_channel_stays_up_by_a_later_wait_for_the_app(program: Program) -> None:
    """The StasisStart, which came before the answer, is not what the handle goes back to."""
    channel, _ = program.incoming()
    program.do(channel.answer())
    program.do(channel.wait_until_up(LIMIT))
    program.do(channel.wait_until_in_stasis(LIMIT))
    assert channel.state == "Up"


def test_media_have_ended_after_their_waits(program: Program, asterisk: EmbeddedAsterisk) -> None:
    """A playback and a recording hold the state that they ended with."""
    channel, phone = program.incoming()
    program.do(channel.answer())
    playback = program.do(channel.play(media="sound:hello-world"))
    program.wait(lambda: playback.wait(LIMIT), lambda: asterisk.advance(5))
    assert playback.state == "done"
    recording = program.do(channel.record("greeting", "wav"))
    program.wait(lambda: recording.wait(LIMIT), lambda: phone.hang_up())
    assert recording.state == "done"


@pytest.mark.parametrize("by", ["wait_for", "expect", "ari.expect"])
def test_each_handle_holds_what_its_event_said(program: Program, asterisk: EmbeddedAsterisk, by: str) -> None:
    """The event of a wait is the last known snapshot of the object that the wait was about."""
    ari = program.ari

    def wait(handle: Any, name: str) -> Callable[[], Any]:
        if by == "wait_for":
            return lambda: handle.wait_for(name, timeout_seconds=LIMIT)
        waiter = handle.expect(name) if by == "expect" else ari.expect(name, about=handle)
        return lambda: waiter.result(LIMIT)

    channel, phone = program.incoming()
    program.do(channel.answer())
    bridge = program.do(ari.bridges.create("mixing"))
    joined = program.wait(wait(bridge, "ChannelEnteredBridge"), lambda: bridge.add_channel(channel))
    assert isinstance(joined, Event)
    assert bridge.json["channels"] == [channel.id]
    assert bridge.type == "mixing"
    program.wait(wait(channel, "ChannelDtmfReceived"), lambda: phone.press("1"))
    assert channel.state == "Up"
    device = ari.device_states("Stasis:desk")
    program.do(ari.applications("aiagc").subscribe("deviceState:Stasis:desk"))
    program.wait(wait(device, "DeviceStateChanged"), lambda: device.update("INUSE"))
    assert device.state == "INUSE"
    endpoint = ari.endpoints("PJSIP/bob")
    program.do(ari.applications("aiagc").subscribe("endpoint:PJSIP/bob"))
    program.wait(wait(endpoint, "PeerStatusChange"), lambda: asterisk.unregister("bob"))
    assert endpoint.json["technology"] == "PJSIP"


def test_what_an_event_says_of_others_is_not_taken(program: Program) -> None:
    """A wait about a bridge leaves the bridge's own snapshot, though its event has the channel's too."""
    channel, _ = program.incoming()
    bridge = program.do(program.ari.bridges.create("mixing", name="room"))
    program.wait(lambda: bridge.wait_for("ChannelEnteredBridge", timeout_seconds=LIMIT), lambda: bridge.add_channel(channel))
    assert bridge.name == "room"


def test_the_end_of_a_wait_is_a_snapshot_as_well(program: Program, asterisk: EmbeddedAsterisk) -> None:
    """The event that ended the channel, and with it the wait."""
    channel = program.do(program.ari.channels.originate("PJSIP/bob", app="aiagc"))
    program.do(channel.wait_until_in_stasis(LIMIT))
    channel = program.ari.channels(channel.id)
    act = asterisk.phone_of(channel.id).hang_up
    gone = program.wait(lambda: channel.wait_for("ChannelDtmfReceived", timeout_seconds=LONG), act)
    assert isinstance(gone, errors.ObjectGone)
    assert channel.state == "Up"
    assert channel.name.startswith("PJSIP/bob")


WAITS: dict[str, Callable[[Any], Any]] = {
    "wait_until_up": lambda channel: channel.wait_until_up(LONG),
    "wait_for": lambda channel: channel.wait_for("ChannelDtmfReceived", timeout_seconds=LONG),
    "expect": lambda channel: channel.expect("ChannelDtmfReceived").result(LONG),
}


@pytest.mark.parametrize("name", WAITS)
def test_a_caller_who_hangs_up_ends_a_wait(program: Program, name: str) -> None:
    """At once, with the cause; Asterisk sends no ChannelDestroyed of a caller's channel."""
    channel, phone = program.incoming()
    gone = program.wait(lambda: WAITS[name](channel), lambda: phone.hang_up(17))
    assert isinstance(gone, errors.ObjectGone), gone
    assert (17, "busy") == (gone.cause, gone.outcome)
    assert "cause 17" in str(gone)


@pytest.mark.parametrize("name", [*WAITS, "wait_until_in_stasis"])
def test_a_wait_for_a_caller_who_has_hung_up(program: Program, name: str) -> None:
    """A wait that begins afterwards ends at once, with the cause too."""
    channel, phone = program.incoming()
    program.wait(lambda: channel.wait_for("StasisEnd", timeout_seconds=LIMIT), lambda: phone.hang_up(17))
    waits = {**WAITS, "wait_until_in_stasis": lambda channel: channel.wait_until_in_stasis(LONG)}
    with pytest.raises(errors.ObjectGone, match="cause 17") as caught:
        program.do(waits[name](channel))
    assert caught.value.cause == 17


def test_a_call_that_the_program_hangs_up_has_no_cause(program: Program) -> None:
    """What its ChannelHangupRequest has for a cause is one of Asterisk's own flags."""
    channel, _ = program.incoming()
    gone = program.wait(lambda: channel.wait_until_up(LONG), channel.hangup)
    assert isinstance(gone, errors.ObjectGone)
    assert gone.cause is None


def test_a_wait_for_the_answer_outside_of_the_app(program: Program) -> None:
    """A channel that has left for the dialplan may be answered there, where no event tells: the server is asked."""
    channel, _ = program.incoming()
    assert program.wait(lambda: channel.wait_until_up(LIMIT), lambda: channel.continue_in_dialplan("answers", "s", 1)) is None
    assert channel.state == "Up"


def test_waits_for_channels_that_do_not_exist(program: Program) -> None:
    """A clear end, and no time-out."""
    channel = program.ari.channels("no-such-channel")
    with pytest.raises(errors.ObjectGone, match="channel no-such-channel"):
        program.do(channel.wait_until_up(LONG))
    with pytest.raises(errors.ObjectGone, match="channel no-such-channel"):
        program.do(channel.collect_digits(first_seconds=LONG))


def test_a_channel_may_be_made_after_the_wait_for_it_began(program: Program, asterisk: EmbeddedAsterisk) -> None:
    """Under an id that is known before; the server has been asked for it in vain meanwhile."""
    ari = program.ari
    channel = ari.channels("to-come")
    make = program.way.when(
        lambda: asterisk.requests.to("/channels/to-come", "GET"),
        lambda: ari.channels.originate("PJSIP/bob", channel_id="to-come", app=ari.settings.app_name),
    )
    outcome, made = program.way.at_once([lambda: channel.wait_until_in_stasis(LIMIT), make])
    assert outcome is None
    assert made.id == "to-come"
    assert channel.state == "Up"


def test_a_collection_of_digits_ends_with_its_caller(program: Program) -> None:
    """Hung up before or during it: that is a result."""
    channel, phone = program.incoming()
    assert program.wait(lambda: channel.collect_digits(first_seconds=LONG), phone.hang_up).reason == "gone"
    assert program.do(channel.collect_digits(first_seconds=LONG)).reason == "gone"


def test_a_wait_that_is_too_long_says_what_did_not_happen(program: Program) -> None:
    """In the words of the one who waits."""
    channel, _ = program.incoming()
    with pytest.raises(errors.WaitTimeout, match=f"channel {channel.id} was not answered within 0.05 s"):
        program.do(channel.wait_until_up(0.05))
    with pytest.raises(errors.WaitTimeout, match=f"channel {channel.id} has not ended within 0.05 s"):
        program.do(channel.wait_until_gone(0.05))
