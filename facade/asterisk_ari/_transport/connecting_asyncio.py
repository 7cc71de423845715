"""TCP and TLS connections in an event loop: the addresses of a host are tried in overlapping attempts (RFC 8305).

Audio streams of both variants use this module, since their sockets always belong to an event loop.
asyncio's own `happy_eyeballs_delay` is not used because other event loops, such as uvloop's, do not support it.
"""

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from asterisk_ari._transport.connecting import ATTEMPT_DELAY_SECONDS, Address, addresses, connect_error, new_socket
from asterisk_ari._transport.proxy import Proxy, TunnelResponse

READ_BYTES = 65_536
P = TypeVar("P", bound=asyncio.BaseProtocol)


async def connect(
    make_protocol: Callable[[], P], host: str, port: int, tls: ssl.SSLContext | None = None, proxy: Proxy | None = None
) -> P:
    """Open a connection and return its protocol, with TLS once the handshake is complete. The caller limits the time.

    Args:
        make_protocol: creates the protocol; called once.
        host: name or address.
        port: TCP port.
        tls: TLS context; None connects without TLS.
        proxy: the HTTP proxy to connect through, which resolves the host name; None connects directly.

    Raises:
        OSError, UnicodeError: the host has no address, no address could be reached, the proxy refused, or TLS failed.
    """
    loop = asyncio.get_running_loop()
    found = await (_look_up(host, port) if proxy is None else _look_up(proxy.host, proxy.port))
    connected = await _first_connected(deque(found))
    try:
        if proxy is not None:
            await _open_tunnel(connected, proxy, proxy.connect_request(host, port))
        _, protocol = await loop.create_connection(
            make_protocol, sock=connected, ssl=tls, server_hostname=host if tls is not None else None
        )
    except BaseException:
        connected.close()
        raise
    return protocol


async def _open_tunnel(connected: socket.socket, proxy: Proxy, request: bytes) -> None:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connected, request)
    response = TunnelResponse(proxy)
    is_open = False
    while not is_open:
        is_open = response.feed(await loop.sock_recv(connected, READ_BYTES))
        await asyncio.sleep(0)  # a proxy that always has data ready would otherwise block the loop, and with it the time limit


async def _look_up(host: str, port: int) -> list[Address]:
    with contextlib.suppress(socket.gaierror):  # a literal address needs no lookup, which would take a thread
        return addresses(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    return addresses(await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM))


async def _first_connected(waiting: deque[Address]) -> socket.socket:
    """Return the first socket that connects, and close all others."""
    attempts: dict[asyncio.Task[socket.socket], Address] = {}
    failed: list[tuple[Address, OSError]] = []
    try:
        while waiting or attempts:
            if waiting:
                address = waiting.popleft()
                attempts[asyncio.create_task(_attempt(address))] = address
            patience = ATTEMPT_DELAY_SECONDS if waiting else None
            done, _ = await asyncio.wait(attempts, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            for attempt in done:
                address = attempts.pop(attempt)
                try:
                    return attempt.result()
                except OSError as error:
                    failed.append((address, error))
        raise connect_error(failed)
    finally:
        for attempt in attempts:
            _give_up(attempt)


async def _attempt(address: Address) -> socket.socket:
    loop = asyncio.get_running_loop()
    made = new_socket(address, loop)
    try:
        await loop.sock_connect(made, address.sockaddr)
    except BaseException:
        made.close()
        raise
    return made


def _give_up(attempt: asyncio.Task[socket.socket]) -> None:
    """Cancel an attempt that is no longer needed, or close the socket that it has connected."""
    if not attempt.cancel() and not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()
