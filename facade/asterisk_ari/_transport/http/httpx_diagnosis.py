"""What an httpx or httpx2 client's exception means: whether anything was sent, and which limit was hit. Pure; imports neither."""

import socket
import ssl
from typing import Any, NamedTuple

from asterisk_ari._transport.transport_errors import (
    CHECK_BEFORE_RETRYING,
    CHECK_SERVER,
    FIREWALL,
    FIREWALL_OR_NO_TLS,
    MAY_HAVE_EXECUTED,
    Diagnosis,
    connection_lost,
    diagnose_tls,
)
from asterisk_ari.errors import ConnectionRefused, HostNotFound, NotSent, RequestTimeout

_PHASES = {"ConnectTimeout": "connect", "PoolTimeout": "pool", "ReadTimeout": "read", "WriteTimeout": "write"}
_NOTHING_SENT = {"UnsupportedProtocol", "LocalProtocolError", "ProxyError"}


class OperationLimits(NamedTuple):
    """Timeouts in the client's format: for each operation its own, or the time left for the call if that is less."""

    connect: float
    read: float
    write: float
    pool: float

    @classmethod
    def within(cls, seconds: float, timeout: Any) -> "OperationLimits":
        """Return the timeouts of the client's `timeout`, each at most the seconds that are left."""
        own = (timeout.connect, timeout.read, timeout.write, timeout.pool)
        return cls(*(max(0.001, seconds if limit is None else min(limit, seconds)) for limit in own))


def packages_of(client: object) -> frozenset[str]:
    """Return the packages whose exceptions the client raises: `httpx` or `httpx2`, and the package of a derived class."""
    return frozenset(cls.__module__.partition(".")[0] for cls in type(client).__mro__ if cls is not object)


def diagnose(error: Exception, packages: frozenset[str], base_url: str, timeout: Any, timeout_seconds: float) -> Diagnosis | None:
    """Return what went wrong, or None for an exception that is not the client's.

    Args:
        error: the exception that the client raised.
        packages: those of the client.
        base_url: where the request went.
        timeout: the client's own timeouts, with `connect`, `read`, `write` and `pool`.
        timeout_seconds: limit for the call as a whole.
    """
    names = {cls.__name__ for cls in type(error).__mro__ if cls.__module__.partition(".")[0] in packages}
    if isinstance(error, UnicodeError) or "InvalidURL" in names:
        return Diagnosis(HostNotFound, f"{base_url}: not a valid host name", "check the host")
    if "HTTPError" not in names:
        return None
    if "TimeoutException" in names:
        return _diagnose_timeout(names, base_url, timeout, timeout_seconds)
    if "ConnectError" in names:
        return _diagnose_connect(error, base_url)
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if names & _NOTHING_SENT:
        return Diagnosis(NotSent, f"not sent to {base_url} ({reason})", "check http_client and its proxy")
    return connection_lost(reason, is_unanswered="ReadError" in names or "without sending a response" in reason)


def _diagnose_timeout(names: set[str], base_url: str, timeout: Any, timeout_seconds: float) -> Diagnosis:
    phase = next((_PHASES[name] for name in _PHASES if name in names), "read")
    own = getattr(timeout, phase)
    if own is not None and own < timeout_seconds:
        limit = f"within {own:g} s ({phase} timeout of http_client)"
    else:
        limit = f"within {timeout_seconds:g} s (request_timeout_seconds)"
    if phase == "connect":
        remedy = FIREWALL_OR_NO_TLS if base_url.startswith("https:") else FIREWALL
        return Diagnosis(NotSent, f"no connection to {base_url} {limit}", remedy)
    if phase == "pool":
        return Diagnosis(NotSent, f"no free connection {limit}", "make fewer calls at once, or raise the limits of http_client")
    return Diagnosis(RequestTimeout, f"no response {limit}; {MAY_HAVE_EXECUTED}", CHECK_BEFORE_RETRYING)


def _diagnose_connect(error: Exception, base_url: str) -> Diagnosis:
    causes = _causes(error)
    failed_tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    if failed_tls is not None or "CERTIFICATE" in str(error) or "SSL" in str(error):
        return diagnose_tls(failed_tls or error, base_url)
    if any(isinstance(cause, socket.gaierror) for cause in causes) or "Name or service" in str(error):
        return Diagnosis(HostNotFound, f"{base_url}: the host name does not resolve", "check the host")
    return Diagnosis(ConnectionRefused, f"no connection to {base_url}: {error}", CHECK_SERVER)


def drop_frames(error: BaseException) -> None:
    """Drop the traceback frames of the client's library: they hold requests, including credentials."""
    for one in _causes(error):
        one.__traceback__ = None


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    unseen: list[BaseException | None] = [error]
    while unseen:
        current = unseen.pop()
        if current is not None and current not in found:
            found.append(current)
            unseen += [current.__cause__, current.__context__]
    return found
