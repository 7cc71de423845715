"""Device states of endpoints follow their calls, as measured on real servers with a SIP user agent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from asterisk_ari.testing import EmbeddedAsterisk, ServerEndpoint
from tests.embedded.support import Client

UAS = {"uas": ServerEndpoint("uas", "answers", rings_after=0.2, answers_after=0.6)}


@pytest.fixture(params=["22.10.1", "16.28.0"])
def asterisk(request: pytest.FixtureRequest) -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(request.param, endpoints=UAS, virtual_time=True) as server:
        yield server


class Device:
    """PJSIP/uas: its state as requests show it, and the states in events."""

    def __init__(self, asterisk: EmbeddedAsterisk, client: Client) -> None:
        self.asterisk, self.client = asterisk, client
        client.listen("app", subscribeAll="true")

    def after(self, method: str, path: str, seconds: float = 0.3) -> list[str]:
        """Send a request, if one is given, and let time pass; returns the states in the events."""
        self.asterisk.clear()
        if method:
            assert self.client(method, path).status in (200, 204)
        self.asterisk.advance(seconds)
        published = [event["device_state"] for event in self.asterisk.events.of("DeviceStateChanged")]
        assert {device["name"] for device in published} <= {"PJSIP/uas"}
        return [device["state"] for device in published]

    @property
    def state(self) -> str:
        state: str = self.client("GET", "deviceStates/PJSIP%2Fuas").body["state"]
        return state


@pytest.fixture
def device(asterisk: EmbeddedAsterisk, client: Client) -> Device:
    return Device(asterisk, client)


def test_two_calls_at_once(device: Device) -> None:
    """Ringing, in use, and both: published when the state changes, whichever channel changed it."""
    for channel in ("one", "two"):
        assert device.after("POST", f"channels/create?endpoint=PJSIP/uas&app=app&channelId={channel}") == []
        assert device.state == "NOT_INUSE"
    assert device.after("POST", "channels/one/dial") == ["RINGING"]
    assert device.after("", "") == ["INUSE"]
    assert device.after("POST", "channels/two/dial") == ["RINGINUSE"]
    assert device.state == "RINGINUSE"
    assert device.after("", "") == ["INUSE"]
    assert device.after("DELETE", "channels/one") == []
    assert device.after("DELETE", "channels/two") == ["NOT_INUSE"]


def test_held_calls(asterisk: EmbeddedAsterisk, device: Device) -> None:
    """On hold when all calls are; up to 16 as soon as one is, until something else happens."""
    at_once = asterisk.machine.release.branch == 16
    assert device.after("POST", "channels?endpoint=PJSIP/uas&app=app&channelId=one", 1) == ["RINGING", "INUSE"]
    assert device.after("POST", "channels/one/hold") == ["ONHOLD"]
    assert device.after("DELETE", "channels/one/hold") == ["INUSE"]
    assert device.after("POST", "channels/one/hold") == ["ONHOLD"]
    assert device.after("POST", "channels?endpoint=PJSIP/uas&app=app&channelId=two", 1) == ["RINGINUSE", "INUSE"]
    assert device.after("DELETE", "channels/one/hold") == []
    assert device.after("POST", "channels/one/hold") == (["ONHOLD"] if at_once else [])
    assert device.after("POST", "channels/two/hold") == ([] if at_once else ["ONHOLD"])
    assert device.after("DELETE", "channels/one") == []
    assert device.state == "ONHOLD"
    assert device.after("DELETE", "channels/two/hold") == ["INUSE"]
    assert device.after("DELETE", "channels/two") == ["NOT_INUSE"]


def test_a_call_that_is_cancelled_while_it_rings(device: Device) -> None:
    assert device.after("POST", "channels?endpoint=PJSIP/uas&app=app&channelId=one", 0.4) == ["RINGING"]
    assert device.after("DELETE", "channels/one") == ["NOT_INUSE"]


def test_an_incoming_call(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """It counts once it is answered; an endpoint without a contact is unavailable again afterwards."""
    client.listen("app", subscribeAll="true")
    phone = asterisk.incoming_call("app")
    asterisk.settle()
    assert asterisk.events.of("DeviceStateChanged") == []
    phone.hang_up()
    asterisk.settle()
    assert asterisk.events.of("DeviceStateChanged") == []
    phone = asterisk.incoming_call("app")
    client("POST", f"channels/{phone.channel_id}/answer")
    phone.hang_up()
    asterisk.settle()
    published = [event["device_state"] for event in asterisk.events.of("DeviceStateChanged")]
    assert published == [{"name": "PJSIP/anonymous", "state": state} for state in ("INUSE", "UNAVAILABLE")]
