"""Common beginnings of scenarios: channels in the app, bridges with channels."""

from __future__ import annotations

from typing import Any

from tests.contract.driver import Server


def originate(server: Server, name: str, far: str = "wait", **more: Any) -> str:
    """Originate Local/FAR@plain; the near half enters the app of the scenario when the far half answers."""
    channel = server.name(name)
    server.post(
        "/channels",
        {
            "endpoint": f"Local/{far}@plain",
            "app": server.app,
            "channelId": channel,
            "otherChannelId": f"{channel}-far",
            **more,
        },
    )
    return channel


def caller(server: Server, name: str = "caller", far: str = "wait", **more: Any) -> str:
    """A channel in the app, answered; its other half is in the dialplan."""
    channel = originate(server, name, far, **more)
    server.wait("StasisStart", channel=channel)
    return channel


def both_halves(server: Server, name: str = "caller") -> tuple[str, str]:
    """A Local channel with both halves in the app, the far one not answered yet."""
    near, far = server.name(name), f"{server.name(name)}-far"
    server.post(
        "/channels",
        {"endpoint": f"Local/{server.app}@stasis", "app": server.app, "channelId": near, "otherChannelId": far},
    )
    server.wait("StasisStart", channel=far)
    return near, far


def answered_pair(server: Server, name: str = "caller") -> tuple[str, str]:
    """A Local channel with both halves in the app and Up."""
    near, far = both_halves(server, name)
    server.post(f"/channels/{far}/answer")
    server.wait("StasisStart", channel=near)
    server.wait_until(f"/channels/{far}", lambda channel: channel["state"] == "Up")
    return near, far


def bridge(server: Server, name: str = "bridge", *, type: str = "mixing", **more: Any) -> str:
    bridge_id = server.name(name)
    server.post("/bridges", {"type": type, "bridgeId": bridge_id, **more})
    return bridge_id


def enter(server: Server, bridge_id: str, channel: str, **more: Any) -> None:
    server.post(f"/bridges/{bridge_id}/addChannel", {"channel": channel, **more})
    server.wait("ChannelEnteredBridge", channel=channel, bridge=bridge_id)


def hang_up(server: Server, channel: str, **more: Any) -> None:
    server.delete(f"/channels/{channel}", more or None)
    server.wait("ChannelDestroyed", channel=channel)


def second_app(server: Server) -> str:
    """Another app, with its own WebSocket."""
    other = server.name("other")
    server.listen(other)
    return other
