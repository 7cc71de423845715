"""Which address of this machine Asterisk can send to."""

import asyncio
import socket

from asterisk_ari._transport.media.opening import is_loopback
from asterisk_ari.errors import HostNotFound
from asterisk_ari.settings import Settings

ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - where somebody says that it listens


async def local_address(settings: Settings) -> str:
    """The address from which this machine reaches Asterisk.

    Raises:
        HostNotFound: its name does not resolve, or no route leads there.
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
    """As Asterisk takes it for external_host."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
