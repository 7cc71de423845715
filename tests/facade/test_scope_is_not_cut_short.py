"""A call scope ends what it owns, whatever interrupts it: a cancellation, Ctrl-C, SystemExit out of a signal's handler."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI, errors
from asterisk_ari.sync import Call
from asterisk_ari.testing import EmbeddedAsterisk
from tests.embedded.support import until
from tests.facade.variants import Variant

SLOW = 0.3
TRANSPORTS = ["http", "websocket", "httpx"]
HTTP = ["http", "httpx"]  # what the embedded server delays


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("22.10.1", endpoints={"alice": "answers", "carol": "rings"}, session_limit=1000) as running:
        yield running


def options(asterisk: EmbeddedAsterisk, **more: Any) -> dict[str, Any]:
    return {"url": asterisk.url, "username": asterisk.username, "password": asterisk.password, "app_name": "a", **more}


def left(asterisk: EmbeddedAsterisk, seconds: float = 2.0) -> list[str]:
    """The channels and bridges that are left once what is under way has ended."""
    deadline = time.monotonic() + seconds
    while there := [*asterisk.machine.channels, *asterisk.machine.bridges]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.01)
    return there


# -- tasks --


def answered_late(asterisk: EmbeddedAsterisk) -> Callable[[], bool]:
    """Whether a request has come that the last fault delays, and has no answer yet."""
    fault = asterisk._server.faults.request_faults[-1]
    times = fault.times
    return lambda: fault.times != times


async def until_in_loop(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for the condition to become true, while the tasks of the loop go on."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.001)


def run_cancelled(
    asterisk: EmbeddedAsterisk, work: Callable[[Any], Any], when: Callable[[], object], transport: str = "http"
) -> float:
    """Cancel some work when a condition is true; how long it takes until the cancellation is raised."""

    async def main() -> float:
        client = httpx.AsyncClient() if transport == "httpx" else None
        more = {"transport": "websocket"} if transport == "websocket" else {"http_client": client}
        async with AsyncAsteriskARI(**options(asterisk, **more)) as ari:
            ari.call("PJSIP/alice")  # what a scope needs is imported now
            task = asyncio.create_task(work(ari))
            await until_in_loop(when)
            began = time.monotonic()
            task.cancel()
            await asyncio.wait([task])
            held_up_seconds = time.monotonic() - began
            assert task.cancelled()
        if client is not None:
            await client.aclose()
        return held_up_seconds

    return asyncio.run(main())


async def a_bridge_in_a_call(ari: Any) -> None:
    async with ari.call("PJSIP/alice") as call:
        await call.bridge()


@pytest.mark.parametrize("transport", HTTP)
def test_a_cancellation_while_a_scope_is_left(asterisk: EmbeddedAsterisk, transport: str) -> None:
    """The rest is ended too, and then the cancellation is raised."""
    asterisk.faults.delay(SLOW, method="DELETE")
    run_cancelled(asterisk, a_bridge_in_a_call, answered_late(asterisk), transport)
    assert [] == left(asterisk)


@pytest.mark.parametrize("transport", HTTP)
@pytest.mark.parametrize("path", ["/channels", "/bridges"])
def test_a_cancellation_while_something_is_created(asterisk: EmbeddedAsterisk, transport: str, path: str) -> None:
    """A DELETE never overtakes the POST: what is being created is awaited, and ended."""
    asterisk.faults.delay(SLOW, method="POST", path=path)
    run_cancelled(asterisk, a_bridge_in_a_call, answered_late(asterisk), transport)
    until(lambda: asterisk.requests.to(path, "POST"))
    assert [] == left(asterisk)


def test_a_cancellation_while_it_rings(asterisk: EmbeddedAsterisk) -> None:
    async def ringing(ari: Any) -> None:
        async with ari.call("PJSIP/carol"):
            pass

    run_cancelled(asterisk, ringing, lambda: [one for one in list(asterisk.machine.channels.values()) if one.state == "Ringing"])
    assert [] == left(asterisk)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_many_cancellations_at_any_moment(asterisk: EmbeddedAsterisk, transport: str) -> None:
    """Whatever is being created, used or ended, and when it is cancelled twice."""
    moments = random.Random(22)
    is_done = threading.Event()

    async def everything(ari: Any) -> None:
        async with ari.call("PJSIP/alice") as call:
            bridge = await call.bridge(type="mixing")
            await bridge.add_channel(call.channel)
            await call.snoop(spy="both")
            await call.play(media="sound:hello-world")

    async def many(ari: Any) -> None:
        async def once() -> None:
            task = asyncio.create_task(everything(ari))
            for _ in range(2):
                await asyncio.sleep(moments.random() * 0.03)
                task.cancel()
            await asyncio.wait([task])

        for _ in range(6):
            await asyncio.gather(*[once() for _ in range(20)])
        is_done.set()
        await asyncio.sleep(60)

    run_cancelled(asterisk, many, is_done.is_set, transport)
    assert [] == left(asterisk)


def test_a_cancellation_is_held_up_only_so_long(asterisk: EmbeddedAsterisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not answer does not keep a program from ending."""
    monkeypatch.setattr("asterisk_ari._transport.runtime.uninterrupted_async.uninterrupted.__defaults__", (0.2,))
    asterisk.faults.delay(6, method="DELETE", times=1000)
    assert run_cancelled(asterisk, a_bridge_in_a_call, answered_late(asterisk)) < 5.0


def test_a_cancellation_of_the_body_is_held_up_only_so_long(asterisk: EmbeddedAsterisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit counts from the cancellation on, although none comes while the scope is being left."""
    monkeypatch.setattr("asterisk_ari._transport.runtime.uninterrupted_async.uninterrupted.__defaults__", (0.2,))
    asterisk.faults.delay(6, method="DELETE", times=1000)
    is_talking: list[bool] = []

    async def talk(ari: Any) -> None:
        async with ari.call("PJSIP/alice") as call:
            await call.bridge()
            is_talking.append(True)
            await asyncio.sleep(60)

    assert run_cancelled(asterisk, talk, lambda: is_talking) < 5.0


def test_a_time_limit_around_a_scope(asterisk: EmbeddedAsterisk) -> None:
    """`asyncio.timeout` becomes the TimeoutError that it is."""

    async def main() -> None:
        async with AsyncAsteriskARI(**options(asterisk)) as ari:
            asterisk.faults.delay(SLOW, method="DELETE")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.15):
                    await a_bridge_in_a_call(ari)

    asyncio.run(main())
    assert [] == left(asterisk)


def test_a_loop_that_shuts_down(asterisk: EmbeddedAsterisk) -> None:
    """It cancels every task, as `asyncio.run` does at its end: that which leaves the scope too."""

    async def main() -> None:
        async with AsyncAsteriskARI(**options(asterisk)) as ari:
            asterisk.faults.delay(SLOW, method="DELETE")
            leaving = asyncio.create_task(a_bridge_in_a_call(ari))
            await until_in_loop(answered_late(asterisk))
            tasks = [task for task in asyncio.all_tasks() if task is leaving or task.get_name() == "ari-uninterrupted"]
            assert 2 == len(tasks)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            assert leaving.cancelled()

    asyncio.run(main())
    assert [] == left(asterisk)


# -- the main thread, and signals --


@contextmanager
def a_signal(number: signal.Signals, handler: Any, seconds: float) -> Iterator[None]:
    """The signal comes after a while; its handler is put back."""
    before = signal.signal(number, handler)
    timer = threading.Timer(seconds, os.kill, (os.getpid(), number))
    timer.start()
    try:
        yield
    finally:
        timer.join()
        signal.signal(number, before)


def leave_by_exit(*_: Any) -> None:
    sys.exit(3)


INTERRUPTIONS = [
    (signal.SIGINT, signal.default_int_handler, KeyboardInterrupt),
    (signal.SIGTERM, leave_by_exit, SystemExit),
]


@pytest.mark.parametrize(("number", "handler", "raised"), INTERRUPTIONS, ids=["Ctrl-C", "SystemExit"])
@pytest.mark.parametrize(("method", "path"), [("DELETE", None), ("POST", "/channels"), ("POST", "/bridges"), ("GET", None)])
def test_an_interruption_of_the_main_thread(
    asterisk: EmbeddedAsterisk, number: signal.Signals, handler: Any, raised: type[BaseException], method: str, path: str | None
) -> None:
    """While the scope is left, while something is created in it, and while it does something else."""
    with AsteriskARI(**options(asterisk)) as ari:
        ari.call("PJSIP/alice")  # what a scope needs is imported now
        asterisk.faults.delay(SLOW, method=method, path=path)
        with pytest.raises(raised), a_signal(number, handler, 0.15), ari.call("PJSIP/alice") as call:
            call.bridge()
            call.channel.refresh()
        assert [] == left(asterisk)


def test_ctrl_c_is_held_up_only_so_long(asterisk: EmbeddedAsterisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asterisk_ari._transport.runtime.uninterrupted_sync.uninterrupted.__defaults__", (0.2,))
    asterisk.faults.delay(30, method="DELETE", times=None)
    with AsteriskARI(**options(asterisk, request_timeout_seconds=8.0)) as ari:
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt), a_signal(signal.SIGINT, signal.default_int_handler, 0.15), ari.call("PJSIP/alice"):
            pass
        assert time.monotonic() - began < 5.0  # the request itself has 8 s


def test_ctrl_c_in_the_body_is_held_up_only_so_long(asterisk: EmbeddedAsterisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asterisk_ari._transport.runtime.uninterrupted_sync.uninterrupted.__defaults__", (0.2,))
    asterisk.faults.delay(30, method="DELETE", times=None)
    with AsteriskARI(**options(asterisk, request_timeout_seconds=8.0)) as ari:
        with pytest.raises(KeyboardInterrupt), ari.call("PJSIP/alice"):
            began = time.monotonic()
            raise KeyboardInterrupt
        assert time.monotonic() - began < 5.0


def test_an_error_of_the_body_waits_for_the_end(asterisk: EmbeddedAsterisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is in a hurry: all is ended when the error is raised, however long it takes."""
    monkeypatch.setattr("asterisk_ari._transport.runtime.uninterrupted_sync.uninterrupted.__defaults__", (0.0,))
    asterisk.faults.delay(SLOW, method="DELETE")
    with AsteriskARI(**options(asterisk)) as ari:
        with pytest.raises(ValueError, match="mine"), ari.call("PJSIP/alice"):
            raise ValueError("mine")
        assert [] == left(asterisk)


def interrupt_at_the_entry_of(function: Any) -> None:
    """KeyboardInterrupt comes before the first instruction of a function, once."""

    def trace(frame: Any, _event: str, _argument: Any) -> None:
        if frame.f_code is function.__code__:
            sys.settrace(None)
            raise KeyboardInterrupt

    sys.settrace(trace)


@contextmanager
def interrupted_at_the_entry_of(function: Any) -> Iterator[None]:
    """The same within a context; what traced before does so again afterwards."""
    before = sys.gettrace()
    interrupt_at_the_entry_of(function)
    try:
        yield
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("transport", ["http", "websocket"])
def test_an_interruption_on_the_way_into_exit(asterisk: EmbeddedAsterisk, transport: str) -> None:
    """Python never calls the `__exit__` of a scope then: the client ends it as it disconnects."""
    with AsteriskARI(**options(asterisk, transport=transport)) as ari:
        with interrupted_at_the_entry_of(Call.__exit__), pytest.raises(KeyboardInterrupt):
            with ari.call("PJSIP/alice") as call:
                call.bridge(type="mixing").add_channel(call.channel)
                call.play(media="sound:hello-world")
        assert len(asterisk.machine.channels) == 1
    assert [] == left(asterisk)
    assert ari.open_scopes == {}


def test_an_interruption_while_the_client_ends_open_scopes(asterisk: EmbeddedAsterisk) -> None:
    """Another Ctrl-C, or a cancellation, while it disconnects: it is raised when they have ended."""
    asterisk.faults.delay(SLOW, method="DELETE", path="/bridges", times=None)
    ari = AsteriskARI(**options(asterisk))
    ari.connect()
    ari.call("PJSIP/alice").__enter__().bridge()
    with pytest.raises(KeyboardInterrupt), a_signal(signal.SIGINT, signal.default_int_handler, SLOW / 2):
        ari.disconnect()
    assert [] == left(asterisk)

    async def main() -> None:
        ari = AsyncAsteriskARI(**options(asterisk))
        await ari.connect()
        await (await ari.call("PJSIP/alice").__aenter__()).bridge()
        leaving = asyncio.create_task(ari.disconnect())
        await asyncio.to_thread(asterisk.wait_until, lambda: not ari.is_connected)
        await asyncio.sleep(SLOW / 2)
        leaving.cancel()
        await asyncio.wait([leaving])
        assert leaving.cancelled()

    asyncio.run(main())
    assert [] == left(asterisk)


INTERRUPTED_TWICE = """
import sys
from contextlib import ExitStack
from asterisk_ari import AsteriskARI
from asterisk_ari.sync import Call
from tests.facade.test_scope_is_not_cut_short import interrupt_at_the_entry_of

url, username, password, transport = sys.argv[1:]
with AsteriskARI(url=url, username=username, password=password, app_name="a", transport=transport) as ari, ExitStack() as stack:
    stack.callback(interrupt_at_the_entry_of, AsteriskARI.__exit__)
    with ari.call("PJSIP/alice") as call:
        call.bridge(type="mixing").add_channel(call.channel)
        interrupt_at_the_entry_of(Call.__exit__)
"""


@pytest.mark.parametrize("transport", ["http", "websocket"])
def test_a_program_that_ends_without_leaving_anything(asterisk: EmbeddedAsterisk, transport: str) -> None:
    """Interrupts have kept Python from calling the `__exit__` of scope and client: the call ends with the interpreter."""
    arguments = [asterisk.url, asterisk.username, asterisk.password, transport]
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_TWICE, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr.count("\nKeyboardInterrupt\n") == 2
    assert [] == left(asterisk)


# -- both variants --


def test_disconnecting_ends_open_scopes(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """A scope that was never left ends with the client, one that was left is not one of it, and other calls live on."""
    ari = variant.client(**options(asterisk, events=True))
    variant.do(ari.connect())
    other = variant.do(ari.channels.create("PJSIP/alice"))
    scopes = [ari.call("PJSIP/alice") for _ in range(3)]
    for scope in scopes:
        variant.enter(scope)
        variant.do(scope.bridge())
        variant.do(scope.play(media="sound:hello-world"))
    variant.leave(scopes[0])
    assert len(ari.open_scopes) == 2
    variant.do(ari.disconnect())
    assert [other.id] == left(asterisk, 0.5)
    assert ari.open_scopes == {}


def test_disconnecting_waits_for_a_scope_that_is_being_left(asterisk: EmbeddedAsterisk, caplog: Any) -> None:
    """By another thread, or another task."""
    with AsteriskARI(**options(asterisk)) as ari:
        entered, leaving = threading.Event(), threading.Event()

        def work() -> None:
            with ari.call("PJSIP/alice") as call:
                call.bridge()
                entered.set()
                leaving.wait()

        thread = threading.Thread(target=work)
        thread.start()
        entered.wait()
        asterisk.faults.delay(SLOW, method="DELETE", path="/bridges", times=None)
        leaving.set()
        time.sleep(SLOW / 3)
        ari.disconnect()
        thread.join()
    assert left(asterisk) == []

    async def main() -> None:
        async with AsyncAsteriskARI(**options(asterisk)) as ari:
            entered, leaving = asyncio.Event(), asyncio.Event()

            async def work() -> None:
                async with ari.call("PJSIP/alice") as call:
                    await call.bridge()
                    entered.set()
                    await leaving.wait()

            task = asyncio.create_task(work())
            await entered.wait()
            leaving.set()
            await asyncio.sleep(SLOW / 3)
            await ari.disconnect()
            await task

    asyncio.run(main())
    assert left(asterisk) == []
    assert "could not end" not in caplog.text


def test_a_scope_of_a_handler_is_left_by_the_handler(variant: Variant, asterisk: EmbeddedAsterisk, caplog: Any) -> None:
    """Disconnecting gives it the time to; nothing is told twice."""
    ari = variant.client(**options(asterisk, events=True))
    variant.do(ari.connect())
    phone = asterisk.incoming_call(app="a")
    until(lambda: asterisk.machine.channels)
    scope = ari.call(ari.channels(phone.channel_id))
    variant.enter(scope)
    variant.do(ari.disconnect())
    assert [] == left(asterisk)
    variant.leave(scope)
    assert [] == [record.message for record in caplog.records if record.levelno >= 30]


def test_a_creation_that_is_not_answered_is_ended_when_it_is_done(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """The server may not have done it yet when the first DELETE comes: then that is repeated for a while."""
    ari = variant.client(**options(asterisk, events=True, request_timeout_seconds=0.2))
    variant.do(ari.connect())
    asterisk.faults.drop_reply(method="POST", path="/channels")
    asterisk.faults.answer(404, {"message": "Channel not found"}, method="DELETE", times=2)
    with pytest.raises(errors.OutcomeUnknown):
        variant.enter(ari.call("PJSIP/alice"))
    assert 3 == len([request for request in asterisk.requests if request.method == "DELETE"])
    assert [] == left(asterisk)


def test_what_a_scope_could_not_create_is_not_its_own(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """A playback, recording or snoop of somebody else's under the same id is left alone."""
    ari = variant.client(**options(asterisk, events=True))
    variant.do(ari.connect())
    channel = variant.do(ari.channels.create("PJSIP/alice"))
    variant.do(channel.snoop(spy="both", snoop_id="theirs"))
    scope = ari.call("PJSIP/alice")
    variant.enter(scope)
    with pytest.raises(errors.ServerFailure):
        variant.do(scope.snoop(spy="both", snoopId="theirs"))
    mine = variant.do(scope.play("sound:hello-world", playbackId="mine"))
    assert "mine" == mine.id
    variant.leave(scope)
    until(lambda: {channel.id, "theirs"} == set(asterisk.machine.channels))
