"""The first frames of a WebSocket opened by Asterisk: which Asterisk it is, which apps, and which events were queued. Pure."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from asterisk_ari._core.events.decode import UNREADABLE, LateFrame
from asterisk_ari._core.requests.over_websocket import REPLY, decode_reply, message_of, response_of
from asterisk_ari._core.requests.plan import build
from asterisk_ari._core.requests.request import query_of
from asterisk_ari._core.requests.response import result
from asterisk_ari.errors import ResponseError

Kind = Literal["persistent", "per_call"]

_REQUEST_ID = "introduction"
_TIME_ID = "introduction-time"
_REGISTERED = "ApplicationRegistered"
# Asterisk reports its time in whole seconds.
_LATE_SECONDS = 1.0


class _Head(msgspec.Struct, gc=False):
    type: str = ""
    application: str = ""
    asterisk_id: str = ""
    timestamp: str = ""
    request_id: str = ""


_decode_head = msgspec.json.Decoder(_Head).decode


class Introduction:
    """Collects frames until everything is known.

    Asterisk first sends what it queued while there was no connection, then ApplicationRegistered for each app, and only then
    serves requests, so that a response follows all of that. On the first connection after its start the order is reversed: the
    apps were registered long ago, and what was queued since follows. Therefore Asterisk is asked for its time as well.
    """

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        """All frames received except the responses; those queued in Asterisk know for how long."""
        self.apps: tuple[str, ...] = ()
        self.asterisk_id: str = ""
        self.queued: int = 0
        """How many events were queued in Asterisk."""
        self.info: object = None
        """What `asterisk.getInfo` returned."""
        self._times: list[str] = []  # of each frame
        self._asked = build("asterisk.getInfo", {"only": ["system"]})
        self._asked_for_time = build("asterisk.getGlobalVar", {"variable": "EPOCH"})

    @property
    def kind(self) -> Kind:
        """Derived from the app name: that of a WebSocket for one call is `app:name/of-the-channel`."""
        return "per_call" if "/" in self.apps[0].partition(":")[2] else "persistent"

    @property
    def requests(self) -> list[bytes]:
        """The requests to send once the first app is registered; Asterisk answers in this order."""
        asked = ((self._asked_for_time, _TIME_ID), (self._asked, _REQUEST_ID))
        return [message_of(one, query_of(one.params), request_id) or b"" for one, request_id in asked]

    def take(self, frames: list[bytes]) -> bool:
        """Take frames; return whether the last response has arrived.

        Raises:
            ResponseError: a response is an error.
        """
        is_complete = False
        for frame in frames:
            head = _head_of(frame)
            if head.type == REPLY and head.request_id == _TIME_ID:
                self._mark_late_by_time(frame)
            elif head.type == REPLY and head.request_id == _REQUEST_ID:
                self.info = result(self._asked, response_of(decode_reply(frame)), "the Asterisk that connected")
                is_complete = True
            else:
                if head.type == _REGISTERED:
                    self._registered(head)
                self.frames.append(frame)
                self._times.append(head.timestamp)
        return is_complete

    def _registered(self, head: _Head) -> None:
        if not self.apps:
            self.asterisk_id = head.asterisk_id
            # By Asterisk's clock only, which may differ from ours: the app is registered when the WebSocket is opened.
            self.queued = len(self.frames)
            for number, time in enumerate(self._times):
                self.frames[number] = LateFrame.of(self.frames[number], _seconds_between(time, head.timestamp))
        self.apps = tuple(dict.fromkeys((*self.apps, head.application)))

    def _mark_late_by_time(self, response: bytes) -> None:
        """Mark frames after the first app that are older than a second; none if the time cannot be parsed."""
        with suppress(ResponseError, KeyError, TypeError, ValueError, OverflowError, OSError):
            told: Any = result(self._asked_for_time, response_of(decode_reply(response)), "the Asterisk that connected")
            now = datetime.fromtimestamp(int(told["value"]), UTC).isoformat()
            for number in range(self.queued, len(self.frames)):
                is_registration = _head_of(self.frames[number]).type == _REGISTERED
                if not is_registration and (waited := _seconds_between(self._times[number], now)) >= _LATE_SECONDS:
                    self.frames[number] = LateFrame.of(self.frames[number], waited)
                    self.queued += 1


def _head_of(frame: bytes) -> _Head:
    try:
        return _decode_head(frame)
    except UNREADABLE:
        return _Head()


def _seconds_between(first: str, last: str) -> float:
    """The time between two timestamps of Asterisk; 0.0 if there is none, or they cannot be parsed."""
    try:
        return max(0.0, (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
