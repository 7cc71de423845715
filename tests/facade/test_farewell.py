"""What a client says before it closes its event WebSocket: on some releases Asterisk hangs without it."""

from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.colours import Face

HARMED = ["20.15.2", "22.10.1", "23.4.1"]
UNHARMED = ["16.28.0", "18.26.4", "20.0.0"]


@pytest.fixture(params=HARMED)
def harmed(request: pytest.FixtureRequest) -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(release=request.param) as running:
        yield running


def connected(face: Face, asterisk: EmbeddedAsterisk, **options: Any) -> Any:
    ari = face.client(
        url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="hearer", events=True, **options
    )
    face.do(ari.connect())
    return ari


def said(asterisk: EmbeddedAsterisk) -> list[tuple[str, int | None, dict[str, Any]]]:
    return [(one.path, one.status, one.query) for one in asterisk.requests if one.method == "DELETE"]


def test_an_app_that_hears_all_devices_leaves_them_first(face: Face, harmed: EmbeddedAsterisk) -> None:
    """Asked for at the connection or later, it is the last request before the WebSocket closes."""
    for options in ({"subscribe_all": True}, {}):
        harmed.clear()
        ari = connected(face, harmed, **options)
        if not options:
            face.do(ari.subscribe_to_events("deviceState:"))
        face.do(ari.disconnect())
        [(path, status, query)] = said(harmed)
        assert (path, status, query) == ("/ari/applications/hearer/subscription", 200, {"eventSource": "deviceState:"})
        assert harmed.requests[-1].method == "DELETE"


def test_every_app_of_the_client_does(face: Face, harmed: EmbeddedAsterisk) -> None:
    ari = connected(face, harmed, subscribe_all=True, apps=["second"])
    face.do(ari.disconnect())
    assert {"/ari/applications/hearer/subscription", "/ari/applications/second/subscription"} == {
        path for path, *_ in said(harmed)
    }


def test_others_say_nothing(face: Face, harmed: EmbeddedAsterisk) -> None:
    """Nor is a subscription to one device touched: it harms nobody, and the server keeps it."""
    ari = connected(face, harmed)
    face.do(ari.subscribe_to_events("deviceState:Stasis:desk"))
    face.do(ari.subscribe_to_events("deviceState:"))
    face.do(ari.unsubscribe_from_events("deviceState:"))
    harmed.clear()
    face.do(ari.disconnect())
    assert said(harmed) == []


@pytest.mark.parametrize("release", UNHARMED)
def test_releases_without_the_defect_are_told_nothing(face: Face, release: str) -> None:
    """There an app may outlive its WebSocket, and hears of all devices when it comes back."""
    with EmbeddedAsterisk(release=release) as asterisk:
        ari = connected(face, asterisk, subscribe_all=True)
        face.do(ari.disconnect())
        assert said(asterisk) == []
        assert asterisk.machine.apps["hearer"].snapshot()["device_names"]


def test_refused_or_unanswered_it_still_closes(face: Face, harmed: EmbeddedAsterisk) -> None:
    """It is a courtesy: what comes of it stops nothing."""
    ari = connected(face, harmed, subscribe_all=True, request_timeout_seconds=0.1, apps=["second"])
    harmed.faults.answer(422, {"message": "Event source was not subscribed to"}, method="DELETE")
    face.do(ari.disconnect())
    assert not ari.is_connected
    assert [status for _, status, _ in said(harmed)] == [422, 200]
    face.do(ari.connect())
    harmed.faults.delay(0.5, method="DELETE")
    face.do(ari.disconnect())
    assert not ari.is_connected
    harmed.settle()
    assert "hearer" not in harmed.machine.apps


def test_without_an_open_websocket_nothing_is_said(face: Face, harmed: EmbeddedAsterisk) -> None:
    """During a gap the server has ended all that by itself."""
    ari = connected(face, harmed, subscribe_all=True)
    with ari.expect("ConnectionLost") as lost:
        harmed.faults.refuse()
        harmed.faults.drop_sockets()
        face.do(lost.result(5))
    harmed.clear()
    face.do(ari.disconnect())
    assert said(harmed) == []
