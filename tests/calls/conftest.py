"""Calls of the embedded Asterisk, and programs that take them, in both variants."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk, ServerEndpoint
from tests.calls.programs import in_variant

SOUNDS = {"welcome": 2.0, "menu": 5.0, "enter": 3.0, "invalid": 1.0, "nothing": 1.0, "sorry": 1.0, "bye": 1.0}
ENDPOINTS: dict[str, Any] = {
    "alice": ServerEndpoint("alice", "rings"),
    "bob": ServerEndpoint("bob", "rings"),
    "busy": ServerEndpoint("busy", "busy", answers_after=1.0),
    "declines": ServerEndpoint("declines", "refuses", answers_after=1.0),
    "quick": ServerEndpoint("quick", "answers", answers_after=1.0),
    "nobody": "unreachable",
}
DIALPLAN = {
    "machine": {"s": ["Set(AMDSTATUS=MACHINE)", "Stasis(ivr)"]},
    "human": {"s": ["Set(AMDSTATUS=HUMAN)", "Stasis(ivr)"]},
    "add": {"s": ["Stasis(ivr,more)", "Hangup()"]},
    "in": {"_X!": ["Stasis(ivr,${EXTEN},more)", "Hangup()"]},
    "sorry": {"s": ["Answer()", "Wait(60)"]},
    "early": {
        "answers": ["Progress()", "Wait(2)", "Answer()", "Wait(60)"],
        "busy": ["Progress()", "Wait(2)", "Busy(10)"],
        "silent": ["Progress()", "Wait(60)"],
    },
}


class World:
    """A server, a client that runs in the background, and the program of a test in its variant."""

    def __init__(self, asterisk: EmbeddedAsterisk, variant: str) -> None:
        self.asterisk, self.variant = asterisk, variant
        self.errors: list[BaseException] = []
        self.results: list[Any] = []
        self.is_connected = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        kind: Any = AsteriskARI if variant == "sync" else AsyncAsteriskARI
        self.ari: Any = kind(
            url=asterisk.url,
            username=asterisk.username,
            password=asterisk.password,
            app_name="ivr",
            on_error=lambda error, event: self.errors.append(error),
        )
        self.run_options: dict[str, Any] = {}
        self.loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None

    def program(self, body: Callable[..., Any], *, app: Any = None, args: Any = (), **names: Any) -> Any:
        """Register a program; what it returns goes to `results`."""
        made = in_variant(body, self.variant, ari=self.ari, world=self, results=self.results, **names)
        self.ari.calls(app, args=args)(made)
        return made

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="test-client")
        self._thread.start()
        self.asterisk.wait_until(lambda: self.ari.stats.connected or not self._thread.is_alive())  # type: ignore[union-attr]
        assert self.ari.stats.connected

    def _run(self) -> None:
        if self.variant == "sync":
            self.ari.run(**self.run_options)
            return
        with asyncio.Runner(loop_factory=self.loop_factory) as runner:
            runner.run(self._run_async())

    async def _run_async(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self.ari.run(**self.run_options)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left

    def stop(self) -> None:
        if self._thread is not None:
            self.ari.stop()
            self._thread.join(30)
            assert not self._thread.is_alive()
            self._thread = None

    def call_in(self, called: str = "", **options: Any) -> Any:
        """A phone calls the app, or a number of the dialplan."""
        if called:
            return self.asterisk.incoming_call(context="in", called=called, **options)
        return self.asterisk.incoming_call(app="ivr", **options)

    def until(self, condition: Callable[[], Any]) -> Any:
        return self.asterisk.wait_until(condition, timeout=20)

    def advance(self, seconds: float) -> None:
        self.asterisk.advance(seconds)

    def advance_until(self, condition: Callable[[], Any]) -> None:
        """Let time pass until a condition is true, however many seconds of the server that takes on a busy machine."""
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end
            self.advance(0.5)

    def hears(self, phone: Any, media: str) -> None:
        self.until(lambda: (heard := phone.hears()) is not None and heard.media == media)

    def nothing_left(self) -> None:
        """Nothing is left of any call, on the server or in the client."""
        machine = self.asterisk.machine
        self.until(lambda: not machine.channels and not machine.bridges and not machine.playbacks)
        self.until(lambda: not machine.live_recordings)
        self.until(lambda: self.ari.stats.waiters == 0 and self.ari.stats.busy_calls == 0)
        self.until(lambda: not [one for one in threading.enumerate() if one.name == "ari-subtask"])
        if self._loop is not None and self._thread is not None:
            loop = self._loop
            self.until(lambda: not [task for task in asyncio.all_tasks(loop) if not is_the_clients(task)])


def is_the_clients(task: Any) -> bool:
    """Whether a task is one that every connected client has."""
    name = task.get_name()
    return (name.startswith("ari-") and name != "ari-uninterrupted") or "_run_async" in repr(task.get_coro())


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("22.10.1", virtual_time=True, sounds=SOUNDS, endpoints=ENDPOINTS, dialplan=DIALPLAN) as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def world(request: pytest.FixtureRequest, asterisk: EmbeddedAsterisk) -> Iterator[World]:
    made = World(asterisk, request.param)
    yield made
    made.stop()
    assert made.errors == []


sleep = time.sleep
