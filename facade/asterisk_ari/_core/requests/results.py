"""The results of operations: whether a response has the declared shape, and its generated model. Pure.

Every response is checked for what a handle or a documented method uses: that it is an object or a list of objects, each with its
    identifying field. Anything else may be new, missing or null, since servers differ.
"""

import typing
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from ari_rest._meta import OPERATIONS
from asterisk_ari.errors import UnexpectedResponse

# Model → the field that an object must have: non-empty text, since it goes into paths.
_IDENTITY: Mapping[str, tuple[str, ...]] = {
    "Application": ("name",),
    "Bridge": ("id",),
    "Channel": ("id",),
    "DeviceState": ("name",),
    "Endpoint": ("technology", "resource"),
    "LiveRecording": ("name",),
    "Mailbox": ("name",),
    "Module": ("name",),
    "Playback": ("id",),
    "Sound": ("id",),
    "StoredRecording": ("name",),
}
# The console's log channel has no file, so its name is empty.
_MAY_BE_EMPTY: Mapping[str, tuple[str, ...]] = {"LogChannel": ("channel",)}

# Model → fields that the client reads as this type; null counts as absent, except for required ones.
_TYPES: Mapping[str, Mapping[str, type]] = {
    "Application": {"channel_ids": list},
    "AsteriskInfo": {"system": dict},
    "Bridge": {"channels": list},
    "Channel": {"caller": dict, "connected": dict},
    "Variable": {"value": str},
    "Variables": {"variables": dict},
}
_MUST_BE_THERE = frozenset({"value", "variables"})

_WORDS: Mapping[type, str] = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a number",
    list: "a list",
    str: "text",
}


def problem_of(operation: str, decoded: Any) -> str | None:
    """Describe what is wrong with the decoded result of an operation; None if nothing is."""
    declared = _declared(operation)
    if declared is None:
        return None
    is_list, model = declared
    if not is_list:
        return "the answer " + problem if (problem := _problem_of_object(model, decoded)) else None
    if not isinstance(decoded, list):
        return f"the answer is {in_words(decoded)}, not a list"
    for number, item in enumerate(decoded, 1):
        if problem := _problem_of_object(model, item):
            return f"item {number} of the list {problem}"
    return None


def parse(operation: str, json: Any) -> Any:
    """Return the generated model of an operation's result; lists stay lists, no result becomes None.

    Raises:
        UnexpectedResponse: a field that the model requires is missing, or of another type.
    """
    declared = _declared(operation)
    if json is None or declared is None:
        return None
    is_list, name = declared
    model = getattr(import_module("ari_rest.models"), name)
    return [_model_of(model, operation, item) for item in json] if is_list else _model_of(model, operation, json)


def _model_of(model: Any, operation: str, json: Any) -> Any:
    try:
        return model.from_dict(json)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        reason = first_problem(model.__name__, json) or f"{type(error).__name__}: {error}"
        facts = OPERATIONS[operation]
        raise UnexpectedResponse(
            f"{operation} {facts.method} {facts.path}: the response is not a valid {model.__name__}: {reason}",
            status=200,
            reason=reason,
            operation=operation,
            method=facts.method,
            path=facts.path,
            body=json,
        ) from error


def in_words(value: Any) -> str:
    """Return the JSON type of a value, with its article."""
    return "null" if value is None else _WORDS[type(value)]


@cache
def _declared(operation: str) -> tuple[bool, str] | None:
    """Return whether an operation's result is a list, and the item type; None if it is not JSON, or unknown."""
    facts = OPERATIONS.get(operation)
    if facts is None or facts.response in ("void", "binary"):
        return None
    model = facts.response.removeprefix("List[").removesuffix("]")
    return model != facts.response, model


def _problem_of_object(model: str, value: Any) -> str | None:
    if not isinstance(value, dict):
        return f"is {in_words(value)}, not an object"
    for name in _IDENTITY.get(model, ()):
        if not (found := value.get(name)) or not isinstance(found, str):
            return _lack(name, value, str) if found != "" else f"has an empty {name!r}"
    for name in _MAY_BE_EMPTY.get(model, ()):
        if not isinstance(value.get(name), str):
            return _lack(name, value, str)
    for name, kind in _TYPES.get(model, {}).items():
        found = value.get(name)
        if not isinstance(found, kind) and (found is not None or name in _MUST_BE_THERE):
            return _lack(name, value, kind)
    return None


def _lack(name: str, value: Mapping[str, Any], kind: type) -> str:
    return f"has {in_words(value[name])} as {name!r}, not {_WORDS[kind]}" if name in value else f"has no {name!r}"


def first_problem(model: str, value: Any) -> str | None:
    """Return the first field of a model's JSON that is missing or not of the declared type, such as `caller.number`; None if all
    are fine.

    Slower and stricter than `problem_of`: it explains why a model could not be created.
    """
    return _problem_in(f"{model}Json", value, "")


def _problem_in(shape: str, value: Any, where: str) -> str | None:
    if not isinstance(value, dict):
        return f"{where or 'it'} is {in_words(value)}, not an object"
    for name, hint in _fields_of(shape).items():
        is_optional = typing.get_origin(hint) is typing.NotRequired
        declared = typing.get_args(hint)[0] if is_optional else hint
        path = f"{where}.{name}" if where else name
        if value.get(name) is not None:
            if problem := _problem_of_field(declared, value[name], path):
                return problem
        elif not is_optional and type(None) not in typing.get_args(declared):
            return f"{path} is {'null' if name in value else 'missing'}"
    return None


@cache
def _fields_of(shape: str) -> Mapping[str, Any]:
    shapes = import_module("ari_rest.json_shapes")
    return typing.get_type_hints(getattr(shapes, shape), vars(shapes), include_extras=True)


def _problem_of_field(declared: Any, value: Any, where: str) -> str | None:
    if typing.is_typeddict(declared):
        return _problem_in(declared.__name__, value, where)
    kind = typing.get_origin(declared) or declared
    accepted = (int, float) if kind is float else kind
    if kind in _WORDS and (not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool)):
        return f"{where} is {in_words(value)}, not {_WORDS[kind]}"
    if kind is list:
        (inner,) = typing.get_args(declared)
        problems = (_problem_of_field(inner, item, f"{where}[{number}]") for number, item in enumerate(value))
        return next((problem for problem in problems if problem), None)
    return None
