"""A worker process: serves one flow in one app. `python -m scripts.capacity.worker URL APP FLOW SECONDS [--observed]`.

Each line on its standard input is answered by a line of JSON: what it has done so far. The end of the input ends it.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Call
from asterisk_ari.events import StasisStart
from scripts.capacity.flows import FLOWS, Flow

USER = PASSWORD = "asterisk"  # noqa: S105 - of a server on loopback


class Seen:
    """What goes over the connections of a client; payloads of some events are kept."""

    def __init__(self, kept: int = 400) -> None:
        self.events = self.event_bytes = self.requests = 0
        self.payloads: list[str] = []
        self._kept = kept

    def frames(self, frames: Sequence[bytes], /) -> None:
        self.events += len(frames)
        self.event_bytes += sum(map(len, frames))
        if len(self.payloads) < self._kept:
            self.payloads += [bytes(frame).decode() for frame in frames]

    def request_begins(self, request: Any, /) -> None:
        self.requests += 1

    def request_ends(self, begun: Any, response: Any, error: BaseException | None, /) -> None:
        """Nothing is kept of it."""

    def handler_begins(self, event: Any, /) -> None:
        """Nothing is kept of it."""

    def handler_ends(self, begun: Any, handler: Any, error: BaseException | None, /) -> None:
        """Nothing is kept of it."""

    def step(self, name: str, channel_id: str, /) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def stream_opened(self, stream: Any, /) -> None:
        """Nothing is kept of it."""


class MeasuredWorker:
    """Serves calls, and counts."""

    def __init__(self, url: str, app: str, flow: Flow, seconds: float, *, observed: bool) -> None:
        self.ari = AsyncAsteriskARI(url=url, username=USER, password=PASSWORD, app_name=app, on_error=self._failed)
        self.ari.calls()(self._serve)
        self.ari.on("StasisStart", self._arrived)
        self._flow, self._seconds = flow, seconds
        self._begun = self._ended = self._failures = 0
        self._lags_ms: list[float] = []
        self._answers_ms: list[float] = []
        self._seen = Seen()
        if observed:
            self.ari.hub.observe(self._seen)

    def _failed(self, error: BaseException, event: Any) -> None:
        self._failures += 1
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)

    def _arrived(self, event: StasisStart) -> None:
        told = datetime.strptime(event["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
        self._lags_ms.append((time.time() - told) * 1000)

    async def _serve(self, call: Call) -> None:
        begun = time.perf_counter()
        self._begun += 1
        try:
            await self._flow.program(call, self._seconds)
        finally:
            self._ended += 1
            self._answers_ms.append((time.perf_counter() - begun - self._seconds) * 1000)

    def report(self) -> dict[str, Any]:
        """Counters since the start; latencies since the last report."""
        found = {
            "begun": self._begun,
            "ended": self._ended,
            "failures": self._failures,
            "received": self.ari.stats.received,
            "lost": self.ari.stats.lost,
            "events": self._seen.events,
            "event_bytes": self._seen.event_bytes,
            "requests": self._seen.requests,
            "payloads": self._seen.payloads,
            "lags_ms": self._lags_ms,
            "flow_ms": self._answers_ms,
        }
        self._lags_ms, self._answers_ms = [], []
        return found

    async def run(self) -> None:
        """Until the standard input ends."""
        loop = asyncio.get_running_loop()
        async with self.ari:
            print("ready", flush=True)
            while await loop.run_in_executor(None, sys.stdin.readline):
                print(json.dumps(self.report()), flush=True)


def main(arguments: list[str]) -> None:
    """Serve."""
    url, app, flow, seconds, *options = arguments
    asyncio.run(MeasuredWorker(url, app, FLOWS[flow], float(seconds), observed="--observed" in options).run())


if __name__ == "__main__":
    main(sys.argv[1:])
