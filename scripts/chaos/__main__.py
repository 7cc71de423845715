"""Calls on real Asterisks, workers of which one is killed again and again, NATS that is restarted; and what became of each call.

`python -m scripts.chaos` takes ten minutes: two Asterisk 22, three workers, 50 calls a second, a death every 30 s. `--short` is
40 s with a death every 10 s. With `--cluster` the workers are those of a cluster: a gateway is beside each Asterisk, and requests
and events go over NATS. Exits 1 when anything was lost, late, twice or out of order.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.errors import AriError
from scripts.brokers import Broker
from scripts.chaos.cluster_worker import APP
from scripts.chaos.judge import CallsVerdict, Kill, histories, judge
from scripts.chaos.recorder import ServerRecorder
from scripts.live import LiveAsterisk

ROOT = Path(__file__).resolve().parent.parent.parent
ETC = Path(__file__).resolve().parent / "etc"
GRACE_SECONDS = 1.0
"""So much later than its lease a call of a dead worker may be with another one."""
AWAY_SECONDS = 4.0
"""How long a killed worker is away before it is started again."""


class KilledWorker:
    """One worker, which has several lives."""

    def __init__(self, number: int, command: list[str]) -> None:
        self._number, self._command = number, command
        self._lives = itertools.count(1)
        self.incarnation = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Begin a life."""
        self.incarnation = f"w{self._number}.{next(self._lives)}"
        command = [sys.executable, "-m", self._command[0], self.incarnation, *self._command[1:]]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    async def ready(self) -> None:
        """Wait until it serves."""
        output: IO[str] = self._process.stdout  # type: ignore[union-attr, assignment]
        if (await asyncio.to_thread(output.readline)).strip() != "ready":
            raise RuntimeError(f"{self.incarnation} did not start; why is on its standard error")

    @property
    def has_ended(self) -> bool:
        """Whether it is gone without having been killed by us."""
        return self._process is not None and self._process.poll() is not None

    def kill(self) -> None:
        """SIGKILL: no goodbye to anybody."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    def stop(self) -> None:
        """SIGTERM, and wait."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(40)
        self.kill()


@contextlib.contextmanager
def _gateway(number: int, server: LiveAsterisk, broker: Broker) -> Iterator[None]:
    """`asterisk-ari gateway` beside a server, until the block ends."""
    command = [sys.executable, "-m", "asterisk_ari", "gateway", f"node-{number}", "--app", APP, "--nats", broker.url]
    environment = {**os.environ, "ARI_URL": server.url, "ARI_USERNAME": server.username, "ARI_PASSWORD": server.password}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


class Chaos:
    """One run."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._random = random.Random(options.seed)  # noqa: S311 - no secret
        self._kills: list[Kill] = []
        self._faults: list[str] = []
        self._placed: list[str] = []
        self._restarts = 0

    def run(self) -> CallsVerdict:
        """Start all, let it go on, and judge."""
        options = self._options
        with contextlib.ExitStack() as stack:
            servers = [
                stack.enter_context(LiveAsterisk("22", settings={"LIVE_EXTRA_CONF": str(ETC), "LIVE_SIP": "0"}))
                for _ in range(options.asterisks)
            ]
            broker = stack.enter_context(Broker("nats", options.nats_port))
            recorders = [ServerRecorder(number, one.url, one.username, one.password) for number, one in enumerate(servers)]
            for recorder in recorders:
                stack.callback(recorder.close)
            if options.cluster:
                for number, server in enumerate(servers):
                    stack.enter_context(_gateway(number, server, broker))
            workers = [self._worker(number, servers, broker) for number in range(options.workers)]
            for worker in workers:
                stack.callback(worker.stop)
                worker.start()
            asyncio.run(self._go_on(servers, broker, workers))
        events = sorted((told for recorder in recorders for told in recorder.told), key=lambda told: told.at)
        self._faults += [f"recorder {number}: {one.failure}" for number, one in enumerate(recorders) if one.failure]
        found = histories([(told.at, told.event) for told in events], f"Local/{self._extension}@chaos")
        self._faults += [f"{call} was placed, and never seen" for call in self._placed if call not in found]
        self._faults += [f"{call} is still there" for call, history in found.items() if history.destroyed is None]
        most = options.lease + GRACE_SECONDS
        verdict = judge(found, self._kills, most_adoption_seconds=most)
        return CallsVerdict(**{**asdict(verdict), "faults": (*self._faults, *verdict.faults)})

    def _worker(self, number: int, servers: list[LiveAsterisk], broker: Broker) -> KilledWorker:
        words = [broker.url, str(self._options.lease), str(self._options.capacity)]
        if self._options.cluster:
            return KilledWorker(number, ["scripts.chaos.cluster_worker", *words, str(len(servers))])
        where = [f"chaos-{at}-{number}@{server.url}" for at, server in enumerate(servers)]
        return KilledWorker(number, ["scripts.chaos.worker", *words, *where])

    @property
    def _extension(self) -> str:
        return "cluster" if self._options.cluster else "call"

    async def _go_on(self, servers: list[LiveAsterisk], broker: Broker, workers: list[KilledWorker]) -> None:
        for worker in workers:
            await worker.ready()
        clients = [
            AsyncAsteriskARI(url=one.url, username=one.username, password=one.password, app_name="chaos-load") for one in servers
        ]
        for client in clients:
            await client.connect()
        chaos = asyncio.create_task(self._deaths(broker, workers))
        try:
            await self._load(clients)
            await chaos
            await self._until_all_have_ended(clients)
        finally:
            chaos.cancel()
            for client in clients:
                await client.disconnect()

    async def _load(self, clients: list[AsyncAsteriskARI]) -> None:
        """Calls at a steady pace, to each server by turns."""
        loop = asyncio.get_running_loop()
        begun, tasks = loop.time(), set[asyncio.Task[None]]()
        for number in range(int(self._options.seconds * self._options.rate)):
            await asyncio.sleep(max(0.0, begun + number / self._options.rate - loop.time()))
            tasks.add(task := asyncio.create_task(self._place(clients[number % len(clients)], f"chaos-call-{number:06d}")))
            task.add_done_callback(tasks.discard)
        if tasks:
            await asyncio.wait(tasks)

    # Asterisk refuses an id with which that of another channel begins.
    async def _place(self, ari: AsyncAsteriskARI, call: str) -> None:
        try:
            await ari.channels.originate(
                f"Local/{self._extension}@chaos/n",
                context="chaos",
                extension="caller",
                priority=1,
                formats="ulaw",
                channel_id=f"caller-{call}",
                other_channel_id=call,
            )
            self._placed.append(call)
        except AriError as error:
            self._faults.append(f"{call} was not placed: {error}")

    async def _deaths(self, broker: Broker, workers: list[KilledWorker]) -> None:
        """One worker after the other is killed, by chance, and started again; every other time NATS is restarted before."""
        end = time.monotonic() + self._options.seconds - self._options.every / 2
        while True:
            await asyncio.sleep(self._options.every - AWAY_SECONDS)
            if time.monotonic() > end:
                return
            if self._options.restart_nats and len(self._kills) % 2:
                await asyncio.to_thread(broker.stop)
                await asyncio.to_thread(broker.start)
                self._restarts += 1
            worker = self._random.choice(workers)
            if worker.has_ended:
                self._faults.append(f"{worker.incarnation} ended by itself")
            incarnation = worker.incarnation
            worker.kill()
            self._kills.append(Kill(time.monotonic(), incarnation))
            await asyncio.sleep(AWAY_SECONDS)
            worker.start()
            await worker.ready()

    async def _until_all_have_ended(self, clients: list[AsyncAsteriskARI]) -> None:
        deadline = time.monotonic() + 40
        while any([await client.channels.list() for client in clients]) and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        await asyncio.sleep(0.5)  # for the last events on the recorders' sockets


def _in_words(verdict: CallsVerdict, seconds: float) -> str:
    ordered = verdict.adoption_seconds
    lines = [
        f"{verdict.calls} calls, {verdict.calls / seconds:.1f} a second; {verdict.finished} ended by their flow, "
        f"for {verdict.not_claimed} nothing was done",
        f"{verdict.kills} workers killed, {verdict.adopted} calls adopted",
    ]
    if ordered:
        p50, p99 = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
        lines.append(f"adopted after the death: p50 {p50:.2f} s, p99 {p99:.2f} s, last {ordered[-1]:.2f} s")
    lines.append(f"{len(verdict.faults)} faults")
    return "\n".join([*lines, *verdict.faults[:40]])


def main(arguments: list[str]) -> int:
    """Run it, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m scripts.chaos", description=__doc__)
    parser.add_argument("--short", action="store_true", help="40 s, 10 calls a second, a death every 10 s")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--rate", type=float, default=50.0, help="calls a second, over all Asterisks")
    parser.add_argument("--every", type=float, default=30.0, help="seconds between two deaths")
    parser.add_argument(
        "--lease", type=float, default=2.0, help="seconds that a lease holds; 0: no leases, to see the judge find what is lost"
    )
    parser.add_argument("--cluster", action="store_true", help="workers of a cluster: gateways and NATS in between")
    parser.add_argument("--asterisks", type=int, default=2)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--capacity", type=int, default=400, help="calls of a worker on each Asterisk")
    parser.add_argument("--restart-nats", action="store_true", help="NATS is restarted before every other death")
    parser.add_argument("--nats-port", type=int, default=None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path, help="a file for the verdict, as JSON")
    options = parser.parse_args(arguments)
    if options.short:
        options.seconds, options.rate, options.every = 40.0, 10.0, 10.0
    verdict = Chaos(options).run()
    print(_in_words(verdict, options.seconds))
    if options.write:
        found: dict[str, Any] = {**asdict(verdict), "options": {**vars(options), "write": str(options.write)}}
        options.write.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 1 if verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
