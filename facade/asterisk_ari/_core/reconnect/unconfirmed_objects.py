"""Objects that may have ended in a gap: the server lists channels and bridges, and must be asked for each other object."""

from collections import deque
from collections.abc import Collection, Container, Iterable, Mapping

from asterisk_ari._core.events.matching import Subject

MIN_UNKNOWN_SECONDS = 1.0
"""A wait may begin before the request that creates its object is sent: an object unknown to the server this early has not
ended."""

REMEMBERED_CREATIONS = 256
"""How many of the objects this client created last are checked even without listeners: a wait may begin after the gap."""

LISTED_KINDS = frozenset({"channel", "bridge"})

# Kind of object → the operation that tells whether it exists, and its parameter.
LOOK_UPS: Mapping[str, tuple[str, str]] = {
    "channel": ("channels.get", "channelId"),
    "bridge": ("bridges.get", "bridgeId"),
    "playback": ("playbacks.get", "playbackId"),
    "recording": ("recordings.getLive", "recordingName"),
}


class UnconfirmedObjects:
    """The objects of handlers and waits while it is unknown whether they still exist.

    `begun` records each object for which a wait, a handler or a creating call begins during a gap; objects listened to at the
    beginning of the gap existed then. After the gap only objects still in doubt are recorded again: events cover the others.
    """

    def __init__(self) -> None:
        self._created: deque[Subject] = deque(maxlen=REMEMBERED_CREATIONS)  # any thread adds to it
        self._is_gap = False
        self._listened_to: frozenset[Subject] = frozenset()
        self._begun_at: dict[Subject, float] = {}

    def gap_begins(self, listened_to: Iterable[Subject]) -> None:
        """Record which objects are listened to when the connection is lost."""
        self._is_gap = True
        self._listened_to = frozenset(listened_to)
        self._begun_at = {}

    def created(self, subject: Subject) -> None:
        """Record an object that this client is creating."""
        self._created.append(subject)

    def begun(self, subject: Subject, now: float) -> None:
        """Record that a wait, a handler or a creating call begins for an object."""
        if self._is_gap or subject in self._begun_at:
            self._begun_at[subject] = now

    def objects(self, listened_to: Collection[Subject], ended: Container[Subject]) -> set[Subject]:
        """Return all objects in doubt that can end and have not: listened to, begun, or created ones that a listing covers."""
        listed = (subject for subject in self._created.copy() if subject[0] in LISTED_KINDS)
        known = (*self._listened_to, *self._begun_at, *listened_to, *listed)
        return {subject for subject in known if subject[0] in LOOK_UPS and subject not in ended}

    def is_gone(self, subject: Subject, unknown_at: float) -> bool:
        """Whether an object unknown to the server at a given time has ended, rather than not begun yet."""
        begun_at = self._begun_at.get(subject)
        return begun_at is None or unknown_at - begun_at >= MIN_UNKNOWN_SECONDS

    def end_gap(self, certain: Collection[Subject], ended: Container[Subject]) -> set[Subject]:
        """End the gap, and the doubt about some objects; return those still in doubt, including created ones."""
        self._is_gap = False
        self._listened_to = frozenset()
        for subject in self._created.copy():
            if subject not in ended:
                self._begun_at.setdefault(subject, float("-inf"))
        return self.resolve(certain)

    def resolve(self, certain: Collection[Subject]) -> set[Subject]:
        """End the doubt about these objects; return those still in doubt."""
        for subject in certain:
            self._begun_at.pop(subject, None)
        return {subject for subject in list(self._begun_at) if subject[0] in LOOK_UPS}
