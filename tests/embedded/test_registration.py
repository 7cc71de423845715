"""Endpoints register, unregister and send text messages: the events of each application, as recorded from real servers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ari_rest._meta import parse_event
from asterisk_ari import AsteriskARI
from asterisk_ari.errors import AllocationFailed
from asterisk_ari.testing import EmbeddedAsterisk, ServerEndpoint
from tests.embedded.support import Client, until

ENDPOINTS = {"alice": "unreachable", "bob": "busy", "eve": ServerEndpoint("eve", "answers", caller_name="Eve")}
SOURCES = {
    "one": ["endpoint:PJSIP/alice"],
    "other": ["endpoint:PJSIP/bob"],
    "technology": ["endpoint:PJSIP"],
    "both": ["endpoint:PJSIP", "endpoint:PJSIP/alice"],
    "every": ["endpoint:"],
    "device": ["deviceState:PJSIP/alice"],
    "none": [],
}
CONTACT_EVENTS = ["EndpointStateChange", "PeerStatusChange", "ContactStatusChange"]


@pytest.fixture(params=["22.10.1", "16.28.0"])
def asterisk(request: pytest.FixtureRequest) -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(request.param, endpoints=ENDPOINTS, virtual_time=True) as server:
        yield server


def subscribe(client: Client) -> None:
    """Connect an application with each kind of subscription."""
    client.listen("all", subscribeAll="true")
    for app, sources in SOURCES.items():
        client.listen(app)
        for source in sources:
            assert client("POST", f"applications/{app}/subscription?eventSource={source}").status == 200


def take_events(asterisk: EmbeddedAsterisk) -> dict[str, list[str]]:
    """The types of the events that each application got since the last call."""
    types: dict[str, list[str]] = {}
    for event in asterisk.events:
        types.setdefault(event["application"], []).append(event["type"])
    asterisk.clear()
    return types


def assert_models_are_complete(events: list[dict[str, Any]]) -> None:
    for event in events:
        model = parse_event(event)
        assert type(model).__name__ == event["type"]
        parts = [model, *(getattr(model, name, None) for name in ("endpoint", "peer", "contact_info", "message", "device_state"))]
        assert [left for part in parts if (left := getattr(part, "additional_properties", None))] == []
        assert model.to_dict() == event


def test_events_of_registration_by_subscription(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """EndpointStateChange needs a subscription to the endpoint or its technology, the others also come with one to all."""
    subscribe(client)
    for change in (asterisk.register, asterisk.unregister):
        asterisk.clear()
        change("alice")
        assert_models_are_complete(asterisk.events)
        assert take_events(asterisk) == {
            "one": CONTACT_EVENTS,
            "technology": CONTACT_EVENTS,
            "both": [kind for kind in CONTACT_EVENTS for _ in range(2)],
            "every": CONTACT_EVENTS[1:],
            "all": [*CONTACT_EVENTS[1:], "DeviceStateChanged"],
            "device": ["DeviceStateChanged"],
        }
        change("PJSIP/alice")  # the second time nothing changes
        assert take_events(asterisk) == {}


def test_fields_of_the_events_of_registration(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """They have the fields and values of real servers, and requests show the same state."""
    client.listen("app", subscribeAll="true")
    states = [("register", "online", "Reachable", "NonQualified", "NOT_INUSE")]
    states += [("unregister", "offline", "Unreachable", "Removed", "UNAVAILABLE")]
    for method, state, peer, contact, device in states:
        asterisk.clear()
        getattr(asterisk, method)("alice")
        endpoint = {"technology": "PJSIP", "resource": "alice", "state": state, "channel_ids": []}
        assert client("GET", "endpoints/PJSIP/alice").body == endpoint
        assert client("GET", "deviceStates/PJSIP%2Falice").body["state"] == device
        first, second, third = asterisk.events
        assert list(first) == ["type", "timestamp", "endpoint", "peer", "asterisk_id", "application"]
        assert (first["endpoint"], first["peer"]) == (endpoint, {"peer_status": peer})
        assert list(second) == ["type", "timestamp", "endpoint", "contact_info", "asterisk_id", "application"]
        info = {"uri": "sip:alice@127.0.0.1:5060", "contact_status": contact, "aor": "alice", "roundtrip_usec": "0"}
        assert (second["endpoint"], second["contact_info"]) == (endpoint, info)
        assert third["device_state"] == {"name": "PJSIP/alice", "state": device}


def test_only_registered_endpoints_can_be_called(asterisk: EmbeddedAsterisk, client: Client) -> None:
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
    """The device stays in use as long as the call lasts, then it is unavailable."""
    client.listen("app", subscribeAll="true")
    assert client("POST", "channels?endpoint=PJSIP/eve&app=app&channelId=c").status == 200
    asterisk.advance(1)
    asterisk.clear()
    asterisk.unregister("eve")
    assert asterisk.events.types == ["PeerStatusChange", "ContactStatusChange"]
    endpoint = client("GET", "endpoints/PJSIP/eve").body
    assert (endpoint["state"], endpoint["channel_ids"]) == ("offline", ["c"])
    assert client("GET", "deviceStates/PJSIP%2Feve").body["state"] == "INUSE"
    assert client("DELETE", "channels/c").status == 204
    asterisk.settle()
    states = [event["device_state"] for event in asterisk.events.of("DeviceStateChanged")]
    assert states == [{"name": "PJSIP/eve", "state": "UNAVAILABLE"}]


def test_a_restart_removes_registrations(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """A `ServerEndpoint` object given to two servers is not shared by them."""
    asterisk.unregister("eve")
    asterisk.register("alice")
    with EmbeddedAsterisk(endpoints=ENDPOINTS) as second:
        assert Client(second)("GET", "endpoints/PJSIP/eve").body["state"] == "online"
    asterisk.faults.restart()
    states = {one["resource"]: one["state"] for one in client("GET", "endpoints").body}
    assert states == {"alice": "offline", "bob": "online", "eve": "online"}


def test_events_of_a_message_by_subscription(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """One event for each subscription that covers the endpoint, whether it is registered or not."""
    subscribe(client)
    asterisk.incoming_message("alice", "hello ARI", to="hello")
    assert_models_are_complete(asterisk.events)
    counts = {app: len(types) for app, types in take_events(asterisk).items()}
    assert counts == {"all": 1, "one": 1, "technology": 1, "both": 2, "every": 1}


def test_fields_of_a_message(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """Sender and recipient are as the release writes them; variables hold the headers, with those of the test."""
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
    ("name", "message"), [("Local/x@plain", "not a PJSIP endpoint"), ("nosuch", "no endpoint 'nosuch'.*alice, bob")]
)
def test_unknown_endpoints_are_refused(asterisk: EmbeddedAsterisk, client: Client, name: str, message: str) -> None:
    """Local channels have no endpoint; the message for an unknown name lists the known ones."""
    client.listen("app", subscribeAll="true")
    for call in (
        lambda: asterisk.incoming_message(name, "x"),
        lambda: asterisk.register(name),
        lambda: asterisk.unregister(name),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    assert asterisk.events.types == []


def test_event_filters_apply(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """Events of types that an application does not allow are not sent to it."""
    client.listen("app", subscribeAll="true")
    assert client("PUT", "applications/app/eventFilter", {"allowed": [{"type": "TextMessageReceived"}]}).status == 200
    asterisk.register("alice")
    asterisk.incoming_message("alice", "x")
    assert asterisk.events.types == ["TextMessageReceived"]


def test_in_real_time_and_from_any_thread() -> None:
    """The events are sent at once, whichever thread of the test causes them."""
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


def test_events_of_channels_by_subscription_to_endpoints(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """One for the endpoint and one for its technology, media included; none for a subscription to all endpoints."""
    subscribe(client)
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
    by_app = take_events(asterisk)
    types = by_app["one"]
    assert types[:2] == ["EndpointStateChange", "ChannelCreated"]
    assert types[-2:] == ["ChannelDestroyed", "EndpointStateChange"]
    assert {"Dial", "ChannelStateChange", "PlaybackStarted", "PlaybackFinished", "ChannelHangupRequest"} <= set(types)
    assert not {"StasisStart", "StasisEnd"} & set(types)
    assert by_app["technology"] == types
    assert by_app["both"] == [kind for kind in types for _ in range(2)]
    assert "every" not in by_app
    assert "other" not in by_app


@pytest.mark.parametrize(
    ("endpoints", "called", "words"),
    [
        (None, "PJSIP/zoe", ("PJSIP/zoe does not exist", "can be called: uas, trunk,", "endpoints={'zoe': 'answers'}")),
        (None, "PJSIP/5@zoe", ("PJSIP/zoe does not exist",)),
        (None, "PJSIP/alice", ("PJSIP/alice is unreachable", "register('alice')")),
        ({"bob": "busy"}, "PJSIP/trunk", ("PJSIP/trunk does not exist", "can be called: bob.")),
    ],
)
def test_a_call_to_nobody_says_who_can_be_called(
    endpoints: dict[str, str] | None, called: str, words: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """In the log of the embedded server: the answer is Asterisk's own, and says nothing."""
    with EmbeddedAsterisk(endpoints=endpoints) as asterisk, AsteriskARI(url=asterisk.url, events=False) as ari:
        with pytest.raises(AllocationFailed):
            ari.channels.originate(called, app="a")
    (said,) = (record.getMessage() for record in caplog.records if record.name == "asterisk_ari.testing")
    assert [word for word in words if word not in said] == []
