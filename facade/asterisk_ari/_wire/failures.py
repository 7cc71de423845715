"""What a broken exchange means for the caller: was anything sent? One place for the words."""

import socket
import ssl

from asterisk_ari._core.request import Request
from asterisk_ari.errors import (
    ConnectionRefused,
    HostNotFound,
    NotSent,
    OutcomeUnknown,
    RequestTimeout,
    TlsFailed,
    TransportError,
)

LOOK = "look before trying again"
FIREWALL = "is the address right, or a firewall in between?"
Explanation = tuple[type[TransportError], str, str | None]


class NoFreeConnection(Exception):
    """All connections of the pool stayed busy."""


class Closed(Exception):
    """The wire was closed."""


class BrokenBeforeSent(Exception):
    """The connection was dead before the first byte of the request left."""


def failure(request: Request, explanation: Explanation) -> TransportError:
    """The error of a call; never names credentials."""
    kind, said, remedy = explanation
    where = f"{request.operation} {request.method} {request.path}"
    return kind(f"{where}: {said}", operation=request.operation, method=request.method, path=request.path, remedy=remedy)


def not_connected(error: Exception, base_url: str, *, tls: bool) -> Explanation:
    """While the connection was made: nothing was sent."""
    if isinstance(error, ssl.SSLError) or (tls and isinstance(error, ConnectionResetError)):
        return TlsFailed, f"TLS with {base_url} failed: {error}", "is it the https port, and is the certificate trusted?"
    if isinstance(error, socket.gaierror):
        return HostNotFound, f"{base_url}: the host name does not resolve", "check the host"
    if isinstance(error, UnicodeError):
        return HostNotFound, f"{base_url}: that is no host name", "check the host"
    if isinstance(error, TimeoutError):
        return NotSent, f"no connection to {base_url} in time", FIREWALL
    return ConnectionRefused, f"no connection to {base_url}: {error}", "is Asterisk running, and http.conf enabled there?"


def not_sent(error: Exception) -> Explanation:
    """After that, but before anything left."""
    if isinstance(error, NoFreeConnection):
        remedy = "raise request_timeout_seconds or call less at once"
        return NotSent, "no free connection in time: too many calls at once", remedy
    if isinstance(error, Closed):
        return NotSent, "the client was closed", "call connect() first"
    return NotSent, "the server closes each connection at once", "has it too many sessions, or is a proxy in between?"


def unanswered(error: Exception, timeout_seconds: float) -> Explanation:
    """The request left, or part of it."""
    if isinstance(error, TimeoutError):
        return RequestTimeout, f"no answer within {timeout_seconds:g} s; it may have been done", LOOK
    said = str(error) or type(error).__name__
    return OutcomeUnknown, f"the connection broke ({said}); it may have been done", LOOK
