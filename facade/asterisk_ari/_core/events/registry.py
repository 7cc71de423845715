"""Which registrations and waits want which events: looked up without a lock, changed under one."""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from asterisk_ari._core.events.locking import MakeLock, no_lock
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari.events import Event

Watch = tuple[Subject | None, str]
"""The key of an entry: the object it is about (None: any) and the event type ("*": any)."""


class Entry(Protocol):
    """An entry of a registry: a handler's registration or a wait."""

    @property
    def watches(self) -> tuple[Watch, ...]:
        """The keys it is looked up by."""

    @property
    def number(self) -> int:
        """Its position in the order of registration."""


E = TypeVar("E", bound=Entry)


class Registry(Generic[E]):
    """Entries by object and event type, in order of registration.

    Tuples are replaced, never changed, so that the reader can look entries up while other threads add and remove them.

    `version` grows with each addition; `types` has the number of entries for each type, about any object; `about_any` has the
    entries not tied to an object, for the types looked up so far; `has_objects` tells whether any entry is tied to an object.
    """

    def __init__(self, make_lock: MakeLock = no_lock) -> None:
        self._make_lock = make_lock
        self._lock = make_lock()
        self._about_any: dict[str, tuple[E, ...]] = {}
        self._by_object: dict[Subject, dict[str, tuple[E, ...]]] = {}
        self._size = 0
        self.about_any: dict[str, tuple[E, ...]] = {}
        self.types: dict[str, int] = {}
        self.has_objects: bool = False
        self.version: int = 0

    def __len__(self) -> int:
        return self._size

    def after_fork(self) -> None:
        """Start with a free lock: a thread of the parent process may have held it."""
        self._lock = self._make_lock()

    def add(self, entry: E) -> None:
        """Add an entry under each of its watches."""
        with self._lock:
            for subject, name in entry.watches:
                by_type = self._about_any if subject is None else self._by_object.setdefault(subject, {})
                by_type[name] = (*by_type.get(name, ()), entry)
                self.types[name] = self.types.get(name, 0) + 1
            self._size += 1
            self.has_objects = bool(self._by_object)
            self.about_any = {}
            self.version += 1  # last: whoever sees the new version finds the entry

    def remove(self, entry: E) -> bool:
        """Remove an entry; False if it was not there."""
        with self._lock:
            removed = [self._remove(entry, subject, name) for subject, name in entry.watches]
            present = any(removed)
            self._size -= present
            self.has_objects = bool(self._by_object)
            self.about_any = {}
            return present

    def _remove(self, entry: E, subject: Subject | None, name: str) -> bool:
        by_type = self._about_any if subject is None else self._by_object.get(subject, {})
        before = by_type.get(name, ())
        after = tuple(other for other in before if other is not entry)
        if len(after) != len(before):
            if (left := self.types[name] - 1) > 0:
                self.types[name] = left  # in one step: the reader skips events of types that are missing here
            else:
                del self.types[name]
        if after:
            by_type[name] = after
        elif before:
            del by_type[name]
            if not by_type and subject is not None:
                del self._by_object[subject]
        return len(after) != len(before)

    def find_about_any(self, name: str) -> tuple[E, ...]:
        """Return the entries not tied to an object for events of a known type, and cache them in `about_any`."""
        cache = self.about_any
        by_type = self._about_any
        found = cache[name] = _in_order([by_type.get(name, ()), by_type.get("*", ())])
        return found

    def match(self, types: Iterable[str], subjects: list[Subject]) -> tuple[E, ...]:
        """Return the entries for an event of these types (its own and "*") about these objects."""
        found = [hit for name in types if (hit := self._about_any.get(name)) is not None] if self._about_any else []
        by_object = self._by_object
        if by_object:
            for subject in subjects:
                if (by_type := by_object.get(subject)) is not None:
                    found += [hit for name in types if (hit := by_type.get(name)) is not None]
        if not found:
            return ()
        return found[0] if len(found) == 1 else _in_order(found)

    def about(self, subject: Subject) -> tuple[E, ...]:
        """Return the entries about one object."""
        if subject not in self._by_object:
            return ()
        with self._lock:
            return _in_order(self._by_object.get(subject, {}).values())

    def subjects(self) -> set[Subject]:
        """Return the objects that an entry is about."""
        with self._lock:
            return set(self._by_object)

    def everything(self) -> tuple[E, ...]:
        """Return all entries, in order."""
        with self._lock:
            return _in_order([hit for by_type in (self._about_any, *self._by_object.values()) for hit in by_type.values()])


def _in_order(found: Iterable[tuple[E, ...]]) -> tuple[E, ...]:
    """Merge entries of several look-ups in the order of registration, without duplicates."""
    unique = {entry.number: entry for hit in found for entry in hit}
    return tuple(unique[number] for number in sorted(unique))


@methods_tell_spellings
class Registration(ProcessBound):
    """A handler's registration: `.close()` it, or use it as a context manager.

    `call` is called with each event: it is the handler, or passes more than the event to it, such as a channel. A registration
    that is not `ordered` does not wait for the other handlers of the same call.
    """

    __slots__ = ("_registry", "about", "call", "closed", "handler", "is_coroutine", "number", "ordered", "watches")

    def __init__(
        self,
        number: int,
        types: Iterable[str],
        about: Subject | None,
        handler: Callable[..., Any],
        call: Callable[[Event], Any],
        *,
        is_coroutine: bool,
        ordered: bool = True,
    ) -> None:
        self.number: int = number
        self.watches: tuple[Watch, ...] = tuple((about, name) for name in types)
        self.about: Subject | None = about
        self.handler: Callable[..., Any] = handler
        self.call: Callable[[Event], Any] = call
        self.closed: bool = False
        self.is_coroutine: bool = is_coroutine
        self.ordered: bool = ordered
        self._registry: Registry[Registration] | None = None

    def add_to(self, registry: "Registry[Registration]") -> Self:
        """Activate the registration: from now on events reach the handler."""
        self._registry = registry
        registry.add(self)
        return self

    @property
    def types(self) -> tuple[str, ...]:
        """The event types it is for."""
        return tuple(name for _, name in self.watches)

    def close(self) -> None:
        """End the registration; no further event reaches the handler.

        Example:
            >>> registration = channel.on("ChannelDtmfReceived", collect)
            >>> registration.close()
        """
        self.closed = True
        self.finish()

    def finish(self) -> None:
        """End the registration with its object: events already received are still delivered."""
        if self._registry is not None:
            self._registry.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def handler_name(self) -> str:
        """The name of the handler in the log, such as `Agent.answer`."""
        return name_of(self.handler)

    def __repr__(self) -> str:
        return f"<Registration {'/'.join(self.types)} -> {self.handler_name}>"


def name_of(handler: Any) -> str:
    """The name of a handler in the log, such as `Agent.answer`."""
    return getattr(handler, "__qualname__", None) or repr(handler)
