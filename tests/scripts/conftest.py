"""What the tests of the regeneration share."""

import pytest

from tests.scripts.definitions_server import PASSWORD, USERNAME


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of somebody who may read from the scripted server."""
    monkeypatch.setenv("ARI_USERNAME", USERNAME)
    monkeypatch.setenv("ARI_PASSWORD", PASSWORD)
