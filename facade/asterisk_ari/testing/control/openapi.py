"""The OpenAPI document of the control API, made of its routes and of the types of their messages."""

from importlib.metadata import version
from typing import Any

import msgspec

from asterisk_ari.testing.control.messages import Problem
from asterisk_ari.testing.control.routes import MEDIA_TYPES, Document, Route, is_struct

Json = dict[str, Any]
_REF = "#/components/schemas/{name}"
_STATUSES = {
    400: "The request means nothing.",
    401: "User and password are needed.",
    403: "The user may only read.",
    404: "There is no such call, endpoint or app.",
    409: "It cannot be done now: the call is over.",
    422: "What was expected did not come; with the ladder of the calls so far.",
}


def document_of(routes: list[Route], url: str) -> Json:
    """The document.

    Args:
        routes: all requests.
        url: where they are served, without the prefix.
    """
    types = [Problem, *(kind for route in routes for kind in (_body_of(route), route.answer) if kind not in {None, Document})]
    json_types = [kind for kind in types if kind not in MEDIA_TYPES]
    schemas, components = msgspec.json.schema_components(json_types, ref_template=_REF)
    found = list(zip(json_types, schemas, strict=True))
    paths: Json = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, found)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Control of the embedded Asterisk",
            "version": version("asterisk-ari"),
            "description": "What a test does to the embedded Asterisk while the program under test talks ARI to it.",
        },
        "servers": [{"url": url}],
        "security": [{"basic": []}],
        "tags": [{"name": name} for name in dict.fromkeys(route.section for route in routes)],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic", "description": "A user of the server, as for ARI."}},
        },
    }


def _body_of(route: Route) -> Any:
    if route.given is None or not route.takes_wav:
        return route.given
    return next(kind for kind in route.given.__args__ if kind is not bytes)


def _schema(kind: Any, found: list[tuple[Any, Json]]) -> Json:
    return next(schema for each, schema in found if each == kind)


def _operation(route: Route, found: list[tuple[Any, Json]]) -> Json:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": "The id, or the name."}
        for name in route.variables
    ]
    operation: Json = {"operationId": route.name, "tags": [route.section], "summary": route.summary}
    if route.description:
        operation["description"] = route.description
    body = _body_of(route)
    if body is not None and route.method == "GET":
        parameters += _query(body)
    elif body is not None:
        operation["requestBody"] = _request_body(route, _schema(body, found), is_needed=_is_needed(body))
    if parameters:
        operation["parameters"] = parameters
    operation["responses"] = {"200": _answer(route, found), **_problems(route)}
    return operation


def _query(kind: Any) -> list[Json]:
    [schema], components = msgspec.json.schema_components([kind])
    properties = components[schema["$ref"].rpartition("/")[2]]["properties"]
    return [{"name": name, "in": "query", "required": False, "schema": each} for name, each in properties.items()]


def _is_needed(kind: Any) -> bool:
    """Whether a request without a body means nothing."""
    return not is_struct(kind) or any(field.required for field in msgspec.structs.fields(kind))


def _request_body(route: Route, schema: Json, *, is_needed: bool) -> Json:
    content: Json = {"application/json": {"schema": schema}}
    if route.takes_wav:
        content["audio/wav"] = {}
    return {"required": is_needed, "content": content}


def _answer(route: Route, found: list[tuple[Any, Json]]) -> Json:
    if route.answer is Document:
        content: Json = {"application/json": {"schema": {"type": "object"}}}
    elif route.answer in MEDIA_TYPES:
        content = {MEDIA_TYPES[route.answer]: {}}
    else:
        content = {"application/json": {"schema": _schema(route.answer, found)}}
    return {"description": "It is done.", "content": content}


def _problems(route: Route) -> Json:
    content = {"application/json": {"schema": {"$ref": _REF.format(name="Problem")}}}
    statuses = {400, 401, *([403] if route.needs_writing else []), *([404, 409] if route.variables else [])}
    if route.method == "POST":
        statuses |= {404, 409, 422}
    return {str(status): {"description": _STATUSES[status], "content": content} for status in sorted(statuses)}
