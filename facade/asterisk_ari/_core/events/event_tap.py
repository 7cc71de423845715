"""Passes the events about one object to a function, in the reader: several taps can feed one queue."""

from collections.abc import Callable, Iterable

from asterisk_ari._core.events.interfaces import EventWaiter
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.events.registry import Registry, Watch
from asterisk_ari.events import Event


class EventTap:
    """Passes on each event of some types about one object, and finally the error that ends it. It must be closed.

    Args:
        number: its position among the waits.
        about: the object.
        types: the event types.
        registry: the registry of waits.
        notify: called by the reader; it must not block.
    """

    def __init__(
        self,
        number: int,
        about: Subject,
        types: Iterable[str],
        registry: Registry[EventWaiter],
        notify: Callable[[Event | Exception], None],
    ) -> None:
        self.number: int = number
        self._registry = registry
        self._notify = notify
        self.watches: tuple[Watch, ...] = tuple((about, name) for name in types)

    def receive(self, event: Event, found: list[Subject]) -> None:
        """Take an event."""
        self._notify(event)

    def end(self, error: Exception) -> None:
        """No further event will arrive."""
        if self._registry.remove(self):
            self._notify(error)

    def close(self) -> None:
        """Stop passing events on."""
        self._registry.remove(self)
