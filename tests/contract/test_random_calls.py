"""Random requests to the embedded Asterisk: its state stays consistent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from hypothesis.stateful import invariant, precondition

from tests.contract.embedded import Embedded
from tests.contract.random_calls import RandomCalls
from tests.contract.random_mixtures import RandomMixtures
from tests.contract.random_requests import Target, check

KNOWN_STATUSES = {0, 200, 201, 204, 400, 404, 405, 409, 412, 422, 500}


@pytest.fixture(scope="module", params=("16.28.0", "20.15.2", "22.10.1"))
def embedded(request: pytest.FixtureRequest) -> Iterator[Embedded]:
    with Embedded(request.param) as server:
        yield server


class Consistent(RandomMixtures):
    """Invariants of any server, after any request."""

    reaction_seconds = 0.1

    @precondition(lambda self: self.requests)
    @invariant()
    def lists_match_the_objects(self) -> None:
        server = self.servers[0]
        channels = {one["id"]: one for one in server.send("GET", "/channels").body}
        assert channels == {name: server.send("GET", f"/channels/{name}").body for name in channels}
        bridged: list[str] = []
        for bridge in server.send("GET", "/bridges").body:
            assert server.send("GET", f"/bridges/{bridge['id']}").body == bridge
            bridged += bridge["channels"]
        assert len(bridged) == len(set(bridged)), "a channel is in two bridges"
        assert set(bridged) <= set(channels), "a bridge has a channel that does not exist"
        ours = server.send("GET", f"/applications/{server.app}").body
        assert set(ours["channel_ids"]) <= set(channels), "the app is subscribed to a channel that does not exist"

    @precondition(lambda self: self.requests)
    @invariant()
    def only_known_statuses(self) -> None:
        status = int(self.requests[-1].rpartition("-> (")[2].partition(",")[0])
        assert status in KNOWN_STATUSES, self.requests[-1]

    @invariant()
    def events_are_in_order(self) -> None:
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
    class OnEmbedded(Consistent):
        def targets(self) -> Sequence[Target]:
            return ((embedded.url, embedded.pass_time),)

    check(OnEmbedded, examples=15, steps=20)


def test_a_waiting_request_does_not_block_others(embedded: Embedded) -> None:
    """A channel with a paused playback enters a bridge only when that ends; the next request does not wait for it."""

    class OnEmbedded(RandomCalls):
        def targets(self) -> Sequence[Target]:
            return ((embedded.url, embedded.pass_time),)

    calls = OnEmbedded()
    calls.start_with_calls_and_a_bridge("wait", "mixing")
    calls.play("c1")
    calls.control(1, "pause")
    calls.add_to_bridge("b1", "c1")
    assert calls.requests[-1].endswith("(0, 'no response yet')")
    calls.stop_playback(1)
    assert calls.request("GET", "/bridges/b1*")[1]["channels"] == ["c1"]
    calls.teardown()
