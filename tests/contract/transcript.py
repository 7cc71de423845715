"""The transcript of a scenario, in a form in which two servers can be compared.

Names that differ from run to run are replaced by stable ones. Events are kept in one list for each object (channel, bridge, playback, …):
within it their order is part of the contract, across objects Asterisk promises none.
"""

from __future__ import annotations

import difflib
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.contract.driver import Server

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
UNIQUE_ID = re.compile(r"\b\d{10}\.\d+")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}")
COUNTER = re.compile(r"-[0-9a-f]{8}(?=[;,]|$|\s)")
SYSTEM_ID = re.compile(r"\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b")
POINTER = re.compile(r"0x[0-9a-f]{6,}")
KINDS = ("playback", "recording", "bridge", "channel", "endpoint", "device_state")
OBJECTS = ("playback", "recording", "bridge", "channel", "peer", "caller", "replace_channel")
IGNORED_FIELDS = ("timestamp", "asterisk_id")
SYSTEM = {"asterisk_id": "<asterisk>"}
# Durations depend on the speed of the machine: only their presence is compared.
MEASURED = {"duration_ms", "duration", "talking_duration", "silence_duration"}

MEASURED_VARIABLES = {
    f"{name}{unit}" for name in ("ANSWEREDTIME", "DIALEDTIME", "RINGTIME", "PROGRESSTIME") for unit in ("", "_MS")
}

# The response to play and record is made while the channel starts to execute it: "queued" or already the next state, at random.
LIST_OF_MEDIA = re.compile(r"media=[^&]*,|\"media\": \[")
STARTED = re.compile(r"POST /(channels|bridges)/[^/]+/(play|record)")

Transcript = dict[str, Any]


class Names:
    """Replaces the names of one run by stable ones."""

    def __init__(self, token: str, secrets: dict[str, str]) -> None:
        self._token = token
        self._secrets = secrets
        self._ids: dict[str, str] = {}

    def _id(self, match: re.Match[str]) -> str:
        return self._ids.setdefault(match.group(), f"<id {len(self._ids) + 1}>")

    def text(self, value: str) -> str:
        value = value.replace(self._token, "")
        for secret, name in self._secrets.items():
            value = value.replace(secret, name)
        value = TIME.sub("<time>", value)
        value = UUID.sub(self._id, value)
        value = UNIQUE_ID.sub(self._id, value)
        value = SYSTEM_ID.sub("<asterisk>", value)
        value = POINTER.sub("<pointer>", value)
        return COUNTER.sub("-<n>", value)

    def value(self, value: Any, key: str = "") -> Any:
        if key in SYSTEM:
            return SYSTEM[key]
        if key in MEASURED and isinstance(value, int):
            return "<measured>"
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(name): self.value(item, name) for name, item in value.items()}
        return value


def _without_start(step: dict[str, Any]) -> dict[str, Any]:
    if step.get("status") == 201 and STARTED.match(step["request"]) and "state" in step["body"]:
        step["body"]["state"] = "<queued or started>"
        if LIST_OF_MEDIA.search(step["request"]):
            step["body"] = {**step["body"], "media_uri": "<first or later>"}
            step["body"].pop("next_media_uri", None)
    return step


def without_local_device_state(event: dict[str, Any]) -> dict[str, Any]:
    """Asterisk derives the state of a Local device in another thread, some time after the channel has changed."""
    device = event.get("device_state")
    if device and device["name"].startswith("Local/"):
        return {**event, "device_state": {**device, "state": "<then or later>"}}
    return event


def _name(thing: Any) -> str:
    if not isinstance(thing, dict):
        return str(thing)
    return str(thing.get("id") or thing.get("name") or "/".join(str(thing.get(key)) for key in ("technology", "resource")))


def _streams(event: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The event for its main object, and a reference to it for each further object."""
    if event["type"] == "Dial":
        # Sent by the thread that dials, while the thread of the channel sends its state changes: neither their order nor the
        # state shown here is the same in every run.
        peer = {key: value for key, value in event["peer"].items() if key != "state"}
        yield f"dial {_name(peer)}", {**event, "peer": peer}
        return
    kinds = [kind for kind in KINDS if event.get(kind)]
    if not kinds:
        yield "the application", event
        return
    yield f"{kinds[0]} {_name(event[kinds[0]])}", event
    for kind in kinds[1:]:
        if kind in ("bridge", "channel") and kinds[0] in ("bridge", "channel"):
            yield f"{kind} {_name(event[kind])}", {"type": event["type"], "see": f"{kinds[0]} {_name(event[kinds[0]])}"}


def _changes(before: dict[str, Any] | None, now: dict[str, Any]) -> dict[str, Any]:
    """The whole object the first time, afterwards only the differences from the previous event in the list."""
    if before is None:
        return now
    changed = {key: value for key, value in now.items() if key in ("id", "name") or before.get(key, ...) != value}
    removed = {f"no {key}": True for key in before if key not in now}
    return (
        {"=": changed.get("id") or changed.get("name")}
        | {key: value for key, value in changed.items() if key not in ("id", "name")}
        | removed
    )


def _without_races(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort events that two threads send in either order.

    The far half of a refused call becomes Busy in its own thread, while the thread that dialled hangs it up: the state change is
    put first, and the hangup request shows it. Of the Dial events of a refused call the first one is put first.
    """
    if all(event["type"] == "Dial" for event in events):
        return sorted(events, key=lambda event: event["dialstatus"] != "")
    result = list(events)
    for index, (event, after) in enumerate(itertools.pairwise(events)):
        if (event["type"], after["type"]) == ("ChannelHangupRequest", "ChannelStateChange"):
            state = after["channel"]["state"]
            result[index : index + 2] = [after, {**event, "channel": {**event["channel"], "state": state}}]
    return result


def shortened(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last: dict[tuple[str, str], dict[str, Any]] = {}
    short = []
    for event in events:
        line = dict(event)
        for key in OBJECTS:
            thing = event.get(key)
            if (isinstance(thing, dict) and "id" in thing) or (key == "recording" and isinstance(thing, dict)):
                place = ("channel" if key in ("peer", "caller", "replace_channel") else key, _name(thing))
                line[key] = _changes(last.get(place), thing)
                last[place] = thing
        short.append(line)
    return short


def _without_fields(thing: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    """The event, or an object of it, with a stand-in for each of these fields."""
    here = {field for field in fields if "." not in field}
    inside = {key: {rest for field in fields if (rest := field.removeprefix(f"{key}.")) != field} for key in thing}
    return {
        key: "<random>" if key in here else _without_fields(value, inside[key]) if inside[key] else value
        for key, value in thing.items()
    }


def _is_repeated(event: dict[str, Any], peers: dict[tuple[str, ...], str]) -> bool:
    """Whether it repeats who the peer is: with phones in the bridge Asterisk says so as often as it looks at their audio."""
    if event.get("variable") not in ("BRIDGEPEER", "BRIDGEPVTCALLID"):
        return False
    key = (event["application"], event["channel"]["id"], event["variable"])
    is_repeated = peers.get(key) == event["value"]
    peers[key] = event["value"]
    return is_repeated


def of(server: Server) -> Transcript:
    """The transcript of the scenario that has just run on that server."""
    host = server.url.partition("://")[2]
    names = Names(server.token, {host: "<host>", host.partition(":")[2]: "<port>"})
    steps = [_without_start(names.value(step)) for step in server.steps]
    streams: dict[str, list[dict[str, Any]]] = {}
    peers: dict[tuple[str, ...], str] = {}
    for seen in server.seen:
        raw = seen.event
        random_fields = server.random_fields.get(raw["type"], set())
        event = names.value(
            _without_fields({key: value for key, value in raw.items() if key not in IGNORED_FIELDS}, random_fields)
        )
        event = without_local_device_state(event)
        if str(event.get("variable")).startswith("RTPAUDIOQOS"):
            event["value"] = "<statistics>"
        elif event.get("variable") in MEASURED_VARIABLES and event["value"]:
            event["value"] = "<measured>"
        listener = names.text(seen.listener)
        if server.has_phones and _is_repeated(event, peers):
            continue
        if event.get("application") == "app":
            del event["application"]
        for stream, line in _streams(event):
            where = stream if listener == "app" else f"{listener}: {stream}"
            streams.setdefault(where, []).append(line)
    return {"steps": steps, "events": {key: shortened(_without_races(streams[key])) for key in sorted(streams)}}


def lines(transcript: Transcript) -> list[str]:
    """One line for each step and each event."""
    result = [json.dumps(step, sort_keys=False, ensure_ascii=False) for step in transcript["steps"]]
    for stream, events in transcript["events"].items():
        result.append(f"events of {stream}:")
        result += [f"  {json.dumps(event, sort_keys=True, ensure_ascii=False)}" for event in events]
    return result


def difference(expected: Transcript, actual: Transcript, left: str, right: str) -> str:
    """A readable diff, empty where the two agree."""
    if expected == actual:
        return ""
    return "\n".join(difflib.unified_diff(lines(expected), lines(actual), left, right, lineterm="", n=2))
