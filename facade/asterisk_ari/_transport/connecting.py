"""Happy Eyeballs (RFC 8305) without I/O: the order in which a host's addresses are tried, and the error if none answers."""

import os
import socket
from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from asterisk_ari._transport.runtime.forks import own_socket

ATTEMPT_DELAY_SECONDS = 0.25
"""Seconds after which the next address is tried if the previous one has not answered; after a refusal, it is tried at once."""


class Address(NamedTuple):
    """One address of a host: the arguments of `socket.socket` and of `connect`."""

    family: int
    kind: int
    protocol: int
    sockaddr: Any


def addresses(found: Iterable[tuple[Any, ...]]) -> list[Address]:
    """Return `getaddrinfo` results in the order to try them: address families alternate, the system's first choice leads."""
    families: dict[int, list[Address]] = {}
    for family, kind, protocol, _, sockaddr in found:
        families.setdefault(family, []).append(Address(family, kind, protocol, sockaddr))
    return [one for one in chain.from_iterable(zip_longest(*families.values())) if one is not None]


def connect_error(failed: Sequence[tuple[Address, OSError]]) -> OSError:
    """Return the error for a host that could not be reached at any address: it has the first error's type and names them all."""
    if not failed:
        return OSError("the host name has no address")
    said = "; ".join(f"{address.sockaddr[0]}: {_words(error)}" for address, error in failed)
    number = failed[0][1].errno
    return OSError(said) if number is None else OSError(number, said)


def new_socket(address: Address, loop: object = None) -> socket.socket:
    """Return a non-blocking socket for an address, owned by this process and an event loop, with Nagle's algorithm disabled."""
    made = socket.socket(address.family, address.kind, address.protocol)
    own_socket(made, loop)
    try:
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        made.close()
        raise
    return made


def _words(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error) or type(error).__name__
