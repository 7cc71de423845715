"""What a deployment can bear, on paper: numbers that are computed by hand, and queues whose theory is known."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from scripts.capacity.chart import Curve, lines
from scripts.capacity.model import Demand, FlowCosts, Machines, UnitCosts, adoption_seconds, cores, plan
from scripts.capacity.simulation import Deployment, saturation, simulate

CALL = FlowCosts(
    "hand",
    events=10,
    requests=4,
    event_bytes=500,
    asterisk_ms=8,
    worker_ms=6,
    asterisk_ms_a_second=2,
    worker_ms_a_second=0.5,
    asterisk_kib=100,
    worker_kib=50,
)
UNITS = UnitCosts(
    nats_event_us=100,
    nats_request_us=50,
    gateway_event_us=200,
    gateway_request_us=250,
    worker_event_us=150,
    worker_request_us=75,
    claim_us=100,
    adoption_ms=1.0,
    asterisk_adoption_ms=0.4,
)


def test_cores_by_hand() -> None:
    """1 000 calls of 100 s: 10 begin in a second."""
    busy = cores(Demand(CALL, 1000, 100.0), UNITS, Machines(copies=3))
    assert busy["asterisk"] == pytest.approx(10 * 0.008 + 1000 * 0.002)
    assert busy["worker"] == pytest.approx(10 * 0.006 + 1000 * 0.0005 + 10 * (10 * 150e-6 + 4 * 75e-6))
    assert busy["gateway"] == pytest.approx(10 * (10 * 200e-6 + 4 * 250e-6))
    assert busy["nats"] == pytest.approx(10 * (10 * 100e-6 * 3 + 4 * 50e-6))


def test_plan_by_hand() -> None:
    """2.08 cores of Asterisk at most 50 % busy are 4.16, on machines of two cores three of them."""
    found = plan(Demand(CALL, 1000, 100.0), UNITS, Machines(most=0.5, asterisk_cores=2, uses_nats=False))
    assert (found.asterisks, found.limits["asterisks"]) == (3, "CPU")
    assert (found.gateways, found.nats_nodes, found.nats_messages) == (0, 0, 0.0)
    assert found.asterisk_use == pytest.approx(2.08 / 6)
    assert found.calls_per_asterisk == pytest.approx(1000 / 3)


def test_memory_may_decide() -> None:
    """A million KiB for each of 100 calls on Asterisks of 8 GiB, four fifths of it: fifteen."""
    found = plan(Demand(replace(CALL, asterisk_kib=1024 * 1024), 100, 100.0), UNITS)
    assert (found.asterisks, found.limits["asterisks"]) == (16, "memory")


def test_a_second_for_adoption_may_decide() -> None:
    """2 000 calls that cost nothing: with n workers each of the others takes 2000 / n / (n - 1) calls, of 1.5 ms each."""
    still = replace(CALL, asterisk_ms=0, worker_ms=0, asterisk_ms_a_second=0, worker_ms_a_second=0, events=0, requests=0)
    found = plan(Demand(still, 2000, 100.0), UNITS)
    assert (found.workers, found.limits["workers"]) == (3, "adoption")
    assert found.adoption_seconds == pytest.approx(2000 / 3 / 2 * 0.0015)
    assert adoption_seconds(10, 1, 0.0, UNITS) == float("inf")


def test_twice_the_speed_is_half_the_cores() -> None:
    slow, fast = (cores(Demand(CALL, 1000, 100.0), UNITS, Machines(speed=speed)) for speed in (1.0, 2.0))
    assert fast == {kind: pytest.approx(busy / 2) for kind, busy in slow.items()}


def test_queue_waits_as_theory_says() -> None:
    """Poisson arrivals, a fixed time of service, one server: the wait is half of use / (1 - use) times of service (Pollaczek)."""
    flow = replace(CALL, requests=2, asterisk_ms=0, worker_ms=20, asterisk_ms_a_second=0, worker_ms_a_second=0)
    seen = simulate(Demand(flow, 3000, 100.0), UNITS, Deployment(1, 1), seconds=400.0)  # 30 a second, two rounds of 10 ms: 60 %
    mean = sum(seen.rounds_ms) / len(seen.rounds_ms)
    assert seen.use["worker"] == pytest.approx(0.6, rel=0.05)
    assert mean == pytest.approx(10 + 10 * 0.6 / (1 - 0.6) / 2, rel=0.1)
    assert not seen.is_saturated


def test_what_lasts_slows_down_what_comes() -> None:
    """100 calls, each half a percent of the worker's time: a round of 1 ms takes two."""
    flow = replace(CALL, requests=2, asterisk_ms=0, worker_ms=2, asterisk_ms_a_second=0, worker_ms_a_second=5)
    seen = simulate(Demand(flow, 100, 100.0), UNITS, Deployment(1, 1), seconds=100.0)
    assert seen.round_ms(50) == pytest.approx(2.0, rel=0.25)
    assert seen.use["worker"] == pytest.approx(0.5 + 0.002, rel=0.2)


def test_too_much_is_told() -> None:
    flow = replace(CALL, asterisk_ms_a_second=0, worker_ms_a_second=0, worker_ms=10)
    assert not simulate(Demand(flow, 500, 10.0), UNITS, Deployment(4, 1)).is_saturated  # half of the worker
    assert simulate(Demand(flow, 1500, 10.0), UNITS, Deployment(4, 1)).is_saturated  # one and a half of it


def test_saturation_is_where_the_cores_are_used_up() -> None:
    flow = replace(CALL, asterisk_ms_a_second=0, worker_ms_a_second=0, worker_ms=10)
    assert 800 <= saturation(flow, UNITS, Deployment(8, 1), 10.0) <= 1010  # 1 000 calls of 10 s are 100 a second


def test_each_call_of_a_dead_worker_is_adopted_once() -> None:
    """300 calls on three workers: a hundred or so are orphans, and nobody is left with the dead one."""
    flow = replace(CALL, asterisk_ms_a_second=0, worker_ms_a_second=0)
    seen = simulate(Demand(flow, 300, 1e6), UNITS, Deployment(2, 3, 3, death_at=1.0, lease_seconds=2.0, renew_seconds=0.5))
    assert 70 <= len(seen.adoptions) <= 130
    assert 1.5 <= seen.noticed_after <= 2.0
    # Two workers, one call after the other, at least 1.5 ms each.
    assert len(seen.adoptions) / 2 * 0.0015 <= seen.adoptions[-1] + 0.0016 <= len(seen.adoptions) / 2 * 0.0015 * 1.2 + 0.01


def test_one_seed_is_one_run() -> None:
    demand = Demand(CALL, 200, 20.0)
    first, again, other = (simulate(demand, UNITS, Deployment(1, 1, 3), seed=seed) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_the_picture_is_xml_and_shows_each_curve() -> None:
    picture = ElementTree.fromstring(lines("A & B", "x", "y", [Curve("one", [(1, 1), (100, 10)]), Curve("two", [(1, 5)])]))
    assert len(picture.findall("{http://www.w3.org/2000/svg}polyline")) == 2
    assert "A & B" in [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
