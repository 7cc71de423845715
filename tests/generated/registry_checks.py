"""Checks of `ari_rest._meta` against the definitions; each returns the problems it found, one line each."""

import importlib
from collections.abc import Callable
from typing import Any

from tests.generated.definitions import Definitions, Operation, python_name

Problems = list[str]
Check = Callable[[Definitions], Problems]
# Models that early releases of their branch had and later ones have lost; nothing refers to them.
GONE_MODELS = {"ExternalMedia", "TextMessageVariable"}


def _meta() -> Any:
    return importlib.import_module("ari_rest._meta")


def _differences(what: str, expected: Any, actual: Any) -> Problems:
    return [] if expected == actual else [f"{what} is {actual!r}, not {expected!r}"]


def check_operations(definitions: Definitions, only: str | None = None) -> Problems:
    """OPERATIONS has exactly the definitions' operations, each with its facts, as attributes and as keys."""
    table = _meta().OPERATIONS
    problems = [f"{name}: missing or unknown" for name in sorted(definitions.operations.keys() ^ set(table))]
    for name, operation in definitions.operations.items():
        if name in table and only in (None, name):
            problems += _check_operation(operation, table[name])
            problems += _check_parameters(definitions, operation, table[name])
            problems += _differences(
                f"{name} availability", definitions.availability["ops"][operation.call], dict(table[name].availability)
            )
    return problems


def _check_operation(operation: Operation, record: Any) -> Problems:
    parameters = operation.parameters
    needed = {name for name, item in parameters.items() if item["required"] or item.get("needed")}
    expected = {
        "module": operation.module,
        "method": operation.method,
        "path": operation.path,
        "response": operation.response,
        "errors": operation.errors,
        "params": set(parameters),
        "lists": {name for name, item in parameters.items() if item["multiple"]},
        "required": needed,
        "body": operation.body_model,
    }
    problems = []
    for key, value in expected.items():
        actual = getattr(record, key)
        problems += _differences(f"{operation.name} {key}", value, set(actual) if isinstance(value, set) else actual)
        if record[key] is not actual:
            problems.append(f"{operation.name} [{key!r}] differs from .{key}")
    if set(record) != {*expected, "availability"}:
        problems.append(f"{operation.name}: keys {sorted(record)}")
    return problems


def _check_parameters(definitions: Definitions, operation: Operation, record: Any) -> Problems:
    problems = []
    for name, item in operation.parameters.items():
        parameter = record.params.get(name)
        if parameter is None:
            continue
        key = f"{operation.call} :: {name}"
        known = definitions.availability["enum_values"]
        values = {value: known[f"{key} = {value}"] for value in item.get("values", ()) if f"{key} = {value}" in known}
        expected = {
            "name": name,
            "python_name": python_name(name),
            "location": item["location"],
            "type": item["type"],
            "required": item["required"],
            "multiple": item["multiple"],
            "minimum": item.get("minimum"),
            "default": item.get("default"),
            "known_values": set(item.get("values", ())),
            "availability": definitions.availability["params"][key],
            "value_availability": values,
        }
        for attribute, value in expected.items():
            actual = getattr(parameter, attribute)
            what = f"{operation.name}({name}) {attribute}"
            problems += _differences(what, value, set(actual) if isinstance(value, set) else actual)
            if parameter[attribute] is not actual:
                problems.append(f"{what}: [{attribute!r}] differs")
    return problems


def check_events(definitions: Definitions, only: str | None = None) -> Problems:
    """EVENT_TYPES has exactly the leaves of the message hierarchy, and parse_event gives each its own class."""
    meta = _meta()
    problems = [f"{name}: missing or unknown event" for name in sorted(definitions.leaves() ^ set(meta.EVENT_TYPES))]
    for name in sorted(definitions.leaves() & set(meta.EVENT_TYPES)):
        if only not in (None, name):
            continue
        try:
            event = meta.parse_event(definitions.sample(name))
        except Exception as error:
            problems.append(f"{name}: {type(error).__name__}: {error}")
            continue
        for class_name in (meta.EVENT_TYPES[name].__name__, type(event).__name__):
            problems += _differences(f"class of {name}", name, class_name)
        problems += _differences(
            f"EVENT_FIELDS of {name}",
            {key: item["type"] for key, item in definitions.fields(name).items()},
            dict(meta.EVENT_FIELDS.get(name, {})),
        )
        if event.to_dict() != definitions.sample(name):
            problems.append(f"{name}: comes out as {event.to_dict()}")
    return problems


def check_releases(definitions: Definitions, only: str | None = None) -> Problems:
    """RELEASES are the releases of `swagger/`, oldest first."""
    return _differences("RELEASES", tuple(definitions.releases), _meta().RELEASES)


def check_availability(definitions: Definitions, only: str | None = None) -> Problems:
    """A release has an element if and only if availability.json says that its branch had it by then."""
    problems = []
    every = [_elements(facts) for facts in definitions.releases.values()]
    for kind, known in definitions.availability.items():
        gone = {key for key in known if not any(key in has[kind] for has in every)}
        gone -= {key for key in gone if key.split(".")[0] in GONE_MODELS}
        problems += [f"{kind}: {key} is in no release of swagger/" for key in sorted(gone)]
    for release, facts in definitions.releases.items():
        branch, number = release.split(".")[0], _number(release)
        for kind, has in _elements(facts).items():
            known = definitions.availability[kind]
            says = {key for key, branches in known.items() if branch in branches and _number(branches[branch]) <= number}
            says = {key for key in says if key.split(".")[0] not in GONE_MODELS}
            problems += [f"{kind}: {key} is in {release}, availability.json denies it" for key in sorted(has - says)]
            problems += [f"{kind}: {key} is not in {release}, availability.json claims it" for key in sorted(says - has)]
    return problems


def _number(release: str) -> list[int]:
    return [int(part) for part in release.split(".")]


def _elements(facts: Any) -> dict[str, set[str]]:
    """Every element of a release, named as availability.json names them."""
    found: dict[str, set[str]] = {kind: set() for kind in ("ops", "params", "enum_values", "errs", "models", "fields", "events")}
    for content in facts["resources"].values():
        for operation in content["operations"]:
            call = f"{operation['method']} {operation['path']}"
            found["ops"].add(call)
            found["errs"] |= {f"{call} :: {code}" for code in operation["errors"]}
            for item in operation["parameters"]:
                found["params"].add(f"{call} :: {item['name']}")
                found["enum_values"] |= {f"{call} :: {item['name']} = {value}" for value in item.get("values", ())}
        for name, model in content["models"].items():
            found["models"].add(name)
            found["events"] |= set(model.get("subtypes", ())) if name == "Event" else set()
            for key, item in model["fields"].items():
                found["fields"].add(f"{name}.{key}")
                found["enum_values"] |= {f"{name}.{key} = {value}" for value in item.get("values", ())}
    return found


CHECKS = (check_operations, check_events, check_releases, check_availability)
