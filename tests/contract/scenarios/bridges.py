"""Bridges: types, creation and destruction, channels that enter and leave."""

from tests.contract.calls import answered_pair, bridge, caller, enter, hang_up
from tests.contract.driver import Server
from tests.contract.scenarios import scenario


@scenario
def bridge_types(server: Server) -> None:
    types = ("mixing", "holding", "dtmf_events,mixing", "proxy_media,mixing", "video_sfu,mixing", "video_single,mixing")
    for number, kind in enumerate(types):
        server.post("/bridges", {"type": kind, "bridgeId": server.name(f"b{number}"), "name": f"name {number}"})
    server.post("/bridges", {"bridgeId": server.name("plain")})
    server.get("/bridges", reduce=lambda body: sorted([one["id"], one["technology"], one["bridge_type"]] for one in body))


@scenario
def bridge_bad_types(server: Server) -> None:
    for number, kind in enumerate(("nosuch", "dtmf_events", "holding,mixing", "mixing,nosuch")):
        server.post("/bridges", {"type": kind, "bridgeId": server.name(f"b{number}")})


@scenario
def bridge_without_id(server: Server) -> None:
    server.post("/applications/" + server.app + "/subscription", {"eventSource": "bridge:"}, reduce=lambda body: None)
    made = server.post("/bridges", {"type": "mixing", "name": "by name"})
    server.get(f"/bridges/{made.body['id']}")
    server.delete(f"/bridges/{made.body['id']}")
    server.wait("BridgeDestroyed", show=False)


@scenario
def bridge_created_twice(server: Server) -> None:
    found = bridge(server, name="first")
    server.post("/bridges", {"type": "mixing", "bridgeId": found, "name": "second"})
    server.post(f"/bridges/{found}", {"type": "mixing", "name": "third"})
    server.post(f"/bridges/{found}", {"type": "holding"})
    server.get(f"/bridges/{found}")


@scenario
def bridge_unknown(server: Server) -> None:
    server.get("/bridges/nosuch")
    server.delete("/bridges/nosuch")
    for command in ("addChannel?channel=x", "removeChannel?channel=x", "moh", "play?media=sound:x", "record?name=x&format=wav"):
        server.post(f"/bridges/nosuch/{command}")
    server.post("/bridges/nosuch/videoSource/x")
    server.delete("/bridges/nosuch/videoSource")
    server.delete("/bridges/nosuch/moh")


@scenario
def bridge_one_channel_in_and_out(server: Server) -> None:
    channel, found = caller(server), bridge(server)
    enter(server, found, channel)
    server.get(f"/bridges/{found}")
    server.post(f"/bridges/{found}/removeChannel", {"channel": channel})
    server.wait("ChannelLeftBridge", channel=channel)
    server.get(f"/bridges/{found}")
    server.delete(f"/bridges/{found}")
    server.wait_until_gone(f"/bridges/{found}")
    server.get(f"/bridges/{found}")


@scenario
def bridge_two_channels(server: Server) -> None:
    one, two, found = caller(server, "one"), caller(server, "two"), bridge(server)
    enter(server, found, one)
    enter(server, found, two)
    server.get(f"/bridges/{found}", reduce=lambda body: {**body, "channels": sorted(body["channels"])})
    hang_up(server, one)
    server.get(f"/bridges/{found}")


@scenario
def bridge_with_caller_ids(server: Server) -> None:
    one, two, found = caller(server, "one", callerId="Ann <1>"), caller(server, "two", callerId="Bob <2>"), bridge(server)
    enter(server, found, one)
    enter(server, found, two)
    server.wait_until(f"/channels/{one}", lambda channel: channel["connected"]["number"] == "2")
    server.get(f"/channels/{one}")
    server.get(f"/channels/{two}")


@scenario
def bridge_add_errors(server: Server) -> None:
    found = bridge(server)
    server.post(f"/bridges/{found}/addChannel")
    server.post(f"/bridges/{found}/addChannel", {"channel": ""})
    server.post(f"/bridges/{found}/addChannel", {"channel": "nosuch"})
    channel = caller(server)
    server.post(f"/bridges/{found}/addChannel", {"channel": f"{channel}-far"})
    server.post(f"/bridges/{found}/addChannel", {"channel": f"{channel},nosuch"})
    server.get(f"/bridges/{found}")


@scenario
def bridge_remove_errors(server: Server) -> None:
    found = bridge(server)
    server.post(f"/bridges/{found}/removeChannel")
    server.post(f"/bridges/{found}/removeChannel", {"channel": "nosuch"})
    channel = caller(server)
    server.post(f"/bridges/{found}/removeChannel", {"channel": channel})
    server.post(f"/bridges/{found}/removeChannel", {"channel": f"{channel}-far"})


@scenario
def bridge_added_twice(server: Server) -> None:
    channel, found = caller(server), bridge(server)
    enter(server, found, channel)
    server.post(f"/bridges/{found}/addChannel", {"channel": channel})
    server.pass_time(1)
    server.get(f"/bridges/{found}")


@scenario
def bridge_change(server: Server) -> None:
    channel, first, second = caller(server), bridge(server, "first"), bridge(server, "second")
    enter(server, first, channel)
    enter(server, second, channel)
    server.get(f"/bridges/{first}")
    server.get(f"/bridges/{second}")


@scenario
def bridge_several_at_once(server: Server) -> None:
    one, two, found = caller(server, "one"), caller(server, "two"), bridge(server)
    server.post(f"/bridges/{found}/addChannel", {"channel": f"{one},{two}"})
    server.wait("ChannelEnteredBridge", channel=one)
    server.wait("ChannelEnteredBridge", channel=two)
    server.post(f"/bridges/{found}/removeChannel", {"channel": f"{one},{two}"})
    server.wait("ChannelLeftBridge", channel=one)
    server.wait("ChannelLeftBridge", channel=two)


@scenario
def bridge_destroyed_with_a_channel(server: Server) -> None:
    channel, found = caller(server), bridge(server)
    enter(server, found, channel)
    server.delete(f"/bridges/{found}")
    server.wait("ChannelLeftBridge", channel=channel)
    server.wait_until_gone(f"/bridges/{found}")
    server.get(f"/channels/{channel}")
    server.post(f"/channels/{channel}/answer")


@scenario
def bridge_holding_roles(server: Server) -> None:
    found = bridge(server, type="holding")
    for number, role in enumerate(("participant", "announcer")):
        enter(server, found, caller(server, f"c{number}"), role=role)
    enter(server, found, caller(server, "nobody"), role="nosuch")
    server.get(f"/bridges/{found}", reduce=lambda body: {**body, "channels": sorted(body["channels"])})


@scenario
def bridge_mixing_with_a_role(server: Server) -> None:
    channel, found = caller(server), bridge(server)
    enter(server, found, channel, role="participant", absorbDTMF="true", mute="true")
    server.get(f"/bridges/{found}")


@scenario
def bridge_music(server: Server) -> None:
    found = bridge(server)
    server.delete(f"/bridges/{found}/moh")
    server.post(f"/bridges/{found}/moh")
    server.post(f"/bridges/{found}/moh", {"mohClass": "default"})
    server.delete(f"/bridges/{found}/moh")
    server.delete(f"/bridges/{found}/moh")


@scenario
def bridge_passes_dtmf(server: Server) -> None:
    (one, one_far), (two, two_far) = answered_pair(server, "one"), answered_pair(server, "two")
    found = bridge(server)
    enter(server, found, one)
    enter(server, found, two)
    server.post(f"/channels/{one_far}/dtmf", {"dtmf": "7"})
    server.wait("ChannelDtmfReceived", channel=one)
    server.wait("ChannelDtmfReceived", channel=two_far)


@scenario
def bridge_commands_on_a_bridged_channel(server: Server) -> None:
    channel, found = caller(server), bridge(server)
    enter(server, found, channel)
    server.post(f"/channels/{channel}/mute", {"direction": "in"})
    server.post(f"/channels/{channel}/hold")
    server.post(f"/channels/{channel}/variable", {"variable": "A", "value": "b"})
    server.wait("ChannelVarset", channel=channel, variable="A")
    server.post(f"/channels/{channel}/record", {"name": server.name("r"), "format": "wav"})
    server.wait("RecordingFailed", recording=server.name("r"))


@scenario
def bridge_channel_hangs_up(server: Server) -> None:
    channel, found = caller(server), bridge(server)
    enter(server, found, channel)
    server.delete(f"/channels/{channel}-far")
    server.wait("ChannelDestroyed", channel=channel)
    server.get(f"/bridges/{found}")


@scenario
def bridge_channel_continues(server: Server) -> None:
    channel, found = caller(server), bridge(server)
    enter(server, found, channel)
    server.post(f"/channels/{channel}/continue", {"context": "plain", "extension": "silent", "priority": 1})
    server.wait("StasisEnd", channel=channel)
    server.get(f"/bridges/{found}")


@scenario
def bridge_video_source(server: Server) -> None:
    channel, found = caller(server), bridge(server)
    server.post(f"/bridges/{found}/videoSource/nosuch")
    server.post(f"/bridges/{found}/videoSource/{channel}")
    enter(server, found, channel)
    server.post(f"/bridges/{found}/videoSource/{channel}")
    server.get(f"/bridges/{found}")
    server.delete(f"/bridges/{found}/videoSource")
    server.get(f"/bridges/{found}")


@scenario
def created_again_with_another_type(server: Server) -> None:
    found = server.name("b")
    for kind in ("mixing", "holding", "nosuch", "mixing,nosuch", "holding,mixing", "dtmf_events", ""):
        server.post("/bridges", {"type": kind, "bridgeId": found}, reduce=lambda body: body and body["bridge_type"])
        server.post(f"/bridges/{found}", {"type": kind}, reduce=lambda body: body and body["bridge_type"])
