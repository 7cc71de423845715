"""What a server would answer by its definitions: for every operation a success of the declared shape, read from `swagger/`."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

NEWEST = Path(__file__).resolve().parents[2] / "swagger" / "asterisk-23.4.1.json"
_SIMPLE = {"string": "text", "int": 1, "long": 1, "double": 1.5, "boolean": True, "Date": "2026-01-01T12:00:00.000+0000"}
_ARRAY = re.compile(r"List\[(\w+)\]")


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(NEWEST.read_text(encoding="utf-8"))
    return document


@cache
def _models() -> dict[str, Any]:
    return {name: model for resource in _document()["resources"].values() for name, model in resource["models"].items()}


@cache
def _operations() -> list[tuple[str, re.Pattern[str], str, str]]:
    """Method, path, name and result; paths without an id and long ones first: ids may hold slashes."""
    found = [
        (one["method"], one["path"], f"{resource}.{one['nickname']}", one["response"])
        for resource, content in _document()["resources"].items()
        for one in content["operations"]
        if not one.get("upgrade")
    ]
    ordered = sorted(found, key=lambda row: ("{" in row[1], -row[1].count("/")))
    return [(method, re.compile(re.sub(r"\{\w+\}", ".+", path)), name, result) for method, path, name, result in ordered]


def result_type(operation: str) -> str:
    """The declared result of an operation: `void`, `binary`, a model, or `List[` of one `]`."""
    return next(result for _, _, name, result in _operations() if name == operation)


def result_at(method: str, path: str) -> str | None:
    """The declared result of a request to a path below /ari; None for one that is no operation."""
    return next((result for one, pattern, _, result in _operations() if one == method and pattern.fullmatch(path)), None)


def example(declared: str, **values: Any) -> Any:
    """JSON of a declared type with all that must be there, and `values` in each object; None where there is none."""
    if declared in ("void", "binary"):
        return None
    if many := _ARRAY.fullmatch(declared):
        return [example(many[1], **values)]
    if declared in _models():
        fields = _models()[declared]["fields"]
        return {name: example(field["type"]) for name, field in fields.items() if field["required"]} | values
    return _SIMPLE.get(declared, {})
