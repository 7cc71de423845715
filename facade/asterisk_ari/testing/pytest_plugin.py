"""Fixtures for tests of programs that use ARI; pytest finds them by itself once the package is installed.

`embedded_asterisk` is an Asterisk of the test's own, with virtual time; `ari` is a client connected to
it, `async_ari` an asynchronous one to be entered: `async with async_ari: …`.
`@pytest.mark.asterisk(release="22.10.1", dialplan=…, virtual_time=False)` passes arguments to EmbeddedAsterisk;
`@pytest.mark.ari(app_name="ivr")` to the client.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from asterisk_ari import AsteriskARI, AsyncAsteriskARI
    from asterisk_ari.testing import EmbeddedAsterisk

APP = "test"


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    config.addinivalue_line("markers", "asterisk(**options): arguments of the EmbeddedAsterisk that this test gets")
    config.addinivalue_line("markers", "ari(**options): arguments of the client that this test gets")


def _options(request: pytest.FixtureRequest, marker: str) -> dict[str, Any]:
    """The arguments of all markers of that name, those of the closest one last."""
    options: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers(marker))):
        options.update(mark.kwargs)
    return options


@pytest.fixture
def embedded_asterisk(request: pytest.FixtureRequest) -> "Iterator[EmbeddedAsterisk]":
    """An Asterisk in this process, with virtual time: `embedded_asterisk.advance(3600)`."""
    from asterisk_ari.testing import EmbeddedAsterisk

    with EmbeddedAsterisk(**{"virtual_time": True, **_options(request, "asterisk")}) as server:
        yield server


def _client_options(request: pytest.FixtureRequest, server: "EmbeddedAsterisk") -> dict[str, Any]:
    defaults = {"url": server.url, "username": server.username, "password": server.password, "app_name": APP}
    return {**defaults, **_options(request, "ari")}


@pytest.fixture
def ari(request: pytest.FixtureRequest, embedded_asterisk: "EmbeddedAsterisk") -> "Iterator[AsteriskARI]":
    """A client connected to `embedded_asterisk`, as application `test`."""
    from asterisk_ari import AsteriskARI

    with AsteriskARI(**_client_options(request, embedded_asterisk)) as client:
        yield client


@pytest.fixture
def async_ari(request: pytest.FixtureRequest, embedded_asterisk: "EmbeddedAsterisk") -> "AsyncAsteriskARI":
    """The asynchronous client, not yet connected: the test enters it in its own event loop, `async with async_ari:`."""
    from asterisk_ari import AsyncAsteriskARI

    return AsyncAsteriskARI(**_client_options(request, embedded_asterisk))
