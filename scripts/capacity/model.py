"""What a deployment needs, from what a call costs. Pure: unit costs in, numbers of servers and processes out.

A call costs each part something once, for its beginning, its end and what is asked in between, and something for each second that
it lasts. With NATS between them an event is a message through the gateway, a NATS node and the worker, and a request is one there
and one back.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ADOPTIONS_AT_ONCE_SECONDS = 1.0
"""Within so long after its lease has run out the calls of a dead worker are to be with others."""


@dataclass(frozen=True)
class FlowCosts:
    """What one kind of call costs."""

    name: str
    events: float
    requests: float
    event_bytes: float
    asterisk_ms: float
    worker_ms: float
    asterisk_ms_a_second: float
    worker_ms_a_second: float
    asterisk_kib: float
    worker_kib: float


@dataclass(frozen=True)
class UnitCosts:
    """What one message, one request, one adoption costs each part; microseconds of CPU."""

    nats_event_us: float
    nats_request_us: float
    gateway_event_us: float
    gateway_request_us: float
    worker_event_us: float
    """Of the worker, on top of an event that comes from Asterisk directly."""
    worker_request_us: float
    """Likewise for a request."""
    claim_us: float
    """Of a NATS node, for the key of a call that is taken over."""
    adoption_ms: float
    """Of the worker that takes over a call: the claim, the move, the call's program begun again."""
    asterisk_adoption_ms: float


def read(measured: Mapping[str, Any]) -> tuple[dict[str, FlowCosts], UnitCosts]:
    """The costs out of what was measured (measured.json)."""
    names = FlowCosts.__dataclass_fields__
    flows = {
        name: FlowCosts(name=name, **{field: float(costs[field]) for field in names if field != "name"})
        for name, costs in measured["asterisk"]["flows"].items()
    }
    nats, unit = measured["nats"], measured["asterisk"]
    event, request = unit["event"]["worker_us"], unit["request"]["worker_us"]
    claim = nats["claim"]
    steps = 3  # the state is read, the channel moved, and the call's StasisStart comes
    return flows, UnitCosts(
        nats_event_us=nats["jetstream"]["server_us"],
        nats_request_us=nats["request"]["server_us"],
        gateway_event_us=event + nats["jetstream"]["sender_us"],
        gateway_request_us=request + nats["request"]["receiver_us"],
        worker_event_us=nats["jetstream"]["receiver_us"],
        worker_request_us=max(0.0, nats["request"]["sender_us"] - request),
        claim_us=claim["server_us"],
        adoption_ms=(claim["sender_us"] + steps * request + event) / 1000,
        asterisk_adoption_ms=steps * unit["request"]["asterisk_us"] / 1000,
    )


@dataclass(frozen=True)
class Machines:
    """What the machines are like, and how far they may be used."""

    most: float = 0.6
    """Of each processor: what is above is for bursts, and for the work of what has failed."""
    asterisk_cores: int = 4
    asterisk_gib: float = 8.0
    nats_cores: int = 4
    worker_gib: float = 1.0
    uses_nats: bool = True
    """Whether there are gateways and NATS between Asterisk and workers; else each worker has a WebSocket of its own."""
    copies: int = 3
    """Of each event in JetStream: so many NATS nodes store it."""
    speed: float = 1.0
    """Of a core, beside one of the machine on which the costs were measured."""


@dataclass(frozen=True)
class Demand:
    """What is wanted."""

    flow: FlowCosts
    calls: int
    """At once."""
    seconds: float
    """That a call lasts on average."""

    @property
    def rate(self) -> float:
        """Calls that begin in a second."""
        return self.calls / self.seconds


@dataclass(frozen=True)
class Plan:
    """So many of each, and what each is used for."""

    asterisks: int
    workers: int
    gateways: int
    nats_nodes: int
    calls_per_asterisk: float
    calls_per_worker: float
    asterisk_use: float
    worker_use: float
    gateway_use: float
    nats_use: float
    limits: Mapping[str, str]
    """What decides the number of each: "CPU", "memory", "adoption", "one for each Asterisk", "copies"."""
    nats_messages: float
    """In a second, through the whole cluster."""
    nats_megabytes: float
    """Of events, in a second."""
    adoption_seconds: float
    """How long the others need for the calls of a worker that dies."""


def cores(demand: Demand, units: UnitCosts, site: Machines) -> dict[str, float]:
    """How many cores of each kind are busy in all."""
    flow, rate = demand.flow, demand.rate
    asterisk = rate * flow.asterisk_ms + demand.calls * flow.asterisk_ms_a_second
    worker = rate * flow.worker_ms + demand.calls * flow.worker_ms_a_second
    gateway = nats = 0.0
    if site.uses_nats:
        worker += rate * (flow.events * units.worker_event_us + flow.requests * units.worker_request_us) / 1000
        gateway = rate * (flow.events * units.gateway_event_us + flow.requests * units.gateway_request_us) / 1000
        # Each copy of a message is a message that is stored.
        nats = rate * (flow.events * units.nats_event_us * site.copies + flow.requests * units.nats_request_us) / 1000
    parts = {"asterisk": asterisk, "worker": worker, "gateway": gateway, "nats": nats}
    return {name: milliseconds / 1000 / site.speed for name, milliseconds in parts.items()}


def plan(demand: Demand, units: UnitCosts, site: Machines | None = None) -> Plan:
    """How many of each, so that none is used above `site.most`, and a worker's death is made good in a second."""
    site = site or Machines()
    busy, limits = cores(demand, units, site), dict[str, str]()
    memory = demand.calls * demand.flow.asterisk_kib / 2**20 / site.asterisk_gib
    asterisks = _most(limits, "asterisks", CPU=busy["asterisk"] / site.asterisk_cores / site.most, memory=memory / 0.8)
    gateways = 0
    if site.uses_nats:
        # A gateway is one process: one core.
        asterisks = max(asterisks, math.ceil(busy["gateway"] / site.most))
        gateways, limits["gateways"] = asterisks, "one for each Asterisk"
    memory = demand.calls * demand.flow.worker_kib / 2**20 / site.worker_gib
    workers = _most(
        limits,
        "workers",
        CPU=busy["worker"] / site.most,
        memory=memory / 0.8,
        adoption=_workers_for_adoption(demand, units, busy),
    )
    nodes = 0
    if site.uses_nats:
        nodes = _most(limits, "nats_nodes", CPU=busy["nats"] / site.nats_cores / site.most, copies=site.copies)
    per_worker = demand.calls / workers
    rate = demand.rate
    return Plan(
        asterisks=asterisks,
        workers=workers,
        gateways=gateways,
        nats_nodes=nodes,
        calls_per_asterisk=demand.calls / asterisks,
        calls_per_worker=per_worker,
        asterisk_use=busy["asterisk"] / asterisks / site.asterisk_cores,
        worker_use=busy["worker"] / workers,
        gateway_use=busy["gateway"] / gateways if gateways else 0.0,
        nats_use=busy["nats"] / nodes / site.nats_cores if nodes else 0.0,
        limits=limits,
        nats_messages=rate * (demand.flow.events + 2 * demand.flow.requests) if nodes else 0.0,
        nats_megabytes=rate * demand.flow.events * demand.flow.event_bytes / 1e6 if nodes else 0.0,
        adoption_seconds=adoption_seconds(per_worker, workers, busy["worker"], units),
    )


def _most(limits: dict[str, str], name: str, **needs: float) -> int:
    """The largest need, and which it was."""
    limits[name] = max(needs, key=lambda word: needs[word])
    return max(1, math.ceil(needs[limits[name]]))


def adoption_seconds(calls: float, workers: int, busy: float, units: UnitCosts) -> float:
    """How long `workers - 1` need for so many calls, one after the other, in what their own calls leave them of their time."""
    others = workers - 1
    free = 1.0 - busy / others if others else 0.0  # what the dead one did is done by them, too
    if free <= 0:
        return math.inf
    elapsed_ms = units.claim_us / 1000 + units.asterisk_adoption_ms + units.adoption_ms / free
    return calls * elapsed_ms / 1000 / others


def _workers_for_adoption(demand: Demand, units: UnitCosts, busy: Mapping[str, float]) -> int:
    """The fewest workers of which one may die and its calls are with the others in a second."""
    workers = 2
    while adoption_seconds(demand.calls / workers, workers, busy["worker"], units) > ADOPTIONS_AT_ONCE_SECONDS:
        workers += 1 + workers // 50
    return workers
