"""The server that the reference's programs run on: the embedded one, or with LIVE_SERIES the packaged one of that series."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from scripts.live import LiveAsterisk, LiveAsteriskError


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients get their settings from the tests, not from the machine."""
    for name in ("ARI_URL", "ARI_HOST", "ARI_PORT", "ARI_USERNAME", "ARI_PASSWORD", "ARI_APP"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def pbx() -> Iterator[Any]:
    """It; a packaged one that cannot be had fails every test that uses it."""
    series = os.environ.get("LIVE_SERIES")
    if series is None:
        with EmbeddedAsterisk("22.10.1") as embedded:
            yield embedded
        return
    try:
        live = LiveAsterisk(series)
        live.start()
    except LiveAsteriskError as error:
        pytest.fail(f"reference: no Asterisk to test with: {error}", pytrace=False)
    try:
        yield live
    finally:
        live.kill()
        live.close()
