"""What a client says before it closes its event WebSocket: on some releases Asterisk hangs without it."""

from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.variants import Variant

HARMED = ["20.15.2", "22.10.1", "23.4.1"]
UNHARMED = ["16.28.0", "18.26.4", "20.0.0"]


@pytest.fixture(params=HARMED)
def harmed(request: pytest.FixtureRequest) -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(release=request.param) as running:
        yield running


def connected(variant: Variant, asterisk: EmbeddedAsterisk, **options: Any) -> Any:
    ari = variant.client(
        url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="hearer", events=True, **options
    )
    variant.do(ari.connect())
    return ari


def said(asterisk: EmbeddedAsterisk) -> list[tuple[str, int | None, dict[str, Any]]]:
    return [(one.path, one.status, one.query) for one in asterisk.requests if one.method == "DELETE"]


def test_an_app_that_hears_all_devices_leaves_them_first(variant: Variant, harmed: EmbeddedAsterisk) -> None:
    """Asked for at the connection or later, it is the last request before the WebSocket closes."""
    for options in ({"subscribe_all": True}, {}):
        harmed.clear()
        ari = connected(variant, harmed, **options)
        if not options:
            variant.do(ari.subscribe_to_events("deviceState:"))
        variant.do(ari.disconnect())
        [(path, status, query)] = said(harmed)
        assert (path, status, query) == ("/ari/applications/hearer/subscription", 200, {"eventSource": "deviceState:"})
        assert harmed.requests[-1].method == "DELETE"


def test_every_app_of_the_client_does(variant: Variant, harmed: EmbeddedAsterisk) -> None:
    ari = connected(variant, harmed, subscribe_all=True, apps=["second"])
    variant.do(ari.disconnect())
    assert {"/ari/applications/hearer/subscription", "/ari/applications/second/subscription"} == {
        path for path, *_ in said(harmed)
    }


def test_others_say_nothing(variant: Variant, harmed: EmbeddedAsterisk) -> None:
    """Nor is a subscription to one device touched: it harms nobody, and the server keeps it."""
    ari = connected(variant, harmed)
    variant.do(ari.subscribe_to_events("deviceState:Stasis:desk"))
    variant.do(ari.subscribe_to_events("deviceState:"))
    variant.do(ari.unsubscribe_from_events("deviceState:"))
    harmed.clear()
    variant.do(ari.disconnect())
    assert said(harmed) == []


@pytest.mark.parametrize("release", UNHARMED)
def test_releases_without_the_defect_are_told_nothing(variant: Variant, release: str) -> None:
    """There an app may outlive its WebSocket, and hears of all devices when it comes back."""
    with EmbeddedAsterisk(release=release) as asterisk:
        ari = connected(variant, asterisk, subscribe_all=True)
        variant.do(ari.disconnect())
        assert said(asterisk) == []
        assert asterisk.machine.apps["hearer"].snapshot()["device_names"]


def test_refused_or_unanswered_it_still_closes(variant: Variant, harmed: EmbeddedAsterisk) -> None:
    """It is a courtesy: what comes of it stops nothing."""
    ari = connected(variant, harmed, subscribe_all=True, apps=["second"])
    harmed.faults.answer(422, {"message": "Event source was not subscribed to"}, method="DELETE")
    variant.do(ari.disconnect())
    assert not ari.is_connected
    assert [status for _, status, _ in said(harmed)] == [422, 200]
    impatient = connected(variant, harmed, subscribe_all=True, request_timeout_seconds=0.5, apps=["second"])
    harmed.faults.delay(1.5, method="DELETE")
    variant.do(impatient.disconnect())
    assert not impatient.is_connected
    harmed.settle()
    assert "hearer" not in harmed.machine.apps


def test_without_an_open_websocket_nothing_is_said(variant: Variant, harmed: EmbeddedAsterisk) -> None:
    """During a gap the server has ended all that by itself."""
    ari = connected(variant, harmed, subscribe_all=True)
    with ari.expect("ConnectionLost") as lost:
        harmed.faults.refuse()
        harmed.faults.drop_sockets()
        variant.do(lost.result(5))
    harmed.clear()
    variant.do(ari.disconnect())
    assert said(harmed) == []
