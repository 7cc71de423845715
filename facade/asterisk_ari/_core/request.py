"""From an operation's name and its parameters to a request, by way of the generated builders. Pure."""

import functools
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any, cast
from urllib.parse import unquote, urlencode

import msgspec

from ari_rest._meta import OPERATIONS, Operation
from asterisk_ari._core.guards import check, check_body
from asterisk_ari._core.ids import new_id
from asterisk_ari._core.naming import accepted_names
from asterisk_ari.errors import BadArgument

# Asterisk answers a request line of more than 4 096 bytes with 400; beyond this the values travel in the body.
_MAX_LINE_BYTES = 3000


@functools.cache
def _literal_paths() -> frozenset[str]:
    """Paths without an id win over those with one: a channel of the id `create` cannot be reached."""
    return frozenset(operation.path for operation in OPERATIONS.values() if "{" not in operation.path)


class Request(msgspec.Struct, frozen=True):
    """One call, ready for a wire: `path` is encoded and relative to `/ari`."""

    operation: str
    method: str
    path: str
    params: Mapping[str, str | int | bool] = msgspec.field(default_factory=dict)
    json: Any = None
    binary: bool = False


def build(name: str, given: Mapping[str, Any]) -> Request:
    """The request of an operation; parameters by any accepted spelling, None for what is not to be sent.

    Raises:
        BadArgument: unknown operation or parameter, or a value the server would misread.
    """
    if name not in OPERATIONS:
        near = get_close_matches(name, OPERATIONS, n=1)
        raise BadArgument(f"no operation {name!r}" + (f": did you mean {near[0]!r}?" if near else ""))
    values = by_definition_name(name, given)
    if name == "bridges.create" and "variables" in values:
        # Servers take the whole body of POST /bridges for variables; with the id in the path they read it right.
        name, values = "bridges.createWithId", {"bridgeId": new_id("bridge"), **values}
    facts = OPERATIONS[name]
    values = check(name, facts, values)
    kwargs = _generated(facts.module)(**_generated_arguments(facts, values))
    path = str(kwargs["url"])
    if "{" in facts.path and (unquote(path) if "%" in path else path) in _literal_paths():
        raise BadArgument(f"the server takes {unquote(path)} for another operation: choose another id", operation=name)
    params: dict[str, Any] = kwargs.get("params", {})
    body = kwargs.get("json")
    if len(path) + (len(urlencode(params)) if params else 0) > _MAX_LINE_BYTES and not _whole_body(facts):
        body = {**(body or {}), **{key: values[key] for key in params}}
        params = {}
    if body is not None:
        check_body(name, body)
    return Request(name, kwargs["method"].upper(), path, params, body, facts.response == "binary")


def by_definition_name(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given parameters under the definitions' names, without those that are None."""
    names = accepted_names(name)
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in names:
            near = get_close_matches(key, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(OPERATIONS[name].params) or 'none'}"
            raise BadArgument(f"no parameter {key!r}: {hint}", operation=name, parameter=key)
        if names[key] in values:
            raise BadArgument(f"{names[key]} is given twice", operation=name, parameter=names[key])
        if value is not None:
            values[names[key]] = value
    return values


def is_file(method: str, path: str) -> bool:
    """Whether an operation answers with bytes instead of JSON."""
    return method.upper() == "GET" and any(pattern.fullmatch(path) for pattern in _file_paths())


@functools.cache
def _file_paths() -> tuple[re.Pattern[str], ...]:
    files = (operation.path for operation in OPERATIONS.values() if operation.response == "binary")
    return tuple(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in files)


def parse(name: str, json: Any) -> Any:
    """The generated model of an operation's result; lists stay lists, no result is None."""
    response = OPERATIONS[name].response
    if json is None or response in ("void", "binary"):
        return None
    inner = response.removeprefix("List[").removesuffix("]")
    model = getattr(import_module("ari_rest.models"), inner)
    return [model.from_dict(item) for item in json] if inner != response else model.from_dict(json)


@functools.cache
def _generated(module: str) -> Callable[..., dict[str, Any]]:
    return cast(Callable[..., dict[str, Any]], import_module(module)._get_kwargs)


def _generated_arguments(facts: Operation, values: Mapping[str, Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    body: dict[str, Any] = {}
    for key, value in values.items():
        parameter = facts.params[key]
        if parameter.location == "body":
            body[key] = value
        else:
            arguments[parameter.python_name] = value
    if body and facts.body:
        arguments["body"] = getattr(import_module("ari_rest.models"), facts.body).from_dict(body)
    elif body:
        arguments["body"] = next(iter(body.values()))
    return arguments


def _whole_body(facts: Operation) -> bool:
    return facts.body is None and any(parameter.location == "body" for parameter in facts.params.values())
