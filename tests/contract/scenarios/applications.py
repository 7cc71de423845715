"""Applications: lists, subscriptions, event filters."""

from tests.contract.calls import bridge, caller, hang_up, second_app
from tests.contract.driver import Server
from tests.contract.scenarios import scenario


def _sorted(body: dict) -> dict:
    return {key: sorted(value, key=str) if isinstance(value, list) else value for key, value in body.items()}


@scenario
def application_listed(server: Server) -> None:
    server.get(f"/applications/{server.app}")
    server.get("/applications", reduce=server.ours)
    server.get("/applications/nosuch")


@scenario
def application_with_a_channel_and_a_bridge(server: Server) -> None:
    caller(server)
    bridge(server)
    server.get(f"/applications/{server.app}", reduce=_sorted)


@scenario
def application_without_websocket_and_channels_is_gone(server: Server) -> None:
    other = server.name("other")
    listener = server.listen(other)
    server.get(f"/applications/{other}")
    listener.socket.close(timeout=5)
    listener.closed.wait(5)
    server.wait_until_gone(f"/applications/{other}")


@scenario
def subscribe_to_a_channel(server: Server) -> None:
    other = second_app(server)
    channel = caller(server)
    server.post(f"/applications/{other}/subscription", {"eventSource": f"channel:{channel}"}, reduce=_sorted)
    server.post(f"/applications/{other}/subscription", {"eventSource": f"channel:{channel}"}, reduce=_sorted)
    server.post(f"/channels/{channel}/variable", {"variable": "A", "value": "b"})
    server.wait("ChannelVarset", app=other, channel=channel, variable="A")
    server.delete(f"/applications/{other}/subscription", {"eventSource": f"channel:{channel}"}, reduce=_sorted)
    server.delete(f"/applications/{other}/subscription", {"eventSource": f"channel:{channel}"}, reduce=_sorted)
    server.delete(f"/applications/{other}/subscription", {"eventSource": f"channel:{channel}"})
    hang_up(server, channel)


@scenario
def subscribe_to_a_bridge(server: Server) -> None:
    other, found = second_app(server), bridge(server)
    server.post(f"/applications/{other}/subscription", {"eventSource": f"bridge:{found}"}, reduce=_sorted)
    server.delete(f"/bridges/{found}")
    server.wait("BridgeDestroyed", app=other, bridge=found)


@scenario
def subscribe_to_all_bridges(server: Server) -> None:
    server.post(f"/applications/{server.app}/subscription", {"eventSource": "bridge:"}, reduce=_sorted)
    found = bridge(server)
    server.wait("BridgeCreated", bridge=found)
    server.post(f"/bridges/{found}", {"type": "mixing", "name": "changed"})
    server.delete(f"/bridges/{found}")
    server.wait("BridgeDestroyed", bridge=found)
    server.delete(f"/applications/{server.app}/subscription", {"eventSource": "bridge:"}, reduce=_sorted)


@scenario
def subscribe_to_all_channels(server: Server) -> None:
    other = second_app(server)
    server.post(f"/applications/{other}/subscription", {"eventSource": "channel:"}, reduce=_sorted)
    channel = server.name("caller")
    server.post(
        f"/channels/{channel}", {"endpoint": "Local/silent@plain", "app": server.app, "otherChannelId": server.name("far")}
    )
    server.wait("ChannelCreated", app=other, channel=channel)
    server.wait("ChannelDialplan", app=other, channel=server.name("far"))
    server.delete(f"/channels/{channel}")
    server.wait("ChannelDestroyed", app=other, channel=channel)


@scenario
def subscribe_several_at_once(server: Server) -> None:
    other, channel, found = second_app(server), caller(server), bridge(server)
    sources = f"channel:{channel},bridge:{found},deviceState:Stasis:{server.name('d')}"
    server.post(f"/applications/{other}/subscription", {"eventSource": sources}, reduce=_sorted)
    server.post(f"/applications/{other}/subscription", {"eventSource": f"bridge:{found},channel:nosuch"})
    server.get(f"/applications/{other}", reduce=_sorted)
    server.delete(f"/applications/{other}/subscription", {"eventSource": sources}, reduce=_sorted)


@scenario
def subscribe_errors(server: Server) -> None:
    where = f"/applications/{server.app}/subscription"
    server.post(where)
    server.post(where, {"eventSource": ""})
    for source in (
        "nonsense",
        "nosuch:x",
        "channel:nosuch",
        "bridge:nosuch",
        "endpoint:nosuch",
        "endpoint:NoTech/x",
        "endpoint:PJSIP/nosuch",
    ):
        server.post(where, {"eventSource": source})
        server.delete(where, {"eventSource": source})
    server.post("/applications/nosuch/subscription", {"eventSource": "channel:x"})
    server.delete("/applications/nosuch/subscription", {"eventSource": "channel:x"})
    server.get(f"/applications/{server.app}")


@scenario
def subscribe_to_a_technology(server: Server) -> None:
    server.post(f"/applications/{server.app}/subscription", {"eventSource": "endpoint:PJSIP"}, reduce=_sorted)
    server.post(f"/applications/{server.app}/subscription", {"eventSource": "endpoint:PJSIP/alice"}, reduce=_sorted)
    server.delete(f"/applications/{server.app}/subscription", {"eventSource": "endpoint:PJSIP"}, reduce=_sorted)


@scenario
def subscribe_to_an_endpoint(server: Server) -> None:
    one, technology, every = (server.name(base) for base in ("one", "technology", "every"))
    for app, source in ((one, "endpoint:PJSIP/uas"), (technology, "endpoint:PJSIP"), (every, "endpoint:")):
        server.listen(app)
        server.post(f"/applications/{app}/subscription", {"eventSource": source}, reduce=_sorted)
    server.post(f"/applications/{one}/subscription", {"eventSource": "endpoint:PJSIP"}, reduce=_sorted)
    channel = server.name("caller")
    server.post("/channels/create", {"endpoint": "PJSIP/uas", "app": server.app, "channelId": channel})
    server.get("/endpoints/PJSIP/uas")
    server.wait("StasisStart", channel=channel, show=False)  # the channel enters the app in its own thread
    server.post(f"/channels/{channel}/variable", {"variable": "A", "value": "b"})
    server.wait("ChannelVarset", app=one, channel=channel, variable="A")
    server.delete(f"/channels/{channel}")
    server.wait("ChannelDestroyed", app=technology, channel=channel)
    server.get("/endpoints/PJSIP/uas")


@scenario
def filter_allows_some_types(server: Server) -> None:
    server.put(
        f"/applications/{server.app}/eventFilter", None, {"allowed": [{"type": "StasisStart"}, {"type": "ChannelDestroyed"}]}
    )
    channel = caller(server)
    hang_up(server, channel)
    server.wait_until(f"/applications/{server.app}", lambda app: not app["channel_ids"])  # the far half goes last
    server.put(f"/applications/{server.app}/eventFilter", None, {})
    server.get(f"/applications/{server.app}")


@scenario
def filter_disallows_some_types(server: Server) -> None:
    no = [{"type": "ChannelVarset"}, {"type": "ChannelDialplan"}, {"type": "Dial"}]
    server.put(f"/applications/{server.app}/eventFilter", None, {"disallowed": no})
    channel = caller(server)
    hang_up(server, channel)
    server.wait_until(f"/applications/{server.app}", lambda app: not app["channel_ids"])  # the far half goes last
    server.get(f"/applications/{server.app}")


@scenario
def filter_errors(server: Server) -> None:
    where = f"/applications/{server.app}/eventFilter"
    server.put("/applications/nosuch/eventFilter", None, {})
    server.put(where, None, {"allowed": "StasisStart"})
    server.put(where, None, {"allowed": ["StasisStart"]})
    server.put(where, None, {"allowed": [{"kind": "StasisStart"}]})
    server.put(where, None, {"allowed": []})
    server.put(where, None, {"disallowed": [{"type": "NoSuch"}]})
    server.put(where, None, {"nonsense": []})
    server.get(f"/applications/{server.app}")
