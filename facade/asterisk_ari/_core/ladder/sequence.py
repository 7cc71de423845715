"""The sequence diagram of a call: lanes, and arrows between them with the milliseconds since its beginning. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asterisk_ari._core.ladder.event_text import detail_of, with_its_channel
from asterisk_ari._core.ladder.followed_calls import NOISY, FollowedCalls
from asterisk_ari._core.ladder.recording import RecordedEntry
from asterisk_ari._text import printable

Json = Mapping[str, Any]

APP = "app"
REPEATS = ("ChannelCallerId", "ChannelConnectedLine", "BridgeCreated", "PlaybackContinuing")
"""Redundant with other events at the same time; omitted unless all are requested."""
TO_APP = ("StasisStart", "StasisEnd", "ChannelDtmfReceived", "ChannelHold", "ChannelUnhold", "ChannelTransfer")
SHORT = {
    "StasisStart": "enters", "StasisEnd": "leaves", "ChannelCreated": "created", "ChannelDestroyed": "ended:",
    "ChannelStateChange": "", "ChannelDtmfReceived": "digit", "ChannelHangupRequest": "hang-up,", "ChannelHold": "hold",
    "ChannelUnhold": "unhold", "PlaybackStarted": "", "PlaybackFinished": "", "RecordingStarted": "record",
    "RecordingFinished": "record", "RecordingFailed": "record", "BridgeDestroyed": "destroyed", "ChannelDialplan": "",
    "ChannelTransfer": "transfer", "ChannelUserevent": "event",
}  # fmt: skip
_TARGET = re.compile(r"/(channels|bridges|playbacks|recordings/live)/([^/?]+)(?:/([\w/]+))?")


@dataclass(frozen=True)
class Lane:
    """A channel, a bridge, or the app."""

    key: str
    title: str


@dataclass(frozen=True)
class Arrow:
    """An arrow from one lane to another at a point in time; to itself for what happens there. `kind` is request, refused or
    event."""

    at_ms: int
    source: str
    target: str
    text: str
    kind: str


@dataclass
class CallSequence:
    """The lanes in order of appearance, and the arrows in order of time."""

    lanes: list[Lane] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)


def sequence_of(entries: Sequence[RecordedEntry], texts: list[str], *, all_types: bool = False) -> CallSequence:
    """Return the sequence of the calls with one of these texts in an id, a name or a number, and of all channels they are
    connected with."""
    return _SequenceReader(texts, all_types=all_types).read(entries)


class _SequenceReader:
    """Goes through the entries once, collecting names and lanes on the way."""

    def __init__(self, texts: list[str], *, all_types: bool) -> None:
        self._calls = FollowedCalls(texts)
        self._filters = bool(texts)
        self._all = all_types
        self._lanes: dict[str, Lane] = {}
        self._of_playback: dict[str, str] = {}
        self._arrows: list[Arrow] = []

    def read(self, entries: Sequence[RecordedEntry]) -> CallSequence:
        for entry in entries:  # a channel that a call is connected with belongs to it from the beginning
            if entry.event is not None and self._calls.belongs(entry.event):
                self._learn_lanes(entry.event)
        first = None
        for entry in entries:
            arrows = list(self._of_event(entry.event) if entry.event is not None else self._of_request(entry))
            if arrows:
                first = entry.at_ms if first is None else first
                self._arrows += [Arrow(entry.at_ms - first, *arrow) for arrow in arrows]
        met = {key for arrow in self._arrows for key in (arrow.source, arrow.target)}
        lanes = [lane for key, lane in self._lanes.items() if key in met and key != APP]
        return CallSequence(([Lane(APP, APP)] if APP in met else []) + lanes, self._arrows)

    def _lane(self, kind: str, one: Json) -> str:
        key = f"{kind}:{one.get('id', '')}"
        if key not in self._lanes:
            name = str(one.get("name") or one.get("id", ""))
            tells_itself = kind == "channel" or name.startswith("bridge")
            self._lanes[key] = Lane(key, printable(name if tells_itself else f"bridge {name}"))
        return key

    def _learn_lanes(self, event: Json) -> None:
        event = with_its_channel(event)
        for key in ("channel", "caller", "peer", "bridge"):
            if isinstance(event.get(key), Mapping):
                self._lane("bridge" if key == "bridge" else "channel", event[key])

    def _of_event(self, event: Json) -> Iterator[tuple[str, str, str, str]]:
        event = with_its_channel(event)
        name = str(event["type"])
        belongs = self._calls.belongs(event)
        is_dull = name in REPEATS or (name in NOISY and event.get("dialplan_app") != "Stasis")
        if not belongs or (is_dull and not self._all):
            return
        text = " ".join(part for part in (SHORT.get(name, name), detail_of(event)) if part)
        if name == "Dial" and isinstance(event.get("peer"), Mapping):
            peer = self._lane("channel", event["peer"])
            source = self._lane("channel", event["caller"]) if isinstance(event.get("caller"), Mapping) else peer
            yield source, peer, f"dial {event.get('dialstatus') or 'begins'}", "event"
            return
        if (key := self._about(event)) is None:
            return
        if name in ("ChannelEnteredBridge", "ChannelLeftBridge"):
            bridge = self._lane("bridge", event["bridge"])
            yield (key, bridge, "joins", "event") if name == "ChannelEnteredBridge" else (bridge, key, "leaves", "event")
        else:
            yield key, APP if name in TO_APP else key, text.rstrip(":, "), "event"

    def _about(self, event: Json) -> str | None:
        """Return the lane of an event: its channel, its bridge, or the target of its playback or recording."""
        for kind in ("channel", "bridge"):
            if isinstance(event.get(kind), Mapping):
                return self._lane(kind, event[kind])
        for key in ("playback", "recording"):
            one = event.get(key)
            if isinstance(one, Mapping):
                target = str(one.get("target_uri", ""))
                self._of_playback[str(one.get("id") or one.get("name"))] = target
                return target if target in self._lanes else None
        return None

    def _of_request(self, entry: RecordedEntry) -> Iterator[tuple[str, str, str, str]]:
        request = entry.request or {}
        path, method = str(request.get("path", "")), str(request.get("method", ""))
        if method == "GET" and not self._all:
            return
        target, what = APP, path
        if match := _TARGET.search(path):
            kind, one, rest = match.groups()
            key = {"channels": f"channel:{one}", "bridges": f"bridge:{one}"}.get(kind) or self._of_playback.get(one, "")
            if key in self._lanes:
                target, what = key, rest or kind.rstrip("s")
            elif self._filters:
                return
        elif self._filters:
            return
        refused = entry.status is not None and entry.status >= 400
        yield (
            APP,
            target,
            printable(f"{method} {what}" + (f" → {entry.status}" if refused else "")),
            "refused" if refused else "request",
        )
