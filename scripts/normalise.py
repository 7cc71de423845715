"""From the Swagger 1.1/1.2 dialect of Asterisk's definitions to facts. Pure: documents in, facts out.

Every key is either known here or an error: a definition that says something new must not lose it in silence.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

from scripts.errors import RegenerateError
from scripts.facts import Facts, Field, Model, Operation, Parameter, Resource, Values

NOISE = {"_copyright", "_author", "_svn_revision", "__note", "descriptioni", "description", "summary", "notes"}
KEYS = {
    "resource": {"apiVersion", "swaggerVersion", "basePath", "resourcePath", "requiresModules", "since", "apis", "models"},
    "path": {"path", "operations"},
    "operation": {
        "httpMethod", "nickname", "responseClass", "parameters", "errorResponses", "since", "upgrade", "websocketProtocol",
    },
    # One release spells defaultValue wrongly; both spellings mean the same.
    "parameter": {
        "name", "paramType", "dataType", "required", "allowMultiple", "allowableValues", "defaultValue", "defalutValue",
    },
    "error": {"code", "reason"},
    "model": {"id", "properties", "discriminator", "subTypes"},
    "field": {"type", "required", "allowableValues"},
    "values": {"valueType", "values", "min"},
}  # fmt: skip
VERSIONS = {"1.1", "1.2"}
METHODS = {"GET", "POST", "PUT", "DELETE"}
LOCATIONS = {"path", "query", "body"}
PRIMITIVES = {"string", "int", "long", "double", "float", "boolean", "Date", "object", "containers", "void", "binary"}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")  # a leading underscore would be private, or one of Python's own names
PATH = re.compile(r"(/([A-Za-z][A-Za-z0-9_]*|\{[A-Za-z][A-Za-z0-9_]*\}))+\Z")
LIST = re.compile(r"List\[(\w+)\]\Z")


def normalise(release: str, documents: Mapping[str, Any]) -> Facts:
    """Facts of one release from its documents, `{"channels": {...}, ...}`."""
    facts: Facts = {"release": release, "resources": {}}
    for name, document in documents.items():
        facts["resources"][_name(name, "resource")] = _resource(name, document)
    check(facts)
    return facts


def inner_type(type_name: str) -> str:
    """`List[Channel]` → `Channel`; anything else is itself."""
    match = LIST.match(type_name)
    return match[1] if match else type_name


def _keys(node: object, kind: str, where: str) -> dict[str, Any]:
    if not isinstance(node, dict):
        raise RegenerateError(f"{where}: a {kind} must be an object, not {type(node).__name__}: not ARI definitions")
    unknown = set(node) - KEYS[kind] - NOISE
    if unknown:
        names = ", ".join(repr(key) for key in sorted(map(str, unknown)))
        raise RegenerateError(f"{where}: unknown {kind} key {names}: teach scripts/normalise.py what it means")
    return cast(dict[str, Any], node)


def _list(node: object, where: str) -> list[Any]:
    if not isinstance(node, list):
        raise RegenerateError(f"{where}: a list was expected, not {type(node).__name__}: not ARI definitions")
    return node


def _need(node: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in node:
        raise RegenerateError(f"{where}: lacks {key!r}: not ARI definitions, or a damaged copy")
    return node[key]


def _flag(node: Mapping[str, Any], key: str, where: str) -> bool:
    value = node.get(key, False)
    if not isinstance(value, bool):
        raise RegenerateError(f"{where}: {key} is {value!r}, not true or false: a damaged copy")
    return value


def _one_of(known: set[str], node: Mapping[str, Any], key: str, where: str) -> str:
    value = _need(node, key, where)
    if not isinstance(value, str) or value not in known:
        raise RegenerateError(f"{where}: unknown {key} {value!r}: teach scripts/normalise.py what it means")
    return value


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not NAME.match(value):
        raise RegenerateError(f"{where}: {value!r} is not a name: not ARI definitions, or a damaged copy")
    return value


def _resource(name: str, document: object) -> Resource:
    node = _keys(document, "resource", name)
    version = str(_need(node, "swaggerVersion", name))
    if version not in VERSIONS:
        raise RegenerateError(f"{name}: swaggerVersion {version!r}: scripts/normalise.py reads {sorted(VERSIONS)} only")
    operations = []
    for api in _list(_need(node, "apis", name), f"{name}.apis"):
        path_node = _keys(api, "path", name)
        path = _need(path_node, "path", name)
        if not isinstance(path, str) or not PATH.match(path):
            raise RegenerateError(f"{name}: {path!r} is not a path: not ARI definitions, or a damaged copy")
        operations += [_operation(name, path, item) for item in _list(_need(path_node, "operations", name), path)]
    models = node.get("models", {})
    if not isinstance(models, dict):
        raise RegenerateError(f"{name}.models: an object was expected: not ARI definitions")
    return {
        "swagger_version": version,
        "api_version": str(node.get("apiVersion", "")),
        "since": [str(item) for item in _list(node.get("since", []), f"{name}.since")],
        "requires_modules": [str(item) for item in _list(node.get("requiresModules", []), f"{name}.requiresModules")],
        "operations": operations,
        "models": {_name(key, name): _model(f"{name}: {key}", item) for key, item in models.items()},
    }


def _operation(resource: str, path: str, item: object) -> Operation:
    node = _keys(item, "operation", f"{resource}: {path}")
    where = f"{resource}.{_name(_need(node, 'nickname', path), path)}"
    operation: Operation = {
        "nickname": node["nickname"],
        "method": _one_of(METHODS, node, "httpMethod", where),
        "path": path,
        "response": str(_need(node, "responseClass", where)),
        "parameters": [_parameter(where, parameter) for parameter in _list(node.get("parameters", []), where)],
        "errors": sorted({_error(where, error) for error in _list(node.get("errorResponses", []), where)}),
        "since": [str(item) for item in _list(node.get("since", []), where)],
    }
    if "upgrade" in node:
        if node["upgrade"] != "websocket":
            raise RegenerateError(f"{where}: unknown upgrade {node['upgrade']!r}: only websocket is known")
        operation["websocket"] = str(node.get("websocketProtocol", "ari"))
    _check_path_parameters(where, operation)
    return operation


def _error(where: str, item: object) -> int:
    code = _need(_keys(item, "error", where), "code", where)
    try:
        return int(code)  # some codes are written as strings
    except (TypeError, ValueError, OverflowError):
        raise RegenerateError(f"{where}: error code {code!r} is not a number: a damaged copy") from None


def _parameter(operation: str, item: object) -> Parameter:
    node = _keys(item, "parameter", operation)
    name = _name(_need(node, "name", operation), operation)
    where = f"{operation}({name})"
    location = _one_of(LOCATIONS, node, "paramType", where)
    parameter: Parameter = {
        "name": name,
        "location": location,
        "type": _one_of(PRIMITIVES, node, "dataType", where),
        "required": _flag(node, "required", where) or location == "path",
        "multiple": _flag(node, "allowMultiple", where),
    }
    default = node.get("defaultValue", node.get("defalutValue"))
    if default is not None:
        if not isinstance(default, str | int | float | bool):
            raise RegenerateError(f"{where}: default {default!r} is neither text, number nor boolean: a damaged copy")
        parameter["default"] = default
    parameter.update(cast(Parameter, _values(where, node)))
    return parameter


def _values(where: str, node: Mapping[str, Any]) -> Values:
    if "allowableValues" not in node:
        return {}
    allowed = _keys(node["allowableValues"], "values", where)
    if _one_of({"LIST", "RANGE"}, allowed, "valueType", where) == "LIST":
        return {"values": [str(value) for value in _list(_need(allowed, "values", where), where)]}
    lowest = _need(allowed, "min", where)
    if not isinstance(lowest, int | float) or isinstance(lowest, bool):
        raise RegenerateError(f"{where}: the lowest value {lowest!r} is not a number: a damaged copy")
    return {"minimum": lowest}


def _model(where: str, item: object) -> Model:
    node = _keys(item, "model", where)
    properties = _need(node, "properties", where)
    if not isinstance(properties, dict):
        raise RegenerateError(f"{where}.properties: an object was expected: not ARI definitions")
    model: Model = {"fields": {_name(name, where): _field(f"{where}.{name}", field) for name, field in properties.items()}}
    if "discriminator" in node:
        model["discriminator"] = _name(node["discriminator"], where)
    if "subTypes" in node:
        model["subtypes"] = [_name(name, where) for name in _list(node["subTypes"], where)]
    return model


def _field(where: str, item: object) -> Field:
    node = _keys(item, "field", where)
    field: Field = {"type": str(_need(node, "type", where)), "required": _flag(node, "required", where)}
    field.update(cast(Field, _values(where, node)))
    return field


def _check_path_parameters(where: str, operation: Operation) -> None:
    in_path = set(re.findall(r"\{(\w+)\}", operation["path"]))
    declared = {parameter["name"] for parameter in operation["parameters"] if parameter["location"] == "path"}
    if in_path != declared:
        raise RegenerateError(
            f"{where}: path {operation['path']} and path parameters {sorted(declared)} disagree: a damaged copy"
        )
    names = [parameter["name"].replace("_", "").lower() for parameter in operation["parameters"]]
    if len(names) != len(set(names)):
        raise RegenerateError(f"{where}: a parameter is declared twice: a damaged copy")


def check(facts: Facts) -> None:
    """Refuse facts with a type nobody defines, a model defined twice, or two operations with one name."""
    defined: dict[str, str] = {}
    used: list[tuple[str, str]] = []
    seen: dict[str, str] = {}
    for name, resource in facts["resources"].items():
        for model_name, model in resource["models"].items():
            if defined.setdefault(model_name, name) != name:
                raise RegenerateError(f"model {model_name} is defined by {defined[model_name]} and {name}: remove one of them")
            used += [(f"{model_name}.{field}", item["type"]) for field, item in model["fields"].items()]
            used += [(f"{model_name}.subTypes", subtype) for subtype in model.get("subtypes", [])]
        for operation in resource["operations"]:
            call = f"{operation['method']} {operation['path']}"
            key = f"{name}.{operation['nickname']}".replace("_", "").lower()
            if key in seen:
                raise RegenerateError(f"{seen[key]} and {call} share the name {name}.{operation['nickname']}: rename one of them")
            seen[key] = call
            used.append((f"{name}.{operation['nickname']}", operation["response"]))
    for where, type_name in used:
        if inner_type(type_name) not in PRIMITIVES | set(defined):
            raise RegenerateError(f"{where}: type {type_name!r} is defined nowhere: definition files are missing or damaged")
