"""The pages for those who come from other clients say what is so."""

import re
from pathlib import Path
from typing import Any

import pytest

from ari_rest._meta import OPERATIONS
from asterisk_ari import AsteriskARI, AsyncAsteriskARI, aio, errors, sync
from asterisk_ari.compat.ari.__main__ import _parser
from asterisk_ari.testing import EmbeddedAsterisk
from tests.compat.runs import Background

PAGE = Path(__file__).resolve().parents[2] / "docs/migrate-from-ari-py.md"
TEXT = PAGE.read_text(encoding="utf-8")
ALL_CLIENTS = PAGE.parent / "how-to/migrate.md"
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
ASYNCHRONOUS: dict[str, Any] = {
    "ari": AsyncAsteriskARI,
    "ari.channels": aio.Channels,
    "ari.bridges": aio.Bridges,
    "channel": aio.Channel,
    "bridge": aio.Bridge,
    "playback": aio.Playback,
    "call": aio.Call,
    "recording": aio.LiveRecording,
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


def test_every_behaviour_has_a_test_that_names_its_number() -> None:
    """And no test names one that the page has not."""
    listed = [int(number) for number in re.findall(r"^(\d+)\. ", TEXT, re.MULTILINE)]
    assert listed == list(range(1, 26))
    marks = [
        mark
        for file in Path(__file__).parent.glob("test_*.py")
        for mark in re.findall(r"^@pytest\.mark\.behaviour\((.*)\)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert {int(number) for mark in marks for number in mark.split(",")} == set(listed)


def test_it_names_every_option_of_the_command() -> None:
    options = {option for action in _parser()._actions for option in action.option_strings} - {"-h", "--help"}
    assert options == set(re.findall(r"^\| `(--[a-z-]+)", TEXT, re.MULTILINE))


def rows(text: str) -> list[str]:
    """The right cells of tables: what it is called here."""
    return [row.split(" | ")[-1] for row in text.splitlines() if row.startswith("| `")]


@pytest.mark.parametrize("cell", rows(TEXT.split("## Side by side")[1]))
def test_what_its_table_names_is_there(cell: str) -> None:
    """Methods, attributes and errors of this package's own interface."""
    _are_there(cell, OWNERS)


@pytest.mark.parametrize("cell", rows(ALL_CLIENTS.read_text(encoding="utf-8")))
def test_what_the_tables_for_all_clients_name_is_there(cell: str) -> None:
    """Likewise of the asynchronous client, whose names are on that page."""
    _are_there(cell, ASYNCHRONOUS)


def _are_there(cell: str, owners: dict[str, Any]) -> None:
    for owner, name in re.findall(rf"\b({'|'.join(map(re.escape, owners))})\.([a-z_]+)\b", cell):
        assert hasattr(owners[owner], name), f"{owner}.{name}"
    for name in re.findall(r"`([A-Z]\w+)`", cell):
        assert hasattr(errors, name) or hasattr(aio, name), name


def test_the_names_of_aioari_are_its_own() -> None:
    """The left cells of its table, as far as the package itself says what there is; objects have the definitions' names besides."""
    aioari: Any = pytest.importorskip("aioari")
    table = ALL_CLIENTS.read_text(encoding="utf-8").split("## From aioari")[1].split("\n## ")[0]
    left = " ".join(row.split(" | ")[0] for row in table.splitlines() if row.startswith("| `"))
    theirs = {name for owner in (aioari.client.Client, aioari.model.Channel) for name in dir(owner)}
    definitions = {name.partition(".")[2] for name in OPERATIONS} | {name.partition(".")[0] for name in OPERATIONS}
    instance = {"exception_handler", "json"}
    assert set(re.findall(r"\b(?:client|channel)\.(\w+)", left)) - theirs - definitions - instance == set()
    assert hasattr(aioari, "connect")


def test_the_check_finds_what_is_not_there() -> None:
    with pytest.raises(AssertionError, match="channel.teleport"):
        _are_there("`channel.teleport()`", OWNERS)
