"""What `swagger/` says a release has, read as it is written there."""

import json
from pathlib import Path
from typing import Any

SWAGGER = Path(__file__).resolve().parents[2] / "swagger"
FILES = sorted(SWAGGER.glob("asterisk-*.json"))

# Operation → parameter → its values, where the definitions name them.
Facts = dict[str, dict[str, tuple[str, ...]]]


def facts_of(path: Path) -> tuple[str, Facts]:
    """The release of a file and its operations, but for the WebSocket upgrade, which is none."""
    document = json.loads(path.read_text(encoding="utf-8"))
    found: Facts = {}
    for resource, content in document["resources"].items():
        for operation in content["operations"]:
            if not operation.get("upgrade"):
                found[f"{resource}.{operation['nickname']}"] = {
                    parameter["name"]: tuple(map(str, parameter.get("values", ()))) for parameter in operation["parameters"]
                }
    return document["release"], found


def as_definitions(facts: Facts) -> dict[str, dict[str, Any]]:
    """The same as the server's own documents would have it, by resource."""
    documents: dict[str, dict[str, Any]] = {}
    for name, parameters in facts.items():
        resource, _, nickname = name.partition(".")
        listed = [
            {"name": parameter, **({"allowableValues": {"valueType": "LIST", "values": list(values)}} if values else {})}
            for parameter, values in parameters.items()
        ]
        document = documents.setdefault(resource, {"apis": []})
        document["apis"].append({"operations": [{"nickname": nickname, "parameters": listed}]})
    return documents
