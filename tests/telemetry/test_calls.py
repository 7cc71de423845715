"""The spans of calls: what is seen in a trace viewer of an IVR, of dialling and talking, of requests that fail."""

import json
import logging
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

from asterisk_ari import AsteriskARI
from asterisk_ari.errors import BadArgument, NotFound
from asterisk_ari.telemetry import instrument, trace_variables
from asterisk_ari.testing import EmbeddedAsterisk
from tests.calls.conftest import World
from tests.telemetry.conftest import Seen


def test_a_call_with_a_question(world: World, seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    """One trace: the call, what went on in it, and each request under what asked for it."""
    caplog.set_level(logging.INFO, logger="asterisk_ari.calls")
    seen.instrument(world.ari)

    async def ivr(call: Any) -> None:
        await call.answer()
        answer = await call.ask("sound:enter", max_digits=1)
        await call.say(f"digits:{answer.digits}")
        await call.say("sound:menu")

    world.program(ivr)
    world.start()
    phone = world.call_in(caller="Ann <4711>")
    world.hears(phone, "sound:enter")
    phone.press("7")
    world.hears(phone, "digits:7")
    world.advance(1)
    world.hears(phone, "sound:menu")
    phone.hang_up(16)
    world.until(lambda: seen.named("call"))
    world.nothing_left()
    call = seen.one("call")
    assert call.attributes is not None
    assert call.attributes["asterisk.call.direction"] == "inbound"
    assert call.attributes["asterisk.call.answered"] is True
    assert call.attributes["asterisk.call.cause"] == 16
    assert call.attributes["asterisk.channel.technology"] == "PJSIP"
    assert call.attributes["asterisk.sip.call_id"]
    assert next(event.name for event in call.events) == "answered"
    assert {seen.parent_of(one) for one in (*seen.named("ring"), *seen.named("play"), *seen.named("ask"))} == {"call"}
    assert [one.attributes["asterisk.media"] for one in seen.named("play")] == ["sound:enter", "digits", "sound:menu"]  # type: ignore[index]
    assert seen.parent_of(seen.one("ari channels.answer")) == "call"
    assert [seen.parent_of(one) for one in seen.named("ari channels.play")] == ["ask", "call", "call"]
    assert {one.context.trace_id for one in seen.spans if one.name != "ari asterisk.getInfo" and one.context} == {
        call.context.trace_id  # type: ignore[union-attr]
    }
    told = [(record.getMessage(), getattr(record, "call", "")) for record in caplog.records]
    channel_id = call.attributes["asterisk.channel.id"]
    assert told == [(text, channel_id) for text in ("call.started", "call.answered", "call.ended")]


def test_who_calls_is_told_only_where_it_is_wanted(world: World, seen: Seen) -> None:
    """Neither numbers nor names nor what is read to a caller, in no attribute of any span, unless asked for."""
    telemetry = seen.instrument(world.ari)

    async def ivr(call: Any) -> None:
        await call.answer()
        await call.say("digits:4712")

    world.program(ivr)
    world.start()

    def one_call() -> str:
        count = len(seen.named("call"))
        phone = world.call_in(caller="Ann <4711>")
        world.hears(phone, "digits:4712")
        world.advance(9)
        world.until(lambda: len(seen.named("call")) > count)
        world.nothing_left()
        return repr([dict(span.attributes or {}) for span in seen.spans])

    told = one_call()
    assert not [text for text in ("4711", "Ann", "4712") if text in told]
    telemetry.close()
    seen.instrument(world.ari, personal_data=True)
    told = one_call()
    assert "'asterisk.pii.caller.number': '4711'" in told
    assert "'asterisk.pii.caller.name': 'Ann'" in told
    assert "'asterisk.pii.media': 'digits:4712'" in told


def test_dialling_and_talking(world: World, seen: Seen) -> None:
    """The leg that is called is in the trace of its caller, and the two that talk refer to each other."""
    seen.instrument(world.ari)

    async def forward(call: Any) -> None:
        await call.answer()
        reached = await call.dial("PJSIP/quick")
        await call.talk(reached.leg)

    world.program(forward)
    world.start()
    phone = world.call_in()
    world.until(lambda: phone.answered)
    world.advance(2)
    world.until(lambda: world.asterisk.events.of("ChannelEnteredBridge")[1:])
    phone.hang_up()
    world.until(lambda: len(seen.named("call")) == 2)
    world.nothing_left()
    calls = {one.attributes["asterisk.call.direction"]: one for one in seen.named("call") if one.attributes}
    leg = calls["outbound"]
    assert seen.parent_of(leg) == "dial"
    assert seen.parent_of(seen.one("dial")) == "call"
    assert leg.context.trace_id == calls["inbound"].context.trace_id  # type: ignore[union-attr]
    assert leg.attributes["asterisk.call.answered"] is True  # type: ignore[index]
    talks = seen.named("talk")
    assert len(talks) == 2
    assert all(talk.links for talk in talks)


def test_a_leg_that_is_busy(world: World, seen: Seen) -> None:
    """Its span ends with what Asterisk said."""
    seen.instrument(world.ari)

    async def forward(call: Any) -> None:
        await call.answer()
        await call.dial("PJSIP/busy")

    world.program(forward)
    world.start()
    world.call_in()
    world.until(lambda: world.asterisk.machine.channels)
    world.advance(3)
    world.until(lambda: len(seen.named("call")) == 2)
    world.nothing_left()
    (leg,) = [one for one in seen.named("call") if one.attributes and one.attributes["asterisk.call.direction"] == "outbound"]
    assert leg.attributes is not None
    assert leg.attributes["asterisk.call.answered"] is False
    assert leg.attributes["asterisk.call.cause"] == 17
    assert leg.attributes["asterisk.call.dial_status"] == "BUSY"
    points = {(one.attributes["asterisk.call.direction"], one.attributes["outcome"]) for one in seen.metrics["asterisk.calls"]}
    assert points == {("inbound", "answered"), ("outbound", "User busy")}


def test_a_request_that_fails(world: World, seen: Seen) -> None:
    """It is a client's span with the status, and an error."""
    seen.instrument(world.ari)

    async def ivr(call: Any) -> None:
        try:
            await world.ari.bridges("nowhere").refresh()
        except NotFound:
            world.results.append("not found")

    world.program(ivr)
    world.start()
    world.call_in()
    world.until(lambda: world.results)
    world.until(lambda: seen.named("call"))
    failed = seen.one("ari bridges.get")
    assert failed.kind is SpanKind.CLIENT
    assert failed.status.status_code is StatusCode.ERROR
    assert dict(failed.attributes or {}) == {
        "asterisk.operation": "bridges.get",
        "http.response.status_code": 404,
        "error.type": "404",
    }
    outcomes = [one.attributes for one in seen.metrics["asterisk.requests"]]
    assert {"asterisk.operation": "bridges.get", "outcome": "404"} in outcomes


def test_the_trace_of_a_program_is_that_of_its_call(world: World, seen: Seen) -> None:
    """Spans that the program makes itself are in it, and the variables that carry it to the next hop."""
    seen.instrument(world.ari)
    tracer = seen.tracers.get_tracer("program")

    async def ivr(call: Any) -> None:
        with tracer.start_as_current_span("look up"):
            carried = trace_variables(sip=True)
        await call.answer()
        world.results.append(carried)

    world.program(ivr, tracer=tracer, trace_variables=trace_variables)
    world.start()
    world.call_in()
    world.until(lambda: seen.named("call"))
    mine = seen.one("look up")
    assert seen.parent_of(mine) == "call"
    assert mine.context is not None
    (carried,) = world.results
    expected = f"00-{mine.context.trace_id:032x}-{mine.context.span_id:016x}-{mine.context.trace_flags:02x}"
    assert carried == {"traceparent": expected, "PJSIP_HEADER(add,traceparent)": expected}


def test_a_call_joins_the_trace_that_it_brings_along(seen: Seen) -> None:
    """In the variable that `channelvars` of ari.conf has events show; a call without one begins a trace of its own."""
    trace_id, span_id = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    at = "2026-01-01T12:00:00.000+0000"
    entries: list[dict[str, Any]] = [{"recording": 1, "version": "22.10.1"}]
    for channel_id, variables in (("1", {"traceparent": f"00-{trace_id}-{span_id}-01"}), ("2", {"traceparent": ""})):
        channel = {"id": channel_id, "name": f"PJSIP/a-{channel_id}", "state": "Up", "channelvars": variables}
        about = {"application": "ivr", "timestamp": at, "channel": channel}
        entries.append({"at": at, "event": {"type": "StasisStart", "args": [], **about}})
        entries.append({"at": at, "event": {"type": "StasisEnd", **about}})
        entries.append({"at": at, "event": {"type": "ChannelDestroyed", "cause": 16, "cause_txt": "Normal Clearing", **about}})
    with EmbeddedAsterisk.replay(map(json.dumps, entries), lenient=True) as asterisk:
        ari = AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="ivr")
        seen.instrument(ari)
        with ari:
            asterisk.wait_until(lambda: len(seen.named("call")) == 2)
    brought, own = sorted(seen.named("call"), key=lambda span: str((span.attributes or {})["asterisk.channel.id"]))
    assert brought.context is not None
    assert brought.parent is not None
    assert (f"{brought.context.trace_id:032x}", f"{brought.parent.span_id:016x}") == (trace_id, span_id)
    assert brought.parent.is_remote
    assert own.parent is None


def test_close_ends_what_goes_on(world: World, seen: Seen) -> None:
    """Spans are ended, nothing more is told, the client goes on."""
    telemetry = seen.instrument(world.ari)

    async def ivr(call: Any) -> None:
        await call.answer()
        await call.say("sound:menu")

    world.program(ivr)
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:menu")
    world.until(lambda: "PlaybackStarted" in {one.attributes["asterisk.event.type"] for one in seen.metrics["asterisk.events"]})
    telemetry.close()
    call = seen.one("call")
    assert call.attributes is not None
    assert call.attributes["asterisk.call.left"] is True
    count = len(seen.named("play"))
    assert count == 1
    world.advance(10)
    world.until(lambda: phone.ended)
    world.nothing_left()
    assert (len(seen.named("play")), len(seen.named("call"))) == (count, 1)
    assert not seen.metrics.get("asterisk.calls.active")


def test_wrong_use(world: World, seen: Seen) -> None:
    seen.instrument(world.ari)
    with pytest.raises(BadArgument, match="already instrumented"):
        seen.instrument(world.ari)
    with pytest.raises(BadArgument, match="takes an AsteriskARI or AsyncAsteriskARI, not str"):
        instrument("ari")
    assert trace_variables() == {}
    assert not trace.get_current_span().get_span_context().is_valid
