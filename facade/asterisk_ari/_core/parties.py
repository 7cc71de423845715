"""Whom the router deals with: those who wait, those who work, and who made a REST call over the event WebSocket."""

from typing import Any, Protocol

from asterisk_ari._core.matching import Subject
from asterisk_ari._core.ordering import Job
from asterisk_ari._core.registry import Entry
from asterisk_ari.events import Event


class Waiting(Entry, Protocol):
    """What waits for an event, as the router sees it."""

    def offer(self, event: Event, found: list[Subject]) -> None:
        """Take an event, or the end of what it was about."""

    def end(self, error: Exception) -> None:
        """Be told that no event will come."""


class Pool(Protocol):
    """Where jobs go."""

    def is_busy(self, key: str) -> bool:
        """Tell whether jobs of this key wait or run."""

    def has_work(self) -> bool:
        """Tell whether any job waits or runs."""

    def submit(self, job: Job) -> list[Job]:
        """Queue a job, and give those that had to be given up for it."""


class Replies(Protocol):
    """Where replies to REST calls over the event WebSocket go."""

    def take(self, reply: dict[str, Any]) -> bool:
        """Take a RESTResponse; False when it answers no call of this client."""

    def broken(self, reason: str) -> None:
        """Be told that none will come any more."""
