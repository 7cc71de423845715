"""What workers know of each other: which are alive, and which of them has which call."""

import inspect
from typing import Any, Protocol

from asterisk_ari._core.workers.leases import Lease
from asterisk_ari.errors import BadArgument


class Leases(Protocol):
    """The store for the leases of workers and for state that must outlive them; for `ari.compete(leases=…)`.

    Implemented by `NatsLeases`, `RedisLeases` and `MemoryLeases` of `asterisk_ari.leases`. The workers of a process share one, or
    each has its own to the same server. All methods raise `LeasesUnavailable` while the server does not answer: after a quarter
    of `seconds` at most, or after two seconds if they have to connect first.

    Example:
        >>> pool = ari.compete(capacity=50, leases=NatsLeases("nats://127.0.0.1:4222", seconds=2))
    """

    @property
    def seconds(self) -> float:
        """How long a lease is valid after a renewal, in seconds."""

    async def acquire(self, worker: str) -> Lease:
        """Acquire a lease with a new epoch. Earlier leases of the same worker name are lost at once: the worker was restarted.

        Args:
            worker: name of its app.

        Raises:
            LeasesUnavailable: the server does not answer.

        Example:
            >>> lease = await leases.acquire("support-1")
        """

    async def renew(self, lease: Lease) -> None:
        """Renew a lease: its worker is alive.

        Args:
            lease: the result of `acquire`.

        Raises:
            LeaseLost: it has expired, or the worker was started again elsewhere.
            LeasesUnavailable: the server does not answer.

        Example:
            >>> await leases.renew(lease)
        """

    async def release(self, lease: Lease, *, hand_over: bool = False) -> None:
        """Release a lease.

        Args:
            lease: the result of `acquire`.
            hand_over: whether others should take over the worker's calls, as if it had died.

        Raises:
            LeasesUnavailable: the server does not answer.

        Example:
            >>> await leases.release(lease)
        """

    async def dead(self) -> list[Lease]:
        """List the leases that have expired or were handed over, oldest first, until `bury` removes them.

        Raises:
            LeasesUnavailable: the server does not answer.

        Example:
            >>> for lost in await leases.dead():
            ...     print(lost.worker)
        """

    async def bury(self, lease: Lease) -> None:
        """Remove a dead worker that has nothing left to take over.

        Args:
            lease: one that `dead` returned; it is not an error if it is already gone.

        Raises:
            LeasesUnavailable: the server does not answer.

        Example:
            >>> await leases.bury(lost)
        """

    async def take_over(self, call_id: str, lease: Lease) -> bool:
        """Claim a call that no live worker has: compare-and-swap, so that exactly one of many workers gets it.

        Args:
            call_id: id of its channel.
            lease: the lease of the worker that claims it.

        Returns:
            Whether the call now belongs to this worker, or already did.

        Raises:
            LeasesUnavailable: the server does not answer; whether the claim took effect is unknown, and it can be repeated.

        Example:
            >>> if await leases.take_over(channel_id, lease):
            ...     await ari.channels(channel_id).move("support-2")
        """

    async def save(self, call_id: str, lease: Lease, state: str) -> None:
        """Store the state of a call, for a day after the last update; only the worker that has the call may write it.

        Args:
            call_id: id of its channel.
            lease: the lease of the worker that has it.
            state: any text, up to 500 kB.

        Raises:
            LeaseLost: another worker has taken the call over.
            LeasesUnavailable: the server does not answer.

        Example:
            >>> await leases.save(call.id, lease, '{"language": "en"}')
        """

    async def load(self, call_id: str) -> str | None:
        """Read the state that was saved last; None if there is none.

        Args:
            call_id: id of the channel.

        Raises:
            LeasesUnavailable: the server does not answer.

        Example:
            >>> state = await leases.load(call.id)
        """

    async def forget(self, call_id: str) -> None:
        """Delete the state of a call that has ended.

        Args:
            call_id: id of its channel.

        Raises:
            LeasesUnavailable: the server does not answer.

        Example:
            >>> await leases.forget(call.id)
        """

    async def close(self) -> None:
        """Close the connection to the server; leases stay until they expire.

        Example:
            >>> await leases.close()
        """


def check_leases(leases: Any) -> None:
    """Refuse an object that is not a lease store of this variant.

    Raises:
        BadArgument: it is not one.
    """
    # Not isinstance: since Python 3.12 it ignores attributes that a wrapper provides through __getattr__.
    missing = [name for name in vars(Leases) if not name.startswith("_") and not hasattr(leases, name)]
    if missing:
        like = f"leases are NatsLeases, RedisLeases or the like: {leases!r} has no {', '.join(missing)}"
        raise BadArgument(like, parameter="leases")
    if inspect.iscoroutinefunction(leases.acquire) is not inspect.iscoroutinefunction(Leases.acquire):
        where = "asterisk_ari.leases.aio has those of AsyncAsteriskARI, asterisk_ari.leases.sync those of AsteriskARI"
        raise BadArgument(f"these leases belong to the other variant: {where}", parameter="leases")
