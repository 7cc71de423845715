"""Routes frames to waits and handlers. Runs in the reader: nothing here blocks, and no code of the program runs here."""

import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from typing import Any

from asterisk_ari._core.events.call_queues import Job
from asterisk_ari._core.events.channels_in_stasis import ChannelsInStasis
from asterisk_ari._core.events.decode import (
    UNREADABLE,
    EventHeader,
    MalformedFrame,
    decode_frame,
    decode_header,
    make_event,
    views,
    waited_of,
)
from asterisk_ari._core.events.ends import begun_by, ended_by
from asterisk_ari._core.events.event_log import EventLog
from asterisk_ari._core.events.event_types import (
    DIGIT,
    HANGUP,
    HEADER_ONLY_TYPES,
    LEAVES,
    PLAIN_TYPES,
    STATE_TYPES,
    skippable,
)
from asterisk_ari._core.events.interfaces import JobQueue
from asterisk_ari._core.events.listeners import Listeners
from asterisk_ari._core.events.locking import MakeLock, no_lock
from asterisk_ari._core.events.matching import (
    Subject,
    is_unordered,
    key_of_header,
    ordering_key,
    subjects,
    subjects_of,
    unordered_key,
)
from asterisk_ari._core.events.registry import Registration
from asterisk_ari._core.events.rest_responses import RestResponses
from asterisk_ari._core.events.stats import Stats
from asterisk_ari._core.observing import Observer
from asterisk_ari._core.requests.over_websocket import REPLY
from asterisk_ari.events import Event

_log = logging.getLogger("asterisk_ari.events")

# As Asterisk writes it; any other form takes the slow path.
_BEGIN_OF_REPLY = f'{{"type":"{REPLY}",'.encode()
# The size counted for a queued error, which keeps the first bytes of the frame.
_ERROR_BYTES = 1024


class Router:
    """Decodes frames, keeps `channels` up to date, serves waits immediately and queues everything else for the handlers.

    While a program is stopping, the StasisStart of each channel that this client does not expect goes to one registration instead
    of the handlers (`turn_away`).

    With `one_queue` events keep their order across all calls, not only within each call.

    `lock` is held while frames are routed; whatever must not happen between two events is done under it. Jobs are queued together
    when it is released; until then they are in `_jobs`, and their keys in `_keys`.
    """

    def __init__(
        self,
        *,
        listeners: Listeners,
        channels: ChannelsInStasis,
        queue: JobQueue,
        responses: RestResponses,
        stats: Stats,
        make_lock: MakeLock = no_lock,
        logs_personal_data: bool = False,
        one_queue: bool = False,
    ) -> None:
        self.channels = channels
        self._event_log = EventLog(personal=logs_personal_data)
        self._stats = stats
        self.lock: AbstractContextManager[Any] = make_lock()
        self._make_lock = make_lock
        self._listeners = listeners
        self._registrations = listeners.registrations
        self._waiters = listeners.waiters
        self._queue = queue
        self._busy = queue.busy
        self._one_queue = one_queue
        self._responses = responses
        self._jobs: list[Job] = []
        self._keys: set[str] = set()
        self._unhandled_starts: dict[str, Event] = {}
        self._turned_away_by: Registration | None = None
        self._observer: Observer | None = None

    def after_fork(self) -> None:
        """Start with a free lock: a thread of the parent process may have held it in the middle of its work."""
        self.lock = self._make_lock()
        self._jobs, self._keys = [], set()

    def observe(self, observer: Observer | None) -> None:
        """Report all frames to an observer from now on; None: to nobody."""
        self._observer = observer

    def turn_away(self, registration: Registration | None) -> None:
        """From now on hand each unexpected StasisStart to a registration instead of the handlers; None: stop doing so."""
        with self.lock:
            self._turned_away_by = registration

    @property
    def turns_away(self) -> bool:
        """Whether unexpected channels are turned away."""
        return self._turned_away_by is not None

    def route_frames(self, frames: list[bytes], now: float) -> list[Event]:
        """Route frames, and return the events that concern the connection itself (ApplicationReplaced).

        A frame that is not an event is only reported, like an error of a handler.
        """
        if _log.isEnabledFor(logging.INFO):
            self._event_log.log_frames(frames)
        if self._observer is not None:
            self._observer.frames(frames)
        if len(frames) == 1 and frames[0].startswith(_BEGIN_OF_REPLY) and self._responses.receive(frames[0]):
            return []  # a waiter for a response continues at once: most responses arrive alone
        with self.lock:
            return self._route_all(frames, now)

    def _route_all(self, frames: list[bytes], now: float) -> list[Event]:
        """Route frames. The caller holds the lock."""
        about_connection: list[Event] = []
        by_header = 0
        jobs, add_key, left_at, busy = self._jobs, self._keys.add, self.channels.left_at, self._busy
        registrations = self._registrations
        version = registrations.version
        entries_of, plain = self._plain_types()
        for frame in frames:
            try:
                header = decode_header(frame)
            except UNREADABLE:
                header = None
            if header is not None:
                name = header.type
                # By far the most events: at most a digit has to be kept, and their handlers are known.
                if (
                    name in plain
                    and (entries := entries_of.get(name)) is not None
                    and (key := channel.id if (channel := header.channel) is not None else key_of_header(header))
                    and key not in left_at
                ):
                    by_header += 1
                    if name == DIGIT:
                        self._keep(name, key, frame)
                    if entries or ((jobs or busy) and self._is_busy(key)) or version != registrations.version:
                        jobs.append(Job(key, None, None, entries, version, None, (), len(frame), now, 0, frame))
                        add_key(key)
                    continue
                if self._responses.receive(frame) if name == REPLY else self._route_by_header(header, frame, now):
                    by_header += name != REPLY  # not an event for the program
                    continue
            if (event := self._route_decoded(frame, now)) is not None and event.type == "ApplicationReplaced":
                about_connection.append(event)
        self._stats.received += by_header
        self._submit()
        return about_connection

    def _plain_types(self) -> tuple[Mapping[str, tuple[Registration, ...]], Collection[str]]:
        """Return the handlers of events about any object, by type, and the types for which nothing else matters."""
        registrations, awaited = self._registrations, self._waiters.types
        entries_of = registrations.about_any
        if registrations.has_objects or "*" in awaited:
            return entries_of, ()
        return entries_of, PLAIN_TYPES.difference(awaited) if awaited else PLAIN_TYPES

    def _route_by_header(self, header: EventHeader, frame: bytes, now: float) -> bool:
        """Route an event by its header alone, so that it is decoded only when handled; False if that is impossible."""
        name = header.type
        if (awaited := self._waiters.types) and (name in awaited or "*" in awaited):
            return False
        registrations = self._registrations
        version = registrations.version
        entries = registrations.about_any.get(name)
        if entries is None:
            entries = registrations.find_about_any(name)
        if name in (DIGIT, HANGUP) and (channel := header.channel) is not None:
            self._keep(name, channel.id, frame)
        is_state = name in STATE_TYPES
        if not (entries or is_state) and self._can_skip(name, version):
            return True
        if name not in HEADER_ONLY_TYPES or not (key := key_of_header(header)):
            return False
        ends = self._update_by_header(name, header, frame, now) if is_state else ()
        if registrations.has_objects or self.channels.left_at:
            found = subjects_of(header)
            if name not in LEAVES:
                self._heard_of(found, now)
            if registrations.has_objects:
                entries = registrations.match((name, "*"), found)
        # A handler that ends in the meantime may have registered another one; that is looked up when the job is done.
        if entries or self._is_busy(key) or version != registrations.version:
            self._jobs.append(Job(key, None, None, entries, version, None, ends, len(frame), now, 0, frame))
            self._keys.add(key)
        elif ends:
            self._listeners.finish(ends)
        return True

    def _can_skip(self, name: str, version: int) -> bool:
        """Whether an event without a registered handler can be skipped: a running handler may still register one."""
        handled = self._registrations.types
        return (
            name not in handled
            and "*" not in handled
            and name in skippable()
            and not self.channels.left_at
            and not self._jobs
            and not self._busy
            and version == self._registrations.version  # otherwise a handler has registered another one and ended in the meantime
        )

    def _is_busy(self, key: str) -> bool:
        if self._one_queue:
            return bool(self._keys or self._busy)
        return key in self._keys or key in self._busy

    def _update_by_header(self, name: str, header: EventHeader, frame: bytes, now: float) -> tuple[Subject, ...]:
        """Update the known state, and return the objects that end with this event."""
        if (channel := header.channel) is not None:
            subject = ("channel", channel.id)
            if name in LEAVES:
                self._channel_left(name, channel.id, header.application, now)
        else:
            subject = ("playback", playback.id if (playback := header.playback) is not None else "")
        if name in ("PlaybackFinished", "ChannelDestroyed"):
            self._listeners.ended.add(subject, frame)
            return (subject,)
        return ()

    def _route_decoded(self, frame: bytes, now: float) -> Event | None:
        try:
            json = decode_frame(frame)
        except MalformedFrame as error:
            self._stats.malformed += 1
            self._jobs.append(Job("", error=error.without_traceback(), size=_ERROR_BYTES, received_at=now))
            self._keys.add("")
            return None
        if json["type"] == REPLY and self._responses.receive(frame):
            return None
        self._stats.received += 1
        return self._route(json, len(frame), now, waited_seconds=waited_of(frame))

    def _route(self, json: dict[str, Any], size: int, now: float, **marks: Any) -> Event | None:
        """Route decoded JSON, with the marks of its event. The caller holds the lock."""
        name: str = json["type"]
        found = subjects(json)
        ends: tuple[Subject, ...] = ()
        is_unexpected = self._turned_away_by is not None and name == "StasisStart" and not self._is_expected(found)
        if name in STATE_TYPES:
            ends = self._update(name, json, found, now)
        if name != "StasisEnd":
            self._heard_of(found, now)
        key = ordering_key(json, found)
        types = (name, "*") if name in views() else (name, "UnknownEvent", "*")
        # In this order: a handler that registers another one and ends in between is either still busy here, or has
        # registered before the look-up.
        busy = self._is_busy(key)
        version = self._registrations.version
        entries = self._registrations.match(types, found)
        waiting = self._waiters.match(types, found)
        if found and (name == HANGUP or (name == DIGIT and not any((found[0], name) in waiter.watches for waiter in waiting))):
            self._keep(name, found[0][1], make_event(json, **marks))
        if is_unexpected and (turned_away_by := self._turned_away_by) is not None and not (waiting or busy):
            key, entries = unordered_key(key, turned_away_by.number), (turned_away_by,)
        elif name == "StasisStart" and found and not (entries or waiting):
            self._unhandled_starts[found[0][1]] = make_event(json, **marks)
        if not (entries or waiting or ends or busy or name == "ApplicationReplaced"):
            return None
        event = make_event(json, **marks)
        for subject in ends:
            self._listeners.ended.add(subject, event)
        for waiter in waiting:
            waiter.receive(event, found)
        self._add_job(Job(key, event, None, entries, version, found, ends, size, now), busy=busy)
        return event

    def _keep(self, name: str, channel_id: str, event: Event | bytes) -> None:
        """Keep a hang-up, and a digit that nothing waits for, unless a handler of digits gets it.

        A handler of all events only observes.
        """
        if name == HANGUP:
            self.channels.hung_up(channel_id, event)
        elif DIGIT not in (registrations := self._registrations).types or not any(
            entry.ordered for entry in registrations.match((DIGIT,), [("channel", channel_id)])
        ):
            self.channels.keep_typed(channel_id, event)

    def _is_expected(self, found: list[Subject]) -> bool:
        """Whether this client has sent a channel into its apps, or knows that it is there."""
        return any(channel_id in self.channels.awaited or channel_id in self.channels for _, channel_id in found)

    def replay_unhandled_starts(self, registration: Registration, wants: Callable[[Mapping[str, Any]], bool]) -> None:
        """Deliver the wanted StasisStart events of channels in our apps that entered while nothing was registered for them."""
        with self.lock:
            unhandled = {channel_id: start for channel_id, start in self._unhandled_starts.items() if wants(start)}
            for channel_id, start in unhandled.items():
                del self._unhandled_starts[channel_id]
                found = subjects(start.json)
                key = ordering_key(start.json, found)
                job = Job(key, start, None, (registration,), self._registrations.version, found)
                self._add_job(job, busy=True)
            self._submit()

    def publish(self, event: Event, now: float) -> None:
        """Route an event that the client created itself. The caller holds the lock."""
        self._listeners.serve_waiters(event, [])
        busy = self._is_busy("")
        version = self._registrations.version
        entries = self._registrations.match((event.type, "*"), [])
        self._add_job(Job("", event, None, entries, version, [], received_at=now), busy=busy)
        self._submit()

    def publish_synthetic(self, json: dict[str, Any], now: float) -> None:
        """Route the JSON of a missed event. The caller holds the lock."""
        self._route(json, 0, now, synthetic=True)
        self._submit()

    def serve_waiters_of_missed(self, json: dict[str, Any]) -> None:
        """Hand a missed event to the waits for it about its channel, but not to handlers. The caller holds the lock."""
        event = make_event(json, synthetic=True)
        found = subjects(json)
        for waiter in self._waiters.about(found[0]):
            waiter.receive(event, found)

    def end_missed_object(self, subject: Subject, now: float) -> None:
        """End everything about an object whose end was missed, after what is already queued. The caller holds the lock."""
        self._listeners.end_waiters_about(subject)
        key = subject[1] if subject[0] == "channel" else f"{subject[0]}:{subject[1]}"
        self._add_job(Job(key, subjects=[], ends=(subject,), received_at=now), busy=self._is_busy(key))
        self._submit()

    def forget_apps(self, apps: Collection[str], is_covered: Callable[[Subject], bool]) -> None:
        """End the waits and registrations about channels of apps that no longer receive events. The caller holds the lock.

        Args:
            apps: the apps.
            is_covered: tells whether another app of ours still receives the events of an object.
        """
        for channel_id in self.channels.forget_apps(apps):
            self._unhandled_starts.pop(channel_id, None)
            subject = ("channel", channel_id)
            if not is_covered(subject):
                self._listeners.forget(subject, f"channel {channel_id} is in an app that this client has removed")

    def report_error(self, error: Exception, now: float) -> None:
        """Queue an error of the event stream for `on_error`. The caller holds the lock."""
        self._add_job(Job("", error=error, subjects=[], received_at=now), busy=True)
        self._submit()

    def _add_job(self, job: Job, *, busy: bool) -> None:
        if job.entries or busy:
            self._jobs.append(job)
            self._keys.add(job.key)
        elif job.ends:
            self._listeners.finish(job.ends)

    def _submit(self) -> None:
        """Queue the jobs of the routed frames, and count the jobs dropped to make room. The caller holds the lock."""
        if not self._jobs:
            return
        jobs, self._jobs, self._keys = self._jobs, [], set()
        if self._listeners.has_unordered:
            jobs = [part for job in jobs for part in job.split(unordered_key)]
        if self._one_queue:
            for job in jobs:
                job.key = job.key if is_unordered(job.key) else ""
        if dropped := self._queue.submit(jobs):
            for job in dropped:
                self._stats.lost += job.is_event
                self._listeners.finish(job.ends)
            _log.error("%d events dropped, the oldest of the busiest calls: handlers cannot keep up", len(dropped))

    def _update(self, name: str, json: dict[str, Any], found: list[Subject], now: float) -> tuple[Subject, ...]:
        """Update the known state, and return the objects that end with this event."""
        if self._listeners.ended:
            for subject in begun_by(name, found):
                self._listeners.ended.forget(subject)
        channel = json.get("channel")
        if type(channel) is dict and isinstance(channel.get("id"), str):
            app = json.get("application")
            app = app if isinstance(app, str) else ""
            if name == "StasisStart":
                self.channels.entered(channel, app)
            else:
                self._channel_left(name, channel["id"], app, now)
        return ended_by(name, found)

    def _channel_left(self, name: str, channel_id: str, app: str, now: float) -> None:
        if name == "StasisEnd":
            self.channels.left(channel_id, app, now)
        elif name == "ChannelDestroyed":
            self.channels.destroyed(channel_id)
        if self._unhandled_starts and channel_id not in self.channels:
            self._unhandled_starts.pop(channel_id, None)

    def _heard_of(self, found: list[Subject], now: float) -> None:
        if self.channels.left_at:
            for kind, name in found:
                if kind == "channel":
                    self.channels.heard_of(name, now)
