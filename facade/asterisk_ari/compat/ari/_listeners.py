"""Callbacks by event type, in order of registration."""

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

Subject = tuple[str, str]
"""What an event is about: the parameter that names it in calls and its id, ("channelId", "1735689600.1")."""

_ENDS: Mapping[str, tuple[str, str, str]] = {
    "ChannelDestroyed": ("channelId", "channel", "id"),
    "StasisEnd": ("channelId", "channel", "id"),
    "BridgeDestroyed": ("bridgeId", "bridge", "id"),
    "PlaybackFinished": ("playbackId", "playback", "id"),
    "RecordingFinished": ("recordingName", "recording", "name"),
    "RecordingFailed": ("recordingName", "recording", "name"),
}

# How long the callbacks of an object that has ended are kept while another `run()` may still bring its last event, and how long
# after it left its app a channel is asked for.
_KEPT_SECONDS = 30.0


class Callback:
    """One registration."""

    __slots__ = ("about", "args", "event_type", "function", "kwargs")

    def __init__(self, event_type: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.event_type: str = event_type
        self.function: Callable[..., Any] = function
        self.args: tuple[Any, ...] = args
        self.kwargs: dict[str, Any] = kwargs
        self.about: Subject | None = None

    def __call__(self, event: dict[str, Any]) -> None:
        """Hand an event on."""
        self.function(event, *self.args, **self.kwargs)


class EventUnsubscriber:
    """A registration: `close()` ends it. Closing again, or after the end of its object, does nothing."""

    def __init__(self, callbacks: "Callbacks", callback: Callback) -> None:
        self._callbacks = callbacks
        self._callback = callback

    def close(self) -> None:
        """Stop calling the function, from the next event on."""
        self._callbacks.remove(self._callback)

    def _end_with(self, about: Subject) -> None:
        self._callbacks.tie(self._callback, about)


class Callbacks:
    """All registrations of a client. They are looked up without a lock: lists are replaced, never changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_type: dict[str, tuple[Callback, ...]] = {}
        self._by_object: dict[Subject, list[Callback]] = {}
        self._ended: dict[Subject, float] = {}
        self._left: dict[Subject, float] = {}

    def __len__(self) -> int:
        return sum(map(len, self._by_type.values()))

    def add(self, callback: Callback) -> EventUnsubscriber:
        """Register a callback; the same function for the same type replaces the former registration."""
        with self._lock:
            others = (each for each in self.of(callback.event_type) if each.function != callback.function)
            self._by_type[callback.event_type] = (*others, callback)
        return EventUnsubscriber(self, callback)

    def remove(self, callback: Callback) -> None:
        """End a registration, if it has not ended."""
        with self._lock:
            self._remove(callback)

    def _remove(self, callback: Callback) -> None:
        left = tuple(each for each in self._by_type.get(callback.event_type, ()) if each is not callback)
        if left:
            self._by_type[callback.event_type] = left
        else:
            self._by_type.pop(callback.event_type, None)
        about = self._by_object.get(callback.about, []) if callback.about is not None else []
        if callback in about:
            about.remove(callback)
            if not about and callback.about is not None:
                del self._by_object[callback.about]
                self._ended.pop(callback.about, None)
                self._left.pop(callback.about, None)

    def tie(self, callback: Callback, about: Subject) -> None:
        """Tie a registration to an object: it ends with it."""
        with self._lock:
            if callback in self._by_type.get(callback.event_type, ()):
                callback.about = about
                self._by_object.setdefault(about, []).append(callback)

    def of(self, event_type: str) -> tuple[Callback, ...]:
        """Return the current registrations for a type."""
        return self._by_type.get(event_type, ())

    def delivered(self, event: Mapping[str, Any], *, by_the_only_run: bool) -> list[Subject]:
        """End the registrations about the object that ended with an event, after the event was delivered.

        A channel that leaves its app with StasisEnd may continue to exist and have events: nothing tells whether it does.

        Args:
            event: the event.
            by_the_only_run: whether no other `run()` may receive events about the same object.

        Returns:
            The channels that left their app some time ago: the registrations of those that no longer exist are to be released.
        """
        event_type, now = event.get("type"), monotonic()
        with self._lock:
            if (subject := _subject_of(event)) is not None and subject in self._by_object:
                if event_type == "StasisEnd":
                    self._left[subject] = now
                elif event_type in _ENDS:
                    self._ended[subject] = now if not by_the_only_run else now - _KEPT_SECONDS
                elif event_type == "StasisStart":
                    self._left.pop(subject, None)
            for ended in _due(self._ended, now):
                self._release(ended)
            due = _due(self._left, now)
            self._left.update(dict.fromkeys(due, now))  # asked for again later, if they are not gone
            return due

    def release(self, about: Subject) -> None:
        """End the registrations about an object."""
        with self._lock:
            self._release(about)

    def _release(self, about: Subject) -> None:
        self._ended.pop(about, None)
        self._left.pop(about, None)
        for callback in self._by_object.get(about, [])[:]:
            self._remove(callback)


def _due(since: Mapping[Subject, float], now: float) -> list[Subject]:
    return [subject for subject, at in since.items() if now - at >= _KEPT_SECONDS]


def _subject_of(event: Mapping[str, Any]) -> Subject | None:
    """Return the object that an event ends, or begins anew."""
    parameter, field, key = _ENDS.get(str(event.get("type")), ("channelId", "channel", "id"))
    described = event.get(field)
    name = described.get(key) if isinstance(described, dict) else None
    return (parameter, name) if isinstance(name, str) else None
