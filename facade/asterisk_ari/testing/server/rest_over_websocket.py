"""REST over WebSocket: requests received in text frames, and the frames with their responses."""

from typing import Any

from msgspec.json import encode

from asterisk_ari.testing.machine.state.timestamps import format_timestamp
from asterisk_ari.testing.operations.reply import PendingReply, Reply, allocation_failed, error_reply
from asterisk_ari.testing.request import BodyError, Request, parse_json_body
from asterisk_ari.testing.server.http1 import REASONS
from asterisk_ari.testing.server.responder import FORM
from asterisk_ari.testing.server.server import OpenConnection, Server

METHODS = {"GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"}
NO_UPGRADE = "Can't upgrade to websocket from a websocket"


def answer_message(server: Server, connection: OpenConnection, message: Any) -> None:
    """Answer one message; None stands for text that is not JSON."""
    if message is None:
        _send(server, connection, {}, uri="", reply=Reply(400), reason="Failed to parse request message JSON")
        return
    fields: dict[str, Any] = _typed_properties(message) if isinstance(message, dict) else {}
    problem = _problem(fields)
    if problem is not None:
        uri = _path(fields) if fields.get("type") == "RESTRequest" else ""
        _send(server, connection, fields, uri=uri, reply=error_reply(400, problem), reason="Bad request")
        return
    request = _request(fields, connection)
    server.recorder.begin_request(request, server.clock.now())
    server.recorder.add_request(request, 0)
    reply = server.respond(request)
    if isinstance(reply, PendingReply):

        def finish(final: Reply) -> None:
            _send_reply(server, connection, fields, request, final)
            connection.end_request()

        connection.begin_request()
        reply.on_reply(finish)
    else:
        _send_reply(server, connection, fields, request, reply)
    server.run_timers()


def _typed_properties(message: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of the right type; Asterisk treats the others as missing."""
    return {name: value for name, value in message.items() if isinstance(value, list if name == "query_strings" else str)}


def _path(fields: dict[str, Any]) -> str:
    path: str = fields.get("uri", "").partition("?")[0]
    return path


def _problem(fields: dict[str, Any]) -> str | None:
    """Return what is wrong with a message; None if it is a request."""
    checks = (
        ("type" not in fields, "No 'type' property."),
        (fields.get("type") != "RESTRequest", "Unknown request type."),
        (not fields.get("uri"), "Empty or missing 'uri' property."),
        (fields.get("method") not in METHODS, "Unknown or missing 'method' property."),
        (not all(map(_is_pair, fields.get("query_strings", ()))), "Unable to parse 'query_strings' array."),
        (_path(fields) == "events" and fields.get("method") == "GET", NO_UPGRADE),
    )
    return next((problem for is_wrong, problem in checks if is_wrong), None) or _problem_of_body(fields)


def _is_pair(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str) and isinstance(item.get("value"), str)


def _problem_of_body(fields: dict[str, Any]) -> str | None:
    body, content_type = fields.get("message_body"), fields.get("content_type")
    if not body:
        return None
    if not content_type:
        return "No 'content_type' for 'message_body'."
    if content_type not in {"application/json", FORM}:
        return f"Unknown content type '{content_type}'."
    try:
        parse_json_body(content_type, body.encode())
    except BodyError:
        return "Unable to parse 'message_body' as 'application/json'."
    return None


def _request(fields: dict[str, Any], connection: OpenConnection) -> Request:
    path, question, query = fields["uri"].partition("?")
    more = "&".join(f"{_escape(item['name'])}={_escape(item['value'])}" for item in fields.get("query_strings", ()))
    query = "&".join(part for part in (query, more) if part)
    headers = {"content-type": fields.get("content_type", "")}
    target = f"/ari/{path}{'?' + query if question or query else ''}"
    body = fields.get("message_body", "").encode()
    return Request(fields["method"], target, headers, body, connection.user, "websocket")


def _escape(text: str) -> str:
    """Escape what would be decoded, since `query_strings` are taken literally."""
    return text.replace("%", "%25").replace("+", "%2B").replace("&", "%26").replace("=", "%3D")


def _send_reply(server: Server, connection: OpenConnection, fields: dict[str, Any], request: Request, reply: Reply) -> None:
    request.status, request.answer = reply.status, reply.body
    if isinstance(reply.body, bytes):
        _send(server, connection, fields, uri=_path(fields), reply=Reply(406), reason="Not Acceptable.  Use HTTP GET")
        return
    _send(server, connection, fields, uri=_path(fields), reply=reply, reason=REASONS.get(reply.status, "Unknown"))


def _send(server: Server, connection: OpenConnection, fields: dict[str, Any], *, uri: str, reply: Reply, reason: str) -> None:
    machine = server.machine
    name = connection.apps[0]
    app = machine.apps.get(name)
    if app is not None and not app.allows("RESTResponse"):
        return
    ids = {key: fields.get(key, "") for key in ("transaction_id", "request_id")}
    message: dict[str, Any] = {"type": "RESTResponse", **ids, "status_code": reply.status, "reason_phrase": reason, "uri": uri}
    if reply.body is not None:
        try:
            body = encode(reply.body).decode()
        except UnicodeEncodeError:  # bytes of a request that were not UTF-8 cannot be encoded as JSON
            failed = allocation_failed()
            _send(server, connection, fields, uri=uri, reply=failed, reason=REASONS[failed.status])
            return
        message |= {"content_type": "application/json", "message_body": body}
    message |= {"application": name, "timestamp": format_timestamp(machine.now), "asterisk_id": machine.entity_id}
    connection.send_event(message)
