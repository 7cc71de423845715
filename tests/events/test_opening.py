"""Opening the event WebSocket the first time, running, and closing."""

import logging
import os
import signal
import socket
import ssl
import threading
import time
from typing import Any

import pytest

from asterisk_ari._sync.events.hub import EventHub
from asterisk_ari.errors import (
    ConnectionRefused,
    EventStreamRefused,
    HostNotFound,
    NotConnected,
    NotSent,
    RequestTimeout,
    TlsFailed,
    TransportError,
)
from asterisk_ari.events import Event
from asterisk_ari.settings import Settings
from tests.events.conftest import Client
from tests.events.refusals import HTML_404, NO_APP, NOT_BOOTED, UNAUTHORIZED
from tests.events.shapes import stasis_start
from tests.events.variants import LIMIT, AsyncResync, Resync, eventually
from tests.facade.hosts import HOST, resolve, silent
from tests.servers.script import DISCONNECT
from tests.servers.scripted_server import ScriptedServer


def test_what_is_asked_for(server: ScriptedServer, client: Client) -> None:
    """Apps are comma-joined and encoded, credentials are in the Basic header and nowhere else."""
    client(app_name="a b/ü", apps=("two",), subscribe_all=True, username="us er")
    path, headers = server.handshakes[0].target, server.handshakes[0].headers
    assert path == "/ari/events?app=a%20b%2F%C3%BC,two&subscribeAll=true"
    assert headers["authorization"] == "Basic dXMgZXI6czNjcmV0"
    assert "api_key" not in path


@pytest.mark.parametrize(("answer", "status"), [(UNAUTHORIZED, 401), (HTML_404, 404), (NO_APP, 400)], ids=["401", "404", "400"])
def test_refusals_raise_at_once(server: ScriptedServer, client: Client, answer: Any, status: int) -> None:
    """A handshake answered with HTML raises EventStreamRefused with its status and a remedy; nothing is retried."""
    ari = client(start=False)
    server.handshake_answers.append(answer)
    with pytest.raises(EventStreamRefused) as caught:
        ari.start()
    assert caught.value.status == status
    assert caught.value.remedy
    assert "<html" not in str(caught.value)
    assert len(server.handshakes) == 1
    # The library's error would show the Basic header in its repr.
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_booting_server_is_given_a_moment(server: ScriptedServer, client: Client) -> None:
    """503 at the first connection is tried again within the connect time-out."""
    pauses: list[float] = []

    def sleep(seconds: float) -> bool:
        pauses.append(seconds)
        return False

    ari = client(start=False, hub={"sleep": sleep})
    server.handshake_answers.extend([NOT_BOOTED, NOT_BOOTED])
    ari.start()
    assert len(server.handshakes) == 3
    assert len(pauses) == 2


def test_a_server_that_never_boots(server: ScriptedServer, client: Client) -> None:
    """503 for longer than the connect time-out raises."""
    ari = client(start=False, connect_timeout_seconds=0.1, hub={"sleep": lambda seconds: time.sleep(0.02)})
    server.handshake_answers.extend([NOT_BOOTED] * 1000)
    with pytest.raises(EventStreamRefused) as caught:
        ari.start()
    assert caught.value.status == 503


def test_nobody_listens(server: ScriptedServer, client: Client) -> None:
    """A refused connection raises ConnectionRefused, and the client may be started again."""
    ari = client(start=False)
    server.kill()
    with pytest.raises(ConnectionRefused):
        ari.start()
    server.listen()
    ari.start()
    assert ari.hub.stats.connected


@pytest.mark.parametrize("host", ["no-such-host.invalid", "no..host", "n" * 64 + ".invalid"])
def test_no_such_host(client: Client, host: str) -> None:
    """A name that does not resolve raises HostNotFound, and so does one that no name can be."""
    with pytest.raises(HostNotFound):
        client(host=host)


def test_not_tls(client: Client) -> None:
    """A server that speaks no TLS raises TlsFailed or another transport error, not something raw."""
    with pytest.raises((TlsFailed, TransportError)):
        client(tls=True, verify=ssl.create_default_context(), connect_timeout_seconds=1.0)


def test_cut_during_the_handshake(server: ScriptedServer, client: Client) -> None:
    """A connection that is closed without an answer raises a TransportError."""
    ari = client(start=False)
    server.handshake_answers.append(DISCONNECT)
    with pytest.raises(TransportError):
        ari.start()


def test_no_answer(client: Client) -> None:
    """A server that accepts and says nothing raises RequestTimeout after the connect time-out."""
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(RequestTimeout):
        client(port=silent.getsockname()[1], connect_timeout_seconds=0.1)


@pytest.mark.parametrize("tls", [False, True], ids=["full queue", "no TLS handshake"])
def test_no_connection_in_time(client: Client, tls: bool) -> None:
    """A connection that does not come about raises NotSent after the connect time-out: nothing was asked for."""
    with socket.create_server(("127.0.0.1", 0)) if tls else silent("127.0.0.1") as listening:
        port = listening.getsockname()[1] if isinstance(listening, socket.socket) else listening
        with pytest.raises(NotSent):
            client(port=port, tls=tls, verify=not tls, connect_timeout_seconds=0.2)


def test_an_address_that_does_not_answer(server: ScriptedServer, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host's next address is tried long before the time limit."""
    resolve(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    with silent("127.0.0.2", server.port):
        begun = time.monotonic()
        client(host=HOST, connect_timeout_seconds=15.0)
        assert time.monotonic() - begun < 10


def test_credentials_are_in_no_log(server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Opening, breaking, refusing and closing log neither the password nor the Basic header."""
    with caplog.at_level(logging.DEBUG):
        ari = client()
        server.websocket().cut()
        server.websocket(1)
        server.handshake_answers.append(UNAUTHORIZED)
        server.websocket(1).cut()
        with pytest.raises(EventStreamRefused):
            ari.run_forever()
        ari.close()
    assert caplog.text
    assert "s3cret" not in caplog.text
    assert ari.hub._settings.authorization not in caplog.text


def test_closing_says_goodbye(server: ScriptedServer, client: Client) -> None:
    """close() sends close code 1000, waits for the answer, and may be called twice."""
    ari = client()
    websocket = server.websocket()
    ari.close()
    ari.close()
    assert websocket.ended.wait(LIMIT)
    assert websocket.close_code == 1000
    with pytest.raises(NotConnected):
        ari.start()
    with pytest.raises(NotConnected):
        ari.expect("StasisStart").result(LIMIT)


def test_closing_a_dead_connection_takes_no_time(server: ScriptedServer, client: Client) -> None:
    """A server that never answers the close frame does not hold up close()."""
    ari = client()
    server.websocket().answers_close = False
    began = time.monotonic()
    ari.close()
    assert time.monotonic() - began < 4


def test_closing_while_reconnecting(server: ScriptedServer, client: Client) -> None:
    """close() in a long pause between attempts returns at once."""
    from asterisk_ari.policies import Reconnect

    ari = client(reconnect=Reconnect(first_seconds=3600, max_seconds=3600))
    lost = ari.expect("ConnectionLost")
    server.websocket().cut()
    lost.result(LIMIT)
    began = time.monotonic()
    ari.close()
    assert time.monotonic() - began < 2


def test_what_was_received_is_still_handled(server: ScriptedServer, client: Client) -> None:
    """close() lets queued events reach their handlers."""
    ari = client(workers=1)
    seen: list[str] = []
    gate = threading.Event()

    def handler(event: Any) -> None:
        assert gate.wait(LIMIT)
        seen.append(event["channel"]["id"])

    ari.on("StasisStart", handler)
    server.websocket().send(*[stasis_start(f"c{number}") for number in range(20)])
    eventually(lambda: ari.hub.stats.received == 20)
    threading.Timer(0.05, gate.set).start()
    ari.close()
    assert len(seen) == 20


@pytest.mark.parametrize("how", ["stop", "close"])
def test_run_forever_ends_from_inside_a_handler(server: ScriptedServer, client: Client, how: str) -> None:
    """stop() and close() out of a handler end run_forever(), without an error and without a deadlock."""
    ari = client()

    def end(event: Any) -> None:
        getattr(ari.hub, how)()

    async def end_async(event: Any) -> None:
        if how == "stop":
            ari.hub.stop()
        else:
            await ari.hub.close()

    ari.on("StasisStart", end if ari.name == "sync" else end_async)
    server.websocket().send(stasis_start("c1"))
    ari.run_forever()
    assert ari.hub.stats.handler_errors == 0
    assert ari.hub.is_closed is (how == "close")


def test_stop_before_run_forever(client: Client) -> None:
    """A stop() that comes first is not missed, and is spent: the next run goes on until the next stop()."""
    ari = client()
    ari.hub.stop()
    ari.run_forever()
    threading.Timer(0.02, ari.hub.stop).start()
    began = time.monotonic()
    ari.run_forever()
    assert time.monotonic() - began > 0.01


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_run_forever(server: ScriptedServer, settings: Settings, resync: Resync, number: int) -> None:
    """Ctrl-C and SIGTERM in the main thread end it cleanly; the former handlers are back afterwards."""
    before = signal.getsignal(number)
    hub = EventHub(settings, open_rest=resync.open)
    hub.start()
    timer = threading.Timer(0.05, os.kill, (os.getpid(), number))
    timer.start()
    hub.run_forever()
    hub.close()
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_run_forever_async(server: ScriptedServer, settings: Settings, resync: Resync, number: int) -> None:
    """The same in an event loop of the main thread."""
    import asyncio

    from asterisk_ari._async.events.hub import EventHub as AsyncEventHub

    async def main() -> None:
        before = signal.getsignal(number)
        hub = AsyncEventHub(settings, open_rest=AsyncResync(resync).open)
        await hub.start()
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), number)
        await hub.run_forever()
        await hub.close()
        assert signal.getsignal(number) is before

    asyncio.run(main())


def test_every_run_ends_with_the_client(server: ScriptedServer, client: Client) -> None:
    """run_forever() in two threads: stop() and close() end both."""
    ari = client()
    for end in (ari.hub.stop, ari.close):
        threads = [threading.Thread(target=ari.run_forever, daemon=True) for _ in range(2)]
        for thread in threads:
            thread.start()
        eventually(lambda: ari.hub._stop_signal._waiting == 2)
        end()
        for thread in threads:
            thread.join(LIMIT)
            assert not thread.is_alive()


def test_a_signal_ends_all_clients_of_a_loop(server: ScriptedServer, settings: Settings, resync: Resync) -> None:
    """Two clients in one event loop: SIGTERM ends both, whichever began first, and the former handler is back."""
    import asyncio

    from asterisk_ari._async.events.hub import EventHub as AsyncEventHub

    async def main() -> None:
        before = signal.getsignal(signal.SIGTERM)
        hubs = [AsyncEventHub(settings, open_rest=AsyncResync(resync).open) for _ in range(3)]
        for hub in hubs:
            await hub.start()
        runs = [asyncio.create_task(hub.run_forever()) for hub in hubs]
        await asyncio.sleep(0)
        hubs[0].stop()  # the first to take the signals leaves first
        await runs[0]
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(asyncio.gather(*runs), LIMIT)
        for hub in hubs:
            await hub.close()
        assert signal.getsignal(signal.SIGTERM) is before

    asyncio.run(main())


def test_closing_out_of_a_handler_leaves_no_thread(server: ScriptedServer, settings: Settings, resync: Resync) -> None:
    """close() out of a coroutine ends the threads of plain handlers too, once all is handled."""
    import asyncio

    from asterisk_ari._async.events.hub import EventHub as AsyncEventHub

    async def main() -> None:
        hub = AsyncEventHub(settings, open_rest=AsyncResync(resync).open)
        plain: list[Event] = []

        async def closing(event: Event) -> None:
            await hub.close()

        hub.on("StasisStart", plain.append)
        hub.on("StasisStart", closing)
        await hub.start()
        await asyncio.to_thread(server.websocket().send, stasis_start("c1"), stasis_start("c2"))
        await hub.run_forever()
        await asyncio.to_thread(
            eventually, lambda: not any(thread.name.startswith("ari-handler") for thread in threading.enumerate())
        )
        assert len(plain) == 2

    asyncio.run(main())


def test_closing_out_of_a_signal_handler(server: ScriptedServer, settings: Settings, resync: Resync) -> None:
    """close() in a signal handler that interrupts the client's own bookkeeping does not wait for itself."""
    hub = EventHub(settings, open_rest=resync.open)
    hub.start()
    before = signal.signal(signal.SIGUSR1, lambda *_: hub.close())
    try:
        with hub._router.lock, hub._listeners.waiters._lock, hub._stop_signal._lock, hub._dispatcher.pool._lock:
            signal.raise_signal(signal.SIGUSR1)
            assert hub.is_closed
    finally:
        signal.signal(signal.SIGUSR1, before)


class Interrupted(socket.socket):
    """A socket in whose `send` a signal arrives, once half of it has left."""

    def send(self, data: bytes, flags: int = 0) -> int:  # type: ignore[override]
        sent = super().send(data[: (len(data) + 1) // 2])
        signal.raise_signal(signal.SIGUSR1)
        return sent


def test_closing_out_of_a_signal_handler_amid_a_frame(server: ScriptedServer, settings: Settings, resync: Resync) -> None:
    """It does not wait for the frame that it interrupts, nor put another into the middle of it."""
    hub = EventHub(settings, open_rest=resync.open)
    hub.start()
    stream = hub._supervisor.reader.stream
    assert stream is not None
    before = signal.signal(signal.SIGUSR1, lambda *_: hub.close())
    plain = stream._socket
    try:
        with Interrupted(fileno=os.dup(plain.fileno())) as stream._socket:
            assert not stream.send_text(b"a call")
    finally:
        signal.signal(signal.SIGUSR1, before)
        plain.close()
    assert hub.is_closed
    websocket = server.websocket()
    assert websocket.ended.wait(LIMIT)
    assert websocket.close_code is None
