"""Calls into an app at a steady pace, placed over REST; and a worker process that is asked what it has done."""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO, Any

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.errors import AriError
from scripts.capacity.flows import Flow
from scripts.live import LiveAsterisk

ROOT = Path(__file__).resolve().parent.parent.parent
ETC = Path(__file__).resolve().parent / "etc"
CONTEXT = "capacity"


class WorkerProcess:
    """`scripts.capacity.worker` in a process of its own."""

    def __init__(self, server: LiveAsterisk, app: str, flow: Flow, seconds: float, *, observed: bool = False) -> None:
        command = [sys.executable, "-m", "scripts.capacity.worker", server.url, app, flow.name, str(seconds)]
        self.app = app
        self.process = subprocess.Popen(
            [*command, *(["--observed"] if observed else [])],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if (said := self._output.readline().strip()) != "ready":
            raise RuntimeError(f"the worker of {app} did not start: it said {said!r}, and why on its standard error")

    @property
    def _output(self) -> IO[str]:
        assert self.process.stdout is not None  # noqa: S101 - said by PIPE
        return self.process.stdout

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    def report(self) -> dict[str, Any]:
        """What it has done so far."""
        assert self.process.stdin is not None  # noqa: S101 - said by PIPE
        self.process.stdin.write("report\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self._output.readline())
        return found

    async def ended(self, calls: int, limit_seconds: float = 60.0) -> dict[str, Any]:
        """Its report once so many calls have ended."""
        deadline = asyncio.get_running_loop().time() + limit_seconds
        while (report := self.report())["ended"] < calls:
            if asyncio.get_running_loop().time() > deadline:
                raise RuntimeError(f"{report['ended']} of {calls} calls of {self.app} ended within {limit_seconds:.0f} s")
            await asyncio.sleep(0.1)
        return report

    def close(self) -> None:
        """End it, and its standard input with it."""
        assert self.process.stdin is not None  # noqa: S101 - said by PIPE
        self.process.stdin.close()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._output.close()


@contextlib.contextmanager
def worker(server: LiveAsterisk, app: str, flow: Flow, seconds: float, *, observed: bool = False) -> Iterator[WorkerProcess]:
    """A worker for as long as the block takes."""
    process = WorkerProcess(server, app, flow, seconds, observed=observed)
    try:
        yield process
    finally:
        process.close()


@contextlib.asynccontextmanager
async def client(server: LiveAsterisk) -> AsyncIterator[AsyncAsteriskARI]:
    """A client that places calls; nothing happens in its app."""
    app = f"capacity-load-{time.time_ns()}"
    ari = AsyncAsteriskARI(url=server.url, username=server.username, password=server.password, app_name=app)
    await ari.connect()
    try:
        yield ari
    finally:
        await ari.disconnect()


class SteadyCalls:
    """Places calls at a steady pace, as many as wanted, whether those before have ended or not."""

    def __init__(self, targets: list[tuple[AsyncAsteriskARI, str]], flow: Flow) -> None:
        self._targets, self._flow = targets, flow
        self.placed = self.failed = 0

    async def _place(self, ari: AsyncAsteriskARI, app: str) -> None:
        far, flow = f"Local/x@stasis-{app}/n", self._flow
        try:
            await ari.channels.originate(far, context=CONTEXT, extension=flow.caller, priority=1, formats=flow.formats)
        except AriError as error:
            self.failed += 1
            print(f"a call was not placed: {error}", file=sys.stderr)

    async def run(self, calls: int, rate: float) -> None:
        """Place so many calls, `rate` a second, by turns to each target."""
        loop = asyncio.get_running_loop()
        begun, tasks = loop.time(), set[asyncio.Task[None]]()
        for number in range(calls):
            await asyncio.sleep(max(0.0, begun + number / rate - loop.time()))
            task = asyncio.create_task(self._place(*self._targets[number % len(self._targets)]))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            self.placed += 1
        if tasks:
            await asyncio.wait(tasks)
