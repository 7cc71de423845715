"""How arguments name event types, so that type checkers know which events come of them."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Never, TypeVar

from asterisk_ari._event import Event
from asterisk_ari._event_names import EventName

E = TypeVar("E", bound=Event)
if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    E2 = TypeVarWithDefault("E2", bound=Event, default=Never)
    E3 = TypeVarWithDefault("E3", bound=Event, default=Never)
    R = TypeVarWithDefault("R", default=Any)
else:
    E2, E3, R = TypeVar("E2", bound=Event), TypeVar("E3", bound=Event), TypeVar("R")

EventClasses = type[E] | tuple[type[E], type[E2]] | tuple[type[E], type[E2], type[E3]]
"""An event class, or a tuple of two or three: an event is of one of them."""

EventTypes = EventName | Iterable[EventName | type[Event]]
"""A name, or several names and classes: what comes is any `Event`."""

HandlerDecorator = Callable[[Callable[[E], R]], Callable[[Any], R]]
"""Registers a function that takes such an event, and returns it."""
