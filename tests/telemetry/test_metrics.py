"""What is measured, and under which names."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import REGISTRY, generate_latest

from asterisk_ari import AsteriskARI
from asterisk_ari.telemetry import instrument, names
from asterisk_ari.telemetry.calls import FOLLOWED
from tests.calls.conftest import World
from tests.telemetry.conftest import Seen

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/telemetry.md").read_text(encoding="utf-8")
DASHBOARD = ROOT / "docs/examples/grafana-dashboard.json"
NAMES = {key: value for key, value in vars(names).items() if key.isupper() and isinstance(value, str)}
PINNED = {
    "asterisk_ari", "asterisk_ari.calls", "server.address", "server.port", "http.response.status_code", "error.type", "outcome",
    "call", "media", "ring", "play", "record", "talk", "ask", "dial", "ari {operation}",
    "answered", "hold", "unhold", "hangup requested", "call.started", "call.answered", "call.ended",
    "asterisk.app", "asterisk.channel.id", "asterisk.channel.technology", "asterisk.sip.call_id", "asterisk.call.direction",
    "asterisk.call.answered", "asterisk.call.dial_status", "asterisk.call.cause", "asterisk.call.cause_text",
    "asterisk.call.tech_cause", "asterisk.call.left", "asterisk.bridge.id", "asterisk.media", "asterisk.operation",
    "asterisk.pii.caller.number", "asterisk.pii.caller.name", "asterisk.pii.dialled", "asterisk.pii.channel.name",
    "asterisk.pii.media", "asterisk.pii.recording", "asterisk.calls", "asterisk.calls.active", "asterisk.call.duration",
    "asterisk.call.setup.duration", "asterisk.requests", "asterisk.request.duration", "asterisk.events", "asterisk.event.delay",
    "asterisk.handler.duration", "asterisk.handler.errors", "asterisk.events.queued", "asterisk.events.lost",
    "asterisk.reconnects", "asterisk.gap.duration", "asterisk.media.streams", "asterisk.media.queued",
    "asterisk.media.underruns", "asterisk.media.flushes", "asterisk.event.type", "PJSIP_HEADER(add,{name})",
}  # fmt: skip


def test_names_stay_as_they_are() -> None:
    """Dashboards and alarms of others are built on them: a new one is added here, none is changed."""
    assert set(NAMES.values()) == PINNED


@pytest.mark.parametrize("name", sorted(PINNED))
def test_every_name_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_the_metrics_of_calls(world: World, seen: Seen) -> None:
    """Calls, requests, events, and what waits."""
    seen.instrument(world.ari)

    async def ivr(call: Any) -> None:
        await call.answer()
        await call.say("sound:menu")

    world.program(ivr)
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:menu")
    (active,) = seen.metrics["asterisk.calls.active"]
    assert active.value == 1
    phone.hang_up()
    world.until(lambda: seen.named("call"))
    world.nothing_left()
    found = seen.metrics
    assert found["asterisk.calls.active"][0].value == 0
    (ended,) = found["asterisk.calls"]
    assert (ended.value, dict(ended.attributes)) == (1, {"asterisk.call.direction": "inbound", "outcome": "answered"})
    assert found["asterisk.call.duration"][0].count == found["asterisk.call.setup.duration"][0].count == 1
    events = {one.attributes["asterisk.event.type"]: one.value for one in found["asterisk.events"]}
    assert events["StasisStart"] == events["PlaybackStarted"] == 1
    requests = {
        (one.attributes["asterisk.operation"], one.attributes["outcome"]): one.value for one in found["asterisk.requests"]
    }
    assert requests["channels.answer", "204"] == requests["channels.play", "201"] == 1
    assert found["asterisk.request.duration"]
    assert found["asterisk.handler.duration"]
    assert found["asterisk.events.lost"][0].value == found["asterisk.handler.errors"][0].value == 0


def test_a_gap(world: World, seen: Seen) -> None:
    """A lost WebSocket is a gap and a reconnect; a call that vanished meanwhile has ended."""
    seen.instrument(world.ari)
    world.ari.on("StasisStart", lambda event: None)
    world.start()
    phone = world.call_in()
    world.until(lambda: seen.metrics["asterisk.calls.active"][0].value == 1)
    world.asterisk.faults.drop_sockets()
    phone.hang_up()
    world.until(lambda: world.ari.stats.reconnects and seen.metrics.get("asterisk.gap.duration"))
    world.until(lambda: seen.named("call"))
    assert seen.metrics["asterisk.reconnects"][0].value == 1


def test_broken_frames_hurt_nobody(seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a server sends of the events that are followed: the client goes on, and it is said once."""
    telemetry = seen.instrument(AsteriskARI())
    values: list[Any] = [None, 7, "x", [], {}, {"id": 7}]
    telemetry.frames([b"", b"[]", b"{", b'{"type": 7}', b"\xff"])
    for name in FOLLOWED:
        for value in values:
            for key in ("channel", "playback", "recording", "bridge", "peer"):
                telemetry.frames([json.dumps({"type": name, key: value}).encode()])
    assert len([record for record in caplog.records if record.name == "asterisk_ari.telemetry"]) <= 1
    telemetry.close()


def prometheus_names() -> set[str]:
    """What OpenTelemetry's exporter calls the metrics."""
    reader = PrometheusMetricReader()
    provider = MeterProvider([reader])
    telemetry = instrument(AsteriskARI(), meter_provider=provider)
    measured = telemetry._metrics
    measured.call_ended("inbound", "answered", 1.0)
    measured.call_answered("inbound", 1.0)
    measured.time_request("channels.answer", "204", 0.1)
    measured.count_request("channels.answer", "204")
    measured.record_delay(0.1, {names.EVENT_TYPE: "StasisStart"})
    measured.record_handler(0.1, {names.EVENT_TYPE: "StasisStart", names.OUTCOME: "ok"})
    measured.gap_closed(1.0)
    telemetry.frames([b'{"type": "StasisStart"}'])
    text = generate_latest(REGISTRY).decode()
    provider.shutdown()
    return set(re.findall(r"^(asterisk_\w+)(?:\{| )", text, re.MULTILINE))


def test_prometheus_and_the_dashboard() -> None:
    """The exporter gives every metric; the example dashboard asks for none that it does not give."""
    given = prometheus_names()
    metrics = re.findall(r"^\| `([\w.]+)` \|", PAGE.partition("## Metrics")[2].partition("\n## ")[0], re.MULTILINE)
    assert len(metrics) == 18
    for name in metrics:
        assert [one for one in given if one.startswith(name.replace(".", "_"))], name
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    used = {name for text in asked for name in re.findall(r"asterisk_\w+", text)} - {"asterisk_app"}
    assert len(asked) >= 12
    labels = {"asterisk_call_direction", "asterisk_event_type", "asterisk_operation"}
    assert used - labels <= given
