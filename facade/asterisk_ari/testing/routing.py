"""From a method and a path to an operation, and from query and body to its parameters, the way Asterisk reads them."""

import re
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.release import Release

from .machine.stasis import split_arguments

METHODS = ("GET", "POST", "PUT", "DELETE")
MAX_VALUES = 128
_NUMBER = re.compile(r"\s*([+-]?[0-9]+)")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_LONGEST = 2**63 - 1
TRUE = {"yes", "true", "y", "t", "1", "on"}


class Route:
    """One operation of the release: its name and how its parameters are read."""

    __slots__ = ("kinds", "name", "path_names")

    def __init__(self, name: str, release: Release) -> None:
        facts = OPERATIONS[name]
        self.name: str = name
        known = [parameter for parameter in facts.params.values() if release.has(parameter.availability)]
        self.path_names: list[Any] = re.findall(r"\{(\w+)\}", facts.path)
        self.kinds: dict[str, str] = {
            parameter.name: "list" if parameter.multiple else parameter.type
            for parameter in known
            if parameter.name not in self.path_names and parameter.type not in {"containers", "object"}
        }


class Node:
    """One segment of the paths."""

    __slots__ = ("any", "literal", "methods")

    def __init__(self) -> None:
        self.literal: dict[str, Node] = {}
        self.any: Node | None = None
        self.methods: dict[str, Route] = {}

    @property
    def allow(self) -> str:
        """The methods it serves."""
        return ",".join(["OPTIONS", *(method for method in METHODS if method in self.methods)])


class Router:
    """The paths of one release."""

    def __init__(self, release: Release) -> None:
        self.root: Node = Node()
        for name, facts in OPERATIONS.items():
            if release.has(facts.availability):
                self._add(facts.path, facts.method, Route(name, release))
        self.root.literal["events"] = self.root.literal.get("events") or Node()  # its GET is the WebSocket's, no operation

    def _add(self, path: str, method: str, route: Route) -> None:
        node = self.root
        for segment in path.strip("/").split("/"):
            if segment.startswith("{"):
                node.any = node.any or Node()
                node = node.any
            else:
                node = node.literal.setdefault(segment, Node())
        node.methods[method] = route

    def find(self, path: str) -> tuple[Node, list[str]] | None:
        """The node of a path without its leading slash, and what the variable segments held."""
        node, values = self.root, []
        for raw in path.split("/"):
            if not raw:
                break  # as the server does: an empty segment ends the path
            segment = decode(raw)
            literal = node.literal.get(segment)
            if literal is not None:
                node = literal
            elif node.any is not None:
                node = node.any
                values.append(segment)
            else:
                return None
        return node, values


def below(path: str) -> str | None:
    """What follows /ari, whose case does not matter, in a path; None when the path begins otherwise."""
    prefix, rest = path[:4], path[4:]
    return rest if prefix.lower() == "/ari" and (not rest or rest.startswith("/")) else None


def decode(text: str, plus: bool = True) -> str:
    """Percent escapes; a plus is a space. Bytes that are no UTF-8 are kept aside."""
    if plus:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def pairs(query: str) -> list[tuple[str, str]]:
    """Names and values of a query or form."""
    found = []
    for item in query.split("&"):
        if item:
            name, _, value = item.partition("=")
            found.append((decode(name), decode(value)))
    return found


class BodyError(Exception):
    """The body cannot be read."""


def parse_container(text: bytes) -> Any:
    """JSON as strictly as the server reads it: an object or array in UTF-8, no NaN, no half of a surrogate pair, no U+0000."""
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError) as problem:
        raise BodyError from problem
    if not isinstance(decoded, dict | list) or (b"\\u0000" in text and _NUL.search(text)):
        raise BodyError
    return decoded


def json_body(content_type: str, body: bytes) -> Any:
    """The JSON of a body; None when its type says that it is none. Text and numbers are not accepted."""
    if not body or content_type.partition(";")[0].strip().lower() != "application/json":
        return None
    return parse_container(body)


def parameters(route: Route, path_values: list[str], query: list[tuple[str, str]], body: Any) -> dict[str, Any]:
    """Every parameter: query first, then the body's keys over it; the path is not overridden."""
    values: dict[str, Any] = {}
    kinds = route.kinds
    for name, text in query:
        kind = kinds.get(name)
        if kind is not None:
            values[name] = _from_text(kind, text)
    if isinstance(body, dict):
        for name, kind in kinds.items():
            if name in body:
                values[name] = _from_json(kind, body[name])
    values.update(zip(route.path_names, path_values, strict=False))
    return values


def _from_text(kind: str, text: str) -> Any:
    if kind == "list":
        return split_arguments(text)[:MAX_VALUES] or [""]
    if kind in {"int", "long"}:
        match = _NUMBER.match(text)
        return _whole(match[1]) if match else 0
    if kind == "boolean":
        return text.lower() in TRUE
    return text


def _whole(digits: str) -> int:
    """As C's atoi: what is longer than 64 bits is the longest there is."""
    number = int(digits[:30])
    return _wrapped(max(-_LONGEST - 1, min(number, _LONGEST)))


def _wrapped(number: int) -> int:
    """The low 32 bits: numbers are C's int."""
    return (number + 2**31) % 2**32 - 2**31


def _from_json(kind: str, value: Any) -> Any:
    if kind == "list":
        if isinstance(value, list):
            return [item for item in value if isinstance(item, str)][:MAX_VALUES]
        return [value] if isinstance(value, str) else []
    if kind in {"int", "long"}:
        return _wrapped(value) if isinstance(value, int) and not isinstance(value, bool) else 0
    if kind == "boolean":
        return value is True
    return value if isinstance(value, str) else None
