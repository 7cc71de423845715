"""Leases of workers: which are there, and who has which call. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Lease:
    """That a worker is alive, as of its last renewal.

    worker: name of its app · epoch: a number that no lease had before; what an older one has written is fenced off by it ·
    seconds: how long it holds after a renewal.
    """

    worker: str
    epoch: int
    seconds: float


@dataclass(frozen=True)
class Roster:
    """The workers that have a lease, or had one and have not said that they end."""

    workers: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> "Roster":
        """Read what `text` gave; None: there is none yet."""
        return cls({int(epoch): worker for epoch, worker in json.loads(text or "{}").items()})

    @property
    def text(self) -> str:
        """As it is stored."""
        return json.dumps(self.workers, separators=(",", ":"))

    def joined_by(self, worker: str, epoch: int) -> "Roster":
        """With one more."""
        return Roster({**self.workers, epoch: worker})

    def without(self, epoch: int) -> "Roster":
        """Without one, if it is there."""
        return Roster({other: worker for other, worker in self.workers.items() if other != epoch})

    def older_of(self, worker: str, epoch: int) -> list[int]:
        """The epochs that a worker has had before."""
        return [other for other, name in self.workers.items() if name == worker and other < epoch]


@dataclass(frozen=True)
class CallRecord:
    """Who has a call, and what its program has stored."""

    epoch: int
    state: str | None = None

    @classmethod
    def read(cls, text: str) -> "CallRecord":
        """Read what `text` gave."""
        stored = json.loads(text)
        return cls(stored["epoch"], stored.get("state"))

    @property
    def text(self) -> str:
        """As it is stored."""
        return json.dumps({"epoch": self.epoch, "state": self.state}, separators=(",", ":"))

    def taken_by(self, epoch: int) -> "CallRecord":
        """In other hands."""
        return replace(self, epoch=epoch)

    def with_state(self, state: str) -> "CallRecord":
        """With other contents."""
        return replace(self, state=state)
