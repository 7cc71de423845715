"""Programs as users write them: what is right passes mypy and pyright in their strict modes, what is wrong is an error there."""

from pathlib import Path

import pytest

from tests.typing.checking import CHECKERS, PROGRAMS, announced, as_synchronous, copy_programs


@pytest.mark.parametrize("checker", CHECKERS)
def test_programs_have_the_errors_that_they_announce(checker: str, tmp_path: Path) -> None:
    """These and no others, line by line, in both variants."""
    found = CHECKERS[checker](copy_programs(tmp_path), tmp_path)
    expected = announced(checker)
    assert [] == [f"missing: {error}" for error in sorted(expected - found)]
    assert [] == [f"not announced: {error}" for error in sorted(found - expected)]
    assert {"async", "sync"} == {name.partition("_")[0] for name, _, _ in expected}


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*.py")), ids=lambda path: path.name)
def test_a_program_compiles_in_both_variants(path: Path) -> None:
    """And has as many lines in both, so that what one announces holds for the other."""
    text = path.read_text(encoding="utf-8")
    made = as_synchronous(text)
    for source in (text, made):
        compile(source, path.name, "exec")
    assert text.count("\n") == made.count("\n")
    assert "Async" not in made
