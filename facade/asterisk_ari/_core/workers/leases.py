"""Leases of workers: which exist, and which worker has which call. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Lease:
    """States that a worker is alive, as of its last renewal.

    worker: name of its app · epoch: a number that no lease had before; it fences off writes under older ones · seconds: how long
        it is valid after a renewal.
    """

    worker: str
    epoch: int
    seconds: float


@dataclass(frozen=True)
class Roster:
    """The workers that have a lease, or had one and did not sign off."""

    workers: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> "Roster":
        """Parse the result of `text`; None: there is none yet."""
        return cls({int(epoch): worker for epoch, worker in json.loads(text or "{}").items()})

    @property
    def text(self) -> str:
        """Return the stored form."""
        return json.dumps(self.workers, separators=(",", ":"))

    def joined_by(self, worker: str, epoch: int) -> "Roster":
        """Return it with one more lease."""
        return Roster({**self.workers, epoch: worker})

    def without(self, epoch: int) -> "Roster":
        """Return it without a lease, if present."""
        return Roster({other: worker for other, worker in self.workers.items() if other != epoch})

    def older_of(self, worker: str, epoch: int) -> list[int]:
        """Return the earlier epochs of a worker."""
        return [other for other, name in self.workers.items() if name == worker and other < epoch]


@dataclass(frozen=True)
class CallRecord:
    """The owner of a call, and what its program has stored."""

    epoch: int
    state: str | None = None

    @classmethod
    def read(cls, text: str) -> "CallRecord":
        """Parse the result of `text`."""
        stored = json.loads(text)
        return cls(stored["epoch"], stored.get("state"))

    @property
    def text(self) -> str:
        """Return the stored form."""
        return json.dumps({"epoch": self.epoch, "state": self.state}, separators=(",", ":"))

    def taken_by(self, epoch: int) -> "CallRecord":
        """Return it with another owner."""
        return replace(self, epoch=epoch)

    def with_state(self, state: str) -> "CallRecord":
        """Return it with other contents."""
        return replace(self, state=state)
