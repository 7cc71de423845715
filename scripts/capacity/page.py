"""docs/scale.md: its tables and pictures out of what was measured, and the plan of a deployment in words."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scripts.bench.tables import table
from scripts.capacity.chart import Curve, lines
from scripts.capacity.flows import FLOWS
from scripts.capacity.load import ROOT
from scripts.capacity.model import Demand, FlowCosts, Machines, Plan, UnitCosts, cores, plan, read
from scripts.capacity.simulation import Deployment, simulate

DOCUMENT = ROOT / "docs" / "scale.md"
MARK = "<!-- what follows is written by `python -m scripts.capacity page` -->"
CALL_SECONDS = 180.0
CALLS = (100, 1000, 10_000, 100_000)
PLANNED = ("announcement", "menu", "reception", "voicebot")


def plan_in_words(demand: Demand, site: Machines, found: Plan) -> str:
    """What `plan` prints."""
    rows = [
        [
            "Asterisks",
            str(found.asterisks),
            f"{found.calls_per_asterisk:.0f}",
            _percent(found.asterisk_use),
            found.limits["asterisks"],
        ],
        ["workers", str(found.workers), f"{found.calls_per_worker:.0f}", _percent(found.worker_use), found.limits["workers"]],
    ]
    if found.nats_nodes:
        share = f"{demand.calls / found.nats_nodes:.0f}"
        rows += [
            [
                "gateways",
                str(found.gateways),
                f"{found.calls_per_asterisk:.0f}",
                _percent(found.gateway_use),
                found.limits["gateways"],
            ],
            ["NATS nodes", str(found.nats_nodes), share, _percent(found.nats_use), found.limits["nats_nodes"]],
        ]
    said = (
        f"{demand.calls} concurrent calls ({demand.flow.name}) of {demand.seconds:.0f} s: {demand.rate:.1f} begin per second. "
        f"Asterisk has {site.asterisk_cores} cores, a worker and a gateway one"
        + (f", a NATS node {site.nats_cores}" if found.nats_nodes else "")
        + f"; {site.most:.0%} of each may be busy."
    )
    ends = [f"When a worker dies, others have adopted its calls {_seconds(found.adoption_seconds)} after its lease expires."]
    if found.nats_nodes:
        ends.append(f"NATS carries {found.nats_messages:.0f} messages and {found.nats_megabytes:.2f} MB of events per second.")
    return "\n".join([said, "", table(["", "number", "calls each", "busy", "decided by"], rows), "", *ends])


def write(measured: Mapping[str, Any], checked: Mapping[str, Any]) -> None:
    """The page below its mark, and the pictures beside it."""
    flows, units = read(measured)
    before = DOCUMENT.read_text(encoding="utf-8").partition(MARK)[0]
    parts = [_where(measured), _call_costs(flows), _unit_costs(measured), _plans(flows, units)]
    parts += [_simulated(flows, units), _deaths(flows, units), _check(checked)]
    DOCUMENT.write_text(before + MARK + "\n\n" + "\n".join(parts), encoding="utf-8")
    for name, picture in {
        "scale-saturation": _saturation_chart(flows, units),
        "scale-waiting": _waiting_chart(flows, units),
        "scale-adoption": _adoption_chart(flows, units),
    }.items():
        (DOCUMENT.parent / f"{name}.svg").write_text(picture, encoding="utf-8")


def _where(measured: Mapping[str, Any]) -> str:
    facts = measured["machine"]
    return (
        f"Asterisk {facts['asterisk']}, Python {facts['python']}, {facts['cores']} cores of {facts['processor']}, "
        f"{facts['system']}; CPU of each process with all its threads, as the kernel counts it.\n"
    )


def _call_costs(flows: Mapping[str, FlowCosts]) -> str:
    rows = [
        [
            name,
            f"{one.events:.1f}",
            f"{one.event_bytes:.0f}",
            f"{one.requests:.1f}",
            f"{one.asterisk_ms:.1f}",
            f"{one.worker_ms:.1f}",
        ]
        + [f"{one.asterisk_ms_a_second:.2f}", f"{one.worker_ms_a_second:.2f}", f"{one.asterisk_kib:.0f}", f"{one.worker_kib:.0f}"]
        for name, one in flows.items()
    ]
    head = ["a call", "events", "bytes each", "requests", "Asterisk ms", "worker ms", "Asterisk ms/s", "worker ms/s"]
    words = "\n".join(f"- *{name}*: {FLOWS[name].words}" for name in flows)
    text = table([*head, "Asterisk KiB", "worker KiB"], rows)
    return f"## What a call costs\n\n{words}\n\n{text}\n\nms: CPU per call; ms/s: CPU per second of the call.\n"


def _unit_costs(measured: Mapping[str, Any]) -> str:
    asterisk, nats = measured["asterisk"], measured["nats"]
    claim = nats["claim"]
    rows = [
        ["an event, Asterisk to worker directly", _us(asterisk["event"]["asterisk_us"]), "", _us(asterisk["event"]["worker_us"])],
        [
            "a request, worker to Asterisk directly",
            _us(asterisk["request"]["worker_us"]),
            "",
            _us(asterisk["request"]["asterisk_us"]),
        ],
        *(
            [words, _us(nats[name]["sender_us"]), _us(nats[name]["server_us"]), _us(nats[name]["receiver_us"])]
            for name, words in (
                ("core", "an event as a NATS message"),
                ("jetstream", "an event through JetStream: stored on disk, acknowledged on both sides"),
                ("request", "a request and its reply over NATS"),
            )
        ),
        ["claiming a key (JetStream KV)", _us(claim["sender_us"]), _us(claim["server_us"]), ""],
    ]
    text = table(["µs of CPU", "sender", "NATS", "receiver"], rows)
    stream = nats["jetstream"]
    stored = f"An event of {stream['bytes']:.0f} bytes takes {stream['stored_bytes']:.0f} bytes in the store"
    return (
        f"## What a message costs\n\n{text}\n\n{stored}; a claim takes {claim['elapsed_us'] / 1000:.2f} ms; a NATS server uses "
        f"{nats['server']['resident_mib']:.0f} MiB after the run.\n"
    )


def _plans(flows: Mapping[str, FlowCosts], units: UnitCosts) -> str:
    rows = []
    for name in PLANNED:
        for calls in CALLS:
            demand = Demand(flows[name], calls, CALL_SECONDS)
            direct, over = plan(demand, units, Machines(uses_nats=False)), plan(demand, units)
            rows.append(
                [name, f"{calls}", f"{demand.rate:.1f}", f"{direct.asterisks}", f"{direct.workers}"]
                + [f"{over.asterisks}", f"{over.workers}", f"{over.nats_nodes}", f"{over.nats_messages:.0f}"]
            )
    head = [
        "a call",
        "at once",
        "begin/s",
        "Asterisks",
        "workers",
        "with NATS: Asterisks, gateways",
        "workers",
        "nodes",
        "messages/s",
    ]
    site = Machines()
    note = (
        f"Calls of {CALL_SECONDS:.0f} s; Asterisks and NATS nodes with {site.asterisk_cores} cores like those above, workers and "
        f"gateways with one; nothing busier than {site.most:.0%}; each event stored {site.copies} times."
    )
    return f"## How many of each you need\n\n{table(head, rows)}\n\n{note}\n"


def _check(checked: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{run['flow']}, {run['rate']:g}/s, {run['asterisks']} × {run['workers']}",
            *_beside(run["asterisk_cores"], run["expected_asterisk_cores"]),
            *_beside(run["worker_cores"], run["expected_worker_cores"]),
            f"{run['lost']}",
        ]
        for run in checked["runs"]
    ]
    head = ["calls a second, Asterisks × workers", "Asterisk", "expected", "", "workers", "expected", "", "lost"]
    ceiling = checked["ceiling"]
    said = (
        f"With everything, load generator included, on that one machine, it handled {ceiling['rate']:.0f} *idle* calls of half a "
        f"second per second (tried in steps of a fifth to a third). By the model {ceiling['expected_rate']:.0f} would fill its "
        f"cores, of which {ceiling['others_cores']:.1f} were busy with other work."
    )
    return f"## Real runs compared with the model\n\nBusy cores:\n\n{table(head, rows)}\n\n{said}\n"


def _beside(seen: float, expected: float) -> list[str]:
    return [f"{seen:.3f}", f"{expected:.3f}", f"{100 * (expected / seen - 1):+.0f} %" if seen else ""]


def _simulated(flows: Mapping[str, FlowCosts], units: UnitCosts) -> str:
    """What was planned for 100 000 calls, and what becomes of it with more."""
    rows = []
    for name in ("menu", "reception"):
        needed = plan(Demand(flows[name], 100_000, CALL_SECONDS), units)
        deployment = Deployment(needed.asterisks, needed.workers, needed.nats_nodes)
        for share in (1.0, 1.3, 1.6):
            seen = simulate(Demand(flows[name], int(100_000 * share), CALL_SECONDS), units, deployment, seconds=8.0)
            times = ["saturated", ""] if seen.is_saturated else [f"{seen.round_ms(50):.0f}", f"{seen.round_ms(99):.0f}"]
            uses = [f"{_percent(seen.use[kind])} ({_percent(seen.worst_use[kind])})" for kind in ("asterisk", "worker", "nats")]
            size = f"{needed.asterisks} + {needed.workers} + {needed.nats_nodes}"
            rows.append([name if share == 1.0 else "", size if share == 1.0 else "", f"{100 * share:.0f} 000", *uses, *times])
    head = ["a call", "Asterisks + workers + NATS nodes", "calls at once", "Asterisks busy", "workers busy", "NATS busy"]
    note = (
        "The deployment planned for 100 000 calls, with that load and with more. Busy: the average, and in brackets the busiest "
        "one, which happened to get more calls than the others; saturated: at least one has no time left. A round is an event, "
        "the request that it causes, and its response."
    )
    return f"## 100 000 calls, simulated\n\n{table([*head, 'round p50 ms', 'p99 ms'], rows)}\n\n{note}\n"


def _deaths(flows: Mapping[str, FlowCosts], units: UnitCosts) -> str:
    rows = []
    for workers, calls in ((3, 300), (3, 3000), (10, 10_000), (100, 100_000)):
        demand = Demand(flows["announcement"], calls, CALL_SECONDS)
        needed = plan(demand, units)
        deployment = Deployment(needed.asterisks, workers, needed.nats_nodes, death_at=2.0)
        seen = simulate(demand, units, deployment, seconds=10.0)
        rows.append(
            [f"{workers}", f"{calls}", f"{len(seen.adoptions)}", f"{seen.noticed_after:.2f}"]
            + ([f"{_at(seen.adoptions, 50):.3f}", f"{seen.adoptions[-1]:.3f}"] if seen.adoptions else ["", ""])
            + [_percent(seen.use["worker"])]
        )
    head = [
        "workers",
        "calls (announcement)",
        "of the dead one",
        "noticed after s",
        "adopted p50 s",
        "last one s",
        "workers busy",
    ]
    note = "Announcements. Leases last 2 s and are renewed every 0.7 s; adoption times count from the end of the lease."
    return f"## A worker dies, simulated\n\n{table(head, rows)}\n\n{note}\n"


def _at(ordered: tuple[float, ...], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _saturation_chart(flows: Mapping[str, FlowCosts], units: UnitCosts) -> str:
    """How many calls at once so many Asterisks bear, with workers in plenty and with a fixed number of them."""
    sizes = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    curves = []
    for name, workers in (("menu", 0), ("menu", 3), ("reception", 0), ("reception", 3), ("voicebot", 0), ("voicebot", 100)):
        points = [(float(size), _bears(flows[name], units, size, workers or 100 * size)) for size in sizes]
        curves.append(Curve(f"{name}, {workers or 'all'} workers", points))
    title = "Where it saturates: calls of 180 s, three NATS nodes"
    return lines(title, "Asterisks of 4 cores", "calls at once until something has no core left; all: as many as needed", curves)


def _bears(flow: FlowCosts, units: UnitCosts, asterisks: int, workers: int) -> float:
    million = cores(Demand(flow, 1_000_000, CALL_SECONDS), units, Machines())
    room = {"asterisk": asterisks * 4, "worker": workers, "gateway": asterisks, "nats": 3 * 4}
    return min(1e6 * room[kind] / million[kind] for kind in room)


def _waiting_chart(flows: Mapping[str, FlowCosts], units: UnitCosts) -> str:
    """How long a round takes, against how busy the workers are."""
    curves = []
    for name, nodes in (("menu", 0), ("menu", 3), ("reception", 0), ("reception", 3)):
        flow = flows[name]
        points = []
        for rate in (5, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 250):
            demand = Demand(replace(flow, asterisk_ms_a_second=0.0, worker_ms_a_second=0.0), max(1, rate * 10), 10.0)
            seen = simulate(demand, units, Deployment(4, 1, nodes), seconds=15.0)
            if seen.is_saturated:
                break
            points.append((float(rate), seen.round_ms(99)))
        curves.append(Curve(f"{name}{', NATS' if nodes else ''}", points))
    return lines("One worker: how long a request takes", "calls that begin in a second", "99th percentile of rounds, ms", curves)


def _adoption_chart(flows: Mapping[str, FlowCosts], units: UnitCosts) -> str:
    """How long the last call of a dead worker waits, against how many calls it had."""
    curves = []
    for workers in (2, 3, 5, 10):
        points = []
        for calls in (30, 100, 300, 1000):
            demand = Demand(flows["idle"], calls * workers, CALL_SECONDS)
            seen = simulate(demand, units, Deployment(max(1, calls * workers // 500), workers, 3, death_at=1.0), seconds=6.0)
            if seen.adoptions:
                points.append((float(calls), seen.adoptions[-1]))
        curves.append(Curve(f"{workers} workers", points))
    return lines("A worker dies", "calls that it had", "s after the lease has run out until the last one is adopted", curves)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _us(microseconds: float) -> str:
    return f"{microseconds:.0f}"


def _seconds(seconds: float) -> str:
    return "never" if math.isinf(seconds) else f"{seconds:.2f} s"
