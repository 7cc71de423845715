"""Digits that a caller types while nobody asks for any are not lost. On the embedded Asterisk, in both variants."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari._core.calls.digits import DigitCollector
from asterisk_ari.events import ChannelDtmfReceived
from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.phone import Phone
from tests.facade.variants import Variant

SHORT = 0.05


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk() as running:
        yield running


class Caller:
    """A phone in the app, and what its program asks it."""

    def __init__(self, variant: Variant, asterisk: EmbeddedAsterisk) -> None:
        self.variant, self.asterisk = variant, asterisk
        self.ari = variant.client(url=asterisk.url, username=asterisk.username, password=asterisk.password, events=True)
        variant.do(self.ari.connect())
        entered = self.ari.expect("StasisStart")
        self.phone: Phone = asterisk.incoming_call(app="aiagc")
        self.channel: Any = self.ari.channels(variant.do(entered.result(5)).channel["id"])
        entered.close()

    def types(self, keys: str) -> None:
        """Press keys; the client has read all that came of it when this ends."""
        for key in keys:
            with self.ari.expect(ChannelDtmfReceived) as typed:
                self.phone.press(key)
                self.variant.do(typed.result(5))

    def types_unheard(self, keys: str) -> None:
        """The same, while the client has no wait that looks at every event in full."""
        received = self.ari.stats.received
        self.phone.press(keys)
        self.read_until(received + len(keys))

    def read_until(self, received: int) -> None:
        for _ in range(500):
            self.variant.do(self.pause())
            if self.ari.stats.received >= received:
                return
        raise AssertionError("the digits did not come")

    def pause(self) -> Any:
        if self.variant.name == "async":
            return asyncio.sleep(0.01)
        return self.asterisk.settle()

    def collect(self, **options: Any) -> str:
        options = {"first_seconds": SHORT, "next_seconds": SHORT, **options}
        digits = self.variant.do(self.channel.collect_digits(**options))
        return f"{digits.digits} {digits.reason}"


@pytest.fixture
def caller(variant: Variant, asterisk: EmbeddedAsterisk) -> Caller:
    return Caller(variant, asterisk)


def test_what_was_typed_ahead_comes_first(caller: Caller) -> None:
    """What is typed before and between collections feeds the next one; what one leaves over is for the next."""
    caller.types_unheard("12")
    caller.types("34#56")
    assert caller.collect(max_digits=4) == "1234 max_digits"
    assert caller.collect() == " terminator"
    caller.types_unheard("7")
    assert caller.collect() == "567 next_timeout"
    assert caller.collect() == " first_timeout"


def test_type_ahead_is_off_by_choice(caller: Caller) -> None:
    """A question whose answer must not have been typed already begins anew."""
    caller.types_unheard("123")
    assert caller.collect(type_ahead=False) == " first_timeout"
    assert caller.collect() == " first_timeout"
    caller.types_unheard("123")
    caller.channel.clear_digits()
    assert caller.collect() == " first_timeout"


def test_it_is_bounded(caller: Caller) -> None:
    """The first 64 digits are kept."""
    caller.types_unheard("1234567890" * 7)
    assert caller.collect() == f"{'1234567890' * 6}1234 next_timeout"


def test_digits_have_one_owner(caller: Caller) -> None:
    """A digit that a wait for digits of the channel or a handler of digits gets is not kept; who only watches takes none."""
    with caller.channel.expect(ChannelDtmfReceived) as waiter:
        caller.phone.press("1")
        assert caller.variant.do(waiter.result(5)).digit == "1"
    with caller.channel.on(ChannelDtmfReceived, lambda event: None):
        caller.types_unheard("2")
    caller.ari.on("*", lambda event: None)
    caller.ari.on(ChannelDtmfReceived, lambda event: None, ordered=False)
    caller.types_unheard("3")
    assert caller.collect() == "3 next_timeout"


def test_what_a_wait_was_not_asked_for_is_kept(caller: Caller) -> None:
    """Keys come in bursts: a wait that is closed gives back what nobody has taken, to the next collection or wait."""
    with caller.channel.expect(ChannelDtmfReceived) as waiter:
        caller.types_unheard("123")
        assert caller.variant.do(waiter.result(5)).digit == "1"
    assert caller.collect() == "23 next_timeout"


def test_two_waits_for_the_same_digits(caller: Caller) -> None:
    """What one has got the other does not give back, whichever is closed first."""
    with caller.channel.expect(ChannelDtmfReceived), caller.channel.expect(ChannelDtmfReceived) as inner:
        caller.types_unheard("12")
        assert caller.variant.do(inner.result(5)).digit == "1"
    assert caller.collect() == "2 next_timeout"


def test_what_a_collection_took_that_was_cut_short_is_kept(caller: Caller) -> None:
    """Cancelled, or interrupted by an exception out of a signal handler: what it had is the next one's."""
    caller.types_unheard("12")
    cut_short(caller)
    caller.types_unheard("3")
    assert caller.collect() == "123 next_timeout"


def cut_short(caller: Caller) -> None:
    """End a collection that has taken two digits."""
    if caller.variant.name == "async":

        async def cancelled() -> None:
            collecting = asyncio.create_task(caller.channel.collect_digits())
            await asyncio.sleep(SHORT)
            collecting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await collecting

        caller.variant.do(cancelled())
        return

    interrupts = iter([None, KeyboardInterrupt])
    with pytest.MonkeyPatch.context() as patch:
        # Where a signal's handler would raise it: after the second digit was taken.
        patch.setattr(DigitCollector, "add", lambda collector, digit, now: raise_if(next(interrupts)))
        with pytest.raises(KeyboardInterrupt):
            caller.channel.collect_digits()


def raise_if(error: type[BaseException] | None) -> None:
    if error is not None:
        raise error


def test_they_go_with_the_channel(caller: Caller) -> None:
    """What a caller typed who has left is for nobody."""
    caller.types_unheard("1")
    with caller.ari.expect("StasisEnd") as gone:
        caller.phone.hang_up()
        caller.variant.do(gone.result(5))
    assert caller.collect().startswith(" ")
