"""The server's own definitions: its resources, their operations, and how keyword arguments become values."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]

# The values that Asterisk treats as true, case-insensitively.
_TRUE = frozenset({"yes", "true", "y", "t", "1", "on"})
_NAMES = re.compile(r"\{(\w+)\}")
_LISTS = (list, tuple, set, frozenset)


class DefinedParameter:
    """A parameter of an operation, as described by the server."""

    def __init__(self, described: Mapping[str, Any]) -> None:
        self.name: str = str(described.get("name"))
        self.is_in_path: bool = described.get("paramType") == "path"
        self.is_in_body: bool = described.get("paramType") == "body"
        self.is_required: bool = bool(described.get("required")) or self.is_in_path
        self._multiple = bool(described.get("allowMultiple"))
        self._type = str(described.get("dataType") or "string")

    def value_of(self, given: Any) -> Any:
        """Return the value to send for an argument; None if it counts as not given."""
        if self.is_in_body and isinstance(given, Mapping | list | tuple):
            return self._body_of(given)
        if isinstance(given, _LISTS):
            texts = [_text(item) for item in given]
            return (texts or None) if self._multiple else ",".join(texts)
        if self._type == "boolean":
            return given if isinstance(given, bool) else str(given).strip().lower() in _TRUE
        if self._type in ("int", "long") and isinstance(given, bool | float):
            return int(given)
        text = _text(given)
        means_nothing = self.is_in_path or self._multiple or self._type in ("int", "long", "double", "float")
        return None if not text and means_nothing else text

    def _body_of(self, given: Any) -> Any:
        """Return a body as is, or unwrapped from a dict that repeats its name: both forms are in use for `variables`."""
        if isinstance(given, Mapping) and given.keys() == {self.name} and isinstance(given[self.name], Mapping | list | tuple):
            return given[self.name]
        return given


class DefinedOperation:
    """An operation, as described by the server; `json` is the description."""

    def __init__(self, resource: str, path: str, described: Json) -> None:
        self.json: Json = described
        self.nickname: str = str(described["nickname"])
        self.full_name: str = f"{resource}.{self.nickname}"
        self.response_class: str = str(described.get("responseClass") or "void")
        found = [DefinedParameter(each) for each in _dicts(described.get("parameters"))]
        named = {each.name for each in found}
        # Some definitions name a parameter only in their path.
        found += [DefinedParameter({"name": name, "paramType": "path"}) for name in _NAMES.findall(path) if name not in named]
        self._parameters = {each.name: each for each in found}

    def values_of(self, given: Mapping[str, Any]) -> Json:
        """Return the values to send for keyword arguments.

        Raises:
            TypeError: the operation does not have an argument, or requires a missing one.
        """
        values: Json = {}
        for name, argument in given.items():
            parameter = self._parameters.get(name)
            if parameter is None:
                has = ", ".join(self._parameters) or "none"
                raise TypeError(f"{self.full_name}() does not have parameter {name!r}; it has {has}")
            if argument is not None and (value := parameter.value_of(argument)) is not None:
                values[name] = value
        for parameter in self._parameters.values():
            if parameter.is_required and parameter.name not in values:
                raise TypeError(f"{self.full_name}() is missing its parameter {parameter.name!r}")
        return values


class DefinedResource:
    """A resource by its definition; `operations` has the callable ones, by nickname."""

    def __init__(self, name: str, declaration: Json) -> None:
        self.name: str = name
        apis = _dicts(declaration.get("apis"))
        found = [(str(api.get("path")), each) for api in apis for each in _dicts(api.get("operations"))]
        # The event WebSocket is not a callable operation: `run()` opens it.
        made = [DefinedOperation(name, path, each) for path, each in found if each.get("nickname") and not each.get("upgrade")]
        self.operations: dict[str, DefinedOperation] = {each.nickname: each for each in made}

    def __repr__(self) -> str:
        return f"Resource({self.name})"


class ServerDefinitions:
    """All definitions of a server: `client.swagger`.

    Args:
        fetch: reads a document of the server by path, such as `/api-docs/resources.json`.
    """

    def __init__(self, fetch: Callable[[str], Any]) -> None:
        listing = fetch("/api-docs/resources.json")
        apis = _dicts(listing.get("apis")) if isinstance(listing, dict) else []
        for api in apis:
            api["name"] = str(api.get("path")).rpartition("/")[2].partition(".")[0]
            api["api_declaration"] = fetch(f"/api-docs/{api['name']}.json")
        self.api_docs: Json = {**(listing if isinstance(listing, dict) else {}), "apis": apis}
        self.resources: dict[str, DefinedResource] = {
            api["name"]: DefinedResource(api["name"], api["api_declaration"])
            for api in apis
            if isinstance(api["api_declaration"], dict)
        }

    @property
    def event_models(self) -> Json:
        """Return the models of events, by type."""
        for api in self.api_docs["apis"]:
            if api["name"] == "events" and isinstance(api["api_declaration"], dict):
                models: Json = api["api_declaration"].get("models") or {}
                return models
        return {}

    def __getattr__(self, name: str) -> DefinedResource:
        resources: dict[str, DefinedResource] = self.__dict__.get("resources", {})
        if name not in resources:
            raise AttributeError(f"the server defines no resource {name!r}")
        return resources[name]


def _dicts(items: Any) -> list[Json]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
