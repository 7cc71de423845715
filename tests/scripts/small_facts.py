"""Facts made by hand, a few elements each."""

from typing import Any


def field(type_name: str = "string", *, required: bool = False, **more: Any) -> Any:
    return {"type": type_name, "required": required, **more}


def model(subtypes: list[str] | None = None, **fields: Any) -> Any:
    return {"fields": fields, **({"subtypes": subtypes} if subtypes is not None else {})}


def parameter(name: str, location: str = "query", type_name: str = "string", **more: Any) -> Any:
    plain = {"required": location == "path", "multiple": False}
    return {"name": name, "location": location, "type": type_name, **plain, **more}


def operation(nickname: str, *parameters: Any, **more: Any) -> Any:
    plain = {"method": "GET", "path": f"/things/{nickname}", "response": "void", "errors": [], "since": []}
    return {"nickname": nickname, "parameters": list(parameters), **plain, **more}


def facts(
    release: str, operations: list[Any] | None = None, models: dict[str, Any] | None = None, resource: str = "things"
) -> Any:
    """A release with one resource."""
    content = {"swagger_version": "1.1", "api_version": "1", "since": [], "requires_modules": []}
    content |= {"operations": operations or [], "models": models or {}}
    return {"release": release, "resources": {resource: content}}
