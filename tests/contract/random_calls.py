"""Random legal and illegal requests, the same to each of several servers, which must answer alike.

Which requests are legal at a time is not modelled: three channels, two bridges and a playback are asked for everything, whether
they exist, are gone, or were never made.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from typing import Any

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.contract.driver import Server
from tests.contract.running import fresh_token
from tests.contract.transcript import Names, of

CHANNELS = st.sampled_from(["c1", "c2", "c3"])
BRIDGES = st.sampled_from(["b1", "b2"])
SWITCHES = st.sampled_from(["hold", "moh", "silence", "ring"])
DIRECTIONS = st.sampled_from(["in", "out", "both", "sideways", ""])
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="${}\\"), max_size=8)
OPERATIONS = st.sampled_from(["pause", "unpause", "restart", "reverse", "forward", "nosuch"])
FARS = st.sampled_from(["wait", "silent", "ring", "talk"])

WAITS = 2.0

Place = tuple[str, Any]


class RandomCalls(RuleBasedStateMachine):
    """Subclasses say which servers take part, and how long each is given after a request."""

    patience = 0.3

    def __init__(self) -> None:
        super().__init__()
        self._stack = contextlib.ExitStack()
        self.servers: list[Server] = []
        for url, pass_time in self.places():
            server = Server(url, fresh_token(), pass_time)
            self.servers.append(self._stack.enter_context(server.session()))
        self.names = [Names(server.token, {}) for server in self.servers]
        self.asked: list[str] = []
        self._numbers = itertools.count(1)

    def places(self) -> Sequence[Place]:
        raise NotImplementedError

    def teardown(self) -> None:
        self._stack.close()

    def ask(self, method: str, path: str, params: dict[str, Any] | None = None, ids: Sequence[str] = ()) -> tuple[int, Any]:
        """Ask each server; `ids` are the parameters whose values are names of this run."""
        answers = []
        for server, names in zip(self.servers, self.names, strict=True):
            mine = {key: server.name(value) if key in ids and value else value for key, value in (params or {}).items()}
            answer = server.send_within(WAITS, method, path.replace("*", server.token), mine)
            if answer is None:  # a paused playback keeps it waiting, perhaps for ever: that is an answer too
                answers.append((0, "no answer yet"))
                continue
            body = names.value(answer.body)
            if answer.status == 201:  # "queued" or already begun
                body["state"] = ""
            answers.append((answer.status, body))
        self.asked.append(f"{method} {path} {params or ''} -> {answers[0]}".replace("*", ""))
        for other in answers[1:]:
            assert other == answers[0], "\n".join([*self.asked, f"but the other server: {other}"])
        return answers[0]

    def change(self, method: str, path: str, params: dict[str, Any] | None = None, ids: Sequence[str] = ()) -> tuple[int, Any]:
        answer = self.ask(method, path, params, ids)
        for server in self.servers:
            server.quiet(self.patience)
        return answer

    @initialize(far=FARS, kind=st.sampled_from(["mixing", "holding"]))
    def something_to_ask_for(self, far: str, kind: str) -> None:
        self.originate("c1", far)
        self.originate("c2", "wait")
        self.make_bridge("b1", kind)

    # ------------------------------------------------------------------ requests
    @rule(channel=CHANNELS, far=FARS)
    def originate(self, channel: str, far: str) -> None:
        ids = ("app", "channelId", "otherChannelId")
        params = {"endpoint": f"Local/{far}@plain", "app": "app", "channelId": channel, "otherChannelId": f"{channel}-far"}
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
    def switch(self, channel: str, what: str, method: str) -> None:
        self.change(method, f"/channels/{channel}*/{what}")

    @rule(channel=CHANNELS, direction=DIRECTIONS, method=st.sampled_from(["POST", "DELETE"]))
    def mute(self, channel: str, direction: str, method: str) -> None:
        self.change(method, f"/channels/{channel}*/mute", {"direction": direction})

    @rule(channel=CHANNELS, value=VALUES)
    def write_and_read(self, channel: str, value: str) -> None:
        self.change("POST", f"/channels/{channel}*/variable", {"variable": "RANDOM_CALLS", "value": value})
        self.ask("GET", f"/channels/{channel}*/variable", {"variable": "RANDOM_CALLS"})

    @rule(channel=CHANNELS)
    def leave_the_app(self, channel: str) -> None:
        self.change("POST", f"/channels/{channel}*/continue", {"context": "plain", "extension": "silent", "priority": 1})

    @rule(bridge=BRIDGES, kind=st.sampled_from(["mixing", "holding", "nosuch"]))
    def make_bridge(self, bridge: str, kind: str) -> None:
        self.change("POST", "/bridges", {"type": kind, "bridgeId": bridge}, ("bridgeId",))

    @rule(bridge=BRIDGES)
    def destroy_bridge(self, bridge: str) -> None:
        self.change("DELETE", f"/bridges/{bridge}*")

    @rule(bridge=BRIDGES, channel=CHANNELS)
    def enter(self, bridge: str, channel: str) -> None:
        self.change("POST", f"/bridges/{bridge}*/addChannel", {"channel": channel}, ("channel",))

    @rule(bridge=BRIDGES, channel=CHANNELS)
    def leave(self, bridge: str, channel: str) -> None:
        self.change("POST", f"/bridges/{bridge}*/removeChannel", {"channel": channel}, ("channel",))

    @rule(bridge=BRIDGES, method=st.sampled_from(["POST", "DELETE"]))
    def bridge_music(self, bridge: str, method: str) -> None:
        self.change(method, f"/bridges/{bridge}*/moh")

    @rule(channel=CHANNELS)
    def play(self, channel: str) -> None:
        params = {"media": "sound:tt-monkeys", "playbackId": f"p{next(self._numbers)}"}
        self.change("POST", f"/channels/{channel}*/play", params, ("playbackId",))

    @rule(number=st.integers(1, 4), operation=OPERATIONS)
    def control(self, number: int, operation: str) -> None:
        self.change("POST", f"/playbacks/p{number}*/control", {"operation": operation})

    @rule(number=st.integers(1, 4))
    def stop_playing(self, number: int) -> None:
        self.change("DELETE", f"/playbacks/p{number}*")

    @rule(channel=CHANNELS, name=st.sampled_from(["r1", "r2", "../r", ""]))
    def record(self, channel: str, name: str) -> None:
        self.change("POST", f"/channels/{channel}*/record", {"name": name, "format": "wav", "ifExists": "overwrite"}, ("name",))

    @rule(
        name=st.sampled_from(["r1", "r2"]),
        method=st.sampled_from(["POST", "DELETE"]),
        what=st.sampled_from(["/pause", "/stop", "/mute"]),
    )
    def control_recording(self, name: str, method: str, what: str) -> None:
        self.change(method, f"/recordings/live/{name}*{what}")

    # ------------------------------------------------------------------ what must hold
    @precondition(lambda self: self.asked)
    @invariant()
    def the_same_is_there(self) -> None:
        for bridge in ("b1", "b2"):
            self.ask("GET", f"/bridges/{bridge}*")
        for channel in ("c1", "c2", "c3"):
            self.ask("GET", f"/channels/{channel}*")

    def events(self) -> list[dict[str, list[dict[str, Any]]]]:
        """By object, of each server."""
        return [of(server)["events"] for server in self.servers]


def check_random_calls(machine: type[RandomCalls], examples: int, steps: int) -> None:
    """Run the machine: the same sequences every time, for one that newly diverges belongs into a scenario."""
    bounded = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],  # a step takes time: the sequence that was found is short enough to read
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_state_machine_as_test(machine, settings=bounded)
