"""Ctrl-C and SIGTERM end `start_event_loop()` where nobody else handles them, and reach who does."""

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from tests.facade.variants import PASSWORD, USERNAME
from tests.processes.children import fork, in_a_child
from tests.servers.scripted_server import ScriptedServer

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture
def options(server: ScriptedServer) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": server.port, "username": USERNAME, "password": PASSWORD}


@contextlib.contextmanager
def handled_by(number: int, handler: Any) -> Iterator[None]:
    """The program handles a signal."""
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def kill_soon(number: int) -> None:
    threading.Timer(0.1, os.kill, (os.getpid(), number)).start()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_of_the_program_reaches_the_program(options: dict[str, Any], number: int) -> None:
    """Its handler stays where it is while the client runs, and the client goes on until it is told to stop."""
    with AsteriskARI(**options) as ari:
        told: list[Any] = []

        def handle(*_: Any) -> None:
            told.append(signal.getsignal(number))
            threading.Timer(0.1, ari.stop).start()

        with handled_by(number, handle):
            kill_soon(number)
            ari.start_event_loop()
            assert [handle] == told
            assert handle is signal.getsignal(number)


@pytest.mark.parametrize("number", SIGNALS)
def test_what_is_ignored_stays_ignored(options: dict[str, Any], number: int) -> None:
    """As under nohup."""
    with AsteriskARI(**options) as ari, handled_by(number, signal.SIG_IGN):
        kill_soon(number)
        threading.Timer(0.2, ari.stop).start()
        ari.start_event_loop()
        assert signal.SIG_IGN == signal.getsignal(number)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_of_the_programs_event_loop_reaches_it(options: dict[str, Any], number: int) -> None:
    """What `loop.add_signal_handler` was told is there while the client runs and afterwards: aiohttp's way."""

    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        told: list[str] = []
        loop.add_signal_handler(number, told.append, "mine")
        async with AsyncAsteriskARI(**options) as ari:
            running = asyncio.create_task(ari.start_event_loop())
            await asyncio.sleep(0.05)
            os.kill(os.getpid(), number)
            await asyncio.sleep(0.05)
            assert not running.done()
            ari.stop()
            await running
        os.kill(os.getpid(), number)
        await asyncio.sleep(0.05)
        loop.remove_signal_handler(number)
        return told

    assert ["mine", "mine"] == asyncio.run(main())


def test_ctrl_c_of_a_program_that_does_something_else(options: dict[str, Any]) -> None:
    """The client runs beside the main task: Ctrl-C ends the program, as it does without the client, cleaned up."""
    closed: list[AsyncAsteriskARI] = []

    async def main() -> None:
        async with AsyncAsteriskARI(**options) as ari:
            closed.append(ari)
            running = asyncio.create_task(ari.start_event_loop())
            kill_soon(signal.SIGINT)
            try:
                await asyncio.sleep(20)
            finally:
                assert not running.done()

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert not closed[0].is_connected
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("variant", ["sync", "async"])
def test_the_handlers_of_before_are_back(options: dict[str, Any], number: int, variant: str) -> None:
    """The very same, and the wake-up descriptor too."""

    def state() -> list[Any]:
        return [*map(signal.getsignal, SIGNALS), wakeup_descriptor()]

    async def main() -> None:
        before = state()
        async with AsyncAsteriskARI(**options) as ari:
            kill_soon(number)
            await ari.start_event_loop()
        assert before == state()

    before = state()
    if variant == "async":
        asyncio.run(main())
    else:
        with AsteriskARI(**options) as ari:
            kill_soon(number)
            ari.start_event_loop()
    assert before == state()


def test_who_takes_a_signal_over_keeps_it(options: dict[str, Any]) -> None:
    """A framework that starts after the client, and stops after it: its handler is not replaced by that of before."""
    told: list[int] = []

    def handle(number: int, _: object) -> None:
        told.append(number)

    async def main() -> None:
        async with AsyncAsteriskARI(**options) as ari:
            running = asyncio.create_task(ari.start_event_loop())
            await asyncio.sleep(0.05)
            ours = signal.signal(signal.SIGTERM, handle)
            os.kill(os.getpid(), signal.SIGTERM)
            ari.stop()
            await running
        assert [signal.SIGTERM] == told
        assert handle is signal.getsignal(signal.SIGTERM)
        signal.signal(signal.SIGTERM, ours)  # as uvicorn does, which then sends itself the signal that it got
        assert -signal.SIGTERM == died_of(signal.SIGTERM)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    asyncio.run(main())


def died_of(number: int) -> int:
    """The exit status of a forked child that sends itself a signal."""
    child = fork()
    if child == 0:
        signal.raise_signal(number)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("variant", ["sync", "async"])
def test_sigterm_that_the_program_handles_ends_the_loop_too(options: dict[str, Any], variant: str) -> None:
    """Its handler is left where it is and runs; then the loop returns, and does so once for one signal."""
    told: list[Any] = []

    def handle(*_: Any) -> None:
        told.append(signal.getsignal(signal.SIGTERM))

    async def main() -> None:
        async with AsyncAsteriskARI(**options) as ari:
            for count in (1, 2):
                running = asyncio.create_task(ari.start_event_loop())
                kill_soon(signal.SIGTERM)
                await running
                assert [handle] * count == told

    with handled_by(signal.SIGTERM, handle):
        if variant == "async":
            asyncio.run(main())
        else:
            with AsteriskARI(**options) as ari:
                for count in (1, 2):
                    kill_soon(signal.SIGTERM)
                    ari.start_event_loop()
                    assert [handle] * count == told
        assert handle is signal.getsignal(signal.SIGTERM)
    assert -1 == wakeup_descriptor()


def test_two_clients_end_at_a_sigterm_of_the_program(options: dict[str, Any]) -> None:
    async def main() -> None:
        async with AsyncAsteriskARI(**options, app_name="one") as one, AsyncAsteriskARI(**options, app_name="two") as two:
            kill_soon(signal.SIGTERM)
            await asyncio.gather(one.start_event_loop(), two.start_event_loop())

    with handled_by(signal.SIGTERM, lambda *_: None):
        asyncio.run(main())


def test_a_wake_up_descriptor_of_the_program_stays(options: dict[str, Any]) -> None:
    """As gunicorn, uvloop and trio have one: it gets its bytes, and the client goes on until it is told to stop."""
    reading, writing = socket.socketpair()
    with reading, writing, AsteriskARI(**options) as ari, handled_by(signal.SIGTERM, lambda *_: None):
        writing.setblocking(False)
        before = signal.set_wakeup_fd(writing.fileno())
        kill_soon(signal.SIGTERM)

        def stop() -> None:
            assert bytes([signal.SIGTERM]) == reading.recv(1)
            ari.stop()

        stopping = threading.Timer(0.2, stop)
        stopping.start()
        ari.start_event_loop()
        stopping.join()
        assert writing.fileno() == signal.set_wakeup_fd(before)


def test_who_takes_the_wake_up_descriptor_over_keeps_it(options: dict[str, Any]) -> None:
    """An event loop that gets its first signal handler while the client runs."""

    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        told: list[str] = []
        async with AsyncAsteriskARI(**options) as ari:
            running = asyncio.create_task(ari.start_event_loop())
            await asyncio.sleep(0.05)
            loop.add_signal_handler(signal.SIGUSR1, told.append, "mine")
            ari.stop()
            await running
        os.kill(os.getpid(), signal.SIGUSR1)
        await asyncio.sleep(0.05)
        loop.remove_signal_handler(signal.SIGUSR1)
        return told

    with handled_by(signal.SIGTERM, lambda *_: None):
        assert ["mine"] == asyncio.run(main())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_signal_of_a_forked_child_is_not_the_parents(options: dict[str, Any]) -> None:
    """`multiprocessing.Pool.terminate` sends SIGTERM to children that inherited the program's handler."""
    children: list[Any] = []

    def in_child() -> list[int]:
        signal.raise_signal(signal.SIGTERM)
        return [wakeup_descriptor()]

    with AsteriskARI(**options) as ari, handled_by(signal.SIGTERM, lambda *_: None):

        def work() -> None:
            children.append(in_a_child(in_child))
            children.append(in_a_child(in_child))
            children.append("the parent goes on")
            ari.stop()

        threading.Timer(0.1, work).start()
        ari.start_event_loop()
        assert [[-1], [-1], "the parent goes on"] == children


def wakeup_descriptor() -> int:
    descriptor = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(descriptor)
    return descriptor


@pytest.mark.parametrize("number", SIGNALS)
def test_in_another_thread_no_signal_is_taken(options: dict[str, Any], number: int) -> None:
    """Python gives them to the main thread alone."""
    before = signal.getsignal(number)
    with AsteriskARI(**options) as ari:
        running = threading.Thread(target=ari.start_event_loop)
        running.start()
        threading.Timer(0.05, ari.stop).start()
        assert before is signal.getsignal(number)
        running.join()
