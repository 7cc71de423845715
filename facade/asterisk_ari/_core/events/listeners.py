"""All listeners: registrations of handlers and waits, and how the end of an object ends those about it."""

from collections.abc import Callable, Iterable

from asterisk_ari._core.events.ended_objects import EndedObjects
from asterisk_ari._core.events.interfaces import EventWaiter
from asterisk_ari._core.events.locking import MakeLock, no_lock
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.events.ownership import Ownership
from asterisk_ari._core.events.registry import Registration, Registry, Watch
from asterisk_ari.errors import EventStreamLost, ObjectGone
from asterisk_ari.events import Event


class Listeners:
    """Registrations and waits by object; `has_unordered` tells whether any registration was unordered.

    Args:
        on_object_ended: called with each object whose registrations end.
        make_lock: makes the locks that guard state shared between threads.
    """

    def __init__(self, on_object_ended: Callable[[Subject], None], make_lock: MakeLock = no_lock) -> None:
        self.registrations: Registry[Registration] = Registry(make_lock)
        self.waiters: Registry[EventWaiter] = Registry(make_lock)
        self.has_unordered: bool = False
        self.ended: EndedObjects = EndedObjects()
        self.ownership: Ownership = Ownership(make_lock)
        self._on_object_ended = on_object_ended

    def after_fork(self) -> None:
        """Start with free locks: threads of the parent process may have held them."""
        self.registrations.after_fork()
        self.waiters.after_fork()
        self.ownership.after_fork()

    def add(self, registration: Registration) -> None:
        """Add a registration."""
        self.has_unordered |= not registration.ordered
        registration.add_to(self.registrations)

    def subjects(self) -> set[Subject]:
        """The objects that a registration or a wait is about."""
        return self.registrations.subjects() | self.waiters.subjects()

    def serve_waiters(self, event: Event, found: list[Subject]) -> None:
        """Hand an event that did not arrive in a frame to the waits for it."""
        for waiter in self.waiters.match((event.type, "*"), found):
            waiter.receive(event, found)

    def end_waiters(self, error: Exception, spared: Iterable[str] = ()) -> None:
        """End all waits, except those for one of the spared types that are not tied to an object."""
        kept: set[Watch] = {(None, name) for name in spared}
        for waiter in self.waiters.everything():
            if not kept.intersection(waiter.watches):
                waiter.end(error)

    def end_waiters_about(self, subject: Subject) -> None:
        """End the waits about an object whose end was missed in a gap."""
        self.ended.add(subject, None)
        for waiter in self.waiters.about(subject):
            waiter.end(ObjectGone(f"{subject[0]} {subject[1]} ended while the connection was down"))

    def forget(self, subject: Subject, why: str) -> None:
        """End the waits and registrations about an object that continues to exist, but no longer delivers events."""
        for waiter in self.waiters.about(subject):
            waiter.end(EventStreamLost(f"no more events: {why}"))
        self.end_registrations(subject)

    def finish(self, ended: Iterable[Subject]) -> None:
        """End the registrations about ended objects, once the handlers have received their last event."""
        for subject in ended:
            self.ended.mark_delivered(subject)
            self.end_registrations(subject)

    def end_registrations(self, subject: Subject) -> None:
        """End the registrations about an object and about what ends with it."""
        self._on_object_ended(subject)
        for owned in self.ownership.end(subject):
            self.end_registrations(owned)
        if self.registrations.has_objects:
            for registration in self.registrations.about(subject):
                registration.finish()
