"""TCP and TLS connections in an event loop: the addresses of a host are tried one after the other, overlapping (RFC 8305).

Audio streams of both variants have theirs from here: their sockets are always in an event loop.
Not asyncio's own `happy_eyeballs_delay`: other event loops, such as uvloop's, do not have it.
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
    """The protocol of a new connection; over TLS after its handshake. The caller limits the time.

    Args:
        make_protocol: makes the protocol, called once.
        host: name or address.
        port: TCP port.
        tls: context for TLS; None connects without.
        proxy: the HTTP proxy to go through, which looks the name up; None connects directly.

    Raises:
        OSError, UnicodeError: the host has no address, none could be connected to, the proxy refused, or TLS failed.
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
        await asyncio.sleep(0)  # a proxy that always has something ready would hold the loop, and with it the time limit


async def _look_up(host: str, port: int) -> list[Address]:
    with contextlib.suppress(socket.gaierror):  # an address need not be looked up, which takes a thread
        return addresses(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    return addresses(await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM))


async def _first_connected(waiting: deque[Address]) -> socket.socket:
    """The first socket that connects; all others are closed."""
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
    """End an attempt that is not needed any more, or close what it has connected."""
    if not attempt.cancel() and not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()
