"""Maps a failed exchange to an error class, depending on whether anything was sent. Pure, and the only place for the messages."""

import re
import socket
import ssl
from typing import NamedTuple

from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.response import USE_TLS
from asterisk_ari._transport.proxy import Proxy, ProxyRefused
from asterisk_ari.errors import (
    ConnectionRefused,
    HostNotFound,
    NotSent,
    OutcomeUnknown,
    RequestTimeout,
    TlsFailed,
    TransportError,
    UnexpectedResponse,
)
from asterisk_ari.settings import Settings

CHECK_BEFORE_RETRYING = "check before retrying"
CHECK_SERVER = "is Asterisk running, with HTTP enabled in http.conf?"
CHECK_PORT = "is it the port of http.conf: 8088 by default, 8089 for https? 5038 is AMI's, 5060 SIP's"
CHECK_TLS_PORT = "is it the https port, and does Asterisk serve TLS there (tlsenable in http.conf)?"
USE_NO_TLS = "is it the http port? Then give url='http://…', or tls=False"
CHECK_CERTIFICATE = "is it the right host, and is its certificate trusted (verify=)?"
SESSION_LIMIT = "If every new connection ends like this, Asterisk is at its limit: sessionlimit in http.conf, 100 by default"
FIREWALL = "is the address right, or is a firewall in between?"
FIREWALL_OR_NO_TLS = f"{FIREWALL} Or {USE_NO_TLS}"
CHECK_PROXY = "is the proxy right, with its user and password, and does it allow CONNECT to this host and port?"
CHECK_RESPONSE = "is it Asterisk that answers, or a proxy?"
CLOSED_UNANSWERED = "closed without a response"
MAY_HAVE_EXECUTED = "the server may have executed it"


MAX_GREETING_BYTES = 60
# The wording of h11, httpx's parser.
_GREETING = re.compile(r"^illegal status line: bytearray\(b['\"](.*)['\"]\)$").search
# OpenSSL's wording for an answer that is not TLS.
_NO_TLS = re.compile("WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|UNKNOWN_PROTOCOL").search
_TLS_ALERT = ("\x15\x03", r"\x15\x03")  # as received, and in h11's wording
_CUT = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)


class RemoteProtocolError(Exception):
    """The server sent something that is not HTTP/1.1, or an incomplete response."""


class ClosedEarly(RemoteProtocolError):
    """The server closed the connection before the response was complete."""


class NotHttp(RemoteProtocolError):
    """The peer speaks another protocol: `greeting` is the first line it sent, in printable characters."""

    def __init__(self, sent: bytes) -> None:
        super().__init__("not HTTP/1.1")
        self.greeting = re.split(rb"[\r\n]", sent[:MAX_GREETING_BYTES], maxsplit=1)[0].decode("ascii", "backslashreplace")


class NoConnectionAvailable(Exception):
    """All connections of the pool stayed in use: the number of calls waiting for a response, the longest wait in seconds."""

    def __init__(self, calls: int, longest_seconds: float) -> None:
        super().__init__(calls, longest_seconds)
        self.calls = calls
        self.longest_seconds = longest_seconds


class PoolClosed(Exception):
    """The transport was closed."""


class FileTooLarge(Exception):
    """A streamed file exceeds the maximum file size."""


class FailedBeforeSend(Exception):
    """The connection was dead before the first byte of the request was sent."""


class Diagnosis(NamedTuple):
    """What went wrong with a request, and what to do about it."""

    error_class: type[TransportError]
    message: str
    remedy: str | None


def transport_error(request: OperationRequest, diagnosis: Diagnosis) -> TransportError:
    """Return the error for a request; it never contains credentials."""
    return diagnosis.error_class(
        f"{request.operation} {request.method} {request.path}: {diagnosis.message}",
        operation=request.operation,
        method=request.method,
        path=request.path,
        remedy=diagnosis.remedy,
    )


def first_failure(request: OperationRequest, error: TransportError, settings: Settings) -> TransportError | UnexpectedResponse:
    """Return the error of a request if the server has answered none so far: the port may speak another protocol."""
    path = f"{request.operation} {request.method} {request.path}"
    greeting = _greeting_behind(error)
    if greeting is None:
        if type(error) is not OutcomeUnknown or settings.tls or _is_unreadable(error.__cause__):
            return error
        remedy = "is it the https port? Then give url='https://…', or tls=True"
        if SESSION_LIMIT in (error.remedy or ""):
            remedy += f". {SESSION_LIMIT}"
        said = error.message.partition(f"; {MAY_HAVE_EXECUTED}")[0].removeprefix(f"{path}: ")
        return transport_error(request, Diagnosis(OutcomeUnknown, f"{said}; server {settings.base_url}", remedy))
    is_tls = greeting.startswith(_TLS_ALERT)
    reason = "what answers there " + ("speaks TLS, not plain HTTP" if is_tls else f"does not speak HTTP: it says {greeting!r}")
    return UnexpectedResponse(
        f"{path}: {reason}; server {settings.base_url}",
        status=0,
        reason=reason,
        operation=request.operation,
        method=request.method,
        path=request.path,
        remedy=USE_TLS if is_tls else CHECK_PORT,
    )


def _greeting_behind(error: TransportError) -> str | None:
    """Return what the peer sent, if a request failed because the peer speaks another protocol."""
    cause: BaseException | None = error
    while cause is not None:
        greeting = cause.greeting if isinstance(cause, NotHttp) else _GREETING(str(cause))
        if greeting is not None:
            return greeting if isinstance(greeting, str) else greeting[1][:MAX_GREETING_BYTES]
        cause = cause.__cause__
    return None


def diagnose_connect(error: Exception, settings: Settings, limit: str = "connect_timeout_seconds") -> Diagnosis:
    """Diagnose a connection that could not be opened: nothing was sent. `limit` is the setting that limits the attempt."""
    base_url = settings.base_url
    if (proxy := Proxy.of(settings.proxy)) is not None:
        base_url += f" through the proxy {proxy.host}:{proxy.port}"
    if isinstance(error, ssl.SSLError) or (settings.tls and isinstance(error, _CUT)):
        return diagnose_tls(error, base_url)
    if isinstance(error, ProxyRefused):
        return Diagnosis(NotSent, f"no connection to {base_url}: {error}", CHECK_PROXY)
    if isinstance(error, socket.gaierror):
        return Diagnosis(HostNotFound, f"{base_url}: the host name does not resolve", "check the host")
    if isinstance(error, UnicodeError):
        return Diagnosis(HostNotFound, f"{base_url}: not a valid host name", "check the host")
    if isinstance(error, TimeoutError):
        remedy = FIREWALL_OR_NO_TLS if settings.tls else FIREWALL
        return Diagnosis(NotSent, f"no connection to {base_url} within {getattr(settings, limit):g} s ({limit})", remedy)
    return Diagnosis(ConnectionRefused, f"no connection to {base_url}: {error}", CHECK_SERVER if proxy is None else CHECK_PROXY)


def diagnose_tls(error: Exception, base_url: str) -> Diagnosis:
    """Diagnose a failed TLS handshake: the certificate is blamed only if it was actually checked."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Diagnosis(TlsFailed, f"TLS with {base_url} failed: {error}", CHECK_CERTIFICATE)
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError, *_CUT)):
        message = f"TLS with {base_url} failed: the connection was closed during the handshake"
        return Diagnosis(TlsFailed, message, f"{CHECK_TLS_PORT} {SESSION_LIMIT}")
    if _NO_TLS(str(error)):
        return Diagnosis(TlsFailed, f"TLS with {base_url} failed: what answers there does not speak TLS ({error})", USE_NO_TLS)
    return Diagnosis(TlsFailed, f"TLS with {base_url} failed: {error}", CHECK_TLS_PORT)


def diagnose_before_send(error: Exception, timeout_seconds: float) -> Diagnosis:
    """Diagnose a failure after connecting, but before anything was sent."""
    if isinstance(error, NoConnectionAvailable):
        message = (
            f"no free connection within {timeout_seconds:g} s (request_timeout_seconds): {error.calls} calls wait for "
            f"Asterisk's response, the longest for {error.longest_seconds:.1f} s"
        )
        return Diagnosis(NotSent, message, "commands for a channel that is playing may wait for the end of the media")
    if isinstance(error, PoolClosed):
        return Diagnosis(NotSent, "the client was closed", "call connect() first")
    if isinstance(error, TimeoutError):
        return Diagnosis(
            NotSent, f"not sent within {timeout_seconds:g} s (request_timeout_seconds)", "raise request_timeout_seconds"
        )
    return Diagnosis(NotSent, "the server closes each connection immediately", f"is a proxy in between? {SESSION_LIMIT}")


def diagnose_after_send(error: Exception, timeout_seconds: float) -> Diagnosis:
    """Diagnose a failure after all or part of the request was sent."""
    if isinstance(error, TimeoutError):
        message = f"no response within {timeout_seconds:g} s (request_timeout_seconds); {MAY_HAVE_EXECUTED}"
        return Diagnosis(RequestTimeout, message, CHECK_BEFORE_RETRYING)
    reason = str(error) or type(error).__name__
    if _is_unreadable(error):
        message = f"the response cannot be read ({reason}); {MAY_HAVE_EXECUTED}"
        return Diagnosis(OutcomeUnknown, message, f"{CHECK_RESPONSE} {CHECK_BEFORE_RETRYING.capitalize()}")
    return connection_lost(reason, is_unanswered=reason == CLOSED_UNANSWERED or isinstance(error, _CUT))


def _is_unreadable(error: BaseException | None) -> bool:
    """Return whether a response is not HTTP, or exceeds the size limits."""
    return isinstance(error, RemoteProtocolError) and not isinstance(error, ClosedEarly)


def connection_lost(reason: str, *, is_unanswered: bool) -> Diagnosis:
    """Diagnose a connection that was lost after the request was sent.

    Args:
        reason: the error in words.
        is_unanswered: whether the server closed it before any byte of a response arrived.
    """
    message = f"connection lost after sending ({reason}); {MAY_HAVE_EXECUTED}"
    return Diagnosis(OutcomeUnknown, message, CHECK_BEFORE_RETRYING + (f". {SESSION_LIMIT}" if is_unanswered else ""))


def diagnose_stream(error: Exception, timeout_seconds: float) -> Diagnosis:
    """Diagnose a failure after only part of a file has arrived."""
    if isinstance(error, TimeoutError):
        message = (
            f"the file stopped arriving, or came with less than 1 KiB/s, for {timeout_seconds:g} s (request_timeout_seconds)"
        )
        return Diagnosis(RequestTimeout, message, "try again, or raise request_timeout_seconds")
    if isinstance(error, FileTooLarge):
        return Diagnosis(OutcomeUnknown, f"the file is too large: {error}", CHECK_RESPONSE)
    reason = str(error) or type(error).__name__
    return Diagnosis(OutcomeUnknown, f"connection lost while downloading the file ({reason})", "try again")
