"""The address of this machine that Asterisk can send to."""

import asyncio
import socket

from asterisk_ari._transport.media.opening import is_loopback
from asterisk_ari.errors import HostNotFound
from asterisk_ari.settings import Settings

ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - an address that a program passes for listening


async def local_address(settings: Settings) -> str:
    """Return the local address from which this machine reaches Asterisk.

    Raises:
        HostNotFound: its name does not resolve, or there is no route to it.
    """
    if is_loopback(settings.host):
        return "::1" if ":" in settings.host else "127.0.0.1"
    try:
        found = await asyncio.get_running_loop().getaddrinfo(settings.host, settings.port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.connect(address)  # sends nothing
            return str(probe.getsockname()[0])
    except OSError as error:
        raise HostNotFound(f"no way leads to {settings.host}: {error}") from error


def as_host(address: str, port: int) -> str:
    """Return the address in the format of Asterisk's external_host."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
