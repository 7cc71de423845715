"""Endpoints register and unregister, and send text messages: who hears of it, as recorded from real servers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ari_rest._meta import parse_event
from asterisk_ari.testing import EmbeddedAsterisk, Endpoint
from tests.simulator.support import Client, until

ENDPOINTS = {"alice": "unreachable", "bob": "busy", "eve": Endpoint("eve", "answers", caller_name="Eve")}
SOURCES = {
    "one": ["endpoint:PJSIP/alice"],
    "other": ["endpoint:PJSIP/bob"],
    "technology": ["endpoint:PJSIP"],
    "both": ["endpoint:PJSIP", "endpoint:PJSIP/alice"],
    "every": ["endpoint:"],
    "device": ["deviceState:PJSIP/alice"],
    "none": [],
}
CAME = ["EndpointStateChange", "PeerStatusChange", "ContactStatusChange"]


@pytest.fixture(params=["22.10.1", "16.28.0"])
def asterisk(request: pytest.FixtureRequest) -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(request.param, endpoints=ENDPOINTS, virtual_time=True) as server:
        yield server


def watch(client: Client) -> None:
    """Applications of each kind of subscription."""
    client.listen("all", subscribeAll="true")
    for app, sources in SOURCES.items():
        client.listen(app)
        for source in sources:
            assert client("POST", f"applications/{app}/subscription?eventSource={source}").status == 200


def heard(asterisk: EmbeddedAsterisk) -> dict[str, list[str]]:
    """The types of the events that each application got, and a clean slate."""
    found: dict[str, list[str]] = {}
    for event in asterisk.events:
        found.setdefault(event["application"], []).append(event["type"])
    asterisk.clear()
    return found


def everything_is_modelled(events: list[dict[str, Any]]) -> None:
    for event in events:
        model = parse_event(event)
        assert type(model).__name__ == event["type"]
        parts = [model, *(getattr(model, name, None) for name in ("endpoint", "peer", "contact_info", "message", "device_state"))]
        assert [left for part in parts if (left := getattr(part, "additional_properties", None))] == []
        assert model.to_dict() == event


def test_who_hears_that_an_endpoint_comes_and_goes(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """Plain changes of state go to those who name the endpoint or its technology, the rest also to those of all."""
    watch(client)
    for act in (asterisk.register, asterisk.unregister):
        asterisk.clear()
        act("alice")
        everything_is_modelled(asterisk.events)
        assert heard(asterisk) == {
            "one": CAME,
            "technology": CAME,
            "both": [kind for kind in CAME for _ in range(2)],
            "every": CAME[1:],
            "all": [*CAME[1:], "DeviceStateChanged"],
            "device": ["DeviceStateChanged"],
        }
        act("PJSIP/alice")  # once more changes nothing
        assert heard(asterisk) == {}


def test_what_is_said_of_an_endpoint_that_comes_and_goes(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """The events have the fields and values of real servers, and requests show the same state."""
    client.listen("app", subscribeAll="true")
    states = [("register", "online", "Reachable", "NonQualified", "NOT_INUSE")]
    states += [("unregister", "offline", "Unreachable", "Removed", "UNAVAILABLE")]
    for act, state, peer, contact, device in states:
        asterisk.clear()
        getattr(asterisk, act)("alice")
        shown = {"technology": "PJSIP", "resource": "alice", "state": state, "channel_ids": []}
        assert client("GET", "endpoints/PJSIP/alice").body == shown
        assert client("GET", "deviceStates/PJSIP%2Falice").body["state"] == device
        first, second, third = asterisk.events
        assert list(first) == ["type", "timestamp", "endpoint", "peer", "asterisk_id", "application"]
        assert (first["endpoint"], first["peer"]) == (shown, {"peer_status": peer})
        assert list(second) == ["type", "timestamp", "endpoint", "contact_info", "asterisk_id", "application"]
        info = {"uri": "sip:alice@127.0.0.1:5060", "contact_status": contact, "aor": "alice", "roundtrip_usec": "0"}
        assert (second["endpoint"], second["contact_info"]) == (shown, info)
        assert third["device_state"] == {"name": "PJSIP/alice", "state": device}


def test_only_who_is_registered_can_be_called(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """A call to an endpoint without a contact cannot be allocated; registered again it behaves as it did before."""
    client.listen("app")
    call = "channels?endpoint=PJSIP/{}&app=app&channelId={}"
    refused = client("POST", call.format("alice", "a"))
    assert (refused.status, refused.body) == (500, {"error": "Allocation failed"})
    assert client("PUT", "endpoints/PJSIP/alice/sendMessage?from=sip:a@b&body=hi").status == 404
    asterisk.register("alice")
    assert client("POST", call.format("alice", "a")).status == 200
    assert client("PUT", "endpoints/PJSIP/alice/sendMessage?from=sip:a@b&body=hi").status == 202
    asterisk.advance(1)
    assert asterisk.phone_of("a").state == "Up"
    asterisk.unregister("bob")
    assert client("POST", call.format("bob", "b")).status == 500
    asterisk.register("bob")
    assert client("POST", call.format("bob", "b")).status == 200
    asterisk.advance(1)
    assert [event["cause"] for event in asterisk.events.of("ChannelDestroyed")] == [17]


def test_a_call_outlives_the_registration(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """The device stays in use for as long as the call lasts, and is unavailable then."""
    client.listen("app", subscribeAll="true")
    assert client("POST", "channels?endpoint=PJSIP/eve&app=app&channelId=c").status == 200
    asterisk.advance(1)
    asterisk.clear()
    asterisk.unregister("eve")
    assert asterisk.events.types == ["PeerStatusChange", "ContactStatusChange"]
    shown = client("GET", "endpoints/PJSIP/eve").body
    assert (shown["state"], shown["channel_ids"]) == ("offline", ["c"])
    assert client("GET", "deviceStates/PJSIP%2Feve").body["state"] == "INUSE"
    assert client("DELETE", "channels/c").status == 204
    asterisk.settle()
    states = [event["device_state"] for event in asterisk.events.of("DeviceStateChanged")]
    assert states == [{"name": "PJSIP/eve", "state": "UNAVAILABLE"}]


def test_what_a_server_learns_ends_with_it(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """Registrations are forgotten in a restart, and an `Endpoint` given to two servers is each one's own."""
    asterisk.unregister("eve")
    asterisk.register("alice")
    with EmbeddedAsterisk(endpoints=ENDPOINTS) as second:
        assert Client(second)("GET", "endpoints/PJSIP/eve").body["state"] == "online"
    asterisk.faults.restart()
    states = {one["resource"]: one["state"] for one in client("GET", "endpoints").body}
    assert states == {"alice": "offline", "bob": "online", "eve": "online"}


def test_who_hears_of_a_message(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """Each subscription that covers the endpoint brings it once, whether the endpoint is registered or not."""
    watch(client)
    asterisk.incoming_message("alice", "hello ARI", to="hello")
    everything_is_modelled(asterisk.events)
    counts = {app: len(types) for app, types in heard(asterisk).items()}
    assert counts == {"all": 1, "one": 1, "technology": 1, "both": 2, "every": 1}


def test_what_a_message_says(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """Sender and receiver are as the release writes them; headers are variables, those given among them."""
    client.listen("app", subscribeAll="true")
    asterisk.incoming_message("PJSIP/eve", "h\u00e9llo", to="sip:hello@pbx.test", variables={"X-Foo": "bar"})
    (event,) = asterisk.events
    assert list(event) == ["type", "timestamp", "endpoint", "message", "asterisk_id", "application"]
    assert event["endpoint"] == {"technology": "PJSIP", "resource": "eve", "state": "online", "channel_ids": []}
    message = event["message"]
    sender = "<sip>" if asterisk.release.startswith("16.") else "<sip:eve@127.0.0.1>"
    assert [message[key] for key in ("from", "to", "body")] == [sender, "pjsip:hello@pbx.test", "h\u00e9llo"]
    variables = message["variables"]
    assert (variables["X-Foo"], variables["PJSIP_ENDPOINT"], variables["Content-Length"]) == ("bar", "Eve", "6")
    assert variables["To"] == "<sip:hello@pbx.test>"
    asterisk.incoming_message("alice", "x")
    message = asterisk.events[-1]["message"]
    assert message["to"] == "pjsip:s@127.0.0.1"
    assert "PJSIP_ENDPOINT" not in message["variables"]
    asterisk.incoming_message("alice", "x", to='"Bob" <sips:bob@pbx.test>')
    assert asterisk.events[-1]["message"]["to"] == "pjsip:bob@pbx.test"


@pytest.mark.parametrize(
    ("name", "words"), [("Local/x@plain", "no PJSIP endpoint"), ("nosuch", "no endpoint 'nosuch'.*alice, bob")]
)
def test_what_is_no_endpoint_is_refused(asterisk: EmbeddedAsterisk, client: Client, name: str, words: str) -> None:
    """Local channels have no endpoint and send no messages; an unknown one is named together with those there are."""
    client.listen("app", subscribeAll="true")
    for act in (lambda: asterisk.incoming_message(name, "x"), lambda: asterisk.register(name), lambda: asterisk.unregister(name)):
        with pytest.raises(ValueError, match=words):
            act()
    assert asterisk.events.types == []


def test_a_filter_holds_for_them(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """Types that an application does not allow do not reach it."""
    client.listen("app", subscribeAll="true")
    assert client("PUT", "applications/app/eventFilter", {"allowed": [{"type": "TextMessageReceived"}]}).status == 200
    asterisk.register("alice")
    asterisk.incoming_message("alice", "x")
    assert asterisk.events.types == ["TextMessageReceived"]


def test_in_real_time_and_from_any_thread() -> None:
    """The events reach a socket at once, whichever thread of the test causes them."""
    with EmbeddedAsterisk(endpoints=ENDPOINTS) as asterisk:
        client = Client(asterisk)
        socket = client.listen("app", subscribeAll="true")

        def act() -> None:
            asterisk.register("alice")
            asterisk.incoming_message("alice", "hi")

        threads = [threading.Thread(target=act) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: len(asterisk.events) == 7)
        received = [json.loads(socket.recv())["type"] for _ in range(7)]
        assert received.count("TextMessageReceived") == 4
        assert received.count("PeerStatusChange") == 1
        client.close()


def test_who_names_an_endpoint_hears_of_its_channels(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """Once for the endpoint and once for its technology, media too; who is subscribed to all endpoints does not."""
    watch(client)
    asterisk.register("alice")
    client.listen("app")
    asterisk.clear()
    assert client("POST", "channels?endpoint=PJSIP/alice&app=app&channelId=c").status == 200
    asterisk.advance(1)
    client("POST", "channels/c/play?media=sound:beep")
    asterisk.advance(1)
    client("DELETE", "channels/c")
    asterisk.settle()
    changes = asterisk.events.of("EndpointStateChange")
    assert [event["endpoint"]["channel_ids"] for event in changes if event["application"] == "one"] == [["c"], []]
    found = heard(asterisk)
    types = found["one"]
    assert types[:2] == ["EndpointStateChange", "ChannelCreated"]
    assert types[-2:] == ["ChannelDestroyed", "EndpointStateChange"]
    assert {"Dial", "ChannelStateChange", "PlaybackStarted", "PlaybackFinished", "ChannelHangupRequest"} <= set(types)
    assert not {"StasisStart", "StasisEnd"} & set(types)
    assert found["technology"] == types
    assert found["both"] == [kind for kind in types for _ in range(2)]
    assert "every" not in found
    assert "other" not in found
