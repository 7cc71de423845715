"""What the router requires: waits for events, and the queues of jobs for handlers."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from asterisk_ari._core.events.call_queues import Job
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.events.registry import Entry
from asterisk_ari.events import Event


class EventWaiter(Entry, Protocol):
    """A wait for an event, as the router sees it."""

    def receive(self, event: Event, found: list[Subject]) -> None:
        """Take an event about these objects, which may be the awaited one or end the object of the wait."""

    def end(self, error: Exception) -> None:
        """End with an error: no further event will arrive."""


class JobQueue(Protocol):
    """Where the router puts jobs."""

    @property
    def busy(self) -> Mapping[str, Job]:
        """The keys with queued or running jobs: always the same mapping object."""

    def submit(self, jobs: Sequence[Job]) -> list[Job]:
        """Queue jobs, and return the ones dropped to make room for them."""
