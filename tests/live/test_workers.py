"""Worker processes that share calls on one server."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.calls.programs import in_variant
from tests.live.calls import eventually, fresh
from tests.live.conftest import Connect
from tests.live.server import Server
from tests.live.variants import Variant

RACES = int(os.environ.get("LIVE_RACES", "150"))
AT_ONCE = 20


class Worker:
    """A process of `pool_program`, and what it has told so far."""

    def __init__(self, kind: str, server: Server, app: str, capacity: int) -> None:
        access = server.credentials
        command = [sys.executable, "-m", "tests.live.pool_program", kind, access["url"], access["username"], access["password"]]
        self.process = subprocess.Popen([*command, app, str(capacity)], stdout=subprocess.PIPE, text=True)
        self.told: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        eventually(lambda: self.told, "the worker did not start", 60)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            self.told.extend(map(json.loads, lines))

    @property
    def served(self) -> list[str]:
        return [one["served"] for one in self.told if "served" in one]

    def end(self) -> dict[str, Any]:
        """Stop it: its counters."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0
        self._reader.join()
        stats: dict[str, Any] = self.told[-1]["stats"]
        return stats


@contextlib.contextmanager
def workers(server: Server, *kinds: str, capacity: int) -> Iterator[list[Worker]]:
    made: list[Worker] = []
    try:
        for kind in kinds:
            made.append(Worker(kind, server, fresh("worker"), capacity))
        yield made
    finally:
        for one in made:
            one.process.kill()
            one.process.wait()
            one._reader.join()


async def serve(call: Any) -> None:
    await call.answer()


@pytest.mark.timeout(300)
def test_each_call_on_offer_is_claimed_by_one_of_three_workers(
    connect: Connect, server: Server, variant: Variant, packaged: Any
) -> None:
    ari = connect()
    if "events.claimChannel" not in server.operations:
        pool = ari.compete(capacity=1)
        pool.calls(in_variant(serve, variant.name))
        with server.refused_without("events.claimChannel"):
            pool.run()
        return
    placed = [fresh("race") for _ in range(RACES)]
    with workers(server, "tasks", "tasks", "threads", capacity=AT_ONCE) as made:
        for number, call_id in enumerate(placed):
            # The first half plays nothing and ends with the second one, which is on offer.
            ari.channels.originate(
                "Local/s@broadcast",
                context="silence",
                extension="s",
                priority=1,
                channel_id=f"near-{call_id}",
                other_channel_id=call_id,
            )
            if number % AT_ONCE == AT_ONCE - 1:
                eventually(lambda: not [one for one in ari.channels.list() if one.id in placed], "calls were left", 60)
        eventually(lambda: {call_id for one in made for call_id in one.served} == set(placed), "calls were not served", 60)
        eventually(lambda: not [one for one in ari.channels.list() if one.id in placed], "calls were left", 60)
        counters = [one.end() for one in made]
    served = Counter(call_id for one in made for call_id in one.served)
    assert set(served.values()) == {1}
    # Of a thousand races a real server may tell two workers that they have won; one of them gets the call.
    assert sum(stats["claimed"] for stats in counters) >= RACES
    assert all(stats["running"] == 0 for stats in counters)
    assert all(stats["claimed"] + stats["lost"] + stats["expired"] + stats["waiting"] <= stats["offered"] for stats in counters)
