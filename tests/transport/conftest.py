"""What the tests of the transports share."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.facade.certificate import PEM
from tests.facade.variants import VARIANTS, Variant
from tests.servers.scripted_server import ScriptedServer
from tests.transport.ways import WAYS, Way

NO_FILTER = {"events_allowed": [], "events_disallowed": []}


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment says nothing about a server."""
    for name in ("ARI_URL", "ARI_HOST", "ARI_PORT", "ARI_USERNAME", "ARI_PASSWORD", "ARI_APP"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    made = ScriptedServer()
    made.application = NO_FILTER
    yield made
    made.close()


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[ScriptedServer]:
    file = tmp_path / "server.pem"
    file.write_text(PEM)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    made = ScriptedServer(context)
    made.application = NO_FILTER
    yield made
    made.close()


@pytest.fixture(params=VARIANTS, ids=[variant.name for variant in VARIANTS])
def variant(request: pytest.FixtureRequest) -> Iterator[Variant]:
    made: Variant = request.param()
    yield made
    made.close()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, variant: Variant) -> Way:
    """Each way in each variant."""
    return Way(request.param, variant)


@pytest.fixture
def http(variant: Variant) -> Way:
    """The default way in each variant."""
    return Way("http", variant)


@pytest.fixture
def websocket(variant: Variant) -> Way:
    """REST over the event WebSocket in each variant."""
    return Way("websocket", variant)
