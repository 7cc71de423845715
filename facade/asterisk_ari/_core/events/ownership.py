"""Which objects end with another one at the latest, such as a playback with its channel, whatever the server reports."""

from asterisk_ari._core.events.locking import MakeLock, no_lock
from asterisk_ari._core.events.matching import Subject


class Ownership:
    """Owners and what belongs to them, in both directions, so that nothing is left behind when either ends."""

    def __init__(self, make_lock: MakeLock = no_lock) -> None:
        self._make_lock = make_lock
        self._lock = make_lock()
        self._owned: dict[Subject, set[Subject]] = {}
        self._owner: dict[Subject, Subject] = {}

    def __len__(self) -> int:
        return len(self._owner)

    def after_fork(self) -> None:
        """Start with a free lock: a thread of the parent process may have held it."""
        self._lock = self._make_lock()

    def add(self, subject: Subject, owner: Subject) -> None:
        """Record the owner of an object."""
        with self._lock:
            self._owner[subject] = owner
            self._owned.setdefault(owner, set()).add(subject)

    def end(self, subject: Subject) -> tuple[Subject, ...]:
        """Forget an ended object, and return those that end with it."""
        if not self._owner:
            return ()
        with self._lock:
            owner = self._owner.pop(subject, None)
            if owner is not None and (siblings := self._owned.get(owner)) is not None:
                siblings.discard(subject)
                if not siblings:
                    del self._owned[owner]
            return tuple(self._owned.pop(subject, ()))
