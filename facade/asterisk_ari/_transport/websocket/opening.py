"""The request that opens the event WebSocket, and the errors if that fails, shared by both variants."""

import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from asterisk_ari._transport.transport_errors import SESSION_LIMIT, diagnose_connect
from asterisk_ari.errors import OutcomeUnknown, RequestTimeout, TransportError
from asterisk_ari.settings import Settings

PATH = "/events"
# The payload of the ping whose pong follows everything sent before it; keep-alive pings have numbers.
CATCH_UP_PING = b"caught up?"
MIN_UNACKNOWLEDGED_SECONDS = 1.0
_CALL: dict[str, Any] = {"operation": "events", "method": "GET", "path": PATH}


def events_target(settings: Settings, apps: Iterable[str]) -> str:
    """Return the path and query below /ari. Credentials are sent in a header, never here."""
    names = ",".join(quote(app, safe="") for app in apps)
    return f"{PATH}?app={names}" + ("&subscribeAll=true" if settings.subscribe_all else "")


def no_connection(error: Exception, settings: Settings) -> TransportError:
    """Return the error for a TCP or TLS connection that could not be opened."""
    diagnosis = diagnose_connect(error, settings)
    return diagnosis.error_class(f"event WebSocket: {diagnosis.message}", remedy=diagnosis.remedy, **_CALL)


def no_answer(settings: Settings) -> TransportError:
    """Return the error for a handshake that was not answered in time."""
    seconds = settings.connect_timeout_seconds
    return RequestTimeout(f"event WebSocket: {settings.base_url} did not answer the handshake within {seconds:g} s", **_CALL)


def handshake_failed(error: Exception) -> TransportError:
    """Return the error for a handshake answered with neither a WebSocket nor a refusal."""
    said = str(error) or type(error).__name__
    remedy = "is it Asterisk that answers there, or a proxy that does not know WebSockets?"
    if isinstance(error, ConnectionError):
        remedy = f"{remedy} {SESSION_LIMIT}"
    return OutcomeUnknown(f"event WebSocket: the handshake failed: {said}", remedy=remedy, **_CALL)


def keep_alive_by_system(connection: socket.socket, settings: Settings) -> None:
    """Let the operating system detect a dead network too.

    While Asterisk processes a request received over the WebSocket, it answers no ping: only the peer's TCP acknowledgements
    show that the network still works.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if settings.transport == "websocket" and hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = int(1000 * max(MIN_UNACKNOWLEDGED_SECONDS, settings.ping_timeout_seconds))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
