"""Maps method and path to an operation, and query and body to its parameters, like Asterisk."""

import re
from typing import Any

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.requests.release import Release
from asterisk_ari.testing.machine.stasis.arguments import split_arguments
from asterisk_ari.testing.request import decode_percent

METHODS = ("GET", "POST", "PUT", "DELETE")
MAX_LIST_VALUES = 128
TRUE_WORDS = frozenset({"yes", "true", "y", "t", "1", "on"})
_NUMBER = re.compile(r"\s*([+-]?[0-9]+)")
_MAX_LONG = 2**63 - 1


class OperationRoute:
    """One operation of a release: its name, and the types of its parameters."""

    __slots__ = ("name", "parameter_types", "path_names")

    def __init__(self, name: str, release: Release) -> None:
        definition = OPERATIONS[name]
        self.name: str = name
        parameters = [parameter for parameter in definition.params.values() if release.has(parameter.availability)]
        self.path_names: list[Any] = re.findall(r"\{(\w+)\}", definition.path)
        self.parameter_types: dict[str, str] = {
            parameter.name: "list" if parameter.multiple else parameter.type
            for parameter in parameters
            if parameter.name not in self.path_names and parameter.type not in {"containers", "object"}
        }


class PathNode:
    """A path segment: the next segments, literal or variable, and the operations of this path."""

    __slots__ = ("literals", "methods", "variable")

    def __init__(self) -> None:
        self.literals: dict[str, PathNode] = {}
        self.variable: PathNode | None = None
        self.methods: dict[str, OperationRoute] = {}

    @property
    def allow(self) -> str:
        """Return the Allow header: the methods served here."""
        return ",".join(["OPTIONS", *(method for method in METHODS if method in self.methods)])


class OperationRouter:
    """Finds the operations of one release by path."""

    def __init__(self, release: Release) -> None:
        self.root: PathNode = PathNode()
        for name, definition in OPERATIONS.items():
            if release.has(definition.availability):
                self._add(definition.path, definition.method, OperationRoute(name, release))
        self.root.literals.setdefault("events", PathNode())  # GET upgrades to the WebSocket: not an operation

    def _add(self, path: str, method: str, route: OperationRoute) -> None:
        node = self.root
        for segment in path.strip("/").split("/"):
            if segment.startswith("{"):
                node.variable = node.variable or PathNode()
                node = node.variable
            else:
                node = node.literals.setdefault(segment, PathNode())
        node.methods[method] = route

    def find(self, path: str) -> tuple[PathNode, list[str]] | None:
        """Return the node of a path (without its leading slash), and the values of its variable segments."""
        node, values = self.root, []
        for raw in path.split("/"):
            if not raw:
                break  # as in Asterisk, an empty segment ends the path
            segment = decode_percent(raw)
            literal = node.literals.get(segment)
            if literal is not None:
                node = literal
            elif node.variable is not None:
                node = node.variable
                values.append(segment)
            else:
                return None
        return node, values


def path_below_ari(path: str) -> str | None:
    """Return the part of a path after /ari, case-insensitively; None if the path begins differently."""
    prefix, rest = path[:4], path[4:]
    return rest if prefix.lower() == "/ari" and (not rest or rest.startswith("/")) else None


def read_parameters(route: OperationRoute, path_values: list[str], query: list[tuple[str, str]], body: Any) -> dict[str, Any]:
    """Return the values of all parameters: the body overrides the query, the path overrides both."""
    values: dict[str, Any] = {}
    types = route.parameter_types
    for name, text in query:
        type_name = types.get(name)
        if type_name is not None:
            values[name] = _from_text(type_name, text)
    if isinstance(body, dict):
        for name, type_name in types.items():
            if name in body:
                values[name] = _from_json(type_name, body[name])
    values.update(zip(route.path_names, path_values, strict=False))
    return values


def _from_text(type_name: str, text: str) -> Any:
    if type_name == "list":
        return split_arguments(text)[:MAX_LIST_VALUES] or [""]
    if type_name in {"int", "long"}:
        match = _NUMBER.match(text)
        return _parse_int(match[1]) if match else 0
    if type_name == "boolean":
        return text.lower() in TRUE_WORDS
    return text


def _parse_int(digits: str) -> int:
    """Parse a number like C's atoi: limited to 64 bits, then truncated to 32."""
    number = int(digits[:30])
    return _wrap_to_32_bits(max(-_MAX_LONG - 1, min(number, _MAX_LONG)))


def _wrap_to_32_bits(number: int) -> int:
    """Return the low 32 bits, since parameters are C ints."""
    return (number + 2**31) % 2**32 - 2**31


def _from_json(type_name: str, value: Any) -> Any:
    if type_name == "list":
        if isinstance(value, list):
            return [item for item in value if isinstance(item, str)][:MAX_LIST_VALUES]
        return [value] if isinstance(value, str) else []
    if type_name in {"int", "long"}:
        return _wrap_to_32_bits(value) if isinstance(value, int) and not isinstance(value, bool) else 0
    if type_name == "boolean":
        return value is True
    return value if isinstance(value, str) else None
