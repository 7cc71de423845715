"""Argument types that name event types, so that type checkers infer the events passed to handlers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Never, Protocol, TypeVar, overload

from asterisk_ari._event import Event
from asterisk_ari._event_names import EventName

E = TypeVar("E", bound=Event)
# Used when client classes are created, so it imports nothing that only a client needs.
if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    from asterisk_ari._core.events.registry import Registration

    E2 = TypeVarWithDefault("E2", bound=Event, default=Never)
    E3 = TypeVarWithDefault("E3", bound=Event, default=Never)
    R = TypeVarWithDefault("R", default=Any)
else:
    E2, E3, R = TypeVar("E2", bound=Event), TypeVar("E3", bound=Event), TypeVar("R")

EventClasses = type[E] | tuple[type[E], type[E2]] | tuple[type[E], type[E2], type[E3]]
"""An event class, or a tuple of two or three: events are instances of one of them."""

EventTypes = EventName | Iterable[EventName | type[Event]]
"""A name, or several names and classes: handlers get any `Event`."""

HandlerDecorator = Callable[[Callable[[E], R]], Callable[[Any], R]]
"""Registers a function that takes such an event, and returns it."""


class TakesHandlers(Protocol):
    """The type of methods that register handlers: `on` of the client, of handles and of calls."""

    @overload
    def on(
        self, types: EventClasses[E, E2, E3], handler: None = None, *, ordered: bool = True
    ) -> HandlerDecorator[E | E2 | E3, R]: ...
    @overload
    def on(self, types: EventTypes, handler: None = None, *, ordered: bool = True) -> HandlerDecorator[Any, R]: ...
    @overload
    def on(self, types: type[E], handler: Callable[[E], Any], *, ordered: bool = True) -> Registration: ...
    @overload
    def on(self, types: tuple[type[E], type[E2]], handler: Callable[[E | E2], Any], *, ordered: bool = True) -> Registration: ...
    @overload
    def on(self, types: EventTypes, handler: Callable[[Any], Any], *, ordered: bool = True) -> Registration: ...
