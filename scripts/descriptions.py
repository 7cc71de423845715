"""Our own words for every element: `swagger/descriptions/{operations,models}/<resource>.toml`."""

import tomllib
from pathlib import Path
from typing import Any

from scripts.errors import RegenerateError
from scripts.facts import Facts


class Descriptions:
    """Look-up of one-line descriptions that notes what has none and what nobody asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.operations = {file.stem: _load(file) for file in sorted((folder / "operations").glob("*.toml"))}
        self.models = {file.stem: _load(file) for file in sorted((folder / "models").glob("*.toml"))}
        self.missing: list[str] = []
        self._used: set[tuple[str, ...]] = set()

    def operation(self, resource: str, nickname: str) -> str:
        """What an operation does."""
        return self._find("operations", resource, (f"{resource}.{nickname}", "summary"), label=f"operation {resource}.{nickname}")

    def parameter(self, resource: str, nickname: str, name: str) -> str:
        """What a parameter means: the operation's own words, else those shared by the resource."""
        own = (f"{resource}.{nickname}", "params", name)
        shared = ("parameters", name)
        return self._find("operations", resource, own, shared, label=f"parameter {resource}.{nickname}({name})")

    def model(self, resource: str, name: str) -> str:
        """What a model is, or when an event is sent."""
        return self._find("models", resource, (name, "summary"), label=f"model {name}")

    def field(self, resource: str, model: str, name: str) -> str:
        """What a field holds."""
        return self._find("models", resource, (model, "fields", name), label=f"field {model}.{name}")

    def unused(self) -> list[str]:
        """Descriptions of things that do not exist; ask after everything was looked up."""
        return sorted(
            f"swagger/descriptions/{kind}/{resource}.toml: {' / '.join(keys)}"
            for kind, tables in (("operations", self.operations), ("models", self.models))
            for resource, table in tables.items()
            for keys in _leaves(table)
            if (kind, resource, *keys) not in self._used
        )

    def _find(self, kind: str, resource: str, *candidates: tuple[str, ...], label: str) -> str:
        table = (self.operations if kind == "operations" else self.models).get(resource, {})
        for keys in candidates:
            node: Any = table
            for key in keys:
                node = node.get(key) if isinstance(node, dict) else None
            if isinstance(node, str) and node.strip():
                self._used.add((kind, resource, *keys))
                return node.strip()
        self.missing.append(f"{label}: say what it is in swagger/descriptions/{kind}/{resource}.toml")
        return ""


def look_up_all(descriptions: Descriptions, facts: Facts) -> None:
    """Ask for every element of the facts, so that `missing` and `unused` are complete."""
    for resource, content in facts["resources"].items():
        for operation in content["operations"]:
            descriptions.operation(resource, operation["nickname"])
            for parameter in operation["parameters"]:
                descriptions.parameter(resource, operation["nickname"], parameter["name"])
        for name, model in content["models"].items():
            descriptions.model(resource, name)
            for field in model["fields"]:
                descriptions.field(resource, name, field)


def _load(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise RegenerateError(f"{file}: {error}: mend the file") from error


def _leaves(node: dict[str, Any], *above: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for key, value in node.items():
        found += _leaves(value, *above, key) if isinstance(value, dict) else [(*above, key)]
    return found
