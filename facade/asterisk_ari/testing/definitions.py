"""The definitions under /ari/api-docs, written anew from the facts of a release: names and types, no sentences."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from asterisk_ari._core.release import Release

Json = dict[str, Any]

API_VERSIONS = {"13": "1.11.2", "16": "4.1.4", "18": "6.0.1", "20": "8.0.0", "21": "9.0.0", "22": "10.0.0", "23": "11.0.0"}
"""What a release line calls its definitions as a whole."""


def folder() -> Path:
    """Where the facts are: beside this module in an installed package, `swagger/` in a checkout."""
    here = Path(__file__).resolve().parent / "definitions"
    return here if here.is_dir() else Path(__file__).resolve().parents[3] / "swagger"


@cache
def facts_of(version: str) -> Json:
    """The facts of a release, or of the nearest one of its line that there are facts of."""
    wanted = Release.of(version)
    known = {found: path for path in folder().glob("asterisk-*.json") if (found := Release.of(path.stem[9:])) is not None}
    if wanted is None or not known:
        raise FileNotFoundError(f"no definitions for {version!r} in {folder()}")
    here = (wanted.line, wanted.minor, wanted.patch)

    def distance(release: Release) -> tuple[int, int, int]:
        return (abs(release.line - here[0]), abs(release.minor - here[1]), abs(release.patch - here[2]))

    loaded: Json = json.loads(known[min(known, key=distance)].read_text(encoding="utf-8"))
    return loaded


def listing(version: str, base: str | None) -> Json:
    """`resources.json`."""
    names = facts_of(version)["resources"]
    paths = [{"path": f"/api-docs/{name}.{{format}}", "description": f"{name} resources"} for name in names]
    return {
        "apiVersion": API_VERSIONS.get(version.partition(".")[0], "0.0.0"),
        "swaggerVersion": "1.1",
        **({"basePath": base} if base else {}),
        "apis": paths,
    }


def document(version: str, name: str, base: str | None) -> Json | None:
    """One resource; None when the release has none of that name."""
    resource = facts_of(version)["resources"].get(name)
    if resource is None:
        return None
    by_path: dict[str, list[Json]] = {}
    for operation in resource["operations"]:
        by_path.setdefault(operation["path"], []).append(_operation(operation))
    return {
        "apiVersion": resource["api_version"],
        "swaggerVersion": resource["swagger_version"],
        **({"basePath": base} if base else {}),
        "resourcePath": f"/api-docs/{name}.{{format}}",
        "requiresModules": resource["requires_modules"],
        "since": resource["since"],
        "apis": [{"path": path, "description": "", "operations": operations} for path, operations in by_path.items()],
        "models": {key: _model(key, model) for key, model in resource["models"].items()},
    }


def _values(item: Json) -> Json:
    if "values" in item:
        return {"allowableValues": {"valueType": "LIST", "values": item["values"]}}
    if "minimum" in item:
        return {"allowableValues": {"valueType": "RANGE", "min": item["minimum"]}}
    return {}


def _operation(item: Json) -> Json:
    operation: Json = {
        "httpMethod": item["method"],
        "nickname": item["nickname"],
        "responseClass": item["response"],
        "since": item["since"],
    }
    if "websocket" in item:
        operation |= {"upgrade": "websocket", "websocketProtocol": item["websocket"]}
    if item["parameters"]:
        operation["parameters"] = [_parameter(parameter) for parameter in item["parameters"]]
    if item["errors"]:
        operation["errorResponses"] = [{"code": code, "reason": ""} for code in item["errors"]]
    return operation


def _parameter(item: Json) -> Json:
    return {
        "name": item["name"],
        "paramType": item["location"],
        "dataType": item["type"],
        "required": item["required"],
        "allowMultiple": item["multiple"],
        **({"defaultValue": item["default"]} if "default" in item else {}),
        **_values(item),
    }


def _model(name: str, item: Json) -> Json:
    fields = {
        key: {"type": field["type"], "required": field["required"], **_values(field)} for key, field in item["fields"].items()
    }
    model: Json = {"id": name, "properties": fields}
    if "discriminator" in item:
        model["discriminator"] = item["discriminator"]
    if "subtypes" in item:
        model["subTypes"] = item["subtypes"]
    return model
