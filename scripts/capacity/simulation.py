"""A deployment as queues, event by event: how long requests wait, where it saturates, what a worker's death does. Pure, seeded.

Each Asterisk, gateway, NATS node and worker is a station of some cores that serves in order of arrival. A call is a row of
rounds: Asterisk tells something, the program asks for something, Asterisk does it. All rounds but the last are at the call's
beginning, the last one is its end. What its lasting costs (audio, mostly) takes a share of the stations' time away from all else.
"""

import heapq
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from scripts.capacity.model import Demand, FlowCosts, UnitCosts

Action = Callable[[], None]


@dataclass(frozen=True)
class Deployment:
    """How many of each, and what happens to them."""

    asterisks: int
    workers: int
    nats_nodes: int = 0
    """0: no NATS and no gateways, workers have WebSockets of their own."""
    asterisk_cores: int = 4
    nats_cores: int = 4
    copies: int = 3
    speed: float = 1.0
    death_at: float | None = None
    """When one worker is killed, in seconds of what is observed."""
    lease_seconds: float = 2.0
    renew_seconds: float = 0.7
    machine_cores: int | None = None
    """All of it on one machine of so many cores, as in the runs that check this."""
    load_ms: float = 0.0
    """What who makes the calls needs for each, on that machine."""


@dataclass(frozen=True)
class Outcome:
    """What was seen."""

    calls: int
    """That began while it was observed."""
    rounds_ms: tuple[float, ...]
    """How long each round took, in order of length."""
    use: dict[str, float]
    """Share of the cores of each kind that was busy, on average."""
    worst_use: dict[str, float]
    """The same, of the busiest one."""
    unanswered: int
    """Rounds that were not over at the end, of those that had begun ten seconds before it."""
    adoptions: tuple[float, ...] = ()
    """How long after the lease had run out each call of the dead worker was with another one, in order."""
    noticed_after: float = 0.0
    """How long after its death the lease had run out."""

    def round_ms(self, percent: float) -> float:
        """A percentile of the rounds."""
        if not self.rounds_ms:
            return math.inf
        return self.rounds_ms[min(len(self.rounds_ms) - 1, int(len(self.rounds_ms) * percent / 100))]

    @property
    def is_saturated(self) -> bool:
        """Whether something does not keep up: work waits for longer and longer."""
        return self.unanswered > 0 or max(self.worst_use.values()) >= 0.99


class Station:
    """Some cores that serve what comes, in order."""

    def __init__(self, kind: str, cores: int, speed: float) -> None:
        self.kind, self.cores, self.speed = kind, cores, speed
        self.lasting = 0.0
        """Cores that are busy all the time with the calls that last."""
        self.worked = 0.0
        self._lasted, self._since = 0.0, 0.0
        self._free_at = [0.0] * cores

    def serve(self, now: float, milliseconds: float) -> float:
        """When a piece of work that comes now is done."""
        left = max(0.02, 1.0 - self.lasting / self.cores)
        seconds = milliseconds / 1000 / self.speed
        done = max(now, self._free_at[0]) + seconds / left
        heapq.heapreplace(self._free_at, done)
        self.worked += seconds
        return done

    def last(self, now: float, cores: float) -> None:
        """So much more of it, or less, is busy with calls that last from now on."""
        self._lasted += self.lasting * (now - self._since)
        self._since = now
        self.lasting += cores

    def use(self, seconds: float) -> float:
        """Share of its time that it was busy."""
        self.last(seconds, 0.0)
        return min(1.0, (self.worked + self._lasted) / seconds / self.cores)


class Simulation:
    """One run."""

    def __init__(self, demand: Demand, units: UnitCosts, deployment: Deployment, seed: int = 1) -> None:
        self._demand, self._units, self._plan = demand, units, deployment
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._heap: list[tuple[float, int, Action]] = []
        self._order = 0
        self._now = 0.0
        self._stations = self._make_stations()
        self._alive = list(range(deployment.workers))
        self._calls: dict[int, tuple[int, int]] = {}
        """Asterisk and worker of each call."""
        self._rounds_ms: list[float] = []
        self._open_rounds: dict[int, float] = {}
        self._begun = 0
        self._adoptions: list[float] = []
        self._noticed_after = 0.0

    def _make_stations(self) -> dict[str, list[Station]]:
        plan = self._plan
        if plan.machine_cores:
            machine = Station("machine", plan.machine_cores, plan.speed)
            counts = {"asterisk": plan.asterisks, "worker": plan.workers, "gateway": plan.asterisks, "nats": plan.nats_nodes}
            return {kind: [machine] * count for kind, count in counts.items()}
        return {
            "asterisk": [Station("asterisk", plan.asterisk_cores, plan.speed) for _ in range(plan.asterisks)],
            "worker": [Station("worker", 1, plan.speed) for _ in range(plan.workers)],
            "gateway": [Station("gateway", 1, plan.speed) for _ in range(plan.asterisks if plan.nats_nodes else 0)],
            "nats": [Station("nats", plan.nats_cores, plan.speed) for _ in range(plan.nats_nodes)],
        }

    def _at(self, when: float, action: Action) -> None:
        self._order += 1
        heapq.heappush(self._heap, (when, self._order, action))

    def run(self, seconds: float = 20.0) -> Outcome:
        """Begin with all calls up, as many as are wanted, and observe for so long."""
        self._fill(seconds)
        self._at(self._random.expovariate(self._demand.rate), self._arrive)
        if self._plan.death_at is not None:
            self._at(self._plan.death_at, self._die)
        heap = self._heap
        while heap and heap[0][0] < seconds:
            self._now, _, action = heapq.heappop(heap)
            action()
        return self._outcome(seconds)

    def _outcome(self, seconds: float) -> Outcome:
        kinds = {kind: stations for kind, stations in self._stations.items() if stations}
        uses = {kind: [one.use(seconds) for one in stations] for kind, stations in kinds.items()}
        return Outcome(
            calls=self._begun,
            rounds_ms=tuple(sorted(self._rounds_ms)),
            use={kind: sum(found) / len(found) for kind, found in uses.items()},
            worst_use={kind: max(found) for kind, found in uses.items()},
            unanswered=sum(begun < seconds - 10.0 for begun in self._open_rounds.values()),
            adoptions=tuple(sorted(self._adoptions)),
            noticed_after=self._noticed_after,
        )

    # -- calls --

    def _fill(self, seconds: float) -> None:
        for number in range(-self._demand.calls, 0):
            self._take(number)
            if (ends := self._random.uniform(0.0, self._demand.seconds)) < seconds:
                self._at(ends, partial(self._end, number))

    def _take(self, number: int) -> None:
        """A call is on an Asterisk and with a worker by chance."""
        found = self._random
        worker = self._alive[int(found.random() * len(self._alive))]
        self._calls[number] = int(found.random() * self._plan.asterisks), worker
        self._last(number, 1)

    def _last(self, number: int, sign: int) -> None:
        asterisk, worker = self._calls[number]
        flow, share = self._demand.flow, sign / 1000 / self._plan.speed
        self._stations["asterisk"][asterisk].last(self._now, share * flow.asterisk_ms_a_second)
        self._stations["worker"][worker].last(self._now, share * flow.worker_ms_a_second)

    def _arrive(self) -> None:
        self._begun += 1
        number = self._begun
        self._at(self._now + self._random.expovariate(self._demand.rate), self._arrive)
        self._take(number)
        asterisk = self._stations["asterisk"][self._calls[number][0]]
        if self._plan.load_ms:
            asterisk.serve(self._now, self._plan.load_ms)
        self._round(number, self._rounds - 2)
        self._at(self._now + self._demand.seconds, partial(self._end, number))

    @property
    def _rounds(self) -> int:
        return max(2, round(self._demand.flow.requests))

    def _end(self, number: int) -> None:
        self._last(number, -1)
        self._round(number, 0)
        del self._calls[number]

    def _round(self, number: int, more: int) -> None:
        """One round, and when it is over so many more, one after the other."""
        begun = self._now
        self._open_rounds[number] = begun

        def over() -> None:
            self._rounds_ms.append(1000 * (self._now - begun))
            self._open_rounds.pop(number, None)
            if more > 0:
                self._round(number, more - 1)

        self._follow(self._path(number), over)

    def _follow(self, path: Iterator[tuple[Station, float]], over: Action) -> None:
        """Go from station to station, each of which may have others to serve first."""

        def hop() -> None:
            for station, milliseconds in path:
                self._at(station.serve(self._now, milliseconds), hop)
                return
            over()

        hop()

    def _path(self, number: int) -> Iterator[tuple[Station, float]]:
        """Where a round goes, and what it costs there: Asterisk, the program, and Asterisk again."""
        flow, units, rounds = self._demand.flow, self._units, self._rounds
        asterisk_number, worker_number = self._calls.get(number, (0, self._alive[0]))
        asterisk, worker = self._stations["asterisk"][asterisk_number], self._stations["worker"][worker_number]
        yield asterisk, flow.asterisk_ms / rounds / 2
        events, requests = flow.events / rounds, flow.requests / rounds
        if not self._plan.nats_nodes:
            yield worker, flow.worker_ms / rounds
        else:
            gateway = self._stations["gateway"][asterisk_number]
            nodes = self._stations["nats"]
            nats = nodes[asterisk_number % len(nodes)]
            yield gateway, events * units.gateway_event_us / 1000
            for copy in range(min(self._plan.copies, len(nodes))):
                nodes[(asterisk_number + copy) % len(nodes)].serve(self._now, events * units.nats_event_us / 1000)
            more = (events * units.worker_event_us + requests * units.worker_request_us) / 1000
            yield worker, flow.worker_ms / rounds + more
            yield nats, requests * units.nats_request_us / 1000
            yield gateway, requests * units.gateway_request_us / 1000
        yield asterisk, flow.asterisk_ms / rounds / 2

    # -- a worker's death --

    def _die(self) -> None:
        dead = self._alive.pop(0)
        orphans = [number for number, (_, worker) in self._calls.items() if worker == dead]
        self._noticed_after = self._plan.lease_seconds - self._random.uniform(0, self._plan.renew_seconds)
        self._at(self._now + self._noticed_after, lambda: self._adopt(orphans))

    def _adopt(self, orphans: list[int]) -> None:
        """Each worker that is left takes one after the other."""
        begun = self._now

        def take(worker: int) -> None:
            while orphans:
                number = orphans.pop()
                if number in self._calls:  # it has not ended meanwhile
                    asterisk, _ = self._calls[number]
                    self._follow(self._adoption(asterisk, worker), partial(adopted, number, worker))
                    return

        def adopted(number: int, worker: int) -> None:
            if number in self._calls:
                self._last(number, -1)
                self._calls[number] = self._calls[number][0], worker
                self._last(number, 1)
            self._adoptions.append(self._now - begun)
            take(worker)

        for worker in list(self._alive):
            take(worker)

    def _adoption(self, asterisk: int, worker: int) -> Iterator[tuple[Station, float]]:
        """Where it goes: the claim, the move, the program begun again."""
        if nodes := self._stations["nats"]:
            yield nodes[asterisk % len(nodes)], self._units.claim_us / 1000
        yield self._stations["asterisk"][asterisk], self._units.asterisk_adoption_ms
        yield self._stations["worker"][worker], self._units.adoption_ms


def simulate(demand: Demand, units: UnitCosts, deployment: Deployment, *, seconds: float = 20.0, seed: int = 1) -> Outcome:
    """One run with that seed."""
    return Simulation(demand, units, deployment, seed).run(seconds)


def saturation(flow: FlowCosts, units: UnitCosts, deployment: Deployment, seconds: float, *, most_p99_ms: float = 100.0) -> int:
    """How many calls at once such a deployment bears: of the next tenth more, rounds wait longer than `most_p99_ms`."""
    calls, step = 1, 2.0
    while step > 1.02:
        outcome = simulate(Demand(flow, max(1, int(calls * step)), seconds), units, deployment)
        if outcome.is_saturated or outcome.round_ms(99) > most_p99_ms:
            step = math.sqrt(step)
        else:
            calls = max(calls + 1, int(calls * step))
    return calls
