"""What the tests of the facade share."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.facade.colours import FACES, Face
from tests.facade.fake_server import FakeServer


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment says nothing about a server."""
    for name in ("ARI_URL", "ARI_HOST", "ARI_PORT", "ARI_USERNAME", "ARI_PASSWORD", "ARI_APP"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=FACES, ids=[face.colour for face in FACES])
def face(request: pytest.FixtureRequest) -> Iterator[Face]:
    """One colour after the other."""
    made: Face = request.param()
    yield made
    made.close()


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def ari(face: Face, server: FakeServer) -> Any:
    """A connected client of either colour."""
    return face.connected(server)
