"""A forked child touches nothing of its parent's connection, says so, and can connect by itself."""

import asyncio
import contextlib
import os
import pickle
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.events.variants import eventually
from tests.facade.variants import PASSWORD, USERNAME, Variant
from tests.processes.children import SECONDS, error_of, fork, in_a_child
from tests.servers.script import ReceivedRequest, Reply, reply
from tests.servers.scripted_server import ScriptedServer
from tests.transport.ways import Way

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")


def client(variant: Variant, server: ScriptedServer, **options: Any) -> Any:
    options = {"username": USERNAME, "password": PASSWORD, "events": True, **options}
    return variant.client(host="127.0.0.1", port=server.port, **options)


def run(variant: Variant, call: Callable[[], Any]) -> Any:
    """Run a call in a child: an event loop of the child's own for the asynchronous variant."""
    if variant.name == "sync":
        return call()

    async def in_a_loop() -> Any:
        return await call()

    return asyncio.run(in_a_loop())


def next_of(variant: Variant, events: Any) -> Any:
    return next(events) if variant.name == "sync" else anext(events)


def where(variant: Variant, function: Callable[[], Any]) -> Any:
    """Call a function where programs fork: in the event loop that the client runs in, or just so."""
    if variant.name == "sync":
        return function()

    async def in_the_loop() -> Any:
        return function()

    return variant.do(in_the_loop())


def test_every_use_in_a_child_says_whose_the_client_is(way: Way, server: ScriptedServer) -> None:
    """Calls, waits of before and of after, downloads, the loop: all refuse, and nothing reaches the server."""
    variant = way.variant
    ari = way.connected(server, events=True)
    generated = ari.rest_client()
    before, events = ari.expect("StasisStart"), ari.events()
    way.at_once([lambda: ari.rest.call("bridges.list")] * 3)
    requests, accepted = len(server.requests), server.accepted

    def child() -> list[str]:
        uses: list[Callable[[], Any]] = [
            lambda: ari.rest.call("bridges.list"),
            lambda: ari.channels.originate("PJSIP/alice", app="a"),
            lambda: generated.request("get", "/bridges"),
            lambda: before.result(5),
            lambda: ari.expect("StasisStart").result(5),
            lambda: ari.start_event_loop(),
            lambda: ari.events(),
            lambda: next_of(variant, events),
        ]
        told = [error_of(partial(run, variant, use)) for use in uses]
        run(variant, ari.disconnect)
        return [*told, str(ari.is_connected), str(ari.stats.connected)]

    *told, is_connected, receives = where(variant, lambda: in_a_child(child))
    for one in told:
        assert one.startswith(f"NotConnected: this client belongs to process {os.getpid()}: call connect() in this one"), one
    assert ("False", "False") == (is_connected, receives)
    assert (requests, accepted) == (len(server.requests), server.accepted)
    assert [] == way.call(ari, "bridges.list")
    assert accepted == server.accepted, "the parent's connections are as they were"
    assert ari.is_connected
    server.send({"type": "StasisStart", "application": "a", "args": [], "channel": {"id": "1"}, "timestamp": ""})
    assert "StasisStart" == variant.do(before.result(5)).type


@pytest.mark.parametrize("name", ["http", "websocket"])
def test_a_child_connects_by_itself(variant: Variant, server: ScriptedServer, name: str) -> None:
    """Over connections of its own, under request ids of its own, with the handlers that were registered."""
    way = Way(name, variant)
    ari = way.connected(server, events=True)
    seen: list[str] = []
    ari.on("StasisStart", lambda event: seen.append(event["channel"]["id"]))
    way.call(ari, "bridges.list")

    def child() -> Any:
        async def use_async() -> Any:
            await ari.connect()
            with ari.expect("StasisStart") as entered:
                listed = await ari.rest.call("bridges.list")
                await entered.result(SECONDS)
            prefix = ari.hub.responses._prefix
            await ari.disconnect()
            return listed, prefix, seen

        def use() -> Any:
            ari.connect()
            with ari.expect("StasisStart") as entered:
                listed = ari.rest.call("bridges.list")
                entered.result(SECONDS)
            prefix = ari.hub.responses._prefix
            ari.disconnect()
            return listed, prefix, seen

        return run(variant, use if variant.name == "sync" else use_async)

    def answer(request: ReceivedRequest) -> Reply:
        return reply(200, json=[], before=lambda: send_soon(server))

    server.respond = answer
    listed, prefix, entered = where(variant, lambda: in_a_child(child))
    assert ([], ["of the child"]) == (listed, entered)
    assert prefix != ari.hub.responses._prefix
    server.respond = None
    assert [] == way.call(ari, "bridges.list")


def send_soon(server: ScriptedServer) -> None:
    event = {"type": "StasisStart", "application": "a", "args": [], "channel": {"id": "of the child"}, "timestamp": ""}
    threading.Timer(0.01, server.websockets[-1].send, [event]).start()


def sockets_to(server: ScriptedServer) -> int:
    """How many of this process's open files are connections to the server, seen from the client."""
    count = 0
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(name))) as one:
            count += one.family == socket.AF_INET and one.getpeername()[1] == server.port
    return count


@pytest.mark.parametrize("name", ["http", "websocket"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_a_child_keeps_no_socket_open(request: Any, variant: Variant, name: str, tls: bool) -> None:
    """Nor one that another thread or task uses at that moment: else the server would not see that the parent closes it."""
    server: ScriptedServer = request.getfixturevalue("tls_server" if tls else "server")
    way = Way(name, variant)
    ari = way.connected(server, events=True, **({"tls": True, "verify": False} if tls else {}))
    both, goes_on = threading.Event(), threading.Event()

    def answer(request: ReceivedRequest) -> Reply:
        both.set()
        return reply(204, before=lambda: goes_on.wait(SECONDS))

    server.respond = answer

    def fork_meanwhile() -> Any:
        try:
            return sockets_to(server), in_a_child(lambda: sockets_to(server))
        finally:
            goes_on.set()

    call = partial(ari.rest.call, "channels.answer", channelId="1")
    _, (of_the_parent, of_the_child) = way.at_once([call, way.when(both.is_set, fork_meanwhile)])
    assert (2, 0) == (of_the_parent, of_the_child), "one for events, one for the call"


@contextlib.contextmanager
def held_by_a_thread(*locks: Any) -> Iterator[None]:
    """Another thread holds these locks."""
    taken, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with contextlib.ExitStack() as held:
            for lock in locks:
                held.enter_context(lock)
            taken.set()
            assert leave.wait(SECONDS)

    holding = threading.Thread(target=hold)
    holding.start()
    assert taken.wait(SECONDS)
    yield
    leave.set()
    holding.join()


def test_locks_that_threads_held_are_free_in_a_child(variant: Variant, server: ScriptedServer) -> None:
    """Those threads do not exist there, and nobody would ever free them."""
    ari = client(variant, server)
    variant.do(ari.connect())
    listeners = ari.hub._listeners
    locks = [ari.hub._router.lock, listeners.registrations._lock, listeners.waiters._lock, listeners.ownership._lock]
    if variant.name == "sync":
        locks += [ari._connecting, ari.hub._dispatcher.pool._lock, ari.hub._stop_signal._lock]

    def child() -> Any:
        async def use_async() -> Any:
            await ari.connect()
            listed = await ari.rest.call("bridges.list")
            await ari.disconnect()
            return listed

        def use() -> Any:
            ari.connect()
            listed = ari.rest.call("bridges.list")
            ari.disconnect()
            return listed

        return run(variant, use if variant.name == "sync" else use_async)

    with held_by_a_thread(*locks):
        assert [] == where(variant, lambda: in_a_child(child))


@pytest.mark.parametrize("plain", [True, False], ids=["def", "async def"])
def test_a_fork_in_a_handler(variant: Variant, server: ScriptedServer, plain: bool) -> None:
    """The child is the handler: its calls refuse, and the parent handles on."""
    if variant.name == "sync" and not plain:
        return
    ari = client(variant, server)
    told: list[str] = []

    def use() -> Any:
        return ari.rest.call("bridges.list")

    def handle(event: Any) -> None:
        told.append(in_a_child(lambda: error_of(lambda: run(variant, use))))

    async def handle_async(event: Any) -> None:
        handle(event)

    ari.on("StasisStart", handle if plain else handle_async)
    variant.do(ari.connect())

    def call_in(name: str) -> None:
        server.send({"type": "StasisStart", "application": "a", "args": [], "channel": {"id": name}, "timestamp": ""})

    for name in ("1", "2"):
        with ari.expect("StasisStart") as entered:
            call_in(name)
            variant.do(entered.result(SECONDS))
    variant.do(
        asyncio.to_thread(eventually, lambda: len(told) == 2) if variant.name == "async" else eventually(lambda: len(told) == 2)
    )
    variant.do(ari.disconnect())
    for one in told:
        assert one.startswith(f"NotConnected: this client belongs to process {os.getpid()}")


def test_a_handler_that_returns_in_a_child_ends_the_child(server: ScriptedServer) -> None:
    """The thread that it ran in is all there is of that process."""
    variant = Variant()
    ari = client(variant, server)
    children: list[int] = []
    ari.on("StasisStart", lambda event: children.append(fork()))
    ari.connect()
    with ari.expect("StasisStart") as entered:
        server.send({"type": "StasisStart", "application": "a", "args": [], "channel": {"id": "1"}, "timestamp": ""})
        entered.result(SECONDS)
    ari.disconnect()
    assert 0 == os.waitpid(children[0], 0)[1]


def test_a_child_has_the_signal_handlers_of_before(variant: Variant, server: ScriptedServer) -> None:
    """SIGTERM ends it, as `multiprocessing.Pool` means it to, and the parent goes on."""
    ari = client(variant, server)
    variant.do(ari.connect())
    statuses: list[int] = []

    def handlers() -> list[Any]:
        return [signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)]

    before = handlers()

    def fork_and_kill() -> None:
        child = fork()
        if child == 0:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(SECONDS)
            os._exit(1) if handlers() != before or signal.set_wakeup_fd(-1) != -1 else signal.pause()
        os.kill(child, signal.SIGTERM)
        statuses.append(os.waitpid(child, 0)[1])
        threading.Timer(0.2, ari.stop).start()  # by then a signal that reached the parent too would have ended it

    async def running() -> None:
        before[:] = handlers()  # Ctrl-C is asyncio's here
        asyncio.get_running_loop().call_later(0.05, fork_and_kill)
        await ari.start_event_loop()

    if variant.name == "sync":
        old = signal.signal(signal.SIGALRM, lambda *_: fork_and_kill())
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        ari.start_event_loop()
        signal.signal(signal.SIGALRM, old)
    else:
        variant.do(running())
    assert [signal.SIGTERM] == statuses
    assert ari.is_connected


def test_a_client_that_was_not_connected_is_the_childs(variant: Variant, server: ScriptedServer) -> None:
    """As with gunicorn's --preload: made in the parent, connected in each worker."""
    ari = client(variant, server)

    def child() -> Any:
        async def use_async() -> Any:
            async with ari:
                return await ari.rest.call("bridges.list")

        def use() -> Any:
            with ari:
                return ari.rest.call("bridges.list")

        return error_of(lambda: ari.rest), run(variant, use if variant.name == "sync" else use_async)

    assert ("NotConnected: not connected: call connect() first", []) == in_a_child(child)


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_a_client_of_the_programs_own_belongs_to_the_parent_too(variant: Variant, server: ScriptedServer, name: str) -> None:
    """Its connections cannot be taken from it: the child must make another."""
    ari = Way(name, variant).connected(server)
    told = where(variant, lambda: in_a_child(lambda: error_of(lambda: run(variant, ari.connect))))
    assert f"NotConnected: http_client belongs to process {os.getpid()}: create it and this client again in this process" == told


def test_a_client_is_not_pickled(variant: Variant, server: ScriptedServer) -> None:
    """So none comes into a process of `multiprocessing` by spawn or forkserver."""
    with pytest.raises(TypeError, match="belongs to this process"):
        pickle.dumps(client(variant, server))
