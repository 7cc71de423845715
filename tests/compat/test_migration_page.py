"""The page for those who come from ari-py says what is so."""

import re
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, errors, sync
from asterisk_ari.compat.ari.__main__ import _parser
from asterisk_ari.testing import EmbeddedAsterisk
from tests.compat.runs import Background

PAGE = Path(__file__).resolve().parents[2] / "docs/migrate-from-ari-py.md"
TEXT = PAGE.read_text(encoding="utf-8")
PROGRAM = next(block for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if "def entered" in block)
# Whose methods the table of this package's own interface names.
OWNERS: dict[str, Any] = {
    "ari": AsteriskARI,
    "ari.channels": sync.Channels,
    "ari.bridges": sync.Bridges,
    "channel": sync.Channel,
    "bridge": sync.Bridge,
    "playback": sync.Playback,
    "call": sync.Call,
}


def test_its_program_runs() -> None:
    """The phone hears the sound and is hung up."""
    with EmbeddedAsterisk("22.10.1") as asterisk:
        access = f'"{asterisk.url}", "{asterisk.username}", "{asterisk.password}"'
        names: dict[str, Any] = {}
        text = re.sub(r"connect\(.*?\)", f"connect({access})", PROGRAM).replace('client.run(apps="demo")', "")
        exec(compile(text, str(PAGE), "exec"), names)
        run = Background(names["client"].run, "demo")
        asterisk.wait_until(lambda: asterisk.requests.to("/events"), 30)
        phone = asterisk.incoming_call(app="demo")
        asterisk.wait_until(lambda: phone.ended, 30)
        names["client"].close()
        run.result()
    assert phone.answered


def test_it_names_every_option_of_the_command() -> None:
    options = {option for action in _parser()._actions for option in action.option_strings} - {"-h", "--help"}
    assert options == set(re.findall(r"^\| `(--[a-z-]+)", TEXT, re.MULTILINE))


def rows() -> list[str]:
    table = TEXT.split("## Side by side")[1]
    return [row.split(" | ")[-1] for row in table.splitlines() if row.startswith("| `")]


@pytest.mark.parametrize("cell", rows())
def test_what_its_table_names_is_there(cell: str) -> None:
    """Methods, attributes and errors of this package's own interface."""
    for owner, name in re.findall(r"\b(ari\.channels|ari\.bridges|ari|channel|bridge|playback|call)\.([a-z_]+)\b", cell):
        assert hasattr(OWNERS[owner], name), f"{owner}.{name}"
    for name in re.findall(r"`([A-Z]\w+)`", cell):
        assert hasattr(errors, name), name


def test_the_check_finds_what_is_not_there() -> None:
    with pytest.raises(AssertionError, match="channel.teleport"):
        test_what_its_table_names_is_there("`channel.teleport()`")
