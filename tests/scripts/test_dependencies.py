"""The list of what a release brings along."""

import pytest

from scripts import dependencies


def test_what_is_needed_is_listed_with_version_and_licence(capsys: pytest.CaptureFixture[str]) -> None:
    """In turn, too: what httpx needs; and nothing else that is installed."""
    assert dependencies.main(["httpx"]) == 0
    rows = dict(line.split("\t") for line in capsys.readouterr().out.splitlines())
    names = {row.partition("==")[0] for row in rows}
    assert {"httpx", "httpcore", "anyio", "certifi", "idna"} <= names  # whom httpx needs, and whom those need
    assert not {"pytest", "ruff"} & names
    assert [row for row, licence in rows.items() if licence == "not said"] == []
    assert list(rows) == sorted(rows)


def test_names_are_compared_as_registries_do() -> None:
    assert dependencies.normal("Typing_Extensions") == "typing-extensions"
