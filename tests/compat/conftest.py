"""What the tests of the stand-ins share."""

from collections.abc import Iterator

import pytest

from asterisk_ari.compat import ari
from tests.compat.runs import Background
from tests.compat.servers import AriScript


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment says nothing about a server."""
    for name in ("ARI_URL", "ARI_HOST", "ARI_PORT", "ARI_USERNAME", "ARI_PASSWORD", "ARI_APP"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[AriScript]:
    """A server with the definitions of a release 22."""
    with AriScript() as script:
        yield script


@pytest.fixture
def client(server: AriScript) -> Iterator[ari.Client]:
    """A client of it."""
    made = server.connect()
    yield made
    made.close()


class Running:
    """A client that runs: `run()` in a thread, its WebSocket open."""

    def __init__(self, server: AriScript, client: ari.Client) -> None:
        self.server, self.client = server, client
        self.thread = Background(client.run, "demo")
        self.websocket = server.websocket()

    def send(self, *events: dict[str, object]) -> None:
        self.websocket.send(*events)

    def stop(self) -> None:
        """Close the client, and raise what `run()` raised."""
        self.client.close()
        self.thread.result()


@pytest.fixture
def running(server: AriScript, client: ari.Client) -> Iterator[Running]:
    """A client that runs."""
    made = Running(server, client)
    yield made
    client.close()
