"""What httpx's exceptions mean for the caller: was anything sent? Pure."""

import socket
import ssl

import httpx

from asterisk_ari._core.request import Request
from asterisk_ari._wire.failures import LOOK, Explanation, NoFreeConnection, failure, not_sent
from asterisk_ari.errors import (
    ConnectionRefused,
    HostNotFound,
    NotSent,
    OutcomeUnknown,
    RequestTimeout,
    TlsFailed,
    TransportError,
)

# A connection that stood and then broke: closed, cut short, reset, or no HTTP.
BROKEN = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)

# All that can go wrong between client and server; the last two are host names that are none.
FAILED = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)


def transport_error(request: Request, error: Exception, base_url: str, timeout_seconds: float) -> TransportError:
    """The error of the tree for one of httpx's; never names credentials."""
    return failure(request, _explain(error, base_url, timeout_seconds))


def _explain_connect(error: Exception, base_url: str) -> Explanation:
    if not isinstance(error, httpx.ConnectError):
        return HostNotFound, f"{base_url}: that is no host name", "check the host"
    causes = _causes(error)
    if any(isinstance(cause, ssl.SSLError) for cause in causes) or "CERTIFICATE" in str(error) or "SSL" in str(error):
        return TlsFailed, f"TLS with {base_url} failed: {error}", "is it the https port, and is the certificate trusted?"
    if any(isinstance(cause, socket.gaierror) for cause in causes) or "Name or service" in str(error):
        return HostNotFound, f"{base_url}: the host name does not resolve", "check the host"
    return ConnectionRefused, f"no connection to {base_url}: {error}", "is Asterisk running, and http.conf enabled there?"


def _explain(error: Exception, base_url: str, timeout_seconds: float) -> Explanation:
    if isinstance(error, httpx.ConnectError | httpx.InvalidURL | UnicodeError):
        return _explain_connect(error, base_url)
    if isinstance(error, httpx.ConnectTimeout):
        return NotSent, f"no connection to {base_url} in time", "is the address right, or a firewall in between?"
    if isinstance(error, httpx.PoolTimeout):
        return not_sent(NoFreeConnection())
    if isinstance(error, httpx.TimeoutException):
        return RequestTimeout, f"no answer within {timeout_seconds:g} s; it may have been done", LOOK
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return NotSent, str(error), None
    return OutcomeUnknown, f"the connection broke ({type(error).__name__}); it may have been done", LOOK


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found
