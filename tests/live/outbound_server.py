"""Servers that open WebSockets to programs: a packaged 22 of their own, or the embedded Asterisk as a release that does so."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from asterisk_ari.testing import EmbeddedAsterisk, OutboundWebSocket
from scripts.live import LiveAsterisk
from tests.live.server import embedded_releases, given, series

needs_outbound_websockets = pytest.mark.skipif(
    given() is not None or (not embedded_releases() and series() != "22"),
    reason="needs a server of its own that opens WebSockets: 20.15, 21.10, 22.5 and later",
)


class OpeningAsterisk(EmbeddedAsterisk):
    """The embedded Asterisk with the outbound WebSockets of the packaged ones."""

    def __init__(self, release: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.env: dict[str, str] = {"ARI_OUT_PORT": str(port)}
        release, _, reported = release.partition("=")
        self.version = reported or release
        access = {"username": "outuser", "password": "outpass"}
        persistent = OutboundWebSocket(f"ws://127.0.0.1:{port}/persistent", ("out-app", "out-app2"), **access)
        for_each = OutboundWebSocket(f"ws://127.0.0.1:{port}/percall", "out-percall", per_call=True, **access)
        super().__init__(release, reported_version=reported or None, outbound=[persistent, for_each])


@contextmanager
def opening_websockets(release: str) -> Iterator[LiveAsterisk | OpeningAsterisk]:
    """A server of its own; `release` is that of the embedded Asterisk, "" where a real one is tested."""
    if not release:
        with LiveAsterisk("22", settings={"LIVE_OUT_PERSISTENT": "1"}) as live:
            yield live
        return
    try:
        asterisk = OpeningAsterisk(release)
    except ValueError as error:
        pytest.skip(str(error))
    with asterisk:
        yield asterisk
