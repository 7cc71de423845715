# Made from events/observed_handler.py by scripts/unasync.py: edit that file.
"""A handler whose start and outcome are reported to an observer."""

from collections.abc import Callable
from typing import Any

from asterisk_ari._core.events.registry import Registration
from asterisk_ari._core.observing import Observer
from asterisk_ari.events import Event


class ObservedHandler:
    """One call of a handler by the worker pool."""

    __slots__ = ("_observer", "_run", "call", "handler", "is_coroutine")

    def __init__(self, entry: Registration, observer: Observer) -> None:
        self._observer, self._run = observer, entry.call
        self.handler: Callable[..., Any] = entry.handler
        self.is_coroutine: bool = entry.is_coroutine
        self.call: Callable[[Event], Any] = self._await if entry.is_coroutine else self._call

    def _await(self, event: Event) -> None:
        begun = self._observer.handler_begins(event)
        try:
            self._run(event)
        except BaseException as error:
            self._observer.handler_ends(begun, self.handler, error)
            raise
        self._observer.handler_ends(begun, self.handler, None)

    def _call(self, event: Event) -> Any:
        begun = self._observer.handler_begins(event)
        try:
            result = self._run(event)
        except BaseException as error:
            self._observer.handler_ends(begun, self.handler, error)
            raise
        self._observer.handler_ends(begun, self.handler, None)
        return result
