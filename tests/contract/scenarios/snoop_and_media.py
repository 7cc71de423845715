"""Snoop channels and external media."""

from typing import Any

from tests.contract.calls import bridge, caller, enter
from tests.contract.driver import Server
from tests.contract.scenarios import scenario


def _begun(body: dict[str, Any]) -> dict[str, Any]:
    """A new channel without the application that its own thread may have started."""
    return {key: value for key, value in body.items() if key != "dialplan"}


def _media(body: dict[str, Any]) -> dict[str, Any]:
    """A channel without the local ports and addresses in its variables."""
    return {
        **{key: body[key] for key in ("id", "state", "language", "caller", "connected")},
        "variables": sorted(name for name in body["channelvars"] if name.startswith("UNICASTRTP")),
    }


@scenario
def snoop_both_ways(server: Server) -> None:
    channel, snoop = caller(server), server.name("snoop")
    server.post(
        f"/channels/{channel}/snoop/{snoop}",
        {"app": server.app, "spy": "both", "whisper": "out", "appArgs": "a,b"},
        reduce=_begun,
    )
    server.wait("StasisStart", channel=snoop)
    server.get(f"/channels/{snoop}")
    server.delete(f"/channels/{snoop}")
    server.wait("StasisEnd", channel=snoop)
    server.pass_time()
    server.get(f"/channels/{snoop}", reduce=_begun)
    server.get(f"/channels/{channel}")


@scenario
def snoop_ends_with_its_channel(server: Server) -> None:
    channel, snoop = caller(server), server.name("snoop")
    server.post(f"/channels/{channel}/snoop", {"app": server.app, "spy": "in", "snoopId": snoop}, reduce=_begun)
    server.wait("StasisStart", channel=snoop)
    server.delete(f"/channels/{channel}")
    server.wait("ChannelDestroyed", channel=channel)
    server.wait("StasisEnd", channel=snoop)
    server.wait_until_gone(f"/channels/{snoop}")


@scenario
def snoop_again_under_the_same_id(server: Server) -> None:
    """The first one is kept until its channel is gone, since that has no audio; its id is free all the same."""
    channel, snoop = caller(server), server.name("snoop")
    server.post(f"/channels/{channel}/snoop", {"app": server.app, "spy": "in", "snoopId": snoop}, reduce=_begun)
    server.wait("StasisStart", channel=snoop)
    server.delete(f"/channels/{snoop}")
    server.wait("StasisEnd", channel=snoop)
    server.post(f"/channels/{channel}/snoop", {"app": server.app, "spy": "in", "snoopId": snoop}, reduce=_begun)
    server.wait("StasisStart", channel=snoop)
    server.get(f"/channels/{snoop}", reduce=_begun)


@scenario
def snoop_on_a_channel_in_the_dialplan(server: Server) -> None:
    channel, snoop = caller(server), server.name("snoop")
    server.post(f"/channels/{channel}-far/snoop/{snoop}", {"app": server.app, "spy": "in"}, reduce=_begun)
    server.wait("StasisStart", channel=snoop)


@scenario
def snoop_errors(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/snoop", {"app": server.app})
    server.post(f"/channels/{channel}/snoop", {"app": server.app, "spy": "none", "whisper": "none"})
    server.post(f"/channels/{channel}/snoop", {"app": server.app, "spy": "sideways"})
    server.post(f"/channels/{channel}/snoop", {"app": server.app, "whisper": "sideways"})
    server.post(f"/channels/{channel}/snoop", {"spy": "in"})
    server.post(f"/channels/{channel}/snoop", {"spy": "in", "app": ""})
    server.post(f"/channels/{channel}/snoop", {"spy": "in", "app": server.app, "snoopId": channel})


@scenario
def snoop_in_a_bridge(server: Server) -> None:
    channel, snoop, found = caller(server), server.name("snoop"), bridge(server)
    server.post(f"/channels/{channel}/snoop/{snoop}", {"app": server.app, "spy": "both"}, reduce=_begun)
    server.wait("StasisStart", channel=snoop)
    enter(server, found, snoop)
    server.get(f"/bridges/{found}")


@scenario
def external_media(server: Server) -> None:
    media = server.name("media")
    server.post(
        "/channels/externalMedia",
        {"channelId": media, "app": server.app, "external_host": "127.0.0.1:40000", "format": "ulaw"},
        reduce=_media,
    )
    server.wait("StasisStart", channel=media)
    server.get(f"/channels/{media}/variable?variable=UNICASTRTP_LOCAL_ADDRESS")
    server.delete(f"/channels/{media}")
    server.wait("StasisEnd", channel=media)
    server.wait_until_gone(f"/channels/{media}")


@scenario
def external_media_errors(server: Server) -> None:
    good = {"app": server.app, "external_host": "127.0.0.1:40000", "format": "ulaw"}
    for lacking in good:
        server.post("/channels/externalMedia", {key: value for key, value in good.items() if key != lacking})
    server.post("/channels/externalMedia", {**good, "format": "nosuch"})
    server.post("/channels/externalMedia", {**good, "encapsulation": "nosuch"})
    server.post("/channels/externalMedia", {**good, "transport": "nosuch"})
    server.post("/channels/externalMedia", {**good, "connection_type": "nosuch"}, reduce=_media)
    server.post("/channels/externalMedia", {**good, "direction": "nosuch"}, reduce=_media)
    server.post("/channels/externalMedia", {**good, "external_host": "no-port"})


@scenario
def external_media_over_other_transports(server: Server) -> None:
    good = {"app": server.app, "external_host": "127.0.0.1:40000", "format": "slin"}
    audiosocket = {**good, "encapsulation": "audiosocket", "transport": "tcp"}
    server.post("/channels/externalMedia", audiosocket)
    server.post("/channels/externalMedia", {**audiosocket, "transport": "udp"})
    server.post("/channels/externalMedia", {**good, "encapsulation": "audiosocket"})
    server.post("/channels/externalMedia", {**good, "transport": "tcp"})
    server.post("/channels/externalMedia", {**good, "encapsulation": "none", "transport": "websocket"})
    server.post("/channels/externalMedia", {**good, "encapsulation": "none"})


@scenario
def external_media_with_an_id_twice(server: Server) -> None:
    media = server.name("media")
    good = {"channelId": media, "app": server.app, "external_host": "127.0.0.1:40000", "format": "ulaw"}
    server.post("/channels/externalMedia", good, reduce=_media)
    server.wait("StasisStart", channel=media)
    server.post("/channels/externalMedia", good)
    server.get(f"/channels/{media}/rtp_statistics")
    server.delete(f"/channels/{media}")
    server.wait_until_gone(f"/channels/{media}")


@scenario
def snoop_checked_in_order(server: Server) -> None:
    for channel in (caller(server), "nosuch"):
        for given in ({}, {"spy": "no"}, {"spy": "in"}, {"spy": "in", "whisper": "no"}, {"spy": "none", "app": "x"}):
            server.post(f"/channels/{channel}/snoop", given)


@scenario
def external_media_checked_in_order(server: Server) -> None:
    right = {"app": server.app, "external_host": "127.0.0.1:40000", "format": "ulaw"}
    for wrong in (
        {"app": "", "external_host": ""},
        {"external_host": "", "format": ""},
        {"external_host": "", "encapsulation": "audiosocket"},
        {"external_host": "no", "direction": "no"},
        {"external_host": "::1", "encapsulation": "no"},
        {"format": "", "encapsulation": "no"},
        {"format": "", "direction": "no"},
        {"encapsulation": "no", "direction": "no"},
        {"encapsulation": "no", "format": "no"},
        {"encapsulation": "no", "connection_type": "server"},
        {"encapsulation": "rtp", "transport": "tcp", "format": ""},
        {"encapsulation": "audiosocket", "transport": "tcp", "data": "", "direction": "no"},
        {"encapsulation": "audiosocket", "transport": "tcp", "data": "no"},
        {"encapsulation": "no", "transport": "websocket", "format": ""},
    ):
        server.post("/channels/externalMedia", {**right, **wrong})
        server.post("/channels/externalMedia", {**right, **wrong}, {"variables": {"A": 5}})
