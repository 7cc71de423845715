"""Commands run in this process, on an embedded Asterisk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.cli.running import Run, runner


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Commands get their settings from the tests, not from the machine; the folder of the user's configuration."""
    for name in ("URL", "HOST", "PORT", "USERNAME", "PASSWORD", "APP", "CONFIG", "PROFILE"):
        monkeypatch.delenv(f"ARI_{name}", raising=False)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("22.10.1") as server:
        yield server
