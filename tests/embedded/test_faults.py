from __future__ import annotations

import contextlib
import gc
import http.client
import socket
import threading
import warnings

import pytest
import websocket

from asterisk_ari.testing import EmbeddedAsterisk
from tests.embedded.support import Client, until


def test_a_different_reply(asterisk: EmbeddedAsterisk, client: Client) -> None:
    asterisk.faults.answer(503, {"message": "no"}, path="/ping", times=2)
    assert [client("GET", "asterisk/ping").status for _ in range(3)] == [503, 503, 200]
    asterisk.faults.answer(500)
    assert b"Internal Server Error" in client("GET", "channels").body


def test_a_dropped_reply(asterisk: EmbeddedAsterisk, client: Client) -> None:
    asterisk.faults.drop_reply(method="POST")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        client("POST", "bridges/b")
    assert client("GET", "bridges/b").status == 200


def test_a_dropped_request(asterisk: EmbeddedAsterisk, client: Client) -> None:
    asterisk.faults.drop_request()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        client("POST", "bridges/b")
    assert client("GET", "bridges/b").status == 404


def test_garbage(asterisk: EmbeddedAsterisk, client: Client) -> None:
    asterisk.faults.garbage()
    with pytest.raises(http.client.BadStatusLine):
        client("GET", "asterisk/ping")


def test_late_replies(asterisk: EmbeddedAsterisk, client: Client) -> None:
    asterisk.faults.delay(0.05)
    assert client("GET", "asterisk/ping").status == 200


def test_lost_events(asterisk: EmbeddedAsterisk, client: Client) -> None:
    client.listen("app")
    asterisk.faults.lose_events("StasisStart")
    client.call()
    assert "ChannelStateChange" in asterisk.events.types
    assert "StasisStart" not in asterisk.events.types


def test_cut_and_closed_sockets(asterisk: EmbeddedAsterisk, client: Client) -> None:
    cut, closed = client.listen("cut"), client.listen("closed")
    asterisk.faults.drop_sockets("cut")
    with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
        cut.recv()
    asterisk.faults.close_sockets(1012, "closed")
    assert closed.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_CLOSE, (1012).to_bytes(2, "big"))


def test_booting_and_recovering(asterisk: EmbeddedAsterisk, client: Client) -> None:
    asterisk.faults.booting()
    reply = client("GET", "asterisk/ping")
    assert (reply.status, reply.body) == (503, {"message": "Asterisk not booted"})
    assert client("GET", "events?app=app").status == 503
    asterisk.faults.booting(loading=True)
    assert client("GET", "asterisk/ping").status == 404
    asterisk.faults.recover()
    assert client("GET", "asterisk/ping").status == 200


def test_refused_connections(asterisk: EmbeddedAsterisk, client: Client) -> None:
    asterisk.faults.refuse()
    with pytest.raises(ConnectionRefusedError):
        client("GET", "asterisk/ping")
    asterisk.faults.recover()
    until(lambda: _answers(client))


def _answers(client: Client) -> bool:
    try:
        return client("GET", "asterisk/ping").status == 200
    except ConnectionRefusedError:
        return False


def _read_to_the_end(socket: websocket.WebSocket) -> None:
    while socket.recv():
        pass


def test_a_restart_ends_everything(asterisk: EmbeddedAsterisk, client: Client) -> None:
    socket = client.listen("app")
    client.call()
    asterisk.faults.restart()
    assert asterisk.events.types[-1] in {"ChannelDestroyed", "DeviceStateChanged"}
    with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
        _read_to_the_end(socket)
    assert client("GET", "channels").body == []
    assert client("GET", "applications").body == []


def test_refuse_and_recover_take_effect_before_they_return(asterisk: EmbeddedAsterisk) -> None:
    """The very next connection is refused, or accepted."""
    for _ in range(20):
        asterisk.faults.refuse()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", asterisk.port), timeout=2)
        asterisk.faults.recover()
        socket.create_connection(("127.0.0.1", asterisk.port), timeout=2).close()


def test_refuse_leaves_no_socket_open() -> None:
    """A connection that was accepted just before is known, and ends with the server."""
    stop = threading.Event()
    clients: list[socket.socket] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with EmbeddedAsterisk(session_limit=10_000) as asterisk:
            thread = threading.Thread(target=_connect_repeatedly, args=(asterisk.port, stop, clients))
            thread.start()
            for _ in range(30):
                asterisk.faults.refuse()
                asterisk.faults.recover()
            asterisk.wait_until(lambda: len(clients) > 10)
            stop.set()
            thread.join()
        assert _all_ended(clients)
        gc.collect()
    assert [str(warning.message) for warning in caught] == []


def _connect_repeatedly(port: int, stop: threading.Event, clients: list[socket.socket]) -> None:
    while not stop.is_set() and len(clients) < 200:
        with contextlib.suppress(OSError):
            clients.append(socket.create_connection(("127.0.0.1", port), timeout=2))


def _all_ended(clients: list[socket.socket]) -> bool:
    """Whether the server, which has stopped, has ended all connections; to be asked before garbage is collected."""
    with contextlib.ExitStack() as closing:
        for client in clients:
            closing.enter_context(client)
        return all(map(_has_ended, clients))


def _has_ended(client: socket.socket) -> bool:
    client.settimeout(0.5)
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize("seconds", [0.0, 0.0005, 0.001])
def test_stop_leaves_no_socket_open(seconds: float) -> None:
    """A connection that the system has accepted and the server has not seen yet is closed too."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(10):
            with EmbeddedAsterisk() as asterisk:
                client = socket.create_connection(("127.0.0.1", asterisk.port), timeout=2)
                threading.Event().wait(seconds)
            assert _all_ended([client])
        gc.collect()
    assert [str(warning.message) for warning in caught] == []
