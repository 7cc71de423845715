# Made from calls/owned_objects.py by scripts/unasync.py: edit that file.
"""The objects a call owns: they are ended with the call, in the right order, whether or not some have ended by themselves."""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.resources.playbacks import Playback
from asterisk_ari._transport.runtime.runtime_sync import ThreadsafeEvent
from asterisk_ari._transport.runtime.uninterrupted_sync import uninterrupted
from asterisk_ari.errors import AriError, Conflict, EventStreamLost, NotConnected, NotFound, OutcomeUnknown, WaitError

R = TypeVar("R")

log = logging.getLogger("asterisk_ari")

# An object whose creation the server has not confirmed may still appear; it is ended after pauses of
# 0.1, 0.2, 0.4, 0.8 and 1.6 s.
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 1.6

# How long to wait until a stopped playback has ended.
_STOP_SECONDS = 1.0

# Whatever is heard comes first, so that nothing plays into a bridge that is being destroyed; then bridges, then channels.
ORDER = ("media", "playback", "recording", "bridge", "channel")


class Owned:
    """An object that a call or a service owns, and how it is ended.

    Args:
        kind: "media", "playback", "recording", "bridge" or "channel": they are ended in this order.
        name: its id, or the name of a recording.
        finish: called without arguments to end it.
        is_certain: whether the server has confirmed that it exists; if not, it may still be created.

    Attributes:
        was_refused: whether the server refused to create it: an object with its id belongs to somebody else.

    Example:
        >>> bridge = ari.bridges(new_id("bridge"))
        >>> owned = Owned("bridge", bridge.id, bridge.destroy)
    """

    def __init__(self, kind: str, name: str, finish: Callable[[], None], *, is_certain: bool = False) -> None:
        self.kind = kind
        self.name = name
        self.is_certain = is_certain
        self.was_refused = False
        self._finish = finish

    def end(self) -> None:
        """End the object. It is not an error if it has already ended; one that may still be created is waited for, for about
        three seconds.

        Any other refusal is logged as a warning.

        Example:
            >>> owned.end()
        """
        pause = _FIRST_PAUSE_SECONDS
        while not self.was_refused:
            try:
                self._finish()
            except (NotFound, Conflict):
                if self.is_certain or pause > _LONGEST_PAUSE_SECONDS:
                    return  # already ended, or about to
                ThreadsafeEvent().wait(pause)
                pause *= 2
            except AriError as error:
                log.warning("could not end %s %s: %s", self.kind, self.name, error)
                return
            else:
                return


class OwnedObjects:
    """The objects of one call or service, in order of creation; none is left once it is ended.

    Example:
        >>> owns = OwnedObjects()
        >>> bridge = ari.bridges(new_id("bridge"))
        >>> owned = Owned("bridge", bridge.id, bridge.destroy)
        >>> owns.create(owned, lambda: ari.bridges.create("mixing", bridge_id=bridge.id))
        >>> owns.end_all()
    """

    def __init__(self) -> None:
        self._owned: list[Owned] = []

    def own(self, owned: Owned) -> None:
        """Own an object that exists.

        Args:
            owned: the object.

        Example:
            >>> owns.own(Owned("bridge", bridge.id, bridge.destroy, is_certain=True))
        """
        self._owned.append(owned)

    def disown(self, owned: Owned) -> None:
        """Give up ownership of an object: it has ended, or has another owner.

        Args:
            owned: the object.

        Example:
            >>> owns.disown(owned)
        """
        with suppress(ValueError):  # another thread may be ending all objects
            self._owned.remove(owned)

    def disown_all(self) -> None:
        """Give up ownership of all objects: they have another owner.

        Example:
            >>> owns.disown_all()
        """
        self._owned.clear()

    def give(self, kind: str, name: str, other: "OwnedObjects") -> None:
        """Pass an object to another owner, if it is owned here.

        Args:
            kind: its kind.
            name: its id or name.
            other: the new owner.

        Example:
            >>> owns.give("bridge", bridge.id, other)
        """
        if (owned := self.find(kind, name)) is not None:
            other.own(owned)
            self.disown(owned)

    def find(self, kind: str, name: str) -> Owned | None:
        """Return the owned object of a kind and name; None if there is none.

        Args:
            kind: its kind.
            name: its id or name.

        Example:
            >>> owns.find("bridge", bridge.id)
        """
        return next((one for one in [*self._owned] if (one.kind, one.name) == (kind, name)), None)

    def create(self, owned: Owned, make: Callable[[], R]) -> R:
        """Create an object and own it from before the request on; a cancellation or Ctrl-C waits for the server's response.

        Args:
            owned: the object, with an id that the client has chosen.
            make: called without arguments to create it.

        Returns:
            The result of `make`.

        Raises:
            AriError: the server refused it, and it is not owned; after OutcomeUnknown it is, because it may exist.

        Example:
            >>> owned = Owned("bridge", bridge.id, bridge.destroy)
            >>> owns.create(owned, lambda: ari.bridges.create("mixing", bridge_id=bridge.id))
        """

        def create() -> R:
            self._owned.append(owned)
            try:
                made = make()
            except OutcomeUnknown:
                raise
            except Exception:
                owned.was_refused = True  # whoever ends it although the creation was cut short
                self.disown(owned)
                raise
            owned.is_certain = True
            return made

        return uninterrupted(create)

    def end(self, owned: Owned) -> None:
        """End one object before the others.

        Args:
            owned: what it is owned as.

        Example:
            >>> owns.end(owned)
        """

        def end() -> None:
            owned.end()
            self.disown(owned)

        uninterrupted(end, is_repeatable=True)

    def end_all(self, done: Callable[[], None] = lambda: None) -> None:
        """End all objects: first whatever is heard, then bridges, then channels.

        Args:
            done: called when all have ended.

        Example:
            >>> owns.end_all()
        """
        if self._owned:
            uninterrupted(partial(self._end_all, done), is_repeatable=True)
        done()

    def _end_all(self, done: Callable[[], None]) -> None:
        while owned := [*reversed(self._owned)]:  # another task or thread may be ending all objects, too
            first = min(owned, key=lambda one: ORDER.index(one.kind))
            first.end()
            self.disown(first)
        done()


def owned_playback(ari: ClientConnection, playback_id: str) -> Owned:
    """Own a playback, which is stopped at the end unless it has finished.

    Args:
        ari: the client.
        playback_id: its id; the playback need not exist yet.

    Example:
        >>> owned = owned_playback(ari, new_id("playback"))
    """
    return Owned("playback", playback_id, partial(_stop, ari, Playback(ari, playback_id)))


def _stop(ari: ClientConnection, playback: Playback) -> None:
    """Stop a playback, and wait until it has stopped: Asterisk 22 may hang when its bridge is destroyed earlier."""
    if not ari.receives_events:
        playback.stop()
        return
    if ari.hub.has_ended(("playback", playback.id)):
        return
    with ari.hub.expect("PlaybackFinished", about=("playback", playback.id)) as finished:
        playback.stop()
        with suppress(WaitError, EventStreamLost, NotConnected):  # the last while the client disconnects
            finished.result(_STOP_SECONDS)
