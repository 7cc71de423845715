"""Workers that share the calls of one embedded Asterisk, in both variants."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.errors import NotConnected
from asterisk_ari.testing import EmbeddedAsterisk
from tests.calls.programs import in_variant

DIALPLAN = {
    "offer": {
        "_X!": ["StasisBroadcast(5000,^support-,vip:${EXTEN},yes)", "Goto(rest,s,1)"],
        "quietly": ["StasisBroadcast(5000)", "Goto(rest,s,1)"],
    },
    "rest": {"s": ["Answer()", "Wait(60)"]},
}


class Worker:
    """A client that runs a pool in the background, until it is stopped."""

    def __init__(self, asterisk: EmbeddedAsterisk, variant: str, app: str, **options: Any) -> None:
        self.asterisk, self.variant, self.app = asterisk, variant, app
        kind: Any = AsteriskARI if variant == "sync" else AsyncAsteriskARI
        self.errors: list[BaseException] = []
        self.ari: Any = kind(
            url=asterisk.url,
            username=asterisk.username,
            password=asterisk.password,
            app_name=app,
            on_error=lambda error, event: self.errors.append(error),
        )
        self.pool: Any = self.ari.compete(**options)
        self.served: list[str] = []
        self.failure: BaseException | None = None
        self._thread: threading.Thread | None = None

    def start(self, body: Callable[..., Any], **run_options: Any) -> "Worker":
        self.pool.calls(in_variant(body, self.variant, worker=self))
        self._thread = threading.Thread(target=self.run, kwargs=run_options, name="test-worker")
        self._thread.start()
        self.asterisk.wait_until(lambda: self.pool.is_open or not self._is_alive())
        return self

    def _is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def run(self, **run_options: Any) -> None:
        try:
            if self.variant == "sync":
                self.pool.run(**run_options)
            else:
                asyncio.run(self.pool.run(**run_options))
        except Exception as error:
            self.failure = error

    def stop(self) -> None:
        self.ari.stop()
        self.join()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(30)
            assert not self._thread.is_alive()


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(
        "22.10.1", virtual_time=True, sounds={"welcome": 2.0}, endpoints={"alice": "answers", "bob": "rings"}, dialplan=DIALPLAN
    ) as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def worker(request: pytest.FixtureRequest, asterisk: EmbeddedAsterisk) -> Iterator[Callable[..., Worker]]:
    """Makes workers of a variant, which are stopped at the end."""
    made: list[Worker] = []

    def make(app: str = "support-1", **options: Any) -> Worker:
        made.append(Worker(asterisk, request.param, app, **{"capacity": 10, **options}))
        return made[-1]

    yield make
    for one in made:
        one.stop()
    assert [error for one in made for error in one.errors if not isinstance(error, NotConnected)] == []
