"""Random requests, the same to each of several servers, whose responses must be the same: the common base."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import hypothesis
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.contract.driver import Server
from tests.contract.running import fresh_token
from tests.contract.transcript import Names

MAX_WAIT_SECONDS = 2.0

Target = tuple[str, Any]
"""The address of a server, and what advances its time (None: time is real)."""


class RandomRequests(RuleBasedStateMachine):
    """Subclasses name the servers (`targets`), and how much of its time each is given after a request."""

    reaction_seconds = 0.3

    def __init__(self) -> None:
        super().__init__()
        self._stack = contextlib.ExitStack()
        self.servers: list[Server] = []
        for url, pass_time in self.targets():
            server = Server(url, fresh_token(), pass_time)
            self.servers.append(self._stack.enter_context(server.session()))
        self.names = [Names(server.token, {}) for server in self.servers]
        self.requests: list[str] = []

    def targets(self) -> Sequence[Target]:
        raise NotImplementedError

    def teardown(self) -> None:
        self._stack.close()

    def request(
        self, method: str, path: str, params: dict[str, Any] | None = None, ids: Sequence[str] = (), json: Any = None
    ) -> tuple[int, Any]:
        """Send a request to each server. A "*" in the path, and in the parameters named in `ids`, stands for the token of the run."""
        answers = []
        for server, names in zip(self.servers, self.names, strict=True):
            own_params = {key: value.replace("*", server.token) if key in ids else value for key, value in (params or {}).items()}
            answer = server.send_within(MAX_WAIT_SECONDS, method, path.replace("*", server.token), own_params, json)
            if answer is None:  # it waits for a paused playback, perhaps without end: that is a result, too
                answers.append((0, "no response yet"))
                continue
            body = names.value(answer.body)
            if answer.status == 201:  # "queued" or already started
                body["state"] = ""
            answers.append((answer.status, body))
        self.requests.append(f"{method} {path} {params or ''} {json or ''} -> {answers[0]}".replace("*", ""))
        for other in answers[1:]:
            assert other == answers[0], "\n".join([*self.requests, f"but the other server: {other}"])
        return answers[0]

    def change(
        self, method: str, path: str, params: dict[str, Any] | None = None, ids: Sequence[str] = (), json: Any = None
    ) -> tuple[int, Any]:
        """Send a request, and let time pass for its effects."""
        answer = self.request(method, path, params, ids, json)
        for server in self.servers:
            server.pass_time(self.reaction_seconds)
        return answer


def check(machine: type[RandomRequests], examples: int, steps: int) -> None:
    """Run the machine, with the same sequences every time: one that diverges belongs into a scenario."""
    bounded = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],  # shrinking would take long, and sequences are short enough to read
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_state_machine_as_test(machine, settings=bounded)
