"""Random valid and invalid requests, the same to each of several servers, whose responses must be the same.

Which requests are valid at a time is not modelled: three channels, two bridges and a playback get all kinds of requests, whether
they exist, have ended, or never existed.
"""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from tests.contract.random_requests import RandomRequests
from tests.contract.transcript import of

CHANNELS = st.sampled_from(["c1", "c2", "c3"])
BRIDGES = st.sampled_from(["b1", "b2"])
SWITCHES = st.sampled_from(["hold", "moh", "silence", "ring"])
DIRECTIONS = st.sampled_from(["in", "out", "both", "sideways", ""])
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="${}\\"), max_size=8)
OPERATIONS = st.sampled_from(["pause", "unpause", "restart", "reverse", "forward", "nosuch"])
FARS = st.sampled_from(["wait", "silent", "ring", "talk"])


class RandomCalls(RandomRequests):
    """Channels, bridges, playbacks and recordings."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(1)

    @initialize(far=FARS, kind=st.sampled_from(["mixing", "holding"]))
    def start_with_calls_and_a_bridge(self, far: str, kind: str) -> None:
        self.originate("c1", far)
        self.originate("c2", "wait")
        self.create_bridge("b1", kind)

    # ------------------------------------------------------------------ requests
    @rule(channel=CHANNELS, far=FARS)
    def originate(self, channel: str, far: str) -> None:
        ids = ("app", "channelId", "otherChannelId")
        params = {
            "endpoint": f"Local/{far}@plain",
            "app": "app*",
            "channelId": f"{channel}*",
            "otherChannelId": f"{channel}-far*",
        }
        self.change("POST", "/channels", params, ids)

    @rule(channel=CHANNELS)
    def hang_up(self, channel: str) -> None:
        self.change("DELETE", f"/channels/{channel}*")

    @rule(channel=CHANNELS)
    def hang_up_the_far_half(self, channel: str) -> None:
        self.change("DELETE", f"/channels/{channel}-far*")

    @rule(channel=CHANNELS)
    def answer(self, channel: str) -> None:
        self.change("POST", f"/channels/{channel}*/answer")

    @rule(channel=CHANNELS, what=SWITCHES, method=st.sampled_from(["POST", "DELETE"]))
    def start_or_stop(self, channel: str, what: str, method: str) -> None:
        self.change(method, f"/channels/{channel}*/{what}")

    @rule(channel=CHANNELS, direction=DIRECTIONS, method=st.sampled_from(["POST", "DELETE"]))
    def mute(self, channel: str, direction: str, method: str) -> None:
        self.change(method, f"/channels/{channel}*/mute", {"direction": direction})

    @rule(channel=CHANNELS, value=VALUES)
    def write_and_read(self, channel: str, value: str) -> None:
        self.change("POST", f"/channels/{channel}*/variable", {"variable": "RANDOM_CALLS", "value": value})
        self.request("GET", f"/channels/{channel}*/variable", {"variable": "RANDOM_CALLS"})

    @rule(channel=CHANNELS)
    def continue_in_dialplan(self, channel: str) -> None:
        self.change("POST", f"/channels/{channel}*/continue", {"context": "plain", "extension": "silent", "priority": 1})

    @rule(bridge=BRIDGES, kind=st.sampled_from(["mixing", "holding", "nosuch"]))
    def create_bridge(self, bridge: str, kind: str) -> None:
        self.change("POST", "/bridges", {"type": kind, "bridgeId": f"{bridge}*"}, ("bridgeId",))

    @rule(bridge=BRIDGES)
    def destroy_bridge(self, bridge: str) -> None:
        self.change("DELETE", f"/bridges/{bridge}*")

    @rule(bridge=BRIDGES, channel=CHANNELS)
    def add_to_bridge(self, bridge: str, channel: str) -> None:
        self.change("POST", f"/bridges/{bridge}*/addChannel", {"channel": f"{channel}*"}, ("channel",))

    @rule(bridge=BRIDGES, channel=CHANNELS)
    def remove_from_bridge(self, bridge: str, channel: str) -> None:
        self.change("POST", f"/bridges/{bridge}*/removeChannel", {"channel": f"{channel}*"}, ("channel",))

    @rule(bridge=BRIDGES, method=st.sampled_from(["POST", "DELETE"]))
    def bridge_music(self, bridge: str, method: str) -> None:
        self.change(method, f"/bridges/{bridge}*/moh")

    @rule(channel=CHANNELS)
    def play(self, channel: str) -> None:
        params = {"media": "sound:tt-monkeys", "playbackId": f"p{next(self._numbers)}*"}
        self.change("POST", f"/channels/{channel}*/play", params, ("playbackId",))

    @rule(number=st.integers(1, 4), operation=OPERATIONS)
    def control(self, number: int, operation: str) -> None:
        self.change("POST", f"/playbacks/p{number}*/control", {"operation": operation})

    @rule(number=st.integers(1, 4))
    def stop_playback(self, number: int) -> None:
        self.change("DELETE", f"/playbacks/p{number}*")

    @rule(channel=CHANNELS, name=st.sampled_from(["r1*", "r2*", "../r*", ""]))
    def record(self, channel: str, name: str) -> None:
        self.change("POST", f"/channels/{channel}*/record", {"name": name, "format": "wav", "ifExists": "overwrite"}, ("name",))

    @rule(
        name=st.sampled_from(["r1", "r2"]),
        method=st.sampled_from(["POST", "DELETE"]),
        what=st.sampled_from(["/pause", "/stop", "/mute"]),
    )
    def control_recording(self, name: str, method: str, what: str) -> None:
        self.change(method, f"/recordings/live/{name}*{what}")

    # ------------------------------------------------------------------ invariants
    @precondition(lambda self: self.requests)
    @invariant()
    def the_same_objects(self) -> None:
        for bridge in ("b1", "b2"):
            self.request("GET", f"/bridges/{bridge}*")
        for channel in ("c1", "c2", "c3"):
            self.request("GET", f"/channels/{channel}*")

    def events(self) -> list[dict[str, list[dict[str, Any]]]]:
        """The events by object, of each server."""
        return [of(server)["events"] for server in self.servers]
