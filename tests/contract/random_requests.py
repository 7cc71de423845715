"""Random requests, the same to each of several servers, which must answer alike: what all kinds of them share."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import hypothesis
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.contract.driver import Server
from tests.contract.running import fresh_token
from tests.contract.transcript import Names

WAITS = 2.0

Place = tuple[str, Any]


class RandomRequests(RuleBasedStateMachine):
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

    def places(self) -> Sequence[Place]:
        raise NotImplementedError

    def teardown(self) -> None:
        self._stack.close()

    def ask(
        self, method: str, path: str, params: dict[str, Any] | None = None, ids: Sequence[str] = (), json: Any = None
    ) -> tuple[int, Any]:
        """Ask each server; `ids` are the parameters whose values have names of this run, marked by a "*" as in the path."""
        answers = []
        for server, names in zip(self.servers, self.names, strict=True):
            mine = {key: value.replace("*", server.token) if key in ids else value for key, value in (params or {}).items()}
            answer = server.send_within(WAITS, method, path.replace("*", server.token), mine, json)
            if answer is None:  # a paused playback keeps it waiting, perhaps for ever: that is an answer too
                answers.append((0, "no answer yet"))
                continue
            body = names.value(answer.body)
            if answer.status == 201:  # "queued" or already begun
                body["state"] = ""
            answers.append((answer.status, body))
        self.asked.append(f"{method} {path} {params or ''} {json or ''} -> {answers[0]}".replace("*", ""))
        for other in answers[1:]:
            assert other == answers[0], "\n".join([*self.asked, f"but the other server: {other}"])
        return answers[0]

    def change(
        self, method: str, path: str, params: dict[str, Any] | None = None, ids: Sequence[str] = (), json: Any = None
    ) -> tuple[int, Any]:
        """Ask, and give what comes of it time to happen."""
        answer = self.ask(method, path, params, ids, json)
        for server in self.servers:
            server.quiet(self.patience)
        return answer


def check(machine: type[RandomRequests], examples: int, steps: int) -> None:
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
