"""Which release of a line is the first to have an element."""

import copy
from typing import Any

from scripts import availability
from tests.scripts.dialect import SWAGGER, facts_of
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
    """A later release of a known line changes nothing; an earlier one moves the first release back."""
    known = {"models": {"Thing": {"20": "20.9.0"}}}
    later, earlier = facts("20.15.0", models={"Thing": model()}), facts("20.3.0", models={"Thing": model()})
    expected = [{"20": "20.9.0"}, {"20": "20.3.0"}]
    assert expected == [extended(known, release)["models"]["Thing"] for release in (later, earlier)]


def test_lines_are_in_order() -> None:
    """Lines are sorted by number, whatever came first."""
    known = {"models": {"Thing": {"20": "20.9.0"}}}
    expected = ["9", "20", "100"]
    news = [facts(f"{line}.0.0", models={"Thing": model()}) for line in (100, 9)]
    assert expected == list(extended(known, *news)["models"]["Thing"])


def test_builds_that_are_no_releases_say_nothing_about_lines() -> None:
    """A certified or GIT build has elements of its own; from which release on is unknown, so no line is claimed."""
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
