"""From a frame to those who want it. Runs in the reader: nothing here waits, and nothing of the program runs here."""

import logging
from collections.abc import Iterable
from typing import Any, Protocol

from asterisk_ari._core.decode import MalformedFrame, decode_frame, make_event, views
from asterisk_ari._core.ends import begun_by, ended_by
from asterisk_ari._core.locking import MakeLock, no_lock
from asterisk_ari._core.matching import Subject, ordering_key, subjects
from asterisk_ari._core.ordering import Job
from asterisk_ari._core.ownership import Ownership
from asterisk_ari._core.registry import Entry, Registration, Registry
from asterisk_ari._core.stats import Stats
from asterisk_ari._core.subscriptions import ChannelsInStasis, EndedObjects
from asterisk_ari.errors import ObjectGone
from asterisk_ari.events import CLIENT_MADE, Event

_log = logging.getLogger("asterisk_ari.events")

_STATE_TYPES = frozenset({
    "StasisStart", "StasisEnd", "ChannelCreated", "ChannelDestroyed", "BridgeCreated", "BridgeDestroyed",
    "PlaybackFinished", "RecordingStarted", "RecordingFinished", "RecordingFailed",
})  # fmt: skip


class Waiting(Entry, Protocol):
    """What waits for an event, as the router sees it."""

    def offer(self, event: Event, found: list[Subject]) -> None:
        """Take an event, or the end of what it was about."""

    def end(self, error: Exception) -> None:
        """Be told that no event will come."""


class Pool(Protocol):
    """Where jobs go."""

    def is_busy(self, key: str) -> bool:
        """Tell whether jobs of this key wait or run."""

    def submit(self, job: Job) -> list[Job]:
        """Queue a job, and give those that had to be given up for it."""


class Replies(Protocol):
    """Where replies to REST calls over the event WebSocket go."""

    def take(self, reply: dict[str, Any]) -> bool:
        """Take a RESTResponse; False when it answers no call of this client."""

    def broken(self, reason: str) -> None:
        """Be told that none will come any more."""


class Router:
    """Decodes frames, keeps the client's knowledge, serves waiters at once and queues the rest for the handlers."""

    def __init__(self, stats: Stats, lingering_seconds: float, make_lock: MakeLock = no_lock) -> None:
        self.stats = stats
        self.registry: Registry[Registration] = Registry(make_lock)
        self.waiters: Registry[Waiting] = Registry(make_lock)
        self.channels = ChannelsInStasis()
        self.ended = EndedObjects()
        self.held: set[Subject] = set()
        self._lingering_seconds = lingering_seconds
        self._lingering: dict[str, float] = {}
        self.ownership = Ownership(make_lock)
        self.lock = make_lock()
        self.pool: Pool
        self.replies: Replies | None = None

    def frame(self, data: bytes, now: float) -> Event | None:
        """Route one frame; give its event where the connection itself must know it (ApplicationReplaced).

        A frame that is no event is reported like an error of a handler, and that is all.
        """
        try:
            json = decode_frame(data)
        except MalformedFrame as error:
            self.stats.malformed += 1
            self.pool.submit(Job("", error=error, received_at=now))
            return None
        if self.replies is not None and json["type"] == "RESTResponse" and self.replies.take(json):
            return None
        self.stats.received += 1
        with self.lock:
            return self.route(json, len(data), now)

    def route(self, json: dict[str, Any], size: int, now: float, *, synthetic: bool = False) -> Event | None:
        """Route decoded JSON. The lock is held: what a listing changes must not change in between."""
        name: str = json["type"]
        found = subjects(json)
        ends: tuple[Subject, ...] = ()
        if name in _STATE_TYPES:
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
        if not (entries or waiting or ends or busy or name == "ApplicationReplaced"):
            return None
        event = make_event(json)
        event.synthetic = synthetic
        for subject in ends:
            self.ended.note(subject, event)
        for waiter in waiting:
            waiter.offer(event, found)
        self._queue(Job(key, event, None, entries, version, found, ends, size, now), busy=busy)
        return event

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
        given_up = self.pool.submit(job)
        for old in given_up:
            self.stats.lost += old.event is not None
            self.finish(old)
        if given_up:
            _log.error("%d events given up, the oldest of the busiest calls: handlers do not keep up", len(given_up))

    def finish(self, job: Job) -> None:
        """End the registrations about what a job's event ended, once its handlers have had it."""
        for subject in job.ends:
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

    def end_waiters(self, error: Exception, spared: Iterable[str] = ()) -> None:
        """End all waits, but those for one of the spared types."""
        spared = set(spared)
        for waiter in self.waiters.everything():
            if not spared.intersection(name for _, name in waiter.watches):
                waiter.end(error)

    def overdue(self, now: float) -> list[str]:
        """Give the channels that left our apps so long ago that nothing more will be heard of them."""
        late = [channel_id for channel_id, since in self._lingering.items() if now - since >= self._lingering_seconds]
        for channel_id in late:
            self._lingering.pop(channel_id, None)
        return late

    def _note(self, name: str, json: dict[str, Any], found: list[Subject], now: float) -> tuple[Subject, ...]:
        """Keep what the client knows; give the objects that end with this event."""
        ends = ended_by(json, found)
        for subject in begun_by(json, found):
            self.ended.forget(subject)
        channel = json.get("channel")
        if type(channel) is dict and isinstance(channel.get("id"), str):
            app = json.get("application", "")
            if name == "StasisStart":
                self.channels.entered(channel, app)
                self._lingering.pop(channel["id"], None)
            elif name == "StasisEnd":
                self.channels.left(channel["id"], app)
                if channel["id"] not in self.channels:
                    self._lingering[channel["id"]] = now
            elif name == "ChannelDestroyed":
                self.channels.gone(channel["id"])
                self._lingering.pop(channel["id"], None)
        return ends

    def _keep_lingering(self, name: str, found: list[Subject], now: float) -> None:
        """Note that a channel which left our apps is heard of all the same: the app has a subscription to it."""
        if name == "StasisEnd":
            return
        for kind, identity in found:
            if kind == "channel" and identity in self._lingering:
                self._lingering[identity] = now


def known_types() -> set[str]:
    """Give every event type a handler can be registered for by name."""
    return {*views(), *CLIENT_MADE, "UnknownEvent", "*"}
