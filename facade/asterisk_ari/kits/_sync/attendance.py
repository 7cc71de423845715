# Made from _async/attendance.py by scripts/unasync.py: edit that file.
"""One call in a conference, from entering it to leaving it."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any

from asterisk_ari.building_blocks.sync import Subtask, WaitQueue, monotonic, new_thread_lock, outcome_of, uninterrupted
from asterisk_ari.errors import AriError, CallEnded, MediaNotPlayed, ResponseError
from asterisk_ari.events import EventName
from asterisk_ari.kits._core.conference_values import (
    ADMIN_ACTIONS,
    Attended,
    AttendedReason,
    KeyMenu,
    Member,
    count_prompts,
)
from asterisk_ari.kits._sync.room import Room
from asterisk_ari.sync import Call, Registration

_TYPES: tuple[EventName, ...] = (
    "ChannelDtmfReceived", "ChannelTalkingStarted", "ChannelTalkingFinished", "ChannelLeftBridge", "StasisEnd",
    "ChannelDestroyed",
)  # fmt: skip
# Milliseconds of silence that end talking, and the talk threshold.
_TALK_DETECTION = "1000,256"
# How long to wait for the event that tells why a call left the bridge.
_ON_ITS_WAY_SECONDS = 0.5

_log = logging.getLogger("asterisk_ari")


def say_if_there(call: Call, media: Sequence[str]) -> None:
    """Play media to a caller who is not in the room; missing sounds are only logged."""
    try:
        call.say(*media)
    except MediaNotPlayed as error:
        _log.warning("an announcement in a conference failed: %s", error)


@dataclass(frozen=True)
class ConferenceOptions:
    """The options of a conference that apply to all members."""

    prompts: dict[str, tuple[str, ...]]
    menu: KeyMenu
    on_talking: Callable[[Member], Any] | None
    max_members: int | None


class ConferenceState:
    """State shared by the members of one conference; the lock is held while it is read or changed.

    Args:
        room: the bridge.
        options: the options that apply to all.
    """

    def __init__(self, room: Room, options: ConferenceOptions) -> None:
        self.room = room
        self.options = options
        # Handlers may run in other threads.
        self.lock: AbstractContextManager[object] = new_thread_lock()
        self.members: dict[str, Attendance] = {}
        self.is_locked = False

    def others(self, one: "Attendance") -> "list[Attendance]":
        """The other members, in the order of joining."""
        with self.lock:
            return [other for other in self.members.values() if other is not one]


class Attendance:
    """One call's time in a conference. Call `run` once.

    Args:
        call: the call.
        state: the state of the conference; the call is among its members.
        is_admin: whether it is an admin.
        is_muted: whether it joins muted.
    """

    def __init__(self, call: Call, state: ConferenceState, *, is_admin: bool, is_muted: bool) -> None:
        self._call = call
        self._state = state
        self._room = state.room
        self._prompts = state.options.prompts
        self._began = monotonic()
        self._is_admin = is_admin
        self._is_muted = is_muted
        self._is_talking = False
        self._keys = ""
        self._inbox: WaitQueue[tuple[str, Any]] = WaitQueue()
        self._registration: Registration | None = None
        self._saying: Subtask | None = None
        self._signalling: Subtask | None = None

    @property
    def member(self) -> Member:
        """The current state as a `Member`."""
        caller = self._call.caller
        return Member(
            self._call.id, caller["name"], caller["number"], self._is_admin, self._is_muted, self._is_talking,
            monotonic() - self._began,
        )  # fmt: skip

    def send_away(self, reason: AttendedReason) -> None:
        """Remove it from the conference."""
        self._inbox.put(("leave", reason))

    def mute(self, *, is_muted: bool) -> None:
        """Mute or unmute it for the others."""
        channel = self._call.channel
        (channel.mute("in") if is_muted else channel.unmute("in"))
        self._is_muted = is_muted

    def run(self) -> Attended:
        """Attend the conference; everything but the call is cleaned up when this returns."""
        channel = self._call.channel
        try:
            self._registration = self._call.on(_TYPES, self._heard)
            # Before anything is played to it: Asterisk would answer only after that has ended.
            channel.set_variable("TALK_DETECT(set)", _TALK_DETECTION)
            if self._is_muted:
                self.mute(is_muted=True)
            self._room.enter(channel)
            reason = self._stay()
        finally:
            with self._state.lock:
                del self._state.members[self._call.id]
            uninterrupted(self._leave, is_repeatable=True)
        if reason == "kicked" and self._prompts["kicked"]:
            say_if_there(self._call, self._prompts["kicked"])
        return Attended(reason, monotonic() - self._began)

    # -- events --

    def _heard(self, event: Any) -> None:
        """Handle an event of the call."""
        if event.type == "ChannelDtmfReceived":
            self._inbox.put(("key", event["digit"]))
        elif event.type in ("ChannelTalkingStarted", "ChannelTalkingFinished"):
            self._is_talking = event.type == "ChannelTalkingStarted"
            if self._state.options.on_talking is not None:
                outcome_of(self._state.options.on_talking(self.member))
        elif event.type == "ChannelLeftBridge":
            bridge = self._room.bridge
            if bridge is None or event["bridge"]["id"] == bridge.id:
                self.send_away("moved")
        else:
            self._inbox.put(("end", CallEnded(f"call {self._call.id} has ended", call_id=self._call.id, event=event)))

    def _stay(self) -> AttendedReason:
        others = self._state.others(self)
        if others:
            self._signal("joined")
        else:
            self._say("alone")
        while True:
            kind, item = self._inbox.get(None)
            if kind == "leave":
                if item == "moved":
                    self._check_moved()
                return item  # type: ignore[no-any-return]
            if kind == "end":
                raise item
            if kind == "signal":
                self._signal(item)
            elif kind == "key" and (reason := self._pressed(item)) is not None:
                return reason

    def _check_moved(self) -> None:
        """Check why the call left the bridge: on a hang-up it leaves the bridge first, and the event that reports it follows."""
        deadline = monotonic() + _ON_ITS_WAY_SECONDS
        with suppress(TimeoutError):
            while True:
                kind, item = self._inbox.get(max(0.0, deadline - monotonic()))
                if kind == "end":
                    raise item

    def _pressed(self, key: str) -> AttendedReason | None:
        before = self._keys
        self._keys, action = self._state.options.menu.press(before, key)
        if action is None:
            if not self._keys:
                self._say("no_such_key")
        elif not isinstance(action, str):
            outcome_of(action(self._call))
        elif action == "leave":
            return "left"
        elif action in ADMIN_ACTIONS and not self._is_admin:
            self._say("no_such_key")
        else:
            self._do(action)
        return None

    def _do(self, action: str) -> None:
        state = self._state
        others = state.others(self)
        if action == "mute":
            self.mute(is_muted=not self._is_muted)
            self._say("muted" if self._is_muted else "unmuted")
        elif action == "lock":
            state.is_locked = not state.is_locked
            self._say("lock" if state.is_locked else "unlock")
        elif action == "kick_last":
            if others:
                others[-1].send_away("kicked")
        elif others:
            self._play(count_prompts(len(others)))
        else:
            self._say("alone")

    # -- prompts, played concurrently --

    def _say(self, name: str) -> None:
        """Play a prompt to this member only."""
        self._play(self._prompts[name])

    def _play(self, media: Sequence[str]) -> None:
        self._stop_saying()
        if media:
            self._saying = self._beside(lambda: self._call.say(*media))

    def _signal(self, name: str) -> None:
        """Signal to all that a member has joined or left."""
        media = self._prompts[name]
        self._stop_signalling()
        if media:
            least = 2 if name == "joined" else 1  # nobody to signal to in an empty room
            self._signalling = self._beside(lambda: self._room.play(media, least=least))

    def _beside(self, work: Callable[[], Any]) -> Subtask:
        return Subtask(work, self._said)

    def _said(self, result: Any) -> None:
        if isinstance(result, MediaNotPlayed | ResponseError):
            _log.warning("an announcement in a conference failed: %s", result)
        elif isinstance(result, Exception):
            self._inbox.put(("end", result))

    def _stop_saying(self) -> None:
        saying, self._saying = self._saying, None
        if saying is not None:
            saying.end(CallEnded("there is nothing more to say", call_id=""))

    def _stop_signalling(self) -> None:
        signalling, self._signalling = self._signalling, None
        if signalling is not None:
            signalling.end(CallEnded("there is nothing more to say", call_id=""))

    # -- leaving --

    def _leave(self) -> None:
        """Take it out of the bridge; first stop its playbacks, since Asterisk answers other requests only after those."""
        if self._registration is not None:
            self._registration.close()
        self._stop_saying()
        self._stop_signalling()
        channel = self._call.channel
        has_ended = self._call.has_ended
        self._room.leave(channel, is_gone=has_ended)
        for other in self._state.others(self)[:1]:
            other._inbox.put(("signal", "gone"))
        if has_ended:
            return
        channel.clear_digits()
        with suppress(AriError):
            channel.set_variable("TALK_DETECT(remove)", "")
            if self._is_muted:
                channel.unmute("in")
