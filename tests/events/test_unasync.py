"""The synchronous variant is what the script makes of the asynchronous one."""

from pathlib import Path

import pytest

from scripts import unasync
from scripts.errors import RegenerateError

SOURCE = """
from collections.abc import Awaitable, Callable

from asterisk_ari._transport.runtime.runtime_async import Signal


class AsyncAsteriskARI:
    async def call(self, make: Callable[[], Awaitable[list[int]]], signal: Signal) -> int:
        async with self as ari:
            return len(await make())
"""


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    source, target = tmp_path / "_async", tmp_path / "_sync"
    source.mkdir()
    (source / "one.py").write_text(SOURCE)
    monkeypatch.setattr(unasync, "FOLDERS", ((source, target),))
    monkeypatch.setattr(unasync, "PAIRS", ())
    monkeypatch.setattr(unasync, "ROOT", tmp_path)
    used: set[str] = set()
    unasync.convert(SOURCE, used)
    monkeypatch.setattr(unasync, "RULES", tuple(rule for rule in unasync.RULES if rule[0] in used))
    return source, target


def test_nothing_is_stale() -> None:
    """The files in the repository are the script's output, and every rule of its table is needed."""
    assert unasync.convert_all(check=True) == []
    assert len(unasync.RULES) <= 30


def test_converting(folders: tuple[Path, Path]) -> None:
    """Keywords, imports, names and annotations change; the head names the file to edit."""
    assert unasync.convert_all(check=False) == ["_sync/one.py"]
    text = (folders[1] / "one.py").read_text()
    assert text.startswith("# Made from _async/one.py by scripts/unasync.py: edit that file.\n")
    assert "async" not in text.split("\n", 1)[1]
    assert "await" not in text.lower()
    assert "make: Callable[[], list[int]]" in text
    assert "runtime_sync" in text
    assert "class AsteriskARI:" in text
    assert unasync.convert_all(check=True) == []


def test_stale_missing_and_left_over_files(folders: tuple[Path, Path]) -> None:
    """--check names what differs, even a file that is only longer, and what should not be there; writing repairs both."""
    _, target = folders
    unasync.convert_all(check=False)
    (target / "one.py").write_text((target / "one.py").read_text() + "\n# more\n")
    (target / "orphan.py").write_text("")
    assert unasync.convert_all(check=True) == ["_sync/orphan.py", "_sync/one.py"]
    assert unasync.main(["--check"]) == 1
    assert unasync.main([]) == 0
    assert [path.name for path in target.iterdir()] == ["one.py"]
    assert unasync.main(["--check"]) == 0


def test_unused_rules_fail(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that changes nothing is an error."""
    monkeypatch.setattr(unasync, "RULES", (*unasync.RULES, (r"\bnever_there\b", "")))
    with pytest.raises(RegenerateError, match="never_there"):
        unasync.convert_all(check=True)


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ('(await channel.refresh()).json["state"]', 'channel.refresh().json["state"]'),
        ('print((await ari.get_asterisk_info())["version"])', 'print(ari.get_asterisk_info()["version"])'),
        ('(await ari.endpoints("PJSIP/alice").refresh()).state', 'ari.endpoints("PJSIP/alice").refresh().state'),
        ("len(await ari.list())", "len(ari.list())"),
        ("(await first() or second()).name", "(first() or second()).name"),
    ],
)
def test_brackets_that_only_await_needs_are_left_out(written: str, made: str) -> None:
    assert unasync.convert(written, set()) == made
