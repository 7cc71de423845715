"""The available requests and the functions that handle them: the OpenAPI document and the server use the same list."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NewType, TypeVar, get_type_hints

from msgspec import Struct

Text = NewType("Text", str)
"""A plain text response."""
JsonLines = NewType("JsonLines", str)
"""A response of JSON objects, one per line."""
Wav = NewType("Wav", bytes)
"""A WAV file."""
Document = NewType("Document", dict[str, Any])
"""The OpenAPI document, which does not describe itself."""

MEDIA_TYPES: dict[Any, str] = {Text: "text/plain", JsonLines: "application/x-ndjson", Wav: "audio/wav"}
"""Those of answers that are not JSON."""
PREFIX = "/control"
Function = TypeVar("Function", bound=Callable[..., Any])
_VARIABLE = re.compile(r"\{(\w+)\}")


class NotDone(Exception):
    """A request that is not done: the status, and in words what, why, and what to do about it."""

    def __init__(self, status: int, what: str, why: str, what_to_do: str) -> None:
        super().__init__(why)
        self.status = status
        self.what = what
        self.why = why
        self.what_to_do = what_to_do


@dataclass(frozen=True, slots=True)
class Route:
    """One request: its function is called with what it answers for, the values of the path, and what the request says."""

    method: str
    path: str
    function: Callable[..., Any]
    section: str
    given: Any
    """The type of the body, or of the query of a GET; None where there is none."""
    answer: Any
    takes_wav: bool
    needs_writing: bool

    @property
    def name(self) -> str:
        """Its name in the OpenAPI document."""
        return self.function.__name__

    @property
    def summary(self) -> str:
        """What it does, in one line."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def description(self) -> str:
        """What else there is to know."""
        return (inspect.getdoc(self.function) or "").partition("\n")[2].strip()

    @property
    def variables(self) -> list[str]:
        """The names of the variable parts of its path."""
        return _VARIABLE.findall(self.path)


class RouteSection:
    """Requests about one thing."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.routes: list[Route] = []

    def serve(self, method: str, path: str, *, takes_wav: bool = False, reads: bool = False) -> Callable[[Function], Function]:
        """Let a function answer a request; with `reads` users who may only read may make it, as they may any GET."""

        def add(function: Function) -> Function:
            hints = get_type_hints(function, include_extras=True)
            needs_writing = method != "GET" and not reads
            self.routes.append(
                Route(
                    method,
                    PREFIX + path,
                    function,
                    self.name,
                    hints.get("given"),
                    hints["return"],
                    takes_wav,
                    needs_writing,
                )
            )
            return function

        return add


def is_struct(kind: Any) -> bool:
    """Whether a type is that of one object."""
    return isinstance(kind, type) and issubclass(kind, Struct)


class ControlRouter:
    """Finds the route of a request."""

    def __init__(self, routes: list[Route]) -> None:
        self.routes = routes
        self._patterns = [(re.compile(_VARIABLE.sub(r"(?P<\1>[^/]+)", route.path) + r"\Z"), route) for route in routes]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route, and the values in the path, still escaped.

        Raises:
            NotDone: there is none; says what there is.
        """
        there = [(route, match.groupdict()) for pattern, route in self._patterns if (match := pattern.match(path))]
        for route, values in there:
            if route.method == method:
                return route, values
        if there:
            methods = ", ".join(sorted({route.method for route, _ in there}))
            raise NotDone(405, f"{method} {path}", f"it is served by {methods} alone", f"send {methods}")
        raise NotDone(404, f"{method} {path}", "there is no such request", f"GET {PREFIX}/openapi.json lists what there is")
