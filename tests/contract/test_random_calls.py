"""Random requests to the embedded Asterisk: whatever they are, what it says stays consistent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from hypothesis.stateful import invariant, precondition

from tests.contract.embedded import Embedded
from tests.contract.random_calls import RandomCalls
from tests.contract.random_requests import Place, check

LEGAL = {0, 200, 201, 204, 400, 404, 405, 409, 412, 422, 500}


@pytest.fixture(scope="module", params=("16.28.0", "20.15.2", "22.10.1"))
def embedded(request: pytest.FixtureRequest) -> Iterator[Embedded]:
    with Embedded(request.param) as server:
        yield server


class Consistent(RandomCalls):
    """What must hold on any server, after any request."""

    patience = 0.1

    @precondition(lambda self: self.asked)
    @invariant()
    def lists_say_what_the_objects_say(self) -> None:
        server = self.servers[0]
        channels = {one["id"]: one for one in server.send("GET", "/channels").body}
        assert channels == {name: server.send("GET", f"/channels/{name}").body for name in channels}
        bridged: list[str] = []
        for bridge in server.send("GET", "/bridges").body:
            assert server.send("GET", f"/bridges/{bridge['id']}").body == bridge
            bridged += bridge["channels"]
        assert len(bridged) == len(set(bridged)), "a channel is in two bridges"
        assert set(bridged) <= set(channels), "a bridge holds a channel that is gone"
        ours = server.send("GET", f"/applications/{server.app}").body
        assert set(ours["channel_ids"]) <= set(channels), "the app holds a channel that is gone"

    @precondition(lambda self: self.asked)
    @invariant()
    def only_known_statuses(self) -> None:
        status = int(self.asked[-1].rpartition("-> (")[2].partition(",")[0])
        assert status in LEGAL, self.asked[-1]

    @invariant()
    def events_tell_a_life_in_order(self) -> None:
        for stream, events in self.events()[0].items():
            counted = Counter(event["type"] for event in events)
            where = f"{stream}: {[event['type'] for event in events]}"
            if stream.startswith("playback "):
                assert counted["PlaybackFinished"] <= 1, where
            if stream.startswith("channel "):
                inside = counted["ChannelEnteredBridge"] - counted["ChannelLeftBridge"]
                assert inside in (0, 1), where
                assert counted["StasisStart"] - counted["StasisEnd"] in (-1, 0, 1), where


def test_random_calls_stay_consistent(embedded: Embedded) -> None:
    class Here(Consistent):
        def places(self) -> Sequence[Place]:
            return ((embedded.url, embedded.pass_time),)

    check(Here, examples=15, steps=20)


def test_a_request_that_is_kept_waiting_does_not_hang_them(embedded: Embedded) -> None:
    """A channel with a paused playback enters a bridge only when that ends: the next request does not wait for it."""

    class Here(RandomCalls):
        def places(self) -> Sequence[Place]:
            return ((embedded.url, embedded.pass_time),)

    calls = Here()
    calls.something_to_ask_for("wait", "mixing")
    calls.play("c1")
    calls.control(1, "pause")
    calls.enter("b1", "c1")
    assert calls.asked[-1].endswith("(0, 'no answer yet')")
    calls.stop_playing(1)
    assert calls.ask("GET", "/bridges/b1*")[1]["channels"] == ["c1"]
    calls.teardown()
