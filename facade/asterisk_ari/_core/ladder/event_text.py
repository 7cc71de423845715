"""An event in a few words: what it is about, and what happened. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from asterisk_ari._text import printable

Json = Mapping[str, Any]

LISTS = ("channel", "bridge", "playback", "recording", "endpoint", "device_state", "peer")
MAX_SUBJECT = 60


def with_its_channel(event: Json) -> Json:
    """Return the event; a transfer event gets the channel of the requesting phone and its bridge where other events have them."""
    by = event.get("referred_by")
    if not isinstance(by, Mapping) or not isinstance(by.get("source_channel"), Mapping):
        return event
    bridge = {"bridge": by["bridge"]} if isinstance(by.get("bridge"), Mapping) else {}
    return {"channel": by["source_channel"], **bridge, **event}


def time_of(event: Json) -> str:
    """Return when it happened by the server's clock, in the local time zone; empty for events made by the client."""
    try:
        return datetime.fromisoformat(event["timestamp"]).astimezone().strftime("%H:%M:%S.%f")[:-3]
    except (KeyError, TypeError, ValueError):
        return ""


def subject_of(event: Json, names: Mapping[str, str]) -> str:
    """Return the name of the channel, or else of the first object that the event is about; `names` maps channel ids to names."""
    event = with_its_channel(event)
    for key in LISTS:
        one = event.get(key)
        if isinstance(one, Mapping):
            name = one.get("name") or one.get("resource") or one.get("id") or ""
            if key in ("playback", "recording"):
                kind, _, target = str(one.get("target_uri", "")).partition(":")
                name = names.get(target, f"{kind} {target}".strip() or name)
            if key == "bridge":
                name = f"bridge {one.get('name') or one.get('id', '')}"
            return printable(str(name))[:MAX_SUBJECT]
    return ""


def detail_of(event: Json) -> str:
    """Return what happened, beyond the type; never the value of a variable."""
    describe = _DETAILS.get(str(event.get("type")))
    return printable(describe(event)) if describe is not None else ""


def _get(event: Json, *path: str) -> str:
    found: Any = event
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return "" if found is None else str(found)


def person(caller: Any) -> str:
    """Return `Alice <1001>`, or whichever part is known."""
    name, number = _get({"c": caller}, "c", "name"), _get({"c": caller}, "c", "number")
    return f"{name} <{number}>" if name and number else name or number


def _created(event: Json) -> str:
    exten = _get(event, "channel", "dialplan", "exten")
    who = person(event.get("channel", {}).get("caller"))
    return " ".join([*([f"from {who}"] if who else []), *([f"to {exten}"] if exten else [])])


def _entered_app(event: Json) -> str:
    arguments = " ".join(map(str, event.get("args") or ()))
    return f"into {_get(event, 'application')}" + (f": {arguments}" if arguments else "")


def _ended(event: Json) -> str:
    text, cause, sip = _get(event, "cause_txt"), _get(event, "cause"), _get(event, "tech_cause")
    return f"{text} ({cause})" + (f", SIP {sip}" if sip and sip != "0" else "")


def _dialled(event: Json) -> str:
    status = _get(event, "dialstatus") or "begins"
    forwarded = _get(event, "forward")
    return f"{_get(event, 'peer', 'name')} {status}" + (f", forwarded to {forwarded}" if forwarded else "")


def _in_bridge(event: Json) -> str:
    bridge = event.get("bridge") or {}
    count = len(bridge.get("channels") or ())
    return f"bridge {bridge.get('name') or bridge.get('id', '')}, {count} inside"


def _played(event: Json) -> str:
    return f"{_get(event, 'playback', 'media_uri')} {_get(event, 'playback', 'state')}"


def _recorded(event: Json) -> str:
    duration = _get(event, "recording", "duration")
    failed = _get(event, "recording", "cause")
    return _get(event, "recording", "state") + (f", {duration} s" if duration else "") + (f": {failed}" if failed else "")


def _transferred(event: Json) -> str:
    if state := _get(event, "state"):
        return state.removeprefix("channel_")
    target = _get(event, "refer_to", "requested_destination", "destination")
    return f"to {target}" if target else "attended"


def _device(event: Json) -> str:
    return _get(event, "device_state", "state")


def _peer(event: Json) -> str:
    return _get(event, "peer", "peer_status") + _get(event, "contact_info", "contact_status")


_DETAILS: dict[str, Callable[[Json], str]] = {
    "ChannelCreated": _created,
    "ChannelStateChange": lambda event: _get(event, "channel", "state"),
    "StasisStart": _entered_app,
    "StasisEnd": lambda event: f"out of {_get(event, 'application')}",
    "ChannelDestroyed": _ended,
    "ChannelHangupRequest": lambda event: f"cause {_get(event, 'cause')}" if "cause" in event else "",
    "ChannelDtmfReceived": lambda event: f"{_get(event, 'digit')}, {_get(event, 'duration_ms')} ms",
    "ChannelVarset": lambda event: f"{_get(event, 'variable')} is set",
    "ChannelDialplan": lambda event: f"{_get(event, 'dialplan_app')}({_get(event, 'dialplan_app_data')})",
    "ChannelCallerId": lambda event: person(event.get("channel", {}).get("caller")),
    "ChannelConnectedLine": lambda event: person(event.get("channel", {}).get("connected")),
    "ChannelTalkingFinished": lambda event: f"talked for {_get(event, 'duration')} ms",
    "ChannelUserevent": lambda event: _get(event, "eventname"),
    "ChannelHold": lambda event: _get(event, "musicclass"),
    "ChannelEnteredBridge": _in_bridge,
    "ChannelLeftBridge": _in_bridge,
    "ChannelTransfer": _transferred,
    "BridgeCreated": lambda event: _get(event, "bridge", "bridge_type"),
    "Dial": _dialled,
    "PlaybackStarted": _played,
    "PlaybackContinuing": _played,
    "PlaybackFinished": _played,
    "RecordingStarted": _recorded,
    "RecordingFinished": _recorded,
    "RecordingFailed": _recorded,
    "DeviceStateChanged": _device,
    "EndpointStateChange": lambda event: _get(event, "endpoint", "state"),
    "PeerStatusChange": _peer,
    "ContactStatusChange": _peer,
    "TextMessageReceived": lambda event: f"from {_get(event, 'message', 'from')}",
    "ApplicationReplaced": lambda event: f"{_get(event, 'application')} is taken over",
    "ConnectionLost": lambda event: _get(event, "reason"),
    "Reconnected": lambda event: f"after {_get(event, 'gap_seconds')} s",
    "EventsLost": lambda event: f"{_get(event, 'count')} events: {_get(event, 'reason')}",
}
