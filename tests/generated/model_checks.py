"""Checks of every model of the package against the definitions; each returns the problems it found, one line each."""

import datetime
import importlib
import typing
from collections.abc import Callable, Iterator
from typing import Any

from tests.generated.definitions import DATE, PRIMITIVES, Definitions, Json, item_type, pascal, python_name

Problems = list[str]
Check = Callable[[Definitions], Problems]
MOMENT = datetime.datetime(2025, 1, 1, 12, 0, 0, 123000, tzinfo=datetime.UTC)


def _each(definitions: Definitions, only: str | None, body: Callable[[str, Any], Iterator[str]]) -> Problems:
    """Run a check for each model; an exception is a problem of that model, not the end of the check."""
    problems = []
    models = importlib.import_module("ari_rest.models")
    for name in definitions.models:
        if only is None or name == only:
            try:
                for problem in body(name, getattr(models, name)):
                    problems.append(f"{name}: {problem}")
            except Exception as error:
                problems.append(f"{name}: {type(error).__name__}: {error}")
    return problems


def _unset() -> Any:
    return importlib.import_module("ari_rest.types").UNSET


def _wrong_value(definitions: Definitions, type_name: str, item: Json, value: Any) -> str | None:
    """What is wrong with the Python value of a field whose JSON was the sample."""
    name, is_list = item_type(type_name)
    if is_list:
        return next((wrong for one in value if (wrong := _wrong_value(definitions, name, {}, one))), None)
    if type_name == "Date":
        return None if value == MOMENT else f"{value!r} is not the moment {DATE}"
    if name not in PRIMITIVES:
        if type(value).__name__ != name:
            return f"{value!r} is not a {name}"
        return f"{value!r} has left over {value.additional_properties}" if value.additional_properties else None
    expected = item["values"][0] if "values" in item else PRIMITIVES[name]
    return None if value == expected else f"{value!r}, not {expected!r}"


def check_round_trip(definitions: Definitions, only: str | None = None) -> Problems:
    """A model with every field goes in and comes out the same, each field typed, nothing left over."""

    def check(name: str, model: Any) -> Iterator[str]:
        full = definitions.sample(name)
        made = model.from_dict(full)
        if made.additional_properties:
            yield f"left over: {sorted(made.additional_properties)}"
        if made.to_dict() != full:
            yield f"comes out as {made.to_dict()}"
        for key, item in definitions.fields(name).items():
            if name in definitions.leaves() and key == "type":
                continue
            wrong = _wrong_value(definitions, item["type"], item, getattr(made, python_name(key)))
            if wrong:
                yield f"{key}: {wrong}"

    return _each(definitions, only, check)


def check_absent_and_null(definitions: Definitions, only: str | None = None) -> Problems:
    """Each field that may be absent may be left out or null, alone or with all the others; both read as UNSET."""

    def check(name: str, model: Any) -> Iterator[str]:
        full = definitions.sample(name)
        optional = [key for key, item in definitions.fields(name).items() if not item["required"]]
        for keys in [[key] for key in optional] + [optional]:
            kept = {key: value for key, value in full.items() if key not in keys}
            for label, content in (("absent", kept), ("null", {**kept, **dict.fromkeys(keys)})):
                try:
                    made = model.from_dict(content)
                except Exception as error:
                    yield f"{', '.join(keys)} {label}: {type(error).__name__}: {error}"
                    continue
                values = [getattr(made, python_name(key)) for key in keys]
                if any(value is not _unset() for value in values):
                    yield f"{', '.join(keys)} {label}: read as {values}"
                if made.to_dict() != kept:
                    yield f"{', '.join(keys)} {label}: comes out as {made.to_dict()}"

    return _each(definitions, only, check)


def check_required_fields(definitions: Definitions, only: str | None = None) -> Problems:
    """A field that every release requires is required here too, so that its type needs no test for UNSET."""

    def check(name: str, model: Any) -> Iterator[str]:
        full = definitions.sample(name)
        for key, item in definitions.fields(name).items():
            if item["required"]:
                try:
                    model.from_dict({other: value for other, value in full.items() if other != key})
                except KeyError:
                    continue
                yield f"{key} may be left out though every release requires it"

    return _each(definitions, only, check)


def check_nullable_fields(definitions: Definitions, only: str | None = None) -> Problems:
    """A field that the overlay calls nullable reads as None; one that takes number or text reads as both."""

    def check(name: str, model: Any) -> Iterator[str]:
        full = definitions.sample(name)
        for key, item in definitions.fields(name).items():
            choices = ([None] if item.get("nullable") else []) + (["text", 5] if item["type"] == "int|string" else [])
            for value in choices:
                made = model.from_dict({**full, key: value})
                if getattr(made, python_name(key)) != value or made.to_dict()[key] != value:
                    yield f"{key}: {value!r} reads as {getattr(made, python_name(key))!r}"

    return _each(definitions, only, check)


def check_open_enums(definitions: Definitions, only: str | None = None) -> Problems:
    """A known value reads as a member of its enumeration, an unknown one as text; both come out as they went in."""

    def check(name: str, model: Any) -> Iterator[str]:
        full = definitions.sample(name)
        for key, item in definitions.fields(name).items():
            if "values" not in item:
                continue
            members = getattr(importlib.import_module("ari_rest.models"), pascal(name) + pascal(key))
            if {member.value for member in members} != set(item["values"]):
                yield f"{key}: the enumeration knows {[member.value for member in members]}, not {item['values']}"
            for value in [*item["values"], "Unknown (99)"]:
                made = model.from_dict({**full, key: value})
                read = getattr(made, python_name(key))
                if value in item["values"] and not isinstance(read, members):
                    yield f"{key}: {value} does not read as a member of {members.__name__}"
                if read != value or made.to_dict()[key] != value:
                    yield f"{key}: {value} comes out as {made.to_dict()[key]!r}"

    return _each(definitions, only, check)


def check_unknown_fields(definitions: Definitions, only: str | None = None) -> Problems:
    """A field that nobody declared is kept, readable, and comes out again."""

    def check(name: str, model: Any) -> Iterator[str]:
        full = definitions.sample(name)
        more = {"brand_new": {"x": [1]}, "other-new": None}
        made = model.from_dict({**full, **more})
        if made.additional_properties != more:
            yield f"keeps {made.additional_properties} of {more}"
        elif made["brand_new"] != {"x": [1]}:
            yield "an unknown field cannot be read by its key"
        if made.to_dict() != {**full, **more}:
            yield "an unknown field does not come out again"

    return _each(definitions, only, check)


def check_releases(definitions: Definitions, only: str | None = None) -> Problems:
    """What each release declares parses: every model with all of that release's fields, and with its required ones only."""
    problems = []
    models = importlib.import_module("ari_rest.models")
    for release in definitions.releases:
        declared = definitions.of_release(release)
        for name in declared:
            if only is not None and name != only:
                continue
            for optional in (True, False):
                content = definitions.sample(name, models=declared, optional=optional)
                try:
                    back = getattr(models, name).from_dict(content).to_dict()
                except Exception as error:
                    problems.append(f"{name} of {release}: {type(error).__name__}: {error}")
                    continue
                if back != content:
                    problems.append(f"{name} of {release}: comes out as {back}")
    return problems


JSON_TYPES = {"string": "str", "int": "int", "long": "int", "double": "float", "boolean": "bool", "Date": "str"}
JSON_TYPES |= {"object": "dict[str, typing.Any]", "containers": "dict[str, typing.Any]", "int|string": "int | str"}


def check_json_shapes(definitions: Definitions, only: str | None = None) -> Problems:
    """The `TypedDict` of each model has its fields under their own names, typed, and `NotRequired` where they may be absent."""

    def check(name: str, model: Any) -> Iterator[str]:
        shape = getattr(importlib.import_module("ari_rest.json_shapes"), f"{name}Json")
        found = typing.get_type_hints(shape, include_extras=True)
        expected = definitions.fields(name)
        if found.keys() != expected.keys():
            yield f"the shape has the fields {sorted(found)}, not {sorted(expected)}"
        for key in found.keys() & expected.keys():
            actual = _type_name(found[key])
            wanted = _json_type(definitions, name, key)
            if actual != wanted:
                yield f"the shape's {key} is {actual}, not {wanted}"

    return _each(definitions, only, check)


def _type_name(hint: Any) -> str:
    if typing.get_origin(hint) is typing.NotRequired:
        return f"NotRequired[{_type_name(typing.get_args(hint)[0])}]"
    if typing.get_origin(hint) is list:
        return f"list[{_type_name(typing.get_args(hint)[0])}]"
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)


def _json_type(definitions: Definitions, model: str, key: str) -> str:
    item = definitions.fields(model)[key]
    name, is_list = item_type(item["type"])
    found = JSON_TYPES.get(name, f"{name}Json")
    if is_list:
        found = f"list[{found}]"
    if item.get("nullable"):
        found += " | None"
    if key == "type" and model in definitions.leaves():
        found = f"typing.Literal['{model}']"
    return found if item["required"] else f"NotRequired[{found}]"


CHECKS = (
    check_round_trip,
    check_absent_and_null,
    check_required_fields,
    check_nullable_fields,
    check_open_enums,
    check_unknown_fields,
    check_releases,
    check_json_shapes,
)
