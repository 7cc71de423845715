"""Which release of a branch is the first to have an element."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from scripts import availability
from tests.scripts.dialect import SWAGGER, documents, facts_of, listing
from tests.scripts.small_facts import facts, field, model, operation, parameter

CALL = "GET /things/play"
FACTS = [
    [operation("play", parameter("size", values=["big"]), errors=[404])],
    {"Event": model(["Thing"]), "Thing": model(state=field(values=["Up"]))},
]


def extended(known: Any, *releases: Any) -> Any:
    return availability.extend(known, list(releases))


def test_a_new_release_adds_its_elements() -> None:
    """Every kind of element of an unknown release is there from then on, under the names of availability.json."""
    actual = extended({}, facts("24.1.0", *FACTS))
    lines = {"24": "24.1.0"}
    expected = {
        "ops": {CALL: lines},
        "params": {f"{CALL} :: size": lines},
        "enum_values": {f"{CALL} :: size = big": lines, "Thing.state = Up": lines},
        "errs": {f"{CALL} :: 404": lines},
        "models": {"Event": lines, "Thing": lines},
        "fields": {"Thing.state": lines},
        "events": {"Thing": lines},
    }
    assert expected == actual


def test_known_first_releases_stay() -> None:
    """A later release of a known branch changes nothing; an earlier one moves the first release back."""
    known = {"models": {"Thing": {"20": "20.9.0"}}}
    later, earlier = facts("20.15.0", models={"Thing": model()}), facts("20.3.0", models={"Thing": model()})
    expected = [{"20": "20.9.0"}, {"20": "20.3.0"}]
    assert expected == [extended(known, release)["models"]["Thing"] for release in (later, earlier)]


def test_branches_are_in_order() -> None:
    """Branches are sorted by number, whatever came first."""
    known = {"models": {"Thing": {"20": "20.9.0"}}}
    expected = ["9", "20", "100"]
    news = [facts(f"{line}.0.0", models={"Thing": model()}) for line in (100, 9)]
    assert expected == list(extended(known, *news)["models"]["Thing"])


def test_builds_that_are_no_releases_say_nothing_about_branches() -> None:
    """A certified or GIT build has elements of its own; from which release on is unknown, so no branch is claimed."""
    for release in ("certified-20.7-cert11", "GIT-20-abc"):
        expected: dict[str, str] = {}
        assert expected == extended({}, facts(release, *FACTS))["ops"][CALL]


def test_the_known_table_stays_as_it_is() -> None:
    """Extending makes a new table."""
    known = {"models": {"Thing": {"20": "20.9.0"}}}
    before = copy.deepcopy(known)
    extended(known, facts("20.1.0", models={"Thing": model()}))
    assert before == known


def test_the_committed_table_knows_the_committed_releases() -> None:
    """No release in `swagger/` adds anything to availability.json, so the table is complete for them."""
    known = availability.load(SWAGGER)
    releases = [facts_of(file.stem.removeprefix("asterisk-")) for file in SWAGGER.glob("asterisk-*.json")]
    assert known == availability.extend(known, releases)


# --- the command --------------------------------------------------------------------------------------------------------


def definitions(folder: Path, *releases: Any) -> Path:
    """A folder of definitions for each release, as Asterisk's sources have them."""
    for item in releases:
        texts = documents(item)
        docs = folder / f"asterisk-{item['release']}" / "api-docs"
        docs.mkdir(parents=True)
        (docs.parent / "resources.json").write_text(json.dumps(listing(list(texts))), encoding="utf-8")
        for name, document in texts.items():
            (docs / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def checkout(folder: Path, table: Any) -> Path:
    (folder / "swagger").mkdir(parents=True)
    (folder / "swagger/availability.json").write_text(availability.dump(table), encoding="utf-8")
    return folder


EARLY, MIDDLE, LATE = (facts(f"20.{number}.0", [operation("ring")] if number > 2 else []) for number in (2, 3, 5))
TABLE = {"ops": {"GET /things/ring": {"20": "20.3.0"}}}


def test_the_table_is_recomputed_from_definitions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--write` replaces whatever the table said by what the definitions given say, builds between releases left out."""
    build = facts("certified-20.1-cert1", [operation("ring")])
    folder = definitions(tmp_path / "definitions", LATE, EARLY, build, MIDDLE)
    root = checkout(tmp_path / "checkout", {"ops": {"GET /things/wrong": {"1": "1.0.0"}}})
    assert availability.main([str(folder), "--write"], root) == 0
    assert json.loads((root / "swagger/availability.json").read_text(encoding="utf-8")) == TABLE
    assert "computed from 3 releases" in capsys.readouterr().out


def test_a_table_that_agrees_passes(tmp_path: Path) -> None:
    """Definitions of some releases agree with a table of all, whichever they are."""
    root = checkout(tmp_path, TABLE)
    for number, releases in enumerate([[EARLY], [MIDDLE], [LATE], [EARLY, LATE], [EARLY, MIDDLE, LATE]]):
        assert availability.main([str(definitions(tmp_path / str(number), *releases))], root) == 0


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ({}, "ops: GET /things/ring is in 20.3.0, the table says in no release of the branch"),
        ({"20": "20.5.0"}, "ops: GET /things/ring is in 20.3.0, the table says from 20.5.0 on"),
        ({"20": "20.2.0"}, "ops: GET /things/ring is not in 20.2.0, the table says it is the first to have it"),
    ],
    ids=["missing", "too late", "too early"],
)
def test_a_wrong_table_is_found(lines: Any, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What definitions contradict is named, and nothing is written."""
    root = checkout(tmp_path / "checkout", {"ops": {"GET /things/ring": lines}})
    before = (root / "swagger/availability.json").read_bytes()
    assert availability.main([str(definitions(tmp_path / "definitions", EARLY, MIDDLE, LATE))], root) == 1
    assert line in capsys.readouterr().err.splitlines()
    assert (root / "swagger/availability.json").read_bytes() == before


def test_a_folder_without_definitions_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to compare with is no agreement."""
    assert availability.main([str(tmp_path)], checkout(tmp_path / "checkout", TABLE)) == 1
    assert "holds no definitions of a final release" in capsys.readouterr().err
    assert availability.main([str(tmp_path / "nowhere")], tmp_path / "checkout") == 1
    assert "is no folder" in capsys.readouterr().err


def test_the_committed_table_agrees_with_the_committed_releases(tmp_path: Path) -> None:
    """The facts of each release in `swagger/`, turned back into definitions, contradict nothing."""
    releases = [facts_of(file.stem.removeprefix("asterisk-")) for file in SWAGGER.glob("asterisk-*.json")]
    assert availability.main([str(definitions(tmp_path, *releases))]) == 0
