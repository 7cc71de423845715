"""TCP and TLS connections, synchronous: the addresses of a host are tried in overlapping attempts (RFC 8305)."""

import errno
import selectors
import socket
import ssl
import time
from collections import deque

from asterisk_ari._transport.connecting import ATTEMPT_DELAY_SECONDS, Address, addresses, connect_error, new_socket
from asterisk_ari._transport.proxy import Proxy, TunnelResponse
from asterisk_ari._transport.runtime.forks import own_socket

READ_BYTES = 65_536
_IN_PROGRESS = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK)})


def connect(
    host: str, port: int, deadline: float, tls: ssl.SSLContext | None = None, proxy: Proxy | None = None
) -> socket.socket:
    """Return a connected, blocking socket, with TLS once the handshake is complete.

    Args:
        host: name or address. Only the system's resolver limits how long name resolution takes.
        port: TCP port.
        deadline: when to give up, on `time.monotonic`'s clock.
        tls: TLS context; None connects without TLS.
        proxy: the HTTP proxy to connect through, which resolves the host name; None connects directly.

    Raises:
        TimeoutError: there is no connection by then.
        OSError, UnicodeError: the host has no address, no address could be reached, the proxy refused, or TLS failed.
    """
    first_host, first_port = (host, port) if proxy is None else (proxy.host, proxy.port)
    found = addresses(socket.getaddrinfo(first_host, first_port, type=socket.SOCK_STREAM))
    with _Attempts() as attempts:
        connected = attempts.first_connected(deque(found), deadline)
    try:
        if proxy is not None:
            _open_tunnel(connected, proxy, proxy.connect_request(host, port), deadline)
        connected.settimeout(seconds_left(deadline))
        if tls is not None:
            connected = tls.wrap_socket(connected, server_hostname=host)
            own_socket(connected)
        connected.settimeout(None)
    except BaseException:
        connected.close()
        raise
    return connected


def _open_tunnel(connected: socket.socket, proxy: Proxy, request: bytes, deadline: float) -> None:
    connected.settimeout(seconds_left(deadline))
    connected.sendall(request)
    response = TunnelResponse(proxy)
    while not response.feed(connected.recv(READ_BYTES)):
        connected.settimeout(seconds_left(deadline))


class _Attempts:
    """Sockets with concurrent connection attempts; leaving the context closes all except the one that was returned."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._failed: list[tuple[Address, OSError]] = []

    def __enter__(self) -> "_Attempts":
        return self

    def __exit__(self, *_: object) -> None:
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def first_connected(self, waiting: deque[Address], deadline: float) -> socket.socket:
        """Return the first socket that connects, and remove it from these attempts."""
        while True:
            if waiting:
                self._begin(waiting.popleft())
            if self._selector.get_map():
                left = seconds_left(deadline)
                if (connected := self._connected_within(min(ATTEMPT_DELAY_SECONDS, left) if waiting else left)) is not None:
                    return connected
            elif not waiting:
                raise connect_error(self._failed)

    def _begin(self, address: Address) -> None:
        attempt: socket.socket | None = None
        try:
            attempt = new_socket(address)
            number = attempt.connect_ex(address.sockaddr)
            if number not in _IN_PROGRESS and number:
                raise OSError(number, "")
            self._selector.register(attempt, selectors.EVENT_WRITE, address)
        except OSError as error:
            self._failed.append((address, error))
            if attempt is not None:
                attempt.close()

    def _connected_within(self, seconds: float) -> socket.socket | None:
        for key, _ in self._selector.select(seconds):
            attempt, address = key.fileobj, key.data
            assert isinstance(attempt, socket.socket)  # noqa: S101 - nothing else is registered
            self._selector.unregister(attempt)
            number = attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if not number:
                return attempt
            attempt.close()
            self._failed.append((address, OSError(number, "")))
        return None


def seconds_left(deadline: float) -> float:
    """Return how long the next socket operation may take.

    Raises:
        TimeoutError: no time is left. With a timeout of 0 a socket would still read data that is ready, so a server that always
            has some could block its client forever.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
