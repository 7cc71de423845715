"""Recently ended objects, each with the event that reported its end."""

from collections import OrderedDict

from asterisk_ari._core.events.decode import event_of
from asterisk_ari._core.events.matching import Subject
from asterisk_ari.events import Event

REMEMBERED_ENDS = 2048


class EndedObjects:
    """The objects that ended last, with their last events, so that a wait that begins too late still gets its event.

    Bounded: after `REMEMBERED_ENDS` further ends an object is forgotten.
    """

    def __init__(self) -> None:
        # Not a plain dict: finding its oldest item gets slower with each one removed before.
        self._ends: OrderedDict[Subject, Event | bytes | None] = OrderedDict()
        self._delivered: set[Subject] = set()

    def __contains__(self, subject: object) -> bool:
        return subject in self._ends

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, subject: Subject, event: Event | bytes | None) -> None:
        """Record that an object has ended, and the event that reported it, as a frame if it has not been decoded yet."""
        ends = self._ends
        if subject in ends:
            self.forget(subject)
        ends[subject] = event
        if len(ends) > REMEMBERED_ENDS:
            oldest, _ = ends.popitem(last=False)
            self._delivered.discard(oldest)

    def mark_delivered(self, subject: Subject) -> None:
        """Record that the handlers of an ended object have received its last event."""
        self._delivered.add(subject)
        if subject not in self._ends:  # forgotten, perhaps a moment ago
            self._delivered.discard(subject)

    def is_delivered(self, subject: Subject) -> bool:
        """Whether an object has ended and its handlers have received its last event: nothing more can be delivered about it."""
        return subject in self._delivered

    def forget(self, subject: Subject) -> None:
        """Forget that an object has ended, as its id or name is about to be reused."""
        self._ends.pop(subject, None)
        self._delivered.discard(subject)

    def last_event(self, subject: Subject) -> Event | None:
        """Return the event that ended an object; None if it has not ended, or no event reported it."""
        last = self._ends.get(subject)
        if isinstance(last, bytes):
            last = self._ends[subject] = event_of(last)
        return last
