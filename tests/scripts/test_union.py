"""Merging releases: everything any of them has; required only where all of them require it."""

import copy
from typing import Any

from scripts.union import merge
from tests.scripts.small_facts import facts, field, model, operation, parameter


def merged(*releases: Any) -> Any:
    return merge(list(releases))["resources"]["things"]


def test_what_only_one_release_has_is_kept() -> None:
    """Operations, parameters, models, fields and events of old and of new releases are all there."""
    old = facts("1.0.0", [operation("a"), operation("b", parameter("x"))], {"A": model(), "E": model(["A"], f=field())})
    new = facts("2.0.0", [operation("b", parameter("y")), operation("c")], {"C": model(), "E": model(["C"], g=field())})
    found = merged(old, new)
    expected = {"a": [], "b": ["y", "x"], "c": []}
    assert expected == {item["nickname"]: [p["name"] for p in item["parameters"]] for item in found["operations"]}
    names = {"A": [], "C": [], "E": ["g", "f"]}
    assert names == {name: list(item["fields"]) for name, item in found["models"].items()}
    subtypes = ["C", "A"]
    assert subtypes == found["models"]["E"]["subtypes"]


def test_a_resource_of_one_release_is_kept() -> None:
    """A resource that only one release has is there with all it holds."""
    old, new = facts("1.0.0", [operation("a")], resource="old"), facts("2.0.0", [operation("b")], resource="new")
    expected = {"old", "new"}
    assert expected == merge([old, new])["resources"].keys()


def test_a_field_is_required_where_every_release_requires_it() -> None:
    """A field that one release lacks, or does not require, is optional, whichever of them is the newer."""
    has = {"all": field(required=True), "weak": field(required=True), "new": field(required=True)}
    lacks = {"all": field(required=True), "weak": field(), "old": field(required=True)}
    expected = {"all": True, "weak": False, "new": False, "old": False}
    for releases in ((has, lacks), (lacks, has)):
        first, second = (facts(f"{n}.0.0", models={"M": model(**fields)}) for n, fields in enumerate(releases, 1))
        actual = {name: item["required"] for name, item in merged(first, second)["models"]["M"]["fields"].items()}
        assert expected == actual


def test_a_model_that_old_releases_lack_keeps_its_required_fields() -> None:
    """A release without a model never sends it, so it does not weaken the model's fields."""
    old, new = facts("1.0.0"), facts("2.0.0", models={"M": model(f=field(required=True))})
    assert merged(old, new)["models"]["M"]["fields"]["f"]["required"] is True


def test_a_parameter_is_required_where_every_release_that_has_it_requires_it() -> None:
    """One release that takes the call without a parameter makes it optional; a list in one release is a list in the union."""
    old = facts("1.0.0", [operation("a", parameter("x", required=True), parameter("y", required=True, multiple=True))])
    new = facts("2.0.0", [operation("a", parameter("x", required=False), parameter("y", required=True))])
    expected = {"x": (False, False), "y": (True, True)}
    found = merged(old, new)["operations"][0]["parameters"]
    assert expected == {item["name"]: (item["required"], item["multiple"]) for item in found}


def test_values_are_joined() -> None:
    """The newest release's values come first, then those that only older ones know."""
    old = facts("1.0.0", [operation("a", parameter("x", values=["p", "q"]))], {"M": model(f=field(values=["1", "2"]))})
    new = facts("2.0.0", [operation("a", parameter("x", values=["q", "r"]))], {"M": model(f=field(values=["2", "3"]))})
    found = merged(old, new)
    expected = (["q", "r", "p"], ["2", "3", "1"])
    assert expected == (found["operations"][0]["parameters"][0]["values"], found["models"]["M"]["fields"]["f"]["values"])


def test_error_codes_are_joined() -> None:
    """Every code any release declares is there once, sorted."""
    old, new = facts("1.0.0", [operation("a", errors=[409, 404])]), facts("2.0.0", [operation("a", errors=[404, 400])])
    expected = [400, 404, 409]
    assert expected == merged(old, new)["operations"][0]["errors"]


def test_the_newest_release_has_the_last_word() -> None:
    """Where releases disagree about a path or a result, the newest is followed."""
    old, new = facts("1.0.0", [operation("a", path="/old", response="void")]), facts("2.0.0", [operation("a", path="/new")])
    expected = ("2.0.0", "/new")
    assert expected == (merge([old, new])["release"], merged(old, new)["operations"][0]["path"])


def test_the_releases_themselves_stay_as_they_are() -> None:
    """Merging changes none of its inputs."""
    releases = [
        facts("1.0.0", [operation("a", parameter("x"), errors=[1])], {"E": model(["A"], f=field(required=True)), "A": model()}),
        facts("2.0.0", [operation("a", parameter("y"), errors=[2])], {"E": model(["B"], g=field(required=True)), "B": model()}),
    ]
    before = copy.deepcopy(releases)
    merge(releases)
    assert before == releases
