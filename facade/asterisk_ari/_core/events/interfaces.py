"""What the router needs of others: those who wait for events, and the queues of those who handle them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from asterisk_ari._core.events.call_queues import Job
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.events.registry import Entry
from asterisk_ari.events import Event


class EventWaiter(Entry, Protocol):
    """A wait for an event, as the router sees it."""

    def receive(self, event: Event, found: list[Subject]) -> None:
        """Take an event about the objects found, which may be awaited or the end of what the wait is about."""

    def end(self, error: Exception) -> None:
        """End with an error: no event will come."""


class JobQueue(Protocol):
    """Where the router puts jobs."""

    @property
    def busy(self) -> Mapping[str, Job]:
        """The keys of which jobs wait or run: always the same mapping."""

    def submit(self, jobs: Sequence[Job]) -> list[Job]:
        """Queue jobs, and return those that were dropped to make room for them."""
