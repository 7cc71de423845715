"""Happy Eyeballs (RFC 8305) without I/O: in which order the addresses of a host are tried, and what to say when none answers."""

import os
import socket
from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from asterisk_ari._transport.runtime.forks import own_socket

ATTEMPT_DELAY_SECONDS = 0.25
"""The next address is tried when the one before has not answered for this long, or at once when it has refused."""


class Address(NamedTuple):
    """One address of a host: the arguments of `socket.socket` and of `connect`."""

    family: int
    kind: int
    protocol: int
    sockaddr: Any


def addresses(found: Iterable[tuple[Any, ...]]) -> list[Address]:
    """The results of `getaddrinfo` in the order to try them: the families alternate, the system's first choice leads."""
    families: dict[int, list[Address]] = {}
    for family, kind, protocol, _, sockaddr in found:
        families.setdefault(family, []).append(Address(family, kind, protocol, sockaddr))
    return [one for one in chain.from_iterable(zip_longest(*families.values())) if one is not None]


def connect_error(failed: Sequence[tuple[Address, OSError]]) -> OSError:
    """The error for a host none of whose addresses could be connected to: of the first one's type, naming them all."""
    if not failed:
        return OSError("the host name has no address")
    said = "; ".join(f"{address.sockaddr[0]}: {_words(error)}" for address, error in failed)
    number = failed[0][1].errno
    return OSError(said) if number is None else OSError(number, said)


def new_socket(address: Address, loop: object = None) -> socket.socket:
    """A non-blocking socket for an address, of this process and of an event loop, without Nagle's delay."""
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
