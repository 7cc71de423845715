"""The event WebSocket: handshakes, replacement, subscriptions to all, user events, requests over it."""

import json

from tests.contract.calls import bridge, caller, hang_up
from tests.contract.driver import READER, Server
from tests.contract.event_sockets import Listener
from tests.contract.scenarios import scenario, unconnected


@unconnected
def handshake_errors(server: Server) -> None:
    server.handshake("")
    server.handshake("app=")
    server.handshake(f"app={server.app}", user=None)
    server.handshake(f"app={server.app}", user=("asterisk", "wrong"))
    server.handshake(f"app={server.app}", subprotocols=["nosuch"])
    server.get("/events")
    server.get(f"/events?app={server.app}")


@unconnected
def other_methods_of_the_events(server: Server) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        server.request(method, "/events")


@unconnected
def long_names_of_applications(server: Server) -> None:
    for length in (60, 71, 72, 73, 74, 79, 80, 81, 300):
        server.handshake(f"app={'x' * length}")


@unconnected
def handshake_accepted(server: Server) -> None:
    server.handshake(f"app={server.app}")
    server.handshake(f"app={server.app}", user=READER)
    server.handshake(f"app={server.app}", subprotocols=["ari"])
    server.handshake(f"app={server.app}", subprotocols=["nosuch", "ari"])
    server.handshake(f"app={server.app}&api_key=asterisk:asterisk", user=None)
    server.handshake(f"app={server.name('one')},{server.name('two')}")
    server.handshake(f"app={server.app}&subscribeAll=maybe")


@unconnected
def one_websocket_two_apps(server: Server) -> None:
    one, two = server.name("one"), server.name("two")
    server.listen(f"{one},{two}")
    server.get("/applications", reduce=server.ours)
    channel = server.name("caller")
    server.post(
        "/channels", {"endpoint": "Local/wait@plain", "app": two, "channelId": channel, "otherChannelId": server.name("far")}
    )
    server.wait("StasisStart", app=two, channel=channel)


@scenario
def second_websocket_replaces_the_first(server: Server) -> None:
    server.listen()
    server.wait("ApplicationReplaced")
    channel = caller(server)
    hang_up(server, channel)


@unconnected
def subscribe_all(server: Server) -> None:
    server.listen(server.name("watcher"), query="&subscribeAll=true")
    server.get(
        f"/applications/{server.name('watcher')}",
        reduce=lambda body: {key: sorted(value, key=str) for key, value in body.items() if key != "name"},
    )
    channel = server.name("caller")
    server.post(
        f"/channels/{channel}",
        {"endpoint": "Local/ring@plain", "context": "plain", "extension": "wait", "otherChannelId": server.name("far")},
    )
    server.wait("ChannelStateChange", channel=channel)
    server.delete(f"/channels/{channel}")
    server.wait("ChannelDestroyed", channel=channel)
    server.post(f"/bridges/{server.name('b')}", {"type": "mixing"})
    server.wait("BridgeCreated", bridge=server.name("b"))


def _sorted(body: dict) -> dict:
    return {key: sorted(value, key=str) for key, value in body.items() if key != "name"}


def _close(server: Server, *listeners: Listener) -> None:
    server.pass_time()
    for listener in listeners:
        listener.socket.close(timeout=5)
        listener.closed.wait(5)
    server.pass_time()


@unconnected
def events_of_all_come_once(server: Server) -> None:
    server.listen(query="&subscribeAll=true")
    channel, found = caller(server), bridge(server)
    server.post(f"/bridges/{found}/addChannel", {"channel": channel})
    server.wait("ChannelEnteredBridge", bridge=found)
    server.post(f"/applications/{server.app}/subscription", {"eventSource": f"channel:{channel},bridge:{found}"}, reduce=_sorted)
    server.post(f"/bridges/{found}/removeChannel", {"channel": channel})
    server.wait("ChannelLeftBridge", bridge=found)
    server.post("/bridges", {"bridgeId": found})
    server.delete(f"/bridges/{found}")
    server.wait("BridgeDestroyed", bridge=found)


@unconnected
def a_filter_may_hide_application_replaced(server: Server) -> None:
    server.listen()
    server.put(f"/applications/{server.app}/eventFilter", None, {"disallowed": [{"type": "ApplicationReplaced"}]}, reduce=_sorted)
    server.listen()
    server.put(f"/applications/{server.app}/eventFilter", None, {}, reduce=_sorted)
    server.listen()
    server.wait("ApplicationReplaced")


@unconnected
def subscriptions_after_the_websocket_closed(server: Server) -> None:
    sources = {
        "technology": "endpoint:PJSIP",
        "endpoint": "endpoint:PJSIP/alice",
        "endpoints": "endpoint:",
        "channels": "channel:",
        "bridges": "bridge:",
        "device": f"deviceState:Stasis:{server.name('d')}",
        "devices": "deviceState:",
    }
    listeners = {server.name(base): server.listen(server.name(base)) for base in sources}
    for app, source in zip(listeners, sources.values(), strict=True):
        server.post(f"/applications/{app}/subscription", {"eventSource": source}, reduce=_sorted)
    _close(server, *listeners.values())
    for app in listeners:
        server.get(f"/applications/{app}", reduce=_sorted)
        server.listen(app)
        server.get(f"/applications/{app}", reduce=_sorted)


@unconnected
def some_subscriptions_end_with_the_websocket(server: Server) -> None:
    app = server.name("both")
    listener = server.listen(app)
    for source in ("endpoint:PJSIP", "channel:", f"deviceState:Stasis:{server.name('d')}", "deviceState:"):
        server.post(f"/applications/{app}/subscription", {"eventSource": source}, reduce=_sorted)
    _close(server, listener)
    server.get(f"/applications/{app}", reduce=_sorted)


@unconnected
def subscriptions_to_all_end_with_the_websocket(server: Server) -> None:
    app = server.name("watcher")
    _close(server, server.listen(app, query="&subscribeAll=true"))
    server.get(f"/applications/{app}", reduce=_sorted)
    server.listen(app)
    server.get(f"/applications/{app}", reduce=_sorted)


@unconnected
def an_app_subscribed_to_a_failed_channel_stays(server: Server) -> None:
    app, channel = server.name("idle"), server.name("c")
    listener = server.listen(app)
    server.post("/channels/create", {"endpoint": "PJSIP/uas", "app": app, "channelId": channel})
    _close(server, listener)
    server.get(f"/applications/{app}", reduce=_sorted)
    server.delete(f"/channels/{channel}")
    server.settle()
    server.get(f"/applications/{app}", reduce=_sorted)
    server.listen(server.name("another"))
    server.get(f"/applications/{app}", reduce=_sorted)


@unconnected
def a_filter_ends_with_the_websocket(server: Server) -> None:
    app = server.name("filtering")
    listener = server.listen(app)
    server.put(f"/applications/{app}/eventFilter", None, {"disallowed": [{"type": "Dial"}]}, reduce=_sorted)
    _close(server, listener)
    server.get(f"/applications/{app}")
    server.listen(app)
    server.get(f"/applications/{app}", reduce=_sorted)


@unconnected
def unsubscribing_from_all_of_a_kind(server: Server) -> None:
    everything, posted = server.name("everything"), server.name("posted")
    device = f"deviceState:Stasis:{server.name('d')}"
    server.listen(everything, query="&subscribeAll=true")
    server.listen(posted)
    server.post(f"/applications/{posted}/subscription", {"eventSource": f"{device},endpoint:,deviceState:"}, reduce=_sorted)
    server.delete(f"/applications/{posted}/subscription", {"eventSource": f"{device},channel:nosuch"})
    server.post(f"/applications/{posted}/subscription", {"eventSource": f"{device}2,{device},nosuch:x"})
    for app in (everything, posted):
        for source in ("channel:", "bridge:", "endpoint:", "endpoint:PJSIP", device, device, "deviceState:", "deviceState:"):
            server.delete(f"/applications/{app}/subscription", {"eventSource": source}, reduce=_sorted)


@scenario
def channels_survive_their_websocket(server: Server) -> None:
    other = server.name("other")
    listener = server.listen(other)
    channel = server.name("caller")
    server.post(
        "/channels", {"endpoint": "Local/wait@plain", "app": other, "channelId": channel, "otherChannelId": server.name("far")}
    )
    server.wait("StasisStart", app=other, channel=channel)
    listener.socket.close(timeout=5)
    listener.closed.wait(5)
    server.pass_time()
    server.get(f"/channels/{channel}")
    server.get(f"/applications/{other}", reduce=lambda body: sorted(body["channel_ids"]))
    server.listen(other)
    server.delete(f"/channels/{channel}")
    server.wait("ChannelDestroyed", app=other, channel=channel)


@scenario
def user_events(server: Server) -> None:
    server.post("/events/user/Plain", {"application": server.app})
    server.wait("ChannelUserevent")
    server.post("/events/user/Keys", {"application": server.app}, {"variables": {"key": "value", "number": "5"}})
    server.wait("ChannelUserevent")
    server.post("/events/user/a%20b%2Fc", {"application": server.app})
    server.wait("ChannelUserevent")


@scenario
def user_events_about_something(server: Server) -> None:
    channel = caller(server)
    server.post("/events/user/Mine", {"application": server.app, "source": f"channel:{channel}"}, {"variables": {"key": "value"}})
    server.wait("ChannelUserevent")
    server.post("/events/user/Mine", {"application": server.app, "source": "endpoint:PJSIP/alice"})
    server.wait("ChannelUserevent")


@scenario
def user_event_errors(server: Server) -> None:
    server.post("/events/user/X")
    server.post("/events/user/X", {"application": ""})
    server.post("/events/user/X", {"application": "nosuch"})
    for source in ("nonsense", "nosuch:x", "channel:nosuch", "bridge:nosuch", "endpoint:nosuch", "deviceState:Stasis:x"):
        server.post("/events/user/X", {"application": server.app, "source": source})
    server.post("/events/user/X", {"application": server.app}, {"variables": {"key": 5}})
    server.post("/events/user/X", {"application": server.app}, {"variables": "text"})


@scenario
def user_event_of_the_dialplan(server: Server) -> None:
    channel = caller(server, far="userevent")
    server.wait("ChannelUserevent", channel=f"{channel}-far")


@scenario
def claim_errors(server: Server) -> None:
    server.post("/events/claim")
    server.post("/events/claim", {"channelId": "nosuch", "application": server.app})
    channel = caller(server)
    server.post("/events/claim", {"channelId": channel, "application": server.app})
    server.post("/events/claim", {"channelId": channel})
    server.post("/events/claim", {"channelId": channel, "application": "nosuch"})


def _over(server: Server, request_id: str, method: str, uri: str, **more: str) -> None:
    """Send a request over the event WebSocket; releases without REST over WebSocket do not respond."""
    message = {"type": "RESTRequest", "request_id": request_id, "method": method, "uri": uri, **more}
    server.send_over_websocket(json.dumps(message))
    server.pass_time(0.3)


@scenario
def requests_over_the_websocket(server: Server) -> None:
    _over(server, "1", "GET", "asterisk/ping")
    _over(server, "2", "GET", "channels/nosuch")
    _over(server, "3", "GET", "/channels")
    _over(server, "4", "PATCH", "channels")
    _over(server, "5", "POST", "asterisk/variable?variable=A&value=b")
    body = json.dumps({"type": "mixing", "bridgeId": server.name("b")})
    _over(server, "6", "POST", "bridges", content_type="application/json", message_body=body)
    _over(server, "7", "DELETE", f"bridges/{server.name('b')}")


@scenario
def invalid_messages_over_the_websocket(server: Server) -> None:
    server.send_over_websocket("not json")
    server.pass_time(0.3)
    server.send_over_websocket('{"type": "Nonsense"}')
    server.pass_time(0.3)
    server.send_over_websocket('{"type": "RESTRequest"}')
    server.pass_time(0.3)


@scenario
def properties_of_wrong_types_over_the_websocket(server: Server) -> None:
    for message in ("5", "null", "[]", '{"type": 5}', '{"type": "RESTRequest", "uri": 5, "method": []}'):
        server.send_over_websocket(message)
        server.pass_time(0.3)
    server.send_over_websocket('{"type": "RESTRequest", "uri": "channels", "method": []}')
    server.pass_time(0.3)
    for strings in ("null", '{"variable": "X"}', "[5]", '[{"name": "variable"}]', '[{"name": "variable", "value": 5}]'):
        server.send_over_websocket(
            f'{{"type": "RESTRequest", "uri": "asterisk/variable", "method": "GET", "query_strings": {strings}}}'
        )
        server.pass_time(0.3)
    for body in ("5", '{"variable": "X"}'):
        uri = '"uri": "asterisk/variable", "method": "POST"'
        server.send_over_websocket(
            f'{{"type": "RESTRequest", {uri}, "content_type": "application/json", "message_body": {body}}}'
        )
        server.pass_time(0.3)
