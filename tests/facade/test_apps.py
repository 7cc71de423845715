"""Apps that are added to and removed from a connected client: what interrupts it, and what a server does half."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from asterisk_ari.errors import BadArgument, ConnectionRefused, EventStreamLost, NotConnected, RequestTimeout
from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.variants import AsyncVariant, Variant

LIMIT = 10.0
EVENTS = 60


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk() as running:
        yield running


def connected(variant: Variant, asterisk: EmbeddedAsterisk, **options: Any) -> Any:
    given = {"url": asterisk.url, "username": asterisk.username, "password": asterisk.password, "events": True, **options}
    ari = variant.client(app_name="first", **given)
    variant.do(ari.connect())
    return ari


def beside(variant: Variant, result: Any) -> Any:
    """What a method returns, going on in a thread or a task of its own; call it for its end."""
    if isinstance(variant, AsyncVariant):
        task = variant.runner.get_loop().create_task(result())
        variant.do(asyncio.sleep(0.1))
        return lambda: variant.do(asyncio.wait_for(task, LIMIT))
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(result())
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(0.1)

    def end() -> Any:
        thread.join(LIMIT)
        assert outcome, "it has not ended"
        return variant.later(outcome[0])

    return end


def test_each_event_comes_once_and_in_its_order(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Events are sent from before the change to after it."""
    ari = connected(variant, asterisk, order="stream")
    seen: list[int] = []
    all_came = ari.expect("ChannelUserevent", match=lambda event: event["userevent"]["number"] == EVENTS - 1)
    ari.on("ChannelUserevent", lambda event: seen.append(event["userevent"]["number"]))
    ari.on(("ConnectionLost", "ApplicationReplaced"), lambda event: seen.append(-1))

    def send() -> None:
        with httpx.Client(base_url=asterisk.url, auth=(asterisk.username, asterisk.password)) as client:
            for number in range(EVENTS):
                body = {"variables": {"number": number}}
                client.post("/ari/events/user/tick", params={"application": "first"}, json=body).raise_for_status()
                asterisk_is_busy.wait(0.01)

    asterisk_is_busy = threading.Event()
    sender = threading.Thread(target=send)
    sender.start()
    variant.do(ari.add_app("second", "third"))
    variant.do(ari.remove_app("second"))
    sender.join(LIMIT)
    variant.do(all_came.result(LIMIT))
    variant.do(ari.disconnect())  # what came is handled before
    assert seen == list(range(EVENTS))
    assert ari.apps == ("first", "third")


def meanwhile(variant: Variant, wait: Callable[[], Any]) -> Any:
    """What a wait of the test gives, while the client goes on."""
    return variant.do(asyncio.to_thread(wait)) if isinstance(variant, AsyncVariant) else wait()


class SlowNetwork:
    """Forwards to a server; what that sends over the event WebSockets of `held` waits until `let_through`.

    Its own buffers are small: `forwarded` bytes are those for which a client had room.
    """

    def __init__(self, server: str) -> None:
        self._server = urlsplit(server)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.forwarded = 0
        self._flows = threading.Event()
        self._flows.set()
        self._held: set[socket.socket] = set()
        self._sockets: list[socket.socket] = []
        self._websockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        self._flows.clear()
        self._held.update(self._websockets)

    def let_through(self) -> None:
        self._flows.set()

    def close(self) -> None:
        self.let_through()
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection((self._server.hostname, self._server.port))
                self._sockets += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if b"GET /ari/events" in data:
                    self._websockets.append(target)
                if source in self._held:
                    self._flows.wait(LIMIT)
                target.sendall(data)
                if source in self._websockets:
                    self.forwarded += len(data)
            target.shutdown(socket.SHUT_RDWR)


def test_what_is_late_on_the_old_websocket_comes_first(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Sent before the change, and still on its way long after: the order is that of the server."""
    network = SlowNetwork(asterisk.url)
    ari = connected(variant, asterisk, url=network.url)
    seen: list[str] = []
    something_came = threading.Event()
    all_came = ari.expect("ChannelUserevent", match=lambda event: event["eventname"] == "prompt")

    def note(event: Any) -> None:
        seen.append(event["eventname"])
        something_came.set()

    ari.on("ChannelUserevent", note)
    with httpx.Client(base_url=f"{asterisk.url}/ari", auth=(asterisk.username, asterisk.password)) as server:
        network.hold()
        server.post("/events/user/late", params={"application": "first"}).raise_for_status()
        end = beside(variant, lambda: ari.add_app("second"))
        meanwhile(
            variant, lambda: asterisk.wait_until(lambda: "second" in {app["name"] for app in server.get("/applications").json()})
        )
        server.post("/events/user/prompt", params={"application": "first"}).raise_for_status()
        assert not meanwhile(variant, lambda: something_came.wait(0.8))
        network.let_through()
        end()
    variant.do(all_came.result(LIMIT))
    variant.do(ari.disconnect())  # what came is handled before
    network.close()
    assert seen == ["late", "prompt"]
    assert ari.stats.reconnects == 0


def test_the_new_websocket_is_taken_from_while_the_old_one_is_read(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Asterisk closes one that takes nothing for 100 ms, and the system's buffers are soon full."""
    network = SlowNetwork(asterisk.url)
    ari = connected(variant, asterisk, url=network.url)
    something_came = threading.Event()
    all_came = ari.expect("ChannelUserevent", match=lambda event: event["eventname"] == "last")
    ari.on("ChannelUserevent", lambda _: something_came.set())
    with httpx.Client(base_url=f"{asterisk.url}/ari", auth=(asterisk.username, asterisk.password)) as server:
        network.hold()
        server.post("/events/user/late", params={"application": "first"}).raise_for_status()
        end = beside(variant, lambda: ari.add_app("second"))
        meanwhile(
            variant, lambda: asterisk.wait_until(lambda: "second" in {app["name"] for app in server.get("/applications").json()})
        )
        forwarded = network.forwarded
        for name in (*["more"] * 15, "last"):
            body = {"variables": {"text": "x" * 40_000}}
            server.post(f"/events/user/{name}", params={"application": "first"}, json=body).raise_for_status()
        meanwhile(variant, lambda: asterisk.wait_until(lambda: network.forwarded - forwarded > 16 * 40_000))
        assert not something_came.is_set()  # the old one is still to be read
        network.let_through()
        end()
    variant.do(all_came.result(LIMIT))
    variant.do(ari.disconnect())
    network.close()
    assert ari.stats.reconnects == 0


def test_a_gap_in_the_midst_of_it_is_told(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """The old WebSocket is lost while the new one is being opened: the change is made, and the program hears of the gap."""
    ari = connected(variant, asterisk)
    asterisk.faults.delay(0.5, path="/ari/events")
    back = ari.expect("Reconnected")
    end = beside(variant, lambda: ari.add_app("second"))
    asterisk.faults.drop_sockets()
    end()
    variant.do(back.result(LIMIT))
    assert ari.apps == ("first", "second")
    assert ari.stats.reconnects == 1
    entered = ari.expect("StasisStart")
    asterisk.incoming_call(app="second")
    assert variant.do(entered.result(LIMIT)).application == "second"


def test_a_server_that_does_not_answer_in_time(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Whether it has given the apps to the new WebSocket cannot be known: the old one is opened anew, which is told."""
    ari = connected(variant, asterisk, connect_timeout_seconds=0.3)
    asterisk.faults.delay(0.6, path="/ari/events")
    back = ari.expect("Reconnected")
    with pytest.raises(RequestTimeout):
        variant.do(ari.add_app("second"))
    variant.do(back.result(LIMIT))
    assert ari.apps == ("first",)
    entered = ari.expect("StasisStart")
    asterisk.incoming_call(app="first")
    variant.do(entered.result(LIMIT))


def test_a_server_that_is_gone(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Nobody listens: nothing has changed, and the WebSocket that is open goes on."""
    ari = connected(variant, asterisk)
    asterisk.faults.refuse()
    with pytest.raises(ConnectionRefused):
        variant.do(ari.add_app("second"))
    entered = ari.expect("StasisStart")
    asterisk.incoming_call(app="first")
    variant.do(entered.result(LIMIT))
    assert (ari.apps, ari.stats.reconnects) == (("first",), 0)


def test_a_gap_that_lasts(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """The WebSocket is lost and does not come back in time."""
    ari = connected(variant, asterisk, request_timeout_seconds=0.3)
    lost = ari.expect("ConnectionLost")
    asterisk.faults.refuse()
    asterisk.faults.drop_sockets()
    variant.do(lost.result(LIMIT))
    with pytest.raises(EventStreamLost, match="did not come back in time"):
        variant.do(ari.add_app("second"))
    assert ari.apps == ("first",)


def test_disconnect_in_the_midst_of_it(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """The change ends with NotConnected, and no WebSocket is left."""
    ari = connected(variant, asterisk)
    asterisk.faults.delay(0.5, path="/ari/events")
    end = beside(variant, lambda: ari.add_app("second"))
    variant.do(ari.disconnect())
    with pytest.raises(NotConnected):
        variant.do(end())
    assert ari.apps == ("first",)
    variant.do(ari.connect())
    assert variant.do(ari.operation("applications.list", raw=True))[0]["name"] == "first"


def test_a_cancelled_change_is_made_all_the_same(asterisk: EmbeddedAsterisk) -> None:
    """What has begun is not cut short: the client and the server agree on the apps."""
    variant = AsyncVariant()
    ari = connected(variant, asterisk)
    asterisk.faults.delay(0.3, path="/ari/events")

    async def cancelled() -> bool:
        task = asyncio.create_task(ari.add_app("second"))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert variant.do(cancelled())
    assert ari.apps == ("first", "second")
    assert {app.id for app in variant.do(ari.applications.list())} == {"first", "second"}
    variant.close()


def test_a_client_that_is_not_connected(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """The list is kept for the next `connect()`; what cannot be done is refused."""
    ari = variant.client(
        url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="first", apps=["old"], events=True
    )
    variant.do(ari.add_app("second"))
    variant.do(ari.remove_app("old"))
    assert ari.apps == ari.settings.all_apps == ("first", "second")
    variant.do(ari.connect())
    assert {app.id for app in variant.do(ari.applications.list())} == {"first", "second"}
    variant.do(ari.disconnect())
    variant.do(ari.add_app("third"))
    variant.do(ari.connect())
    assert {app.id for app in variant.do(ari.applications.list())} == {"first", "second", "third"}
    for change in (lambda: ari.remove_app("first"), lambda: ari.remove_app("nobody"), lambda: ari.add_app("a,b")):
        with pytest.raises(BadArgument):
            variant.do(change())
