"""Gateways and workers in processes of their own, which are killed and started again."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tests.cluster.nats import ROOT
from tests.cluster.stage import APP


class _Process:
    """A process of which each life is a new one under the same name."""

    command: list[str]
    environment: dict[str, str]
    output = subprocess.DEVNULL

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            text=True,
        )
        return self

    def kill(self) -> None:
        """SIGKILL: no goodbye to anybody."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)  # who waits for it in an event loop goes on

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()


class GatewayProcess(_Process):
    """`asterisk-ari gateway` beside an Asterisk, embedded or real."""

    def __init__(self, node: str, asterisk: Any, nats_url: str, app: str = APP) -> None:
        super().__init__()
        self.command = [sys.executable, "-m", "asterisk_ari", "gateway", node, "--app", app, "--nats", nats_url]
        self.environment = {"ARI_URL": asterisk.url, "ARI_USERNAME": asterisk.username, "ARI_PASSWORD": asterisk.password}


class WorkerProcess(_Process):
    """One life of a worker of `worker_program`, and what it has told."""

    output = subprocess.PIPE

    def __init__(self, name: str, nats_url: str, *words: str) -> None:
        super().__init__()
        self.environment = {}
        self.command = [sys.executable, "-m", "tests.cluster.worker_program", nats_url, name, *words]
        self.told: list[dict[str, Any]] = []
        self.killed_at = 0.0
        self._reader = threading.Thread(target=self._read)

    def start(self) -> Self:
        super().start()
        self._reader.start()
        deadline = time.monotonic() + 30
        while not self.told:
            assert time.monotonic() < deadline, "the worker did not start"
            time.sleep(0.01)
        return self

    def _read(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.told.append(json.loads(line))

    def kill(self) -> None:
        """SIGKILL, once: this life is over."""
        self.killed_at = time.monotonic()
        super().kill()
        self._reader.join()

    def of(self, kind: str) -> list[dict[str, Any]]:
        """What it has told of one kind."""
        return [one for one in self.told if one["type"] == kind]

    def values(self, call: str) -> list[str]:
        """What it was told of a call by digits or variables, in order."""
        return [one["value"] for one in self.told if one.get("call") == call and one.get("value")]


def seen_in_two_lives(first: WorkerProcess, second: WorkerProcess, call: str, sent: list[str]) -> None:
    """Nothing is lost or out of order, and only what came just before the kill comes twice.

    The guide says within 50 ms of it, or a second while events wait for handlers; the rest is what a busy machine takes to tell.
    """
    before, after = first.values(call), second.values(call)
    assert before == sent[: len(before)], call
    assert after == sent[len(sent) - len(after) :], call
    twice = len(before) + len(after) - len(sent)
    late = [one for one in first.told if one.get("call") == call and one["at"] > first.killed_at - 1.5]
    assert 0 <= twice <= len(late), f"{call}: {len(before)} + {len(after)} of {len(sent)}"


def has_seen(worker: WorkerProcess, calls: list[str], last: str) -> Callable[[], bool]:
    """Whether a worker was told the last thing of each call."""
    return lambda: all(worker.values(call)[-1:] == [last] for call in calls)
