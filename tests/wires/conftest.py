"""What the tests of the wires share."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.facade.certificate import PEM
from tests.facade.colours import FACES, Face
from tests.wires.server import WireServer
from tests.wires.ways import WAYS, Way


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment says nothing about a server."""
    for name in ("ARI_URL", "ARI_HOST", "ARI_PORT", "ARI_USERNAME", "ARI_PASSWORD", "ARI_APP"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[WireServer]:
    made = WireServer()
    yield made
    made.close()


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[WireServer]:
    file = tmp_path / "server.pem"
    file.write_text(PEM)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    made = WireServer(context)
    yield made
    made.close()


@pytest.fixture(params=FACES, ids=[face.colour for face in FACES])
def face(request: pytest.FixtureRequest) -> Iterator[Face]:
    made: Face = request.param()
    yield made
    made.close()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, face: Face) -> Way:
    """Each way in each colour."""
    return Way(request.param, face)


@pytest.fixture
def http(face: Face) -> Way:
    """The default way in each colour."""
    return Way("http", face)


@pytest.fixture
def websocket(face: Face) -> Way:
    """REST over the event WebSocket in each colour."""
    return Way("websocket", face)
