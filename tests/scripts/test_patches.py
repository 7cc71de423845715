"""Edits of the installed generator's templates: each matches exactly as often as it says, or nothing is generated."""

import dataclasses
from pathlib import Path

import pytest

from scripts import patches
from scripts.errors import RegenerateError


def test_every_edit_matches_the_pinned_generator(tmp_path: Path) -> None:
    """All edits apply, and the patched templates hold what they put in."""
    patches.write_templates(tmp_path)
    for edit in patches.EDITS:
        if edit.replace:
            assert edit.replace in (tmp_path / edit.template).read_text(encoding="utf-8"), edit.why


@pytest.mark.parametrize("edit", patches.EDITS, ids=lambda edit: edit.why)
@pytest.mark.parametrize("wrong_by", [-1, 1])
def test_an_edit_that_matches_otherwise_stops(
    edit: patches.Edit, wrong_by: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the generator's template changes, the message names template, edit, both counts and the remedy."""
    count = edit.count + wrong_by
    changed = dataclasses.replace(edit, count=count)
    monkeypatch.setattr(patches, "EDITS", tuple(changed if item is edit else item for item in patches.EDITS))
    with pytest.raises(RegenerateError) as caught:
        patches.write_templates(tmp_path)
    asked = f"matches {edit.count} times, not {count}: install the generator release"
    expected = f"template {edit.template}: the edit for {edit.why!r} {asked}"
    assert expected in str(caught.value)


def test_a_failed_edit_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-patched templates never reach the generator."""
    last = dataclasses.replace(patches.EDITS[-1], find="nowhere to be found")
    monkeypatch.setattr(patches, "EDITS", (*patches.EDITS[:-1], last))
    with pytest.raises(RegenerateError, match="matches 0 times"):
        patches.write_templates(tmp_path)
    nothing: list[Path] = []
    assert nothing == list(tmp_path.iterdir())
