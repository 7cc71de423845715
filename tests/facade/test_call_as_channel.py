"""A call scope stands for its channel, wherever a channel or its id is taken. On the embedded Asterisk, in both variants."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari import errors
from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.variants import Variant

TAKES_A_CHANNEL: dict[str, Callable[[Any, Any, Any], Any]] = {
    "a bridge": lambda ari, bridge, call: bridge.add_channel(call),
    "a list": lambda ari, bridge, call: bridge.add_channel([call, call.channel]),
    "a method by id": lambda ari, bridge, call: ari.channels.mute(call),
    "a documented method": lambda ari, bridge, call: ari.mute_channel("in", call),
    "by name": lambda ari, bridge, call: ari.operation("channels.mute", channelId=call),
    "an event source": lambda ari, bridge, call: ari.applications("aiagc").subscribe(call),
    "an originator": lambda ari, bridge, call: ari.channels.create("PJSIP/alice", originator=call),
}


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(endpoints={"alice": "answers"}) as running:
        yield running


@pytest.fixture
def ari(variant: Variant, asterisk: EmbeddedAsterisk) -> Any:
    client = variant.client(url=asterisk.url, username=asterisk.username, password=asterisk.password, events=True)
    variant.do(client.connect())
    return client


@pytest.mark.parametrize("name", TAKES_A_CHANNEL)
def test_a_call_is_taken_for_its_channel(variant: Variant, asterisk: EmbeddedAsterisk, ari: Any, name: str) -> None:
    call = variant.enter(ari.call("PJSIP/alice"))
    bridge = variant.do(ari.bridges.create("mixing"))
    asterisk.clear()
    assert variant.do(TAKES_A_CHANNEL[name](ari, bridge, call)) is not False
    (request,) = asterisk.requests.to("", "POST")
    assert call.channel.id in f"{request.path} {request.query} {request.body}"
    variant.leave(call)


def test_a_call_gives_its_handle_and_its_events(variant: Variant, ari: Any) -> None:
    call = variant.enter(ari.call("PJSIP/alice"))
    assert ari.channels(call) == call.channel
    assert call.id == call.channel.id
    with ari.expect("ChannelDestroyed", about=call) as gone:
        variant.leave(call)
        assert variant.do(gone.result(5)).channel_id == call.id


def test_a_call_is_no_other_object(variant: Variant, ari: Any) -> None:
    call = variant.enter(ari.call("PJSIP/alice"))
    with pytest.raises(errors.BadArgument, match="bridgeId must be a bridge or its id, not <.*Call with Channel"):
        variant.do(ari.operation("bridges.get", bridgeId=call))
    variant.leave(call)


def test_its_repr_says_which_call_it_is(variant: Variant, ari: Any) -> None:
    call = ari.call("PJSIP/alice")
    assert repr(call) == "<Call to 'PJSIP/alice', not entered>"
    with pytest.raises(errors.NotConnected, match="has not been entered"):
        ari.channels(call)
    call = variant.enter(call)
    assert repr(call) == f"<Call with Channel('{call.channel.id}'), Up>"
    variant.leave(call)
