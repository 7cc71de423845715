"""The definitions under /ari/api-docs, built from the facts of a release: names and types without descriptions."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from asterisk_ari._core.requests.release import Release

Json = dict[str, Any]

API_VERSIONS = {"13": "1.11.2", "16": "4.1.4", "18": "6.0.1", "20": "8.0.0", "21": "9.0.0", "22": "10.0.0", "23": "11.0.0"}
"""The version of the definitions as a whole, by branch."""


def facts_folder() -> Path:
    """Return the folder of the facts: `testing/definitions` in an installed package, `swagger/` in a checkout."""
    testing = Path(__file__).resolve().parents[1]
    installed = testing / "definitions"
    return installed if installed.is_dir() else testing.parents[2] / "swagger"


@cache
def release_facts(wanted: Release) -> Json:
    """Return the facts of a release: those of the newest release up to it, from the same branch if possible."""
    files = {
        release: path for path in facts_folder().glob("asterisk-*.json") if (release := Release.of(path.stem[9:])) is not None
    }
    if not files:
        raise FileNotFoundError(f"no definitions in {facts_folder()}")

    def distance(release: Release) -> tuple[int, bool, int, int]:
        minor, patch = wanted.minor - release.minor, wanted.patch - release.patch
        return abs(wanted.branch - release.branch), (minor, patch) < (0, 0), abs(minor), abs(patch)

    loaded: Json = json.loads(files[min(files, key=distance)].read_text(encoding="utf-8"))
    return loaded


def resource_listing(release: Release, base_url: str | None) -> Json:
    """Return the body of `resources.json`."""
    names = release_facts(release)["resources"]
    paths = [{"path": f"/api-docs/{name}.{{format}}", "description": f"{name} resources"} for name in names]
    return {
        "apiVersion": API_VERSIONS.get(str(release.branch), "0.0.0"),
        "swaggerVersion": "1.1",
        **({"basePath": base_url} if base_url else {}),
        "apis": paths,
    }


def api_declaration(release: Release, name: str, base_url: str | None) -> Json | None:
    """Return the definitions of one resource; None if the release does not have it."""
    resource = release_facts(release)["resources"].get(name)
    if resource is None:
        return None
    by_path: dict[str, list[Json]] = {}
    for operation in resource["operations"]:
        by_path.setdefault(operation["path"], []).append(_operation(operation))
    return {
        "apiVersion": resource["api_version"],
        "swaggerVersion": resource["swagger_version"],
        **({"basePath": base_url} if base_url else {}),
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
