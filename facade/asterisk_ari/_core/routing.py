"""From a frame to those who want it. Runs in the reader: nothing here waits, and nothing of the program runs here."""

import logging
from collections.abc import Iterable
from typing import Any

from asterisk_ari._core.decode import UNREADABLE, Head, MalformedFrame, decode_frame, decode_head, make_event, views
from asterisk_ari._core.ends import begun_by, ended_by
from asterisk_ari._core.event_types import LIGHT, STATE_TYPES, skippable
from asterisk_ari._core.locking import MakeLock, no_lock
from asterisk_ari._core.matching import Subject, key_of, ordering_key, subjects, subjects_of
from asterisk_ari._core.ordering import Job
from asterisk_ari._core.ownership import Ownership
from asterisk_ari._core.parties import Pool, Replies, Waiting
from asterisk_ari._core.registry import Registration, Registry, Watch
from asterisk_ari._core.stats import Stats
from asterisk_ari._core.subscriptions import ChannelsInStasis, EndedObjects
from asterisk_ari.errors import ObjectGone
from asterisk_ari.events import Event

_log = logging.getLogger("asterisk_ari.events")

# What an error that waits to be told counts for: it keeps the first bytes of the frame.
_ERROR_BYTES = 1024


class Router:
    """Decodes frames, keeps the client's knowledge, serves waiters at once and queues the rest for the handlers."""

    def __init__(self, stats: Stats, lingering_seconds: float, make_lock: MakeLock = no_lock) -> None:
        self.stats = stats
        self.registry: Registry[Registration] = Registry(make_lock)
        self.waiters: Registry[Waiting] = Registry(make_lock)
        self.channels = ChannelsInStasis()
        self.ended = EndedObjects()
        self.held: set[Subject] = set()
        self._unmet: dict[str, dict[str, Any]] = {}
        self._lingering_seconds = lingering_seconds
        self._lingering: dict[str, float] = {}
        self.ownership = Ownership(make_lock)
        self.lock = make_lock()
        self.pool: Pool
        self.replies: Replies | None = None

    def frames(self, frames: list[bytes], now: float) -> list[Event]:
        """Route frames; give the events the connection itself must know (ApplicationReplaced).

        A frame that is no event is reported like an error of a handler, and that is all.
        """
        known: list[Event] = []
        light = 0
        with self.lock:
            for data in frames:
                try:
                    head = decode_head(data)
                except UNREADABLE:
                    head = None
                if head is not None and self._take_light(head, data, now):
                    light += 1
                elif (event := self._frame(data, now)) is not None and event.type == "ApplicationReplaced":
                    known.append(event)
            self.stats.received += light
        return known

    def _take_light(self, head: Head, data: bytes, now: float) -> bool:
        """Route an event by its head alone, so that only who handles it decodes it; False when that cannot be."""
        name = head.type
        handled, awaited, version = self.registry.types, self.waiters.types, self.registry.version
        if awaited and (name in awaited or "*" in awaited):
            return False
        if (
            name not in handled
            and "*" not in handled
            and name in skippable()
            and not self._lingering
            and not self.pool.has_work()
            and version == self.registry.version  # else a handler has registered another one and ended meanwhile
        ):
            return True
        if name not in LIGHT:
            return False
        channel = head.channel
        found = subjects_of(head) if channel is None or not channel.id else [("channel", channel.id)]
        if not found:
            return False
        ends = self._note_light(name, head, found, data, now) if self._lingering or name in STATE_TYPES else ()
        key = key_of(found) if channel is None else channel.id
        entries = self.registry.match((name, "*"), found)
        # As above: a handler that ends meanwhile may have registered another one, which is looked up when the job is done.
        if entries or self.pool.is_busy(key) or version != self.registry.version:
            given_up = self.pool.submit(Job(key, None, None, entries, version, found, ends, len(data), now, 0, data))
            if given_up:
                self._account_for(given_up)
        else:
            self._finish(ends)
        return True

    def _note_light(self, name: str, head: Head, found: list[Subject], data: bytes, now: float) -> tuple[Subject, ...]:
        """Keep what the client knows; give the objects that end with this event."""
        subject = found[0]
        if self._lingering:
            self._keep_lingering(name, found, now)
        if name == "PlaybackFinished":
            self.ended.note(subject, data)
            return (subject,)
        if name in ("StasisEnd", "ChannelDestroyed"):
            self._channel_left(name, subject[1], head.application, now)
            if name == "ChannelDestroyed":
                self.ended.note(subject, data)
                return (subject,)
        return ()

    def _frame(self, data: bytes, now: float) -> Event | None:
        try:
            json = decode_frame(data)
        except MalformedFrame as error:
            self.stats.malformed += 1
            self._submit(Job("", error=error.lightened(), size=_ERROR_BYTES, received_at=now))
            return None
        if self.replies is not None and json["type"] == "RESTResponse" and self.replies.take(json):
            return None
        self.stats.received += 1
        return self.route(json, len(data), now)

    def route(self, json: dict[str, Any], size: int, now: float, *, synthetic: bool = False) -> Event | None:
        """Route decoded JSON. The lock is held: what a listing changes must not change in between."""
        name: str = json["type"]
        found = subjects(json)
        ends: tuple[Subject, ...] = ()
        if name in STATE_TYPES:
            ends = self._note(name, json, found, now)
        if self._lingering:
            self._keep_lingering(name, found, now)
        key = ordering_key(json, found)
        types = (name, "*") if name in views() else (name, "UnknownEvent", "*")
        # In this order: a handler that registers another one and ends in between is either still busy here, or has
        # registered before the look-up.
        busy = self.pool.is_busy(key)
        version = self.registry.version
        entries = self.registry.match(types, found)
        waiting = self.waiters.match(types, found)
        if name == "StasisStart" and found and not (entries or waiting):
            self._unmet[found[0][1]] = json
        if not (entries or waiting or ends or busy or name == "ApplicationReplaced"):
            return None
        event = make_event(json)
        event.synthetic = synthetic
        for subject in ends:
            self.ended.note(subject, event)
        for waiter in waiting:
            waiter.offer(event, found)
        if entries or busy:
            self._queue(Job(key, event, None, entries, version, found, ends, size, now), busy=busy)
        elif ends:
            self._finish(ends)
        return event

    def catch_up(self, registration: Registration) -> None:
        """Bring a handler the StasisStart of each channel in our apps that entered when nobody listened for it."""
        with self.lock:
            unmet, self._unmet = self._unmet, {}
            for json in unmet.values():
                found = subjects(json)
                job = Job(ordering_key(json, found), make_event(json), None, (registration,), self.registry.version, found)
                self._queue(job, busy=True)

    def announce(self, event: Event, now: float) -> None:
        """Route an event the client made itself."""
        types = (event.type, "*")
        for waiter in self.waiters.match(types, []):
            waiter.offer(event, [])
        busy = self.pool.is_busy("")
        version = self.registry.version
        self._queue(Job("", event, None, self.registry.match(types, []), version, received_at=now), busy=busy)

    def _queue(self, job: Job, *, busy: bool) -> None:
        if not job.entries and not busy:
            self.finish(job)
            return
        self._submit(job)

    def _submit(self, job: Job) -> None:
        if given_up := self.pool.submit(job):
            self._account_for(given_up)

    def _account_for(self, given_up: list[Job]) -> None:
        for old in given_up:
            self.stats.lost += old.is_event
            self.finish(old)
        _log.error("%d events given up, the oldest of the busiest calls: handlers do not keep up", len(given_up))

    def finish(self, job: Job) -> None:
        """End the registrations about what a job's event ended, once its handlers have had it."""
        self._finish(job.ends)

    def _finish(self, ends: tuple[Subject, ...]) -> None:
        for subject in ends:
            self.ended.note_delivered(subject)
            self.end_registrations(subject)

    def end_registrations(self, subject: Subject) -> None:
        """End the registrations about one object, and about what belonged to it."""
        self.held.discard(subject)
        for owned in self.ownership.end(subject):
            self.end_registrations(owned)
        for registration in self.registry.about(subject):
            registration.finish()

    def gone_unseen(self, subject: Subject, now: float) -> None:
        """End everything about an object whose end was missed, after what is already on its way."""
        self.ended.note(subject, None)
        for waiter in self.waiters.about(subject):
            waiter.end(ObjectGone(f"{subject[0]} {subject[1]} ended while the connection was down"))
        key = subject[1] if subject[0] == "channel" else f"{subject[0]}:{subject[1]}"
        self._queue(Job(key, ends=(subject,), received_at=now), busy=self.pool.is_busy(key))

    def missed(self, json: dict[str, Any]) -> None:
        """Have an event that was missed end the waits for it about its channel, and be nothing else. The lock is held."""
        event = make_event(json)
        event.synthetic = True
        found = subjects(json)
        for waiter in self.waiters.about(found[0]):
            waiter.offer(event, found)

    def offer(self, event: Event, found: list[Subject]) -> None:
        """Give an event that no frame brought to those who wait for it."""
        with self.lock:
            for waiter in self.waiters.match((event.type, "*"), found):
                waiter.offer(event, found)

    def end_waiters(self, error: Exception, spared: Iterable[str] = ()) -> None:
        """End all waits, but those for one of the spared types about no object in particular."""
        kept: set[Watch] = {(None, name) for name in spared}
        for waiter in self.waiters.everything():
            if not kept.intersection(waiter.watches):
                waiter.end(error)

    def overdue(self, now: float) -> list[str]:
        """Give the channels that left our apps so long ago that nothing more will be heard of them."""
        late = [channel_id for channel_id, since in self._lingering.items() if now - since >= self._lingering_seconds]
        for channel_id in late:
            self._lingering.pop(channel_id, None)
        return late

    def _note(self, name: str, json: dict[str, Any], found: list[Subject], now: float) -> tuple[Subject, ...]:
        """Keep what the client knows; give the objects that end with this event."""
        ends = ended_by(name, found)
        if self.ended:
            for subject in begun_by(name, found):
                self.ended.forget(subject)
        channel = json.get("channel")
        if type(channel) is dict and isinstance(channel.get("id"), str):
            app = json.get("application")
            app = app if isinstance(app, str) else ""
            if name == "StasisStart":
                self.channels.entered(channel, app)
                self._lingering.pop(channel["id"], None)
            else:
                self._channel_left(name, channel["id"], app, now)
        return ends

    def _channel_left(self, name: str, channel_id: str, app: str, now: float) -> None:
        if name == "StasisEnd":
            self.channels.left(channel_id, app)
            if channel_id not in self.channels:
                self._lingering[channel_id] = now
        elif name == "ChannelDestroyed":
            self.channels.gone(channel_id)
            self._lingering.pop(channel_id, None)
        if self._unmet and channel_id not in self.channels:
            self._unmet.pop(channel_id, None)

    def _keep_lingering(self, name: str, found: list[Subject], now: float) -> None:
        """Note that a channel which left our apps is heard of all the same: the app has a subscription to it."""
        if name == "StasisEnd":
            return
        for kind, identity in found:
            if kind == "channel" and identity in self._lingering:
                self._lingering[identity] = now
