"""REST over WebSocket: requests that come in text frames, and the frames that answer them."""

from typing import TYPE_CHECKING, Any

from msgspec.json import encode

from .http1 import REASONS
from .machine.stamp import stamp
from .operations.registry import Reply, Waiting, error
from .respond import Request
from .routing import BodyError, json_body

if TYPE_CHECKING:
    from .connection import Connection
    from .server import Server

METHODS = {"GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"}
FORM = "application/x-www-form-urlencoded"
NO_UPGRADE = "Can't upgrade to websocket from a websocket"


def converse(server: "Server", connection: "Connection", message: Any) -> None:
    """Answer one message; None stands for text that is no JSON."""
    if message is None:
        _reply(server, connection, {}, uri="", reply=Reply(400), reason="Failed to parse request message JSON")
        return
    fields: dict[str, Any] = message if isinstance(message, dict) else {}
    uri = fields.get("uri")
    shown = uri.partition("?")[0] if isinstance(uri, str) else ""
    refused = _refused(fields)
    if refused is not None:
        uri_shown = shown if fields.get("type") == "RESTRequest" else ""
        _reply(server, connection, fields, uri=uri_shown, reply=error(400, refused), reason="Bad request")
        return
    request = _request(fields, connection)
    server.recorder.request(request, 0)
    reply = server.answer(request)
    if isinstance(reply, Waiting):
        reply.then(lambda finished: _send(server, connection, fields, request, finished))
    else:
        _send(server, connection, fields, request, reply)
    server.drive()


def _refused(fields: dict[str, Any]) -> str | None:
    kind, uri = fields.get("type"), fields.get("uri")
    checks = (
        (not isinstance(kind, str), "No 'type' property."),
        (kind != "RESTRequest", "Unknown request type."),
        (not isinstance(uri, str) or not uri, "Empty or missing 'uri' property."),
        (fields.get("method") not in METHODS, "Unknown or missing 'method' property."),
        (str(uri).partition("?")[0] == "events" and fields.get("method") == "GET", NO_UPGRADE),
    )
    return next((words for wrong, words in checks if wrong), None) or _bad_body(fields)


def _bad_body(fields: dict[str, Any]) -> str | None:
    body, content_type = fields.get("message_body"), fields.get("content_type")
    if not body:
        return None
    if not content_type:
        return "No 'content_type' for 'message_body'."
    if content_type not in {"application/json", FORM}:
        return f"Unknown content type '{content_type}'."
    try:
        json_body(content_type, str(body).encode())
    except BodyError:
        return "Unable to parse 'message_body' as 'application/json'."
    return None


def _request(fields: dict[str, Any], connection: "Connection") -> Request:
    path, question, query = fields["uri"].partition("?")
    given = fields.get("query_strings")
    if isinstance(given, list):
        more = "&".join(f"{_escaped(item.get('name'))}={_escaped(item.get('value'))}" for item in given if isinstance(item, dict))
        query = "&".join(part for part in (query, more) if part)
    headers = {"content-type": str(fields.get("content_type") or "")}
    target = f"/ari/{path}{'?' + query if question or query else ''}"
    body = str(fields.get("message_body") or "").encode()
    return Request(fields["method"], target, headers, body, connection.user, "websocket")


def _escaped(text: Any) -> str:
    """`query_strings` are taken as they are: what would be decoded is escaped first."""
    return str(text or "").replace("%", "%25").replace("+", "%2B").replace("&", "%26").replace("=", "%3D")


def _send(server: "Server", connection: "Connection", fields: dict[str, Any], request: Request, reply: Reply) -> None:
    shown = fields["uri"].partition("?")[0]
    request.status = reply.status
    if isinstance(reply.body, bytes):
        _reply(server, connection, fields, uri=shown, reply=Reply(406), reason="Not Acceptable.  Use HTTP GET")
        return
    _reply(server, connection, fields, uri=shown, reply=reply, reason=REASONS.get(reply.status, "Unknown"))


def _reply(server: "Server", connection: "Connection", fields: dict[str, Any], *, uri: str, reply: Reply, reason: str) -> None:
    machine = server.machine
    name = connection.apps[0]
    app = machine.apps.get(name)
    if app is not None and not app.wants("RESTResponse"):
        return
    names = {key: fields.get(key) if isinstance(fields.get(key), str) else "" for key in ("transaction_id", "request_id")}
    message: dict[str, Any] = {"type": "RESTResponse", **names, "status_code": reply.status, "reason_phrase": reason, "uri": uri}
    if reply.body is not None:
        message["content_type"] = "application/json"
        message["message_body"] = encode(reply.body).decode()
    message |= {"application": name, "timestamp": stamp(machine.now), "asterisk_id": machine.entity_id}
    connection.send_event(message)
