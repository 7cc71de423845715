"""What happened in a scenario, in a form in which two servers can be compared.

Names that differ from run to run get stable ones. Events are kept in one list for each object (channel, bridge, playback, …):
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
COUNTER = re.compile(r"-[0-9a-f]{8}(?=;|$|\s)")
SYSTEM_ID = re.compile(r"\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b")
POINTER = re.compile(r"0x[0-9a-f]{6,}")
KINDS = ("playback", "recording", "bridge", "channel", "endpoint", "device_state")
OBJECTS = ("playback", "recording", "bridge", "channel", "peer", "caller", "replace_channel")
UNSAID = ("timestamp", "asterisk_id")
SYSTEM = {"asterisk_id": "<asterisk>"}
# Milliseconds and seconds that depend on how fast a machine is; that they are there at all is compared.
MEASURED = {"duration_ms", "duration", "talking_duration", "silence_duration"}

# The answer to play and record is made while the channel begins to do it: "queued" or already what comes next, at random.
LIST_OF_MEDIA = re.compile(r"media=[^&]*,|\"media\": \[")
STARTED = re.compile(r"POST /(channels|bridges)/[^/]+/(play|record)")

Transcript = dict[str, Any]


class Names:
    """Stable names for what one run calls by names of its own."""

    def __init__(self, token: str, secrets: dict[str, str]) -> None:
        self._token = token
        self._secrets = secrets
        self._ids: dict[str, str] = {}

    def _id(self, found: re.Match[str]) -> str:
        return self._ids.setdefault(found.group(), f"<id {len(self._ids) + 1}>")

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
        step["body"]["state"] = "<queued or begun>"
        if LIST_OF_MEDIA.search(step["request"]):
            step["body"] = {**step["body"], "media_uri": "<first or later>"}
            step["body"].pop("next_media_uri", None)
    return step


def _without_chance(event: dict[str, Any]) -> dict[str, Any]:
    """The state of a Local device is worked out by a thread of its own, some time after the channel's change that asks for it."""
    device = event.get("device_state")
    if device and device["name"].startswith("Local/"):
        return {**event, "device_state": {**device, "state": "<then or later>"}}
    return event


def _name(thing: Any) -> str:
    if not isinstance(thing, dict):
        return str(thing)
    return str(thing.get("id") or thing.get("name") or "/".join(str(thing.get(key)) for key in ("technology", "resource")))


def _streams(event: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The event itself for its main object, and a mention of it for each further one."""
    if event["type"] == "Dial":
        # Told by the thread that dials, while the channel's own thread tells of its states: neither their order nor the state
        # that is shown here is the same in every run.
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
    """The whole object at first, then what is different from the last time this list showed it."""
    if before is None:
        return now
    changed = {key: value for key, value in now.items() if key in ("id", "name") or before.get(key, ...) != value}
    lost = {f"no {key}": True for key in before if key not in now}
    return (
        {"=": changed.get("id") or changed.get("name")}
        | {key: value for key, value in changed.items() if key not in ("id", "name")}
        | lost
    )


def _without_races(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What two threads tell of comes in either order: it is put in one.

    The far half of a call that is refused becomes Busy in its own thread, while the thread that dialled hangs it up: the state
    is put first, and the request to hang up shows it. That dialling began and that it was refused: the beginning is put first.
    """
    if all(event["type"] == "Dial" for event in events):
        return sorted(events, key=lambda event: event["dialstatus"] != "")
    found = list(events)
    for index, (event, after) in enumerate(itertools.pairwise(events)):
        if (event["type"], after["type"]) == ("ChannelHangupRequest", "ChannelStateChange"):
            state = after["channel"]["state"]
            found[index : index + 2] = [after, {**event, "channel": {**event["channel"], "state": state}}]
    return found


def _shorten(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
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


def of(server: Server) -> Transcript:
    """The transcript of the scenario that has just run on that server."""
    host = server.url.partition("://")[2]
    names = Names(server.token, {host: "<host>", host.partition(":")[2]: "<port>"})
    steps = [_without_start(names.value(step)) for step in server.steps]
    streams: dict[str, list[dict[str, Any]]] = {}
    for seen in server.seen:
        raw = seen.event
        chance = server.chance.get(raw["type"], set())
        event = names.value({key: "<chance>" if key in chance else value for key, value in raw.items() if key not in UNSAID})
        event = _without_chance(event)
        listener = names.text(seen.listener)
        if event.get("application") == "app":
            del event["application"]
        for stream, line in _streams(event):
            where = stream if listener == "app" else f"{listener}: {stream}"
            streams.setdefault(where, []).append(line)
    return {"steps": steps, "events": {key: _shorten(_without_races(streams[key])) for key in sorted(streams)}}


def lines(transcript: Transcript) -> list[str]:
    """One line for each step and each event."""
    found = [json.dumps(step, sort_keys=False, ensure_ascii=False) for step in transcript["steps"]]
    for stream, events in transcript["events"].items():
        found.append(f"events of {stream}:")
        found += [f"  {json.dumps(event, sort_keys=True, ensure_ascii=False)}" for event in events]
    return found


def difference(expected: Transcript, found: Transcript, left: str, right: str) -> str:
    """A readable diff, empty where the two agree."""
    if expected == found:
        return ""
    return "\n".join(difflib.unified_diff(lines(expected), lines(found), left, right, lineterm="", n=2))
