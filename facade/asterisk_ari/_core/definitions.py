"""What a server's own definitions say it has: operations, parameters, values. Pure."""

from collections.abc import Mapping
from typing import Any

Definitions = dict[str, dict[str, list[str]]]


def resource_names(listing: Any) -> list[str]:
    """The resources that `resources.json` lists; anything unexpected is left out."""
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
    """The operations of one resource; anything unexpected is left out, since it only widens what is refused."""
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


def _allowed(parameter: Mapping[str, Any]) -> list[str]:
    allowed = parameter.get("allowableValues")
    return [str(value) for value in _list(allowed, "values")]


def _list(node: Any, key: str) -> list[Any]:
    value = node.get(key) if isinstance(node, Mapping) else None
    return value if isinstance(value, list) else []
