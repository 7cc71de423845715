"""REST over the event WebSocket: which calls can use it, and their format. Pure."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.requests.release import Release, since
from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.response import Response
from asterisk_ari.errors import BadArgument, EventStreamError, NotSupportedByServer

REPLY = "RESTResponse"
NEEDS: Mapping[str, str] = {"20": "20.14.0", "21": "21.9.0", "22": "22.4.0", "23": "23.0.0"}

# Asterisk closes the connection on a frame of 65 535 bytes; a masked header takes 8 bytes.
MAX_FRAME_BYTES = 65_535 - 16

WAITING_OPERATIONS = frozenset(
    {
        "bridges.addChannel",
        "bridges.removeChannel",
        "bridges.setVideoSource",
        "channels.answer",
        "channels.setChannelVar",
        "channels.setChannelVars",
    }
)
"""Determined by trying each operation of the definitions on a channel that is playing, recording or sending DTMF, on Asterisk 16
and 22."""

_HIDDEN = "its replies would not pass the event filter"
_encode = msgspec.json.Encoder().encode


class RestReply(msgspec.Struct, gc=False):
    """The fields of a RESTResponse that are used, with any value."""

    request_id: Any = None
    status_code: Any = None
    content_type: Any = None
    message_body: Any = None


decode_reply = msgspec.json.Decoder(RestReply).decode


def message_of(request: OperationRequest, query: str, request_id: str, *, is_only_way: bool = False) -> bytes | None:
    """Return the text frame of a request; None if it must go over HTTP: a file, a long body, or one that waits.

    With `is_only_way` (there is no HTTP) one that waits is sent as well.
    """
    if request.binary or request.operation == "api-docs" or (not is_only_way and waits_for_channel(request)):
        return None
    message = {"type": "RESTRequest", "request_id": request_id, "method": request.method, "uri": request.path[1:] + query}
    if request.json is not None:
        message["content_type"] = "application/json"
        message["message_body"] = _encode(request.json).decode()
    frame = _encode(message)
    return frame if len(frame) <= MAX_FRAME_BYTES else None


def waits_for_channel(request: OperationRequest) -> bool:
    """Whether Asterisk answers it only once the channel has executed it, after whatever the channel is playing, recording or
    dialling.

    Over the event WebSocket it would block all others meanwhile: Asterisk serves the requests of a WebSocket one after the other,
        and answers no ping in between.
    """
    if request.operation in OPERATIONS:
        return request.operation in WAITING_OPERATIONS
    return any(request.method == method and path.fullmatch(request.path) for method, path in _waiting_paths())


@cache
def _waiting_paths() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The same, for requests of the generated functions, which do not state their operation."""
    facts = (OPERATIONS[name] for name in sorted(WAITING_OPERATIONS))
    return tuple((one.method, re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(one.path)))) for one in facts)


def response_of(reply: RestReply) -> Response:
    """Return the response as over HTTP, but without headers, which RESTResponse does not carry."""
    status, body = reply.status_code, reply.message_body
    return Response(
        status if isinstance(status, int) else 0,
        {"content-type": str(reply.content_type or "")},
        body.encode() if isinstance(body, str) else b"",
    )


def check_release(version: str) -> bool:
    """Reject releases without REST over WebSocket.

    Returns:
        Whether the version guarantees that it works; otherwise it has to be tried.

    Raises:
        NotSupportedByServer: the server's release has no REST over WebSocket.
    """
    release = Release.of(version)
    if release is not None and not release.has(NEEDS):
        raise not_supported(str(release), f"this is {release}")
    return release is not None


def not_supported(release: str, why: str) -> NotSupportedByServer:
    """The error for a server without REST over WebSocket."""
    return NotSupportedByServer(
        f"transport='websocket' needs {since(NEEDS)}; {why}", element="RESTRequest", release=release, needs=NEEDS
    )


def check_filter(app: str, application: Mapping[str, Any]) -> None:
    """Raise if the filter of an app hides replies.

    Args:
        app: its name.
        application: the result of `applications.get` for it.

    Raises:
        EventStreamError: it hides them.
    """
    if hides_replies(application.get("events_allowed"), application.get("events_disallowed")):
        raise EventStreamError(
            f"transport='websocket' cannot work with app {app!r}: {_HIDDEN}",
            remedy=f"allow {REPLY} in the filter (applications.filter), or use transport='http'",
        )


def check_request(request: OperationRequest, apps: Iterable[str]) -> None:
    """Reject a filter that would hide the replies.

    Raises:
        BadArgument: it would; nothing was sent.
    """
    if request.operation != "applications.filter" or not isinstance(request.json, Mapping):
        return
    if request.path.split("/")[2] in apps and hides_replies(request.json.get("allowed"), request.json.get("disallowed")):
        raise BadArgument(
            f"with transport='websocket' {_HIDDEN}: add {{'type': '{REPLY}'}} to what is allowed", operation=request.operation
        )


def hides_replies(allowed: Any, disallowed: Any) -> bool:
    """Whether a filter blocks RESTResponse."""
    return REPLY in _types(disallowed) or (bool(_types(allowed)) and REPLY not in _types(allowed))


def _types(listed: Any) -> set[str]:
    return {str(item.get("type")) for item in listed or () if isinstance(item, Mapping)} if isinstance(listed, list) else set()
