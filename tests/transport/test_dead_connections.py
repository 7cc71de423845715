"""Connections that are dead when they are picked up: what was not sent is sent over another one."""

from collections.abc import Callable
from typing import Any

import pytest

from asterisk_ari import errors
from tests.servers.scripted_server import ScriptedServer
from tests.transport.ways import Way


class Dying:
    """Connections that look alive when they are taken and take no byte, as many as given; then the pool's own."""

    def __init__(self, http: Way, ari: Any, count: int) -> None:
        self.left = count
        self.pool = ari.rest._transport._pool
        self.take: Callable[[float], Any] = self.pool.take
        self.pool.take = self.sync_take if http.variant.name == "sync" else self.async_take
        self.pool.take_idle = lambda: None  # so that each is taken by the way above

    def sync_take(self, deadline: float) -> Any:
        return self._kill(self.take(deadline))

    async def async_take(self, deadline: float) -> Any:
        return self._kill(await self.take(deadline))

    def _kill(self, connection: Any) -> Any:
        if self.left:
            self.left -= 1
            raw = connection.socket if hasattr(connection, "socket") else connection._transport.get_extra_info("socket")
            raw.shutdown(1)  # nothing can be written any more
        return connection


@pytest.mark.parametrize("operation", ["channels.answer", "channels.get", "channels.hangup"])
def test_it_is_replaced_once(http: Way, server: ScriptedServer, operation: str) -> None:
    """Commands too: nothing was sent, so nothing is done twice."""
    ari = http.connected(server)
    Dying(http, ari, 1)
    http.call(ari, operation, channelId="1")
    assert 1 == len(server.calls)


def test_two_dead_connections_are_an_error(http: Way, server: ScriptedServer) -> None:
    """The call was not sent, and says so."""
    ari = http.connected(server)
    dying = Dying(http, ari, 2)
    with pytest.raises(errors.NotSent, match="closes each connection immediately"):
        http.call(ari, "channels.answer", channelId="1")
    assert [] == server.calls
    assert 0 == dying.left
    assert http.call(ari, "channels.answer", channelId="1") is None


def test_files_as_well(http: Way, server: ScriptedServer, tmp_path: Any) -> None:
    ari = http.connected(server)
    server.reply(200, content=b"x" * 1000)
    Dying(http, ari, 1)
    http.do(ari.recordings.stored("r").download(tmp_path / "r.wav"))
    assert b"x" * 1000 == (tmp_path / "r.wav").read_bytes()
