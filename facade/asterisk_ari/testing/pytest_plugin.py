"""Fixtures for tests of programs that use ARI; pytest finds them once the package is installed.

`embedded_asterisk` is an Asterisk of the test's own, with virtual time; `ari` is a client connected to
it, `async_ari` an asynchronous one to be entered: `async with async_ari: …`.
`@pytest.mark.asterisk(release="22.10.1", dialplan=…, virtual_time=False)` passes arguments to EmbeddedAsterisk;
`@pytest.mark.ari(app_name="ivr")` to the client.

A failing test prints the calls of each embedded Asterisk among its fixtures. A passing test fails nevertheless if the program did
something wrong that the test did not notice, see `asterisk_ari.testing.strictness`; `@pytest.mark.ari(allow=["leftovers"])`
allows it.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from asterisk_ari.testing.strictness import check_allowed, faults_of

if TYPE_CHECKING:
    from asterisk_ari import AsteriskARI, AsyncAsteriskARI
    from asterisk_ari.testing import EmbeddedAsterisk

APP = "test"
ERRORS: pytest.StashKey[list[BaseException]] = pytest.StashKey()
HAS_FAILED: pytest.StashKey[bool] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    config.addinivalue_line("markers", "asterisk(**options): arguments of the EmbeddedAsterisk that this test gets")
    config.addinivalue_line(
        "markers", "ari(**options): arguments of the client that this test gets, and allow=[…]: what is no fault"
    )


def _options(request: pytest.FixtureRequest, marker: str) -> dict[str, Any]:
    """Return the arguments of all markers of that name; the closest one takes precedence."""
    options: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers(marker))):
        options.update(mark.kwargs)
    return options


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the calls to the report of a test that has failed."""
    report = yield
    if report.failed:
        item.stash[HAS_FAILED] = True
    if report.failed and report.when == "call":
        from asterisk_ari.testing import EmbeddedAsterisk

        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, EmbeddedAsterisk):
                report.sections.append((f"calls of {name}", value.ladder()))
    return report


@pytest.fixture
def embedded_asterisk(request: pytest.FixtureRequest) -> "Iterator[EmbeddedAsterisk]":
    """An Asterisk in this process, with virtual time: `embedded_asterisk.advance(3600)`."""
    from asterisk_ari.testing import EmbeddedAsterisk

    allowed = check_allowed(_options(request, "ari").pop("allow", ()))
    with EmbeddedAsterisk(**{"virtual_time": True, **_options(request, "asterisk")}) as server:
        yield server
        faults = faults_of(server, request.node.stash.get(ERRORS, []), allowed)
    if faults and not request.node.stash.get(HAS_FAILED, False):
        pytest.fail("\n".join([*faults, "", server.ladder()]), pytrace=False)


def _client_options(request: pytest.FixtureRequest, server: "EmbeddedAsterisk") -> dict[str, Any]:
    errors = request.node.stash.setdefault(ERRORS, [])
    options = {"url": server.url, "username": server.username, "password": server.password, "app_name": APP}
    options.update(_options(request, "ari"))
    options.pop("allow", None)
    on_error: Any = options.get("on_error")

    def keep(error: BaseException, event: Any) -> None:
        errors.append(error)
        if on_error is not None:
            on_error(error, event)

    return {**options, "on_error": keep}


@pytest.fixture
def ari(request: pytest.FixtureRequest, embedded_asterisk: "EmbeddedAsterisk") -> "Iterator[AsteriskARI]":
    """A client connected to `embedded_asterisk`, as application `test`."""
    from asterisk_ari import AsteriskARI

    with AsteriskARI(**_client_options(request, embedded_asterisk)) as client:
        yield client


@pytest.fixture
def async_ari(request: pytest.FixtureRequest, embedded_asterisk: "EmbeddedAsterisk") -> "AsyncAsteriskARI":
    """The asynchronous client, not connected yet: the test enters it in its own event loop, `async with async_ari:`."""
    from asterisk_ari import AsyncAsteriskARI

    return AsyncAsteriskARI(**_client_options(request, embedded_asterisk))
