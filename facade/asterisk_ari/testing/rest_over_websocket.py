"""REST over WebSocket: requests that come in text frames, and the frames that answer them."""

from typing import TYPE_CHECKING, Any

from msgspec.json import encode

from .http1 import REASONS
from .machine.stamp import stamp
from .operations.registry import Reply, Waiting, allocation_failed, error
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
    fields: dict[str, Any] = _texts(message) if isinstance(message, dict) else {}
    shown = fields.get("uri", "").partition("?")[0]
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


def _texts(message: dict[str, Any]) -> dict[str, Any]:
    """A property of another type than its own counts as missing."""
    return {name: value for name, value in message.items() if isinstance(value, list if name == "query_strings" else str)}


def _refused(fields: dict[str, Any]) -> str | None:
    uri = fields.get("uri", "")
    checks = (
        ("type" not in fields, "No 'type' property."),
        (fields.get("type") != "RESTRequest", "Unknown request type."),
        (not uri, "Empty or missing 'uri' property."),
        (fields.get("method") not in METHODS, "Unknown or missing 'method' property."),
        (not all(map(_is_pair, fields.get("query_strings", ()))), "Unable to parse 'query_strings' array."),
        (uri.partition("?")[0] == "events" and fields.get("method") == "GET", NO_UPGRADE),
    )
    return next((words for wrong, words in checks if wrong), None) or _bad_body(fields)


def _is_pair(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str) and isinstance(item.get("value"), str)


def _bad_body(fields: dict[str, Any]) -> str | None:
    body, content_type = fields.get("message_body"), fields.get("content_type")
    if not body:
        return None
    if not content_type:
        return "No 'content_type' for 'message_body'."
    if content_type not in {"application/json", FORM}:
        return f"Unknown content type '{content_type}'."
    try:
        json_body(content_type, body.encode())
    except BodyError:
        return "Unable to parse 'message_body' as 'application/json'."
    return None


def _request(fields: dict[str, Any], connection: "Connection") -> Request:
    path, question, query = fields["uri"].partition("?")
    more = "&".join(f"{_escaped(item['name'])}={_escaped(item['value'])}" for item in fields.get("query_strings", ()))
    query = "&".join(part for part in (query, more) if part)
    headers = {"content-type": fields.get("content_type", "")}
    target = f"/ari/{path}{'?' + query if question or query else ''}"
    body = fields.get("message_body", "").encode()
    return Request(fields["method"], target, headers, body, connection.user, "websocket")


def _escaped(text: str) -> str:
    """`query_strings` are taken as they are: what would be decoded is escaped first."""
    return text.replace("%", "%25").replace("+", "%2B").replace("&", "%26").replace("=", "%3D")


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
    names = {key: fields.get(key, "") for key in ("transaction_id", "request_id")}
    message: dict[str, Any] = {"type": "RESTResponse", **names, "status_code": reply.status, "reason_phrase": reason, "uri": uri}
    if reply.body is not None:
        try:
            said = encode(reply.body).decode()
        except UnicodeEncodeError:  # what came in as bytes that are no UTF-8 goes into no JSON
            failed = allocation_failed()
            _reply(server, connection, fields, uri=uri, reply=failed, reason=REASONS[failed.status])
            return
        message |= {"content_type": "application/json", "message_body": said}
    message |= {"application": name, "timestamp": stamp(machine.now), "asterisk_id": machine.entity_id}
    connection.send_event(message)
