"""What a deployment can bear. `python -m scripts.capacity COMMAND`, with

measure    the unit costs on this machine, into measured.json (5 minutes; `--quick` for a look)
check      real runs beside what the simulation says of them, into checked.json (3 minutes)
plan       how many of each are needed: `plan --flow reception --calls 20000 --seconds 180`
page       docs/scale.md and its pictures out of these files
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from scripts.capacity import model
from scripts.capacity.flows import FLOWS

FOLDER = Path(__file__).resolve().parent
MEASURED, CHECKED = FOLDER / "measured.json", FOLDER / "checked.json"


def main(arguments: list[str]) -> int:
    """Run a command."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.capacity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("measure", "check"):
        commands.add_parser(name).add_argument("--quick", action="store_true", help="short and rough; nothing is written")
    commands.add_parser("page")
    _plan_options(commands.add_parser("plan"))
    options = parser.parse_args(arguments)
    return {"measure": _measure, "check": _check, "plan": _plan, "page": _page}[options.command](options)


def _plan_options(parser: argparse.ArgumentParser) -> None:
    site = model.Machines()
    parser.add_argument("--flow", choices=list(FLOWS), default="reception", help="what a call is like")
    parser.add_argument("--calls", type=int, required=True, help="calls at once")
    parser.add_argument("--seconds", type=float, default=180.0, help="how long a call lasts on average")
    parser.add_argument("--most", type=float, default=site.most, help="how much of each processor may be busy (0.6)")
    parser.add_argument("--asterisk-cores", type=int, default=site.asterisk_cores, help="cores of each Asterisk")
    parser.add_argument("--nats-cores", type=int, default=site.nats_cores, help="cores of each NATS node")
    parser.add_argument("--copies", type=int, default=site.copies, help="how many NATS nodes keep each event")
    parser.add_argument("--direct", action="store_true", help="without NATS: each worker has WebSockets of its own")
    parser.add_argument("--speed", type=float, default=1.0, help="of your cores, beside one on which the costs were measured")


def load() -> tuple[dict[str, model.FlowCosts], model.UnitCosts]:
    """The costs that were measured."""
    return model.read(json.loads(MEASURED.read_text(encoding="utf-8")))


def _measure(options: argparse.Namespace) -> int:
    from scripts.brokers import Broker
    from scripts.capacity.asterisk_costs import AsteriskCosts, Lengths, server
    from scripts.capacity.nats_costs import NatsCosts
    from scripts.capacity.processes import machine

    with server() as live:
        lengths = Lengths.quick() if options.quick else Lengths()
        costs = AsteriskCosts(live, lengths)
        found: dict[str, Any] = {"machine": {**machine(), "asterisk": live.version}, "asterisk": asyncio.run(costs.measure())}
    with Broker("nats") as broker:
        pid = int((broker.run_dir / "server.pid").read_text(encoding="ascii"))
        messages = NatsCosts(costs.payloads, 2000 if options.quick else 10_000, lengths.rounds)
        found["nats"] = asyncio.run(messages.measure(broker.url, pid))
    print(json.dumps(found["nats"], indent=1))
    if not options.quick:
        _write(MEASURED, found)
    return 0


def _check(options: argparse.Namespace) -> int:
    from scripts.capacity.check import check

    flows, units = load()
    found = asyncio.run(check(flows, units, quick=options.quick, say=print))
    if not options.quick:
        _write(CHECKED, found)
    return 0


def _write(path: Path, found: Any) -> None:
    def rounded(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: rounded(one) for key, one in value.items()}
        if isinstance(value, list):
            return [rounded(one) for one in value]
        return float(f"{value:.4g}") if isinstance(value, float) else value

    path.write_text(json.dumps(rounded(found), indent=1) + "\n", encoding="utf-8")


def _plan(options: argparse.Namespace) -> int:
    from scripts.capacity.page import plan_in_words

    flows, units = load()
    site = model.Machines(
        most=options.most,
        asterisk_cores=options.asterisk_cores,
        nats_cores=options.nats_cores,
        copies=options.copies,
        uses_nats=not options.direct,
        speed=options.speed,
    )
    demand = model.Demand(flows[options.flow], options.calls, options.seconds)
    print(plan_in_words(demand, site, model.plan(demand, units, site)))
    return 0


def _page(options: argparse.Namespace) -> int:
    from scripts.capacity import page

    page.write(json.loads(MEASURED.read_text(encoding="utf-8")), json.loads(CHECKED.read_text(encoding="utf-8")))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
