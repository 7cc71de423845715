"""JSON of events, as short as Asterisk's own shapes allow."""

from typing import Any

APP = "demo"


def channel(channel_id: str, state: str = "Up") -> dict[str, Any]:
    return {"id": channel_id, "name": f"PJSIP/{channel_id}", "state": state, "caller": {}, "dialplan": {}}


def event(name: str, **fields: Any) -> dict[str, Any]:
    return {"type": name, "application": APP, "timestamp": "2025-01-01T12:00:00.123+0000", **fields}


def about_channel(name: str, channel_id: str, **fields: Any) -> dict[str, Any]:
    return event(name, channel=channel(channel_id), **fields)


def stasis_start(channel_id: str, **fields: Any) -> dict[str, Any]:
    return about_channel("StasisStart", channel_id, **{"args": [], **fields})


def digit(channel_id: str, value: str) -> dict[str, Any]:
    return about_channel("ChannelDtmfReceived", channel_id, digit=value, duration_ms=100)


def destroyed(channel_id: str) -> dict[str, Any]:
    return about_channel("ChannelDestroyed", channel_id, cause=16, cause_txt="Normal Clearing")


def playback(name: str, playback_id: str, channel_id: str, state: str = "done") -> dict[str, Any]:
    body = {"id": playback_id, "media_uri": "sound:x", "target_uri": f"channel:{channel_id}", "state": state}
    return event(name, playback=body)


def recording(name: str, recording_name: str, channel_id: str, state: str = "done") -> dict[str, Any]:
    body = {"name": recording_name, "format": "wav", "target_uri": f"channel:{channel_id}", "state": state}
    return event(name, recording=body)


def bridge(name: str, bridge_id: str, **fields: Any) -> dict[str, Any]:
    body = {"id": bridge_id, "bridge_class": "stasis", "bridge_type": "mixing", "technology": "simple_bridge"}
    return event(name, bridge=body, **fields)
