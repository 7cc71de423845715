"""Hosts of several addresses, and addresses that never answer."""

import contextlib
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

HOST = "pbx.test"


@contextlib.contextmanager
def silent(address: str, port: int = 0) -> Iterator[int]:
    """An address whose queue of new connections is full: it answers nothing, not even a refusal. Gives the port."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket())
        listener.bind((address, port))
        listener.listen(0)
        for _ in range(4):
            other = sockets.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def resolve(monkeypatch: pytest.MonkeyPatch, found: Sequence[str]) -> None:
    """Have the name `HOST` resolve to these addresses, in this order."""
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *arguments: Any, **options: Any) -> Any:
        if host != HOST:
            return real(host, port, *arguments, **options)
        if options.get("flags") == socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "not an address")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
