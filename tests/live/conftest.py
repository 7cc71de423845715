"""One server for all tests of the session, and clients of either variant.

`server` is any Asterisk; `packaged` is the one of `scripts/live.py`, whose dialplan, command line and process a test
may use. With ARI_URL, or LIVE_EMBEDDED=RELEASE,… for the embedded Asterisk as each of these, tests that need `packaged`
are not collected, and the report says how many.
"""

import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from scripts.live import LiveAsterisk, LiveAsteriskError
from tests.live import leaks
from tests.live.calls import fresh, hang_up_all, know_contexts
from tests.live.server import Server, describe, embedded_releases, given, series
from tests.live.variants import Variant

Connect = Callable[..., Any]

NEEDS_PACKAGED = "packaged"
LOG_LINES = 40
SERVERS = pytest.StashKey[list[LiveAsterisk]]()


def pytest_report_header() -> str:
    """Say which server is used."""
    if given():
        return f"live: the server at {given()}"
    if releases := embedded_releases():
        return f"live: the embedded Asterisk {', '.join(releases)}"
    return f"live: the packaged Asterisk {series()}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test of a server, on the embedded one as each release."""
    if "release" in metafunc.fixturenames and (releases := embedded_releases()):
        metafunc.parametrize("release", releases, scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a server of our own, when there is none."""
    if not (given() or embedded_releases()):
        return
    apart = [item for item in items if NEEDS_PACKAGED in getattr(item, "fixturenames", ())]
    if apart:
        config.hook.pytest_deselected(items=apart)
        items[:] = [item for item in items if item not in apart]
        config.get_terminal_writer().line(
            f"\nlive: {len(apart)} tests are not collected: they use the packaged server's dialplan, command line or process"
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show what the servers logged last beside a failure: a test sees that a connection was lost, the log says why."""
    report = yield
    if report.failed:
        for live in item.config.stash.get(SERVERS, []):
            lines = live.log().splitlines()[-LOG_LINES:]
            report.sections.append((f"log of Asterisk at {live.url}", "\n".join(lines)))
    return report


@pytest.fixture(scope="session")
def packaged(pytestconfig: pytest.Config) -> Iterator[LiveAsterisk]:
    """The packaged server; where it cannot be had, every test fails."""
    try:
        live = LiveAsterisk(series())
        live.start()
    except LiveAsteriskError as error:
        pytest.fail(f"live: no Asterisk to test with: {error}", pytrace=False)
    pytestconfig.stash.setdefault(SERVERS, []).append(live)
    try:
        yield live
    finally:
        live.kill()  # after a duplicate channel id Asterisk takes 10 s to end when asked
        live.close()


@pytest.fixture(scope="session")
def release() -> str:
    """The release that the embedded Asterisk is tested as; "" where another server is tested."""
    return ""


@pytest.fixture(scope="session")
def embedded(release: str) -> Iterator[EmbeddedAsterisk]:
    """The embedded Asterisk as a release of LIVE_EMBEDDED, which may say that it is another: `20.15.2=unknown`."""
    release, _, reported = release.partition("=")
    with EmbeddedAsterisk(release, reported_version=reported or None) as asterisk:
        yield asterisk


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, release: str) -> Server:
    """The server of the session, as any client sees it."""
    found = _find_server(request, release)
    know_contexts(of_an_app=found.has_context_of_an_app)
    return found


def _find_server(request: pytest.FixtureRequest, release: str) -> Server:
    if url := given():
        user, password = os.environ.get("ARI_USERNAME", "asterisk"), os.environ.get("ARI_PASSWORD", "asterisk")
        try:
            return describe(url, user, password)
        except Exception as error:
            pytest.fail(f"live: the server at {url} cannot be used: {error}", pytrace=False)
    if release:
        embedded: EmbeddedAsterisk = request.getfixturevalue("embedded")
        return describe(embedded.url, embedded.username, embedded.password)
    live: LiveAsterisk = request.getfixturevalue(NEEDS_PACKAGED)
    return describe(live.url, live.username, live.password, packaged=True)


@pytest.fixture
def stored_files(server: Server) -> None:
    """For tests that read what was recorded, which releases before 14 do not give."""
    if "recordings.getStoredFile" not in server.operations:
        pytest.skip("this release does not give what was recorded")


@pytest.fixture(scope="session")
def own(pytestconfig: pytest.Config, packaged: LiveAsterisk) -> Iterator[LiveAsterisk]:
    """A second packaged server, to configure, restart and kill; its tests put back what they change."""
    with LiveAsterisk(series()) as live:
        pytestconfig.stash[SERVERS].append(live)
        yield live


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients get their settings from the tests, not from the machine."""
    for name in ("ARI_URL", "ARI_HOST", "ARI_PORT", "ARI_USERNAME", "ARI_PASSWORD", "ARI_APP"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """The test leaves no thread, socket or file."""
    with leaks.nothing_left():
        yield


@pytest.fixture(params=["sync", "async"])
def variant(request: pytest.FixtureRequest, no_leaks: None) -> Iterator[Variant]:
    """Either variant."""
    made = Variant(request.param)
    yield made
    made.close()


@pytest.fixture
def connect(variant: Variant, server: Server) -> Iterator[Connect]:
    """Makes clients, connected to the server with an app of their own unless told otherwise."""
    made: list[Any] = []

    def make(*, start: bool = True, **options: Any) -> Any:
        ari = variant.client(**{**server.credentials, "app_name": fresh("app"), **options})
        made.append(ari)
        if start:
            ari.connect()
        return ari

    yield make
    for ari in reversed(made):
        if ari.is_connected:
            with warnings.catch_warnings():
                hang_up_all(ari)
        ari.disconnect()


@pytest.fixture
def ari(connect: Connect) -> Any:
    """A connected client with an app of its own."""
    return connect()
