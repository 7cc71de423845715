"""Leases in any store with compare-and-swap and expiring keys."""

from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from asterisk_ari._core.workers.leases import CallRecord, Lease, Roster
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari.errors import BadArgument, LeaseLost

CALL_KEPT_SECONDS = 86_400
_ROSTER = "workers"


class StoredValue(NamedTuple):
    """The value of a key, and the revision that changes with it."""

    value: str
    revision: object


class Store(Protocol):
    """Keys with values. Keys that start with "lease." expire `lease_seconds` after they were written, those with "call." after a
    day."""

    async def next_number(self) -> int:
        """Return a number that is greater than all before."""

    async def get(self, key: str) -> StoredValue | None:
        """Return the value of a key; None if it does not exist."""

    async def put(self, key: str, value: str, revision: object | None) -> bool:
        """Write a key if it still has this revision or, with None, does not exist; return False otherwise."""

    async def delete(self, key: str) -> None:
        """Delete a key, if it exists."""

    async def leases(self) -> set[str]:
        """Return all keys that start with "lease."."""

    async def close(self) -> None:
        """Close the connection."""


@methods_tell_spellings
class StoredLeases:
    """The part of leases that does not depend on the store."""

    def __init__(self, make_store: Callable[[float], Store], seconds: float) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0.5 <= seconds <= 60:
            raise BadArgument(f"seconds, the duration of a lease, must be from 0.5 to 60, not {seconds!r}", parameter="seconds")
        self._seconds = float(seconds)
        self._store = make_store(self._seconds)

    @property
    def seconds(self) -> float:
        """How long a lease is valid after a renewal, in seconds."""
        return self._seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def acquire(self, worker: str) -> Lease:
        """Acquire a lease with a new epoch, as `Leases.acquire`.

        Example:
            >>> lease = await leases.acquire("support-1")
        """
        lease = Lease(worker, await self._store.next_number(), self._seconds)
        await self._store.put(_key(lease), worker, None)
        roster = await self._change_roster(lambda before: before.joined_by(worker, lease.epoch))
        for epoch in roster.older_of(worker, lease.epoch):
            await self._store.delete(f"lease.{epoch}")
        return lease

    async def renew(self, lease: Lease) -> None:
        """Renew a lease, as `Leases.renew`.

        Example:
            >>> await leases.renew(lease)
        """
        key = _key(lease)
        held = await self._store.get(key)
        if held is None or not await self._store.put(key, lease.worker, held.revision):
            raise LeaseLost(f"the lease of {lease.worker} (epoch {lease.epoch}) has run out, or {lease.worker} was started again")

    async def release(self, lease: Lease, *, hand_over: bool = False) -> None:
        """Release a lease, as `Leases.release`.

        Example:
            >>> await leases.release(lease)
        """
        if not hand_over:
            await self.bury(lease)
        await self._store.delete(_key(lease))

    async def dead(self) -> list[Lease]:
        """List the leases that have expired, as `Leases.dead`.

        Example:
            >>> for lost in await leases.dead():
            ...     print(lost.worker)
        """
        roster = await self._roster()  # before the leases: a worker listed here had one before
        alive = await self._store.leases()
        known = [Lease(worker, epoch, self._seconds) for epoch, worker in sorted(roster.workers.items())]
        return [lease for lease in known if _key(lease) not in alive]

    async def bury(self, lease: Lease) -> None:
        """Remove a dead worker that has nothing left to take over, as `Leases.bury`.

        Example:
            >>> await leases.bury(lost)
        """
        await self._change_roster(lambda before: before.without(lease.epoch))

    async def take_over(self, call_id: str, lease: Lease) -> bool:
        """Claim a call that no live worker has, as `Leases.take_over`.

        Example:
            >>> if await leases.take_over(channel_id, lease):
            ...     await ari.channels(channel_id).move("support-2")
        """
        key = f"call.{call_id}"
        entry = await self._store.get(key)
        if entry is None:
            if await self._store.put(key, CallRecord(lease.epoch).text, None):
                return True
            entry = await self._store.get(key)
        if entry is None:
            return False
        record = CallRecord.read(entry.value)
        if record.epoch == lease.epoch:
            return True
        if await self._store.get(f"lease.{record.epoch}") is not None:
            return False
        return await self._store.put(key, record.taken_by(lease.epoch).text, entry.revision)

    async def save(self, call_id: str, lease: Lease, state: str) -> None:
        """Store the state of a call, as `Leases.save`.

        Example:
            >>> await leases.save(call.id, lease, '{"language": "en"}')
        """
        key = f"call.{call_id}"
        while True:
            entry = await self._store.get(key)
            record = CallRecord(lease.epoch) if entry is None else CallRecord.read(entry.value)
            if record.epoch != lease.epoch:
                message = f"call {call_id} was taken over from {lease.worker} (epoch {lease.epoch}) by epoch {record.epoch}"
                raise LeaseLost(message)
            if await self._store.put(key, record.with_state(state).text, entry.revision if entry is not None else None):
                return

    async def load(self, call_id: str) -> str | None:
        """Read the state that was saved last, as `Leases.load`.

        Example:
            >>> state = await leases.load(call.id)
        """
        entry = await self._store.get(f"call.{call_id}")
        return CallRecord.read(entry.value).state if entry is not None else None

    async def forget(self, call_id: str) -> None:
        """Delete the state of a call, as `Leases.forget`.

        Example:
            >>> await leases.forget(call.id)
        """
        await self._store.delete(f"call.{call_id}")

    async def close(self) -> None:
        """Close the connection to the server; leases stay until they expire.

        Example:
            >>> await leases.close()
        """
        await self._store.close()

    async def _roster(self) -> Roster:
        entry = await self._store.get(_ROSTER)
        return Roster.read(entry.value if entry is not None else None)

    async def _change_roster(self, change: Callable[[Roster], Roster]) -> Roster:
        while True:
            entry = await self._store.get(_ROSTER)
            roster = change(Roster.read(entry.value if entry is not None else None))
            if await self._store.put(_ROSTER, roster.text, entry.revision if entry is not None else None):
                return roster


def _key(lease: Lease) -> str:
    return f"lease.{lease.epoch}"
