"""Who wants which events: looked up without a lock, changed under one."""

from collections.abc import Iterable
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from asterisk_ari._core.locking import MakeLock, no_lock
from asterisk_ari._core.matching import Subject

Watch = tuple[Subject | None, str]
"""What an entry is looked up by: the object it is about (None: any) and the event type ("*": any)."""


class Entry(Protocol):
    """What a registry holds: a handler's registration or a waiter."""

    @property
    def watches(self) -> tuple[Watch, ...]:
        """Where it is to be found."""

    @property
    def number(self) -> int:
        """Its place in the order of registration."""


E = TypeVar("E", bound=Entry)


class Registry(Generic[E]):
    """Entries by object and event type, in order of registration.

    Tuples are replaced, never changed, so that the reader may look up while other threads add and remove.
    `version` grows with each addition.
    """

    def __init__(self, make_lock: MakeLock = no_lock) -> None:
        self._lock = make_lock()
        self._entries: dict[Subject | None, dict[str, tuple[E, ...]]] = {}
        self.types: dict[str, int] = {}
        """How many entries, about whatever object, are for each type."""
        self._size = 0
        self.version: int = 0

    def __len__(self) -> int:
        return self._size

    def add(self, entry: E) -> None:
        """Put an entry where its watches say."""
        with self._lock:
            for subject, name in entry.watches:
                by_type = self._entries.setdefault(subject, {})
                by_type[name] = (*by_type.get(name, ()), entry)
                self.types[name] = self.types.get(name, 0) + 1
            self._size += 1
            self.version += 1

    def remove(self, entry: E) -> bool:
        """Take an entry out; False when it was not there."""
        with self._lock:
            removed = [self._remove(entry, subject, name) for subject, name in entry.watches]
            present = any(removed)
            self._size -= present
            return present

    def _remove(self, entry: E, subject: Subject | None, name: str) -> bool:
        by_type = self._entries.get(subject, {})
        before = by_type.get(name, ())
        after = tuple(other for other in before if other is not entry)
        if len(after) != len(before):
            if (left := self.types[name] - 1) > 0:
                self.types[name] = left  # in one step: the reader skips events of types that are not in there
            else:
                del self.types[name]
        if after:
            by_type[name] = after
        elif before:
            del by_type[name]
            if not by_type:
                del self._entries[subject]
        return len(after) != len(before)

    def match(self, types: Iterable[str], subjects: list[Subject]) -> tuple[E, ...]:
        """Give the entries for an event of these types (its own and "*") about these objects."""
        by_subject = self._entries
        if not by_subject:
            return ()
        first: tuple[E, ...] = ()
        more: list[tuple[E, ...]] = []
        if (by_type := by_subject.get(None)) is not None:
            for name in types:
                if (hit := by_type.get(name)) is not None:
                    if first:
                        more.append(hit)
                    else:
                        first = hit
            if len(by_subject) == 1:
                return _in_order([first, *more]) if more else first
        for subject in subjects:
            if (by_type := by_subject.get(subject)) is not None:
                more += [hit for name in types if (hit := by_type.get(name)) is not None]
        if not more:
            return first
        return _in_order([first, *more]) if first or len(more) > 1 else more[0]

    def about(self, subject: Subject) -> tuple[E, ...]:
        """Give the entries about one object."""
        if subject not in self._entries:
            return ()
        with self._lock:
            return _in_order(self._entries.get(subject, {}).values())

    def subjects(self) -> set[Subject]:
        """Give the objects that anything is registered about."""
        with self._lock:
            return {subject for subject in self._entries if subject is not None}

    def everything(self) -> tuple[E, ...]:
        """Give all entries, in order."""
        with self._lock:
            return _in_order([hit for by_type in self._entries.values() for hit in by_type.values()])


def _in_order(found: Iterable[tuple[E, ...]]) -> tuple[E, ...]:
    """Put entries of several look-ups into the order of registration, each once."""
    unique = {entry.number: entry for hit in found for entry in hit}
    return tuple(unique[number] for number in sorted(unique))


class Registration:
    """A handler's registration: `.close()` it, or use it as a context manager.

    `call` runs the handler with an event; the client uses it to hand over a channel as well.
    """

    __slots__ = ("_registry", "about", "call", "closed", "handler", "is_coroutine", "number", "watches")

    def __init__(
        self, number: int, types: Iterable[str], about: Subject | None, handler: Any, call: Any, *, is_coroutine: bool
    ) -> None:
        self.number: int = number
        self.watches: tuple[Watch, ...] = tuple((about, name) for name in types)
        self.about: Subject | None = about
        self.handler: Any = handler
        self.call: Any = call
        self.closed: bool = False
        self.is_coroutine: bool = is_coroutine
        self._registry: Registry[Registration] | None = None

    def add_to(self, registry: "Registry[Registration]") -> Self:
        """Begin."""
        self._registry = registry
        registry.add(self)
        return self

    @property
    def types(self) -> tuple[str, ...]:
        """The event types it is for."""
        return tuple(name for _, name in self.watches)

    def close(self) -> None:
        """End it; no event reaches the handler that has not reached it yet."""
        self.closed = True
        self.finish()

    def finish(self) -> None:
        """End it with its object: what was already on its way is still delivered."""
        if self._registry is not None:
            self._registry.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        name = getattr(self.handler, "__qualname__", repr(self.handler))
        return f"<Registration {'/'.join(self.types)} -> {name}>"
