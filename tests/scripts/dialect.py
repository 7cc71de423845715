"""Facts turned back into the documents a server serves: Asterisk's Swagger dialect, without its prose."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SWAGGER = ROOT / "swagger"
Json = dict[str, Any]


def facts_of(release: str) -> Any:
    """The facts of a release as `swagger/` has them; a fresh copy each time."""
    return json.loads((SWAGGER / f"asterisk-{release}.json").read_text(encoding="utf-8"))


def documents(facts: Any) -> dict[str, Json]:
    """One document per resource, as under `/ari/api-docs/`."""
    return {name: _document(name, resource) for name, resource in facts["resources"].items()}


def listing(names: list[str]) -> Json:
    """`resources.json`: which documents there are."""
    apis = [{"path": f"/api-docs/{name}.{{format}}", "description": "."} for name in names]
    return {
        "_copyright": "c",
        "apiVersion": "2.0.0",
        "swaggerVersion": "1.1",
        "basePath": "http://localhost:8088/ari",
        "apis": apis,
    }


def _document(name: str, resource: Json) -> Json:
    apis: dict[str, Json] = {}
    for operation in resource["operations"]:
        api = apis.setdefault(operation["path"], {"path": operation["path"], "description": ".", "operations": []})
        api["operations"].append(_operation(operation))
    return {
        "_copyright": "c",
        "_author": "a",
        "_svn_revision": "$Revision$",
        "swaggerVersion": resource["swagger_version"],
        "apiVersion": resource["api_version"],
        "basePath": "http://localhost:8088/ari",
        "resourcePath": f"/api-docs/{name}.{{format}}",
        "since": resource["since"],
        "requiresModules": resource["requires_modules"],
        "apis": list(apis.values()),
        "models": {key: _model(key, model) for key, model in resource["models"].items()},
    }


def _operation(operation: Json) -> Json:
    found: Json = {
        "httpMethod": operation["method"],
        "nickname": operation["nickname"],
        "summary": ".",
        "notes": ".",
        "responseClass": operation["response"],
        "since": operation["since"],
        "parameters": [_parameter(item) for item in operation["parameters"]],
        "errorResponses": [{"code": code, "reason": "."} for code in operation["errors"]],
    }
    if "websocket" in operation:
        found |= {"upgrade": "websocket", "websocketProtocol": operation["websocket"]}
    return found


def _parameter(item: Json) -> Json:
    found = {
        "name": item["name"],
        "description": ".",
        "paramType": item["location"],
        "dataType": item["type"],
        "required": item["required"],
        "allowMultiple": item["multiple"],
    }
    return found | ({"defaultValue": item["default"]} if "default" in item else {}) | _values(item)


def _model(name: str, model: Json) -> Json:
    properties = {
        key: {"type": item["type"], "required": item["required"], "description": "."} | _values(item)
        for key, item in model["fields"].items()
    }
    found: Json = {"id": name, "description": ".", "properties": properties}
    if "discriminator" in model:
        found["discriminator"] = model["discriminator"]
    if "subtypes" in model:
        found["subTypes"] = model["subtypes"]
    return found


def _values(item: Json) -> Json:
    if "values" in item:
        return {"allowableValues": {"valueType": "LIST", "values": item["values"]}}
    return {"allowableValues": {"valueType": "RANGE", "min": item["minimum"]}} if "minimum" in item else {}
