"""A channel that a request creates enters its app a moment after the reply, as on a real server."""

from __future__ import annotations

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.server.server import EntryDelay
from tests.embedded.support import Client, until

CREATIONS = {
    "create": "channels/create?endpoint=PJSIP/alice&app=app&channelId=new",
    "originate": "channels?endpoint=PJSIP/alice&app=app&channelId=new",
    "externalMedia": "channels/externalMedia?app=app&external_host=127.0.0.1:4000&format=ulaw&channelId=new",
    "snoop": "channels/talker/snoop?app=app&spy=both&snoopId=new",
}


def entered(asterisk: EmbeddedAsterisk, channel_id: str) -> bool:
    return channel_id in [event["channel"]["id"] for event in asterisk.events.of("StasisStart")]


@pytest.mark.parametrize("virtual_time", [False, True])
@pytest.mark.parametrize("creation", CREATIONS)
def test_a_program_that_does_not_wait_fails(creation: str, virtual_time: bool) -> None:
    """409 and 422 until its StasisStart, then the same requests are accepted."""
    with EmbeddedAsterisk(
        "22.10.1", endpoints={"alice": "answers"}, entry_delay_seconds=1.0, virtual_time=virtual_time
    ) as asterisk:
        client = Client(asterisk)
        client.listen("app")
        client("POST", "channels/create?endpoint=PJSIP/alice&app=app&channelId=talker")
        client("POST", "bridges/b")
        until(lambda: entered(asterisk, "talker"))
        assert 200 == client("POST", CREATIONS[creation]).status
        assert 409 == client("POST", "channels/new/variable?variable=A&value=b").status
        assert 422 == client("POST", "bridges/b/addChannel?channel=new").status
        if virtual_time:
            asterisk.advance(1.0)
        until(lambda: entered(asterisk, "new"))
        assert 204 == client("POST", "channels/new/variable?variable=A&value=b").status
        assert 204 == client("POST", "bridges/b/addChannel?channel=new").status
        client.close()


def test_settle_waits_for_channels_on_their_way() -> None:
    with EmbeddedAsterisk(entry_delay_seconds=0.15, virtual_time=True) as asterisk:
        client = Client(asterisk)
        client.listen("app")
        client("POST", "channels/create?endpoint=Local/wait@plain&app=app&channelId=new")
        asterisk.settle()
        assert entered(asterisk, "new")
        client.close()


def test_no_delay_at_all() -> None:
    with EmbeddedAsterisk(entry_delay_seconds=0, virtual_time=True) as asterisk:
        client = Client(asterisk)
        client.listen("app")
        client("POST", "channels/create?endpoint=Local/wait@plain&app=app&channelId=new")
        assert 204 == client("POST", "channels/new/variable?variable=A&value=b").status
        client.close()


def test_delays_from_a_range_are_those_of_the_seed() -> None:
    """The same with the same seed, others with another. Not by the order of entries: a busy machine changes that."""

    def delays(seed: int) -> list[float]:
        delay = EntryDelay((0.0, 0.3), seed)
        return [delay.next() for _ in range(6)]

    assert delays(1) == delays(1) != delays(3)
    assert all(0.0 <= one <= 0.3 for one in delays(1))
    assert EntryDelay(0.2, 1).next() == 0.2


@pytest.mark.parametrize("delay", [-1.0, (0.2, 0.1)])
def test_a_delay_that_cannot_be(delay: float | tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="entry_delay_seconds"):
        EmbeddedAsterisk(entry_delay_seconds=delay)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("transport", ["http", "websocket"])
def test_a_program_of_the_package_never_comes_too_early(transport: str, seed: int) -> None:
    """Whatever the delays are: what needs a new channel in the app waits for it, over either way."""
    with (
        EmbeddedAsterisk("22.10.1", endpoints={"alice": "answers"}, entry_delay_seconds=(0.0, 0.02), seed=seed) as asterisk,
        AsteriskARI(
            url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="app", transport=transport
        ) as ari,
    ):
        bridge = ari.bridges.create()
        made = [ari.channels.originate("Local/wait@plain", app="app") for _ in range(3)]
        made += [ari.channels.create("PJSIP/alice", app="app")]
        for channel in made:
            channel.set_variable("colour", "red")
            bridge.add_channel(channel)
            assert channel.get_variable("colour") == "red"
        made.append(made[0].snoop(app="app", spy="both"))
        made[-1].set_variable("colour", "blue")
        for channel in reversed(made):  # a snoop ends with its channel
            channel.hangup()
        assert [(one.status, one.target) for one in asterisk.requests if one.status in {409, 422}] == []
