"""REST over the event WebSocket: which calls can go there, and how they look. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from asterisk_ari._core.answer import Answer
from asterisk_ari._core.release import Release, since
from asterisk_ari._core.request import Request
from asterisk_ari.errors import BadArgument, EventStreamError, NotSupportedByServer

REPLY = "RESTResponse"
NEEDS: Mapping[str, str] = {"20": "20.14.0", "21": "21.9.0", "22": "22.4.0", "23": "23.0.0"}

# Asterisk closes the connection at a frame of 65 535 bytes; masked, its header takes 8.
MAX_FRAME_BYTES = 65_535 - 16

_HIDDEN = "its replies would not pass the event filter"
_encode = msgspec.json.Encoder().encode


def message_of(request: Request, query: str, request_id: str) -> bytes | None:
    """The text frame of a call; None for one that must go over HTTP: files, documents of the server, long bodies."""
    if request.binary or request.operation == "api-docs":
        return None
    message = {"type": "RESTRequest", "request_id": request_id, "method": request.method, "uri": request.path[1:] + query}
    if request.json is not None:
        message["content_type"] = "application/json"
        message["message_body"] = _encode(request.json).decode()
    frame = _encode(message)
    return frame if len(frame) <= MAX_FRAME_BYTES else None


def answer_of(reply: Mapping[str, Any]) -> Answer:
    """What HTTP would have answered, but for the headers, which are lost on the way."""
    body = reply.get("message_body")
    status = reply.get("status_code")
    return Answer(
        status if isinstance(status, int) else 0,
        {"content-type": str(reply.get("content_type") or "")},
        body.encode() if isinstance(body, str) else b"",
    )


def check_release(version: str) -> None:
    """Refuse what cannot work.

    Raises:
        NotSupportedByServer: the server's release has no REST over WebSocket.
    """
    release = Release.of(version)
    if release is not None and not release.has(NEEDS):
        text = f"transport='websocket' needs {since(NEEDS)}; this is {release}"
        raise NotSupportedByServer(text, element="RESTRequest", release=str(release), needs=NEEDS)


def check_filter(app: str, application: Mapping[str, Any]) -> None:
    """Refuse to wait for replies that the filter of an app hides.

    Args:
        app: its name.
        application: what `applications.get` says of it.

    Raises:
        EventStreamError: it hides them.
    """
    if hides_replies(application.get("events_allowed"), application.get("events_disallowed")):
        raise EventStreamError(
            f"transport='websocket' cannot work with app {app!r}: {_HIDDEN}",
            remedy=f"allow {REPLY} in the filter (applications.filter), or use transport='http'",
        )


def check_request(request: Request, apps: Iterable[str]) -> None:
    """Refuse a filter that would hide the replies.

    Raises:
        BadArgument: nothing was sent.
    """
    if request.operation != "applications.filter" or not isinstance(request.json, Mapping):
        return
    if request.path.split("/")[2] in apps and hides_replies(request.json.get("allowed"), request.json.get("disallowed")):
        raise BadArgument(
            f"with transport='websocket' {_HIDDEN}: add {{'type': '{REPLY}'}} to what is allowed", operation=request.operation
        )


def hides_replies(allowed: Any, disallowed: Any) -> bool:
    """Whether a filter lets no RESTResponse through."""
    return REPLY in _types(disallowed) or (bool(_types(allowed)) and REPLY not in _types(allowed))


def _types(listed: Any) -> set[str]:
    return {str(item.get("type")) for item in listed or () if isinstance(item, Mapping)} if isinstance(listed, list) else set()
