"""What is sent: events as Asterisk 22 sends them, ready framed, and the responses of the HTTP server."""

import json
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

USER, PASSWORD = "bench", "bench"
APP = "bench"
VERSION = "22.10.1"

# Fixed width, so that a frame may be stamped where it lies.
STAMP = "@stamp-of-17-wide"
LAST = "bench-end"


def channel(channel_id: str) -> dict[str, Any]:
    """A channel, with the fields and lengths that Asterisk 22 gives it."""
    return {
        "id": channel_id,
        "name": f"PJSIP/alice-{channel_id[-8:]}",
        "state": "Up",
        "protocol_id": "2d59a3236036",
        "caller": {"name": "Ann", "number": "1234"},
        "connected": {"name": "", "number": ""},
        "accountcode": "",
        "dialplan": {"context": "from-ua", "exten": "555", "priority": 1, "app_name": "Stasis", "app_data": "bench,555"},
        "creationtime": "2026-11-23T07:32:17.238+0000",
        "language": "en",
    }


def _event(name: str, **content: Any) -> dict[str, Any]:
    common = {"asterisk_id": "02:00:00:00:20:c4", "application": APP}
    return {"type": name, "timestamp": "2026-11-23T07:32:18.672+0000", **content, **common}


def _playback(channel_id: str, state: str) -> dict[str, Any]:
    target = {"target_uri": f"channel:{channel_id}", "language": "en", "state": state}
    return {"id": f"p-{channel_id}", "media_uri": "sound:hello-world", **target}


def stasis_start(channel_id: str) -> dict[str, Any]:
    """A call comes in."""
    return _event("StasisStart", args=["555"], channel=channel(channel_id))


def end_of_call(channel_id: str) -> list[dict[str, Any]]:
    """The three events with which a call goes."""
    return [
        _event("ChannelHangupRequest", cause=32, soft=True, channel=channel(channel_id)),
        _event("StasisEnd", channel=channel(channel_id)),
        _event("ChannelDestroyed", cause=16, cause_txt="Normal Clearing", channel=channel(channel_id)),
    ]


def middle_of_call(channel_id: str, prompts: int = 4) -> list[dict[str, Any]]:
    """What a call does while it lasts: it is answered, hears prompts and presses keys."""
    turn = [
        _event("PlaybackStarted", playback=_playback(channel_id, "playing")),
        _event("ChannelDtmfReceived", digit="1", duration_ms=100, channel=channel(channel_id)),
        _event("PlaybackFinished", playback=_playback(channel_id, "done")),
        _event("ChannelVarset", variable="CHOICE", value="12", channel=channel(channel_id)),
    ]
    return [_event("ChannelStateChange", channel=channel(channel_id)), *turn * prompts]


def last_event() -> dict[str, Any]:
    """What tells a client that all was sent."""
    return _event("ChannelUserevent", eventname=LAST, userevent={"eventname": LAST})


def stamped_event(channel_id: str) -> dict[str, Any]:
    """An event that carries the time at which it is sent."""
    return _event("ChannelVarset", variable="SENT", value=STAMP, channel=channel(channel_id))


def channel_ids(count: int) -> list[str]:
    """Ids as Asterisk makes them."""
    return [f"1795419137.{number}" for number in range(count)]


def calls(count: int, channels: int) -> Iterator[dict[str, Any]]:
    """About `count` events of calls of which `channels` run at the same time, event by event in turn."""
    sent = 0
    generation = 0
    while sent < count:
        ids = [f"{channel_id}{generation:02d}" for channel_id in channel_ids(channels)]
        parts = [[stasis_start(one), *middle_of_call(one), *end_of_call(one)] for one in ids]
        for turn in zip(*parts, strict=True):
            yield from turn
            sent += len(turn)
            if sent >= count:
                return
        generation += 1


def steady(count: int, channels: int) -> Iterator[dict[str, Any]]:
    """Digits of calls that are all there already, one after the other."""
    ids = channel_ids(channels)
    digits = [middle_of_call(one)[2] for one in ids]
    for number in range(count):
        yield digits[number % channels]


def frame(event: dict[str, Any]) -> bytes:
    """The WebSocket frame of an event, from the server: not masked."""
    payload = json.dumps(event, separators=(",", ":")).encode()
    if len(payload) < 126:
        return bytes((0x81, len(payload))) + payload
    return b"\x81\x7e" + len(payload).to_bytes(2, "big") + payload


def response(body: Any) -> bytes:
    """An HTTP response with the headers that Asterisk sends."""
    content = json.dumps(body, separators=(",", ":")).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nServer: Asterisk\r\nDate: {formatdate(usegmt=True)}\r\nConnection: keep-alive\r\n"
        "Cache-Control: no-cache, no-store\r\nContent-type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def documents(base: str) -> dict[str, Any]:
    """As much of the server's own definitions as those clients need that read them at run time."""
    listing = {
        "apiVersion": "9.0.0",
        "swaggerVersion": "1.1",
        "basePath": base,
        "apis": [
            {"path": "/api-docs/channels.json", "description": "calls"},
            {"path": "/api-docs/events.json", "description": "events"},
            {"path": "/api-docs/playbacks.json", "description": "playbacks"},
        ],
    }

    text = {"description": "-", "required": True, "allowMultiple": False, "dataType": "string"}
    get = {
        "httpMethod": "GET",
        "summary": "-",
        "nickname": "get",
        "responseClass": "Channel",
        "parameters": [{"name": "channelId", "paramType": "path", **text}],
    }
    events = {
        "httpMethod": "GET",
        "summary": "-",
        "nickname": "eventWebsocket",
        "responseClass": "Message",
        "upgrade": "websocket",
        "websocketProtocol": "ari",
        "parameters": [{"name": "app", "paramType": "query", **text, "allowMultiple": True}],
    }
    model = {"id": "Channel", "properties": {"id": {"type": "string", "required": True, "description": "-"}}}
    fields = {"type": "string", "channel": "Channel", "playback": "Playback", "timestamp": "Date"}
    properties = {name: {"type": kind, "required": True, "description": "-"} for name, kind in fields.items()}
    samples = [stasis_start("x"), *middle_of_call("x"), *end_of_call("x"), last_event()]
    messages = {name: {"id": name, "properties": properties} for name in ("Message", *(one["type"] for one in samples))}
    return {
        "/ari/api-docs/resources.json": listing,
        "/ari/api-docs/channels.json": _declaration(base, "/channels/{channelId}", get, {"Channel": model}, "1.1"),
        "/ari/api-docs/playbacks.json": _declaration(base, "/playbacks/{channelId}", get, {"Channel": model}, "1.1"),
        "/ari/api-docs/events.json": _declaration(base, "/events", events, messages, "1.2"),
    }


def _declaration(base: str, path: str, operation: dict[str, Any], models: dict[str, Any], version: str) -> dict[str, Any]:
    api = {"path": path, "description": "-", "operations": [operation]}
    start = {"apiVersion": "9.0.0", "swaggerVersion": version, "basePath": base, "resourcePath": path}
    return {**start, "apis": [api], "models": models}
