"""Turns an operation's name and parameters into a request, by a plan created once per operation. Pure.

A plan holds what `ari_rest._meta` says about the operation: which spelling is which parameter, what checks it, and where in the
request it goes. The requests are identical to those of the generated functions of `ari_rest`.
"""

import functools
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from ari_rest._meta import OPERATIONS, Operation
from asterisk_ari._core.requests.guards import RULES, check_body, check_names, guard_of
from asterisk_ari._core.requests.handles import in_request
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._core.requests.list_text import LIST_SYNTAX
from asterisk_ari._core.requests.naming import accepted_names, spellings
from asterisk_ari._core.requests.request import OperationRequest, percent_encode, query_of
from asterisk_ari._spelling import meant
from asterisk_ari.errors import BadArgument, MissingParameter

# Asterisk rejects a request line of more than 4 096 bytes with 400; beyond this the values are sent in the body.
_MAX_TARGET_BYTES = 3000

# The most that a character takes in a query: four bytes, percent-encoded.
_MAX_ENCODED_BYTES = 12

# Values of these types are sent unchanged; others may be or contain handles.
_NO_HANDLES = frozenset({str, int, bool, dict})

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class OperationPlan:
    """How the parameters of one operation become a request."""

    def __init__(self, name: str, facts: Operation) -> None:
        parameters = facts.params.values()
        self.name = name
        self._names = spellings(name, facts)
        # Parameters that the server requires although the definitions say otherwise get the default stated there.
        self._defaults = {each: default for each in facts.required if (default := facts.params[each].default) is not None}
        self._required = [(each, facts.params[each].location == "path") for each in facts.required]
        self._lists = frozenset(facts.lists)
        self._guards = {each.name: guard_of(name, each) for each in parameters}
        self._rules = RULES.get(name, ())
        self._method = facts.method.upper()
        self._binary = facts.response == "binary"
        self._path = _PLACEHOLDER.sub("%s", facts.path)
        self._in_path = _PLACEHOLDER.findall(facts.path)
        self._in_query = {each.name: each.multiple for each in parameters if each.location == "query"}
        self._in_body = frozenset(each.name for each in parameters if each.location == "body")
        # Without a model, the only body parameter is the whole body.
        self._is_body_one_value = bool(self._in_body) and facts.body is None
        self._literal_paths = _literal_paths_like(facts.path) if self._in_path else frozenset()

    def checked(self, given: Mapping[str, Any], *, lenient: bool = False) -> dict[str, Any]:
        """Return the values to send, by the definitions' names; parameters may have any accepted spelling, None is not sent.

        With `lenient` only what the server cannot read, or what harms it, is rejected.

        Raises:
            MissingParameter: a parameter that the server requires is missing.
            BadArgument: a parameter is unknown, or a value has the wrong type, is out of range, or conflicts with another.
        """
        values = self._by_definition_name(given)
        if self._defaults:
            values = {**self._defaults, **values}
        for required, in_path in self._required:
            if required not in values or (values[required] == "" and not in_path):
                raise MissingParameter(f"needs {required}", operation=self.name, parameter=required)
        guards = self._guards
        for name, value in values.items():
            values[name] = guards[name](value)
        if not lenient:
            for rule in self._rules:
                rule(self.name, values)
            check_names(self.name, values)
        return values

    def _by_definition_name(self, given: Mapping[str, Any]) -> dict[str, Any]:
        names = self._names
        values: dict[str, Any] = {}
        for key, value in given.items():
            name = names.get(key)
            if name is None:
                near = meant(key, names)
                hint = f"did you mean {near}?" if near else f"it has {', '.join(self._guards) or 'none'}"
                raise BadArgument(f"no parameter {key!r}: {hint}", operation=self.name, parameter=key)
            if name in values:
                raise BadArgument(f"{name} is given twice", operation=self.name, parameter=name)
            if value is not None:
                values[name] = value if type(value) in _NO_HANDLES else self._without_handles(name, value)
        return values

    def _without_handles(self, name: str, value: Any) -> Any:
        sent = in_request(self.name, name, value)
        # The id of a handle is one value, whatever it contains; a string may hold several.
        return [sent] if sent is not value and isinstance(sent, str) and name in self._lists else sent

    def request(self, values: Mapping[str, Any]) -> OperationRequest:
        """Return the request for checked values.

        Raises:
            BadArgument: an id would make the path address something else, or the server would not read the body.
        """
        path = self._path_of(values) if self._in_path else self._path
        if len(values) == len(self._in_path):
            return OperationRequest(self.name, self._method, path, {}, None, self._binary)
        body = self._body_of(values)
        params: dict[str, str | int | float | bool] = {}
        for name, is_list in self._in_query.items():
            if name in values:
                value = values[name]
                if not is_list:
                    params[name] = value
                elif any(map(LIST_SYNTAX, value)):
                    body = {**(body or {}), name: value}
                else:
                    params[name] = ",".join(value)
        if params and not self._is_body_one_value and _is_too_long(path, params):
            body = {**(body or {}), **{name: values[name] for name in params}}
            params = {}
        if body is not None:
            check_body(self.name, body)
        return OperationRequest(self.name, self._method, path, params, body, self._binary)

    def _path_of(self, values: Mapping[str, Any]) -> str:
        path = self._path % tuple([percent_encode(values[name]) for name in self._in_path])
        if self._literal_paths and (plain := unquote(path) if "%" in path else path) in self._literal_paths:
            raise BadArgument(f"the server takes {plain} for another operation: choose another id", operation=self.name)
        return path

    def _body_of(self, values: Mapping[str, Any]) -> Any:
        if not self._in_body:
            return None
        body = {name: value for name, value in values.items() if name in self._in_body}
        return next(iter(body.values()), None) if self._is_body_one_value else body or None


@functools.cache
def plan_of(name: str) -> OperationPlan:
    """Return the plan of an operation.

    Raises:
        BadArgument: there is no such operation.
    """
    if name not in OPERATIONS:
        near = meant(name, OPERATIONS)
        raise BadArgument(f"no operation {name!r}" + (f": did you mean {near}?" if near else ""))
    return OperationPlan(name, OPERATIONS[name])


def prepare(name: str, given: Mapping[str, Any], *, lenient: bool = False) -> tuple[OperationRequest, dict[str, Any]]:
    """Return the request of an operation, and the checked values by the definitions' names.

    Args:
        name: as in the definitions, `channels.play`.
        given: parameters by any accepted spelling; None is not sent.
        lenient: reject only what the server cannot read, or what harms it.

    Raises:
        BadArgument: the operation or a parameter is unknown, or the server would misread a value.
    """
    return prepare_with(plan_of(name), given, lenient=lenient)


def is_known(name: str, given: Mapping[str, Any]) -> bool:
    """Whether the package itself has that operation with all these parameters."""
    return name in OPERATIONS and given.keys() <= accepted_names(name).keys()


def prepare_with(
    plan: OperationPlan, given: Mapping[str, Any], *, lenient: bool = False
) -> tuple[OperationRequest, dict[str, Any]]:
    """Like `prepare`, but with a given plan, such as that of an operation described by the server's own definitions."""
    name, values = plan.name, plan.checked(given, lenient=lenient)
    if name == "bridges.create" and "variables" in values:
        # Servers treat the whole body of POST /bridges as variables; with the id in the path they read it correctly.
        return plan_of("bridges.createWithId").request({"bridgeId": new_id("bridge"), **values}), values
    return plan.request(values), values


def build(name: str, given: Mapping[str, Any]) -> OperationRequest:
    """Return the request of an operation; like `prepare`."""
    return prepare(name, given)[0]


def _is_too_long(path: str, params: Mapping[str, Any]) -> bool:
    if len(path) + _MAX_ENCODED_BYTES * sum([len(str(value)) + len(name) for name, value in params.items()]) <= _MAX_TARGET_BYTES:
        return False  # whatever its characters are
    return len(path) + len(query_of(params)) > _MAX_TARGET_BYTES


def _literal_paths_like(path: str) -> frozenset[str]:
    """Return literal paths that match one with ids: they take precedence, so that a channel with the id `create` cannot be
    addressed."""
    fits = re.compile(_PLACEHOLDER.sub(".+", path)).fullmatch
    return frozenset(filter(fits, _literal_paths()))


@functools.cache
def _literal_paths() -> list[str]:
    return [operation.path for operation in OPERATIONS.values() if "{" not in operation.path]
