"""Events that had waited in Asterisk: marked, in handlers, waits and programs, by Asterisk's own clock. Both variants."""

import asyncio
import threading
from typing import Any

import pytest

from asterisk_ari import aio, sync
from asterisk_ari.events import Event, StasisStart
from tests.servers.dialling_asterisk import SECONDS, DiallingAsterisk, channel, event

CREDENTIALS = {"out": "secret"}
# Asterisk's clock is years from the program's: only the differences of its own times count.
CONNECTED = "1999-12-31T23:59:59.500+0100"
EPOCH = 946681200  # a second after 23:59:59 there


def start(channel_id: str, time: str) -> dict[str, Any]:
    return event("StasisStart", "voicebot", time, args=[], channel=channel(channel_id))


QUEUED = (
    start("c1", "1999-12-31T23:59:50.250+0100"),
    start("of a clock that was set back", "2000-01-01T05:00:00.000+0100"),
    start("without a time", "yesterday"),
    event("ChannelTeleported", "voicebot", "1999-12-31T22:59:59.000+0000"),
    event("ChannelDtmfReceived", "voicebot", "1999-12-31T23:59:58.500+0100", digit="5", duration_ms=100, channel=channel("c1")),
)
WAITED = {
    "c1": 9.25,
    "of a clock that was set back": 0.0,
    "without a time": 0.0,
    "ChannelTeleported": 0.5,
    "ChannelDtmfReceived": 1.0,
}


def played(address: tuple[str, int], done: threading.Event) -> None:
    with DiallingAsterisk(address) as asterisk:
        asterisk.register("voicebot", queued=QUEUED, time=CONNECTED)
        asterisk.send(start("c2", "1999-12-31T23:59:59.600+0100"))
        asterisk.send(event("ChannelVarset", "voicebot", channel=channel("c2"), variable="last", value=""))
        asterisk.serve_until(done.is_set)


def played_after_a_start(address: tuple[str, int], done: threading.Event) -> None:
    """The apps were registered at the start, long before the first connection."""
    with DiallingAsterisk(address) as asterisk:
        asterisk.answers["GET", "asterisk/variable"] = (200, {"value": str(EPOCH)})
        asterisk.send(event("ApplicationRegistered", "voicebot", "1999-12-31T20:00:00.000+0100"), *QUEUED)
        asterisk.send(start("c2", "1999-12-31T23:59:59.600+0100"))
        asterisk.send(event("ChannelVarset", "voicebot", channel=channel("c2"), variable="last", value=""))
        asterisk.serve_until(done.is_set)


def named(one: Event) -> tuple[str, bool, float]:
    return (one["channel"]["id"] if one.type == "StasisStart" else one.type, one.late, one.waited_seconds)


def expected() -> list[tuple[str, bool, float]]:
    return [*((name, True, seconds) for name, seconds in WAITED.items()), ("c2", False, 0.0)]


def test_handlers_see_which_events_are_late_and_how_long_they_waited() -> None:
    seen: list[Event] = []
    done = threading.Event()
    with sync.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listener:
        asterisk = threading.Thread(target=played, args=(listener.address, done))
        asterisk.start()
        session = next(iter(listener))
        has_all = threading.Event()

        def note(one: Event) -> None:
            seen.append(one)
            if len(seen) == len(QUEUED) + 3:  # ApplicationRegistered, and the last two
                has_all.set()

        session.on("*", note)
        session.connect()
        assert has_all.wait(SECONDS)
        assert session.late_events == len(QUEUED)
        done.set()
    asterisk.join(SECONDS)
    assert sorted(named(one) for one in seen if one.type not in ("ApplicationRegistered", "ChannelVarset")) == sorted(expected())
    assert [one.late for one in seen if one.type == "ApplicationRegistered"] == [False]


def test_typed_handlers_and_waits_see_it_too() -> None:
    async def main() -> None:
        async with aio.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listener:
            done = threading.Event()
            asterisk = asyncio.create_task(asyncio.to_thread(played, listener.address, done))
            session = await anext(aiter(listener))
            typed: dict[str, tuple[bool, float]] = {}

            @session.on(StasisStart)
            async def entered(one: StasisStart) -> None:
                typed[one.channel_id] = (one.late, one.waited_seconds)

            late = session.expect("StasisStart", about=("channel", "c1"))
            last = session.expect("StasisStart", about=("channel", "c2"))
            await session.connect()
            first = await late.result(timeout_seconds=SECONDS)
            assert (first.late, first.waited_seconds) == (True, 9.25)
            assert not (await last.result(timeout_seconds=SECONDS)).late
            done.set()
            await asterisk
        assert typed["c1"] == (True, 9.25)

    asyncio.run(main())


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_call_knows_how_long_it_has_waited_for_a_program(when: str) -> None:
    """Also where the program is registered when the call has been told of already, and nobody took it."""
    waited: dict[str, float] = {}
    has_both, done = threading.Event(), threading.Event()

    def serve(call: sync.Call) -> None:
        if call.id in ("c1", "c2"):
            waited[call.id] = call.waited_seconds
        if len(waited) == 2:
            has_both.set()

    with sync.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listener:
        if when == "before":
            listener.calls("voicebot")(serve)
        asterisk = threading.Thread(target=played, args=(listener.address, done))
        asterisk.start()
        if when == "after":
            session = next(iter(listener))
            with session.expect("ChannelVarset") as last:
                session.connect()
                last.result(timeout_seconds=SECONDS)
            listener.calls("voicebot")(serve)
        assert has_both.wait(SECONDS)
        done.set()
    asterisk.join(SECONDS)
    assert waited == {"c1": 9.25, "c2": 0.0}


def test_what_waited_before_the_first_connection_after_a_start_is_late_too() -> None:
    """Asterisk tells its time to the second: what is less than one old is not late."""
    seen: dict[str, tuple[bool, float]] = {}
    has_all, done = threading.Event(), threading.Event()

    def note(one: Event) -> None:
        name, *rest = named(one)
        seen[name] = (rest[0], rest[1])
        if one.type == "ChannelVarset":
            has_all.set()

    with sync.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listener:
        asterisk = threading.Thread(target=played_after_a_start, args=(listener.address, done))
        asterisk.start()
        session = next(iter(listener))
        session.on("*", note)
        session.connect()
        assert has_all.wait(SECONDS)
        assert session.late_events == 3
        done.set()
    asterisk.join(SECONDS)
    assert seen == {
        "ApplicationRegistered": (False, 0.0),
        "c1": (True, 9.75),
        "of a clock that was set back": (False, 0.0),
        "without a time": (False, 0.0),
        "ChannelTeleported": (True, 1.0),
        "ChannelDtmfReceived": (True, 1.5),
        "c2": (False, 0.0),
        "ChannelVarset": (False, 0.0),
    }


@pytest.mark.parametrize(
    "response",
    [
        (404, {"message": "no such variable"}),
        (200, {}),
        (200, [1]),
        (200, {"value": None}),
        (200, {"value": ""}),
        (200, {"value": "soon"}),
        (200, {"value": "9" * 30}),
        (200, {"value": "-" + "9" * 18}),
    ],
)
def test_a_time_that_cannot_be_read_marks_nothing(response: tuple[int, Any]) -> None:
    done = threading.Event()

    def dial(address: tuple[str, int]) -> None:
        with DiallingAsterisk(address) as asterisk:
            asterisk.answers["GET", "asterisk/variable"] = response
            asterisk.send(event("ApplicationRegistered", "voicebot", "1999-12-31T20:00:00.000+0100"), *QUEUED)
            asterisk.serve_until(done.is_set)

    with sync.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listener:
        asterisk = threading.Thread(target=dial, args=(listener.address,))
        asterisk.start()
        session = next(iter(listener))
        assert session.apps == ("voicebot",)
        assert session.late_events == 0
        session.connect()
        done.set()
    asterisk.join(SECONDS)
