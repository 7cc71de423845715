"""Operations, parameters and values according to a server's own definitions. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from ari_rest._meta import OPERATIONS, Operation, Parameter
from asterisk_ari._core.requests.naming import snake
from asterisk_ari.errors import BadArgument

Definitions = dict[str, dict[str, list[str]]]


def resource_names(listing: Any) -> list[str]:
    """Return the resources that `resources.json` lists; anything unexpected is omitted."""
    apis = listing.get("apis") if isinstance(listing, Mapping) else None
    names = []
    for api in apis if isinstance(apis, list) else []:
        path = api.get("path") if isinstance(api, Mapping) else None
        if isinstance(path, str):
            name = path.rpartition("/")[2].partition(".")[0]
            if name.isidentifier():
                names.append(name)
    return names


def read(name: str, document: Any) -> Definitions:
    """Return the operations of one resource; anything unexpected is omitted, so that at most more is rejected."""
    found: Definitions = {}
    for api in _list(document, "apis"):
        for operation in _list(api, "operations"):
            nickname = operation.get("nickname") if isinstance(operation, Mapping) else None
            if isinstance(nickname, str):
                found[f"{name}.{nickname}"] = {
                    str(parameter.get("name")): _allowed(parameter)
                    for parameter in _list(operation, "parameters")
                    if isinstance(parameter, Mapping)
                }
    return found


_PATH = re.compile(r"(/(\w+|\{\w+\}))+")
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})


def operations(resource: str, document: Any) -> dict[str, Operation]:
    """Return the callable operations of one resource; whatever cannot be called is omitted.

    For an operation known to the package, its own description applies, extended by the server's additional parameters.
    """
    found: dict[str, Operation] = {}
    for api in _list(document, "apis"):
        path = api.get("path") if isinstance(api, Mapping) else None
        for described in _list(api, "operations"):
            if isinstance(path, str) and _PATH.fullmatch(path) and isinstance(described, Mapping):
                name = f"{resource}.{described.get('nickname')}"
                if described.get("httpMethod") in _METHODS and not described.get("upgrade"):
                    found[name] = _operation(name, path, described)
    return found


def _operation(name: str, path: str, described: Mapping[str, Any]) -> Operation:
    parameters = [made for item in _list(described, "parameters") if (made := _parameter(item)) is not None]
    known = OPERATIONS.get(name)
    if known is not None:
        further = [parameter for parameter in parameters if parameter.name not in known.params]
        own = {key: known[key] for key in ("required", "availability", "response", "errors", "body")}
        return Operation(known.module, known.method, known.path, (*known.params.values(), *further), **own)
    in_path = {parameter.name for parameter in parameters if parameter.location == "path"}
    missing = [part for part in re.findall(r"\{(\w+)\}", path) if part not in in_path]
    parameters += [Parameter(part, snake(part), "path", "string", "r", availability={}) for part in missing]
    return Operation(
        "",
        described["httpMethod"],
        path,
        tuple(parameters),
        required=tuple(parameter.name for parameter in parameters if parameter.required),
        availability={},
        response=str(described.get("responseClass") or "void"),
        errors=(),
        # Body parameters are keys of a JSON object, as in all but one of Asterisk's own operations.
        body="object",
    )


def check_values(name: str, described: Operation, values: Mapping[str, Any]) -> None:
    """Reject values that the server's own definitions do not allow, for parameters that only they describe.

    Raises:
        BadArgument: a value is not allowed; the message lists those that are.
    """
    for key, value in values.items():
        allowed = described.params[key].known_values
        if allowed and not described.params[key].availability:
            for item in value if isinstance(value, list) else [value]:
                if str(item) not in allowed:
                    raise BadArgument(f"{key} {item!r} is not one of {', '.join(allowed)}", operation=name, parameter=key)


def _parameter(described: Any) -> Parameter | None:
    name = described.get("name") if isinstance(described, Mapping) else None
    location = described.get("paramType") if isinstance(described, Mapping) else None
    if not isinstance(name, str) or location not in ("path", "query", "body"):
        return None
    flags = ("r" if described.get("required") or location == "path" else "") + ("m" if described.get("allowMultiple") else "")
    return Parameter(
        name,
        snake(name),
        location,
        str(described.get("dataType") or "string"),
        flags,
        known_values=tuple(_allowed(described)),
        minimum=_limit(described, "min"),
        maximum=_limit(described, "max"),
        default=described.get("defaultValue"),
        availability={},
    )


def _limit(parameter: Mapping[str, Any], key: str) -> int | float | None:
    allowed = parameter.get("allowableValues")
    limit = allowed.get(key) if isinstance(allowed, Mapping) else None
    return limit if isinstance(limit, int | float) else None


def _allowed(parameter: Mapping[str, Any]) -> list[str]:
    allowed = parameter.get("allowableValues")
    return [str(value) for value in _list(allowed, "values")]


def _list(node: Any, key: str) -> list[Any]:
    value = node.get(key) if isinstance(node, Mapping) else None
    return value if isinstance(value, list) else []
