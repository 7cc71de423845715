"""What new definitions change for callers, and what of it breaks them."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from scripts.changes import changes, disagreements, is_breaking
from tests.scripts.small_facts import facts, field, model, operation, parameter


def before() -> Any:
    play = operation("play", parameter("media", required=True), parameter("size", values=["s", "l"], default="s"), errors=[404])
    models = {"Event": model(["Up"]), "Up": model(name=field(required=True), state=field(values=["a", "b"]))}
    return facts("1.0.0", [play], models)


def play(node: Any) -> Any:
    return node["resources"]["things"]["operations"][0]


def fields(node: Any) -> Any:
    return node["resources"]["things"]["models"]["Up"]["fields"]


def models(node: Any) -> Any:
    return node["resources"]["things"]["models"]


def _add_event(node: Any) -> None:
    models(node)["Down"] = model(name=field())
    models(node)["Event"]["subtypes"].append("Down")


def _remove_event(node: Any) -> None:
    models(node)["Event"]["subtypes"].remove("Up")


CASES: dict[str, tuple[Callable[[Any], Any], list[str]]] = {
    "nothing": (lambda node: None, []),
    "operation": (
        lambda node: node["resources"]["things"]["operations"].append(operation("stop")),
        ["+ operation things.stop"],
    ),
    "operation gone": (lambda node: node["resources"]["things"]["operations"].pop(), ["! operation things.play is gone"]),
    "path": (lambda node: play(node).update(path="/other"), ["! operation things.play: path /things/play -> /other"]),
    "method": (lambda node: play(node).update(method="POST"), ["! operation things.play: method GET -> POST"]),
    "result": (lambda node: play(node).update(response="Up"), ["! operation things.play: response void -> Up"]),
    "error codes": (
        lambda node: play(node).update(errors=[404, 409]),
        ["~ operation things.play: error codes [404] -> [404, 409]"],
    ),
    "parameter": (lambda node: play(node)["parameters"].append(parameter("lang")), ["+ parameter things.play(lang)"]),
    "parameter that is required": (
        lambda node: play(node)["parameters"].append(parameter("lang", required=True)),
        ["! parameter things.play(lang): required"],
    ),
    "parameter gone": (lambda node: play(node)["parameters"].pop(), ["! parameter things.play(size) is gone"]),
    "parameter becomes required": (
        lambda node: play(node)["parameters"][1].update(required=True),
        ["! parameter things.play(size): required False -> True"],
    ),
    "parameter becomes optional": (
        lambda node: play(node)["parameters"][0].update(required=False),
        ["~ parameter things.play(media): required True -> False"],
    ),
    "parameter's type": (
        lambda node: play(node)["parameters"][0].update(type="int"),
        ["! parameter things.play(media): type 'string' -> 'int'"],
    ),
    "parameter's default": (
        lambda node: play(node)["parameters"][1].update(default="l"),
        ["~ parameter things.play(size): default 's' -> 'l'"],
    ),
    "parameter's value": (
        lambda node: play(node)["parameters"][1]["values"].append("xl"),
        ["+ value things.play(size) = xl"],
    ),
    "parameter's value gone": (
        lambda node: play(node)["parameters"][1]["values"].remove("l"),
        ["! value things.play(size) = l is gone"],
    ),
    "model": (lambda node: models(node).update(Other=model()), ["+ model Other"]),
    "model gone": (lambda node: models(node).pop("Up"), ["! model Up is gone"]),
    "field": (lambda node: fields(node).update(mood=field()), ["+ field Up.mood"]),
    "field gone": (lambda node: fields(node).pop("state"), ["! field Up.state is gone"]),
    "field may lack": (
        lambda node: fields(node)["name"].update(required=False),
        ["! field Up.name: required True -> False"],
    ),
    "field is there": (
        lambda node: fields(node)["state"].update(required=True),
        ["~ field Up.state: required False -> True"],
    ),
    "field's type": (lambda node: fields(node)["name"].update(type="int"), ["! field Up.name: type 'string' -> 'int'"]),
    "field's value": (lambda node: fields(node)["state"]["values"].append("c"), ["+ value Up.state = c"]),
    "event": (_add_event, ["+ model Down", "+ event Down"]),
    "event gone": (_remove_event, ["! event Up is gone"]),
}


@pytest.mark.parametrize("name", CASES)
def test_changes(name: str) -> None:
    """Each change is one line that names the element; it is marked `!` exactly where it breaks callers."""
    change, expected = CASES[name]
    after = before()
    change(after)
    assert expected == changes(before(), after)


def test_what_an_older_release_says_otherwise_is_named() -> None:
    """Another path, method, result or type than the client has is a line; what the client has more is none."""
    older = before()
    play(older).update(path="/old", method="POST")
    play(older)["parameters"][0]["type"] = "int"
    fields(older)["name"]["type"] = "Date"
    fields(older).pop("state")
    play(older)["parameters"].pop()
    expected = [
        "operation things.play: method POST -> GET",
        "operation things.play: path /old -> /things/play",
        "parameter things.play(media): type 'int' -> 'string'",
        "field Up.name: type 'Date' -> 'string'",
    ]
    assert expected == disagreements(older, before())
    assert disagreements(before(), before()) == []


def test_breaking_lines_are_told_apart() -> None:
    """Only lines marked `!` are breaking."""
    expected = [True, False, False]
    assert expected == [is_breaking(line) for line in ("! operation a is gone", "+ operation b", "~ operation c: default")]


def test_changes_are_sorted() -> None:
    """The lines come in an order that does not depend on sets."""
    after = copy.deepcopy(before())
    after["resources"]["things"]["operations"] += [operation(name) for name in "zaqb"]
    expected = [f"+ operation things.{name}" for name in "abqz"]
    assert expected == changes(before(), after)
