# Made from workers/leases.py by scripts/unasync.py: edit that file.
"""What workers know of each other: who is alive, and who has which call."""

import inspect
from typing import Any, Protocol

from asterisk_ari._core.workers.leases import Lease
from asterisk_ari.errors import BadArgument


class Leases(Protocol):
    """Where workers keep their leases, and what is to outlive them; for `ari.compete(leases=…)`.

    `NatsLeases`, `RedisLeases` and `MemoryLeases` of `asterisk_ari.leases` are such. One is shared by the workers of a process,
    or each has its own to the same server. All methods raise `LeasesUnavailable` while the server does not answer, after
    a quarter of `seconds` at most, or two seconds where they have to connect first.

    Example:
        >>> pool = ari.compete(capacity=50, leases=NatsLeases("nats://127.0.0.1:4222", seconds=2))
    """

    @property
    def seconds(self) -> float:
        """How long a lease holds after a renewal."""

    def acquire(self, worker: str) -> Lease:
        """Get a lease with a new epoch. Older ones of a worker of this name are lost at once: it has been started again.

        Args:
            worker: name of its app.

        Raises:
            LeasesUnavailable: the server does not answer.

        Example:
            >>> lease = leases.acquire("support-1")
        """

    def renew(self, lease: Lease) -> None:
        """Say that its worker is alive.

        Args:
            lease: what `acquire` gave.

        Raises:
            LeaseLost: it has run out, or the worker was started again elsewhere.
            LeasesUnavailable: the server does not answer.

        Example:
            >>> leases.renew(lease)
        """

    def release(self, lease: Lease, *, hand_over: bool = False) -> None:
        """Give a lease back.

        Args:
            lease: what `acquire` gave.
            hand_over: whether others are to take over the worker's calls, as those of a dead one.

        Raises:
            LeasesUnavailable: the server does not answer.

        Example:
            >>> leases.release(lease)
        """

    def dead(self) -> list[Lease]:
        """List the leases that have run out or were handed over, the oldest first, until `bury`.

        Raises:
            LeasesUnavailable: the server does not answer.

        Example:
            >>> for lost in leases.dead():
            ...     print(lost.worker)
        """

    def bury(self, lease: Lease) -> None:
        """Say that nothing of a dead worker's is left to take over.

        Args:
            lease: one that `dead` gave; one that is gone already is no error.

        Raises:
            LeasesUnavailable: the server does not answer.

        Example:
            >>> leases.bury(lost)
        """

    def take_over(self, call_id: str, lease: Lease) -> bool:
        """Take a call that no living worker has: compare-and-swap, so exactly one of many gets it.

        Args:
            call_id: id of its channel.
            lease: of the worker that takes it.

        Returns:
            Whether the call is this worker's now, or was before.

        Raises:
            LeasesUnavailable: the server does not answer; it may be taken or not, and may be tried again.

        Example:
            >>> if leases.take_over(channel_id, lease):
            ...     ari.channels(channel_id).move("support-2")
        """

    def save(self, call_id: str, lease: Lease, state: str) -> None:
        """Keep the state of a call, for a day after the last time; it is written only by the worker that has the call.

        Args:
            call_id: id of its channel.
            lease: of the worker that has it.
            state: any text, up to 500 kB.

        Raises:
            LeaseLost: another worker has taken the call over.
            LeasesUnavailable: the server does not answer.

        Example:
            >>> leases.save(call.id, lease, '{"language": "en"}')
        """

    def load(self, call_id: str) -> str | None:
        """Read what was saved last; None where nothing was.

        Args:
            call_id: id of the channel.

        Raises:
            LeasesUnavailable: the server does not answer.

        Example:
            >>> state = leases.load(call.id)
        """

    def forget(self, call_id: str) -> None:
        """Drop what is kept of a call that has ended.

        Args:
            call_id: id of its channel.

        Raises:
            LeasesUnavailable: the server does not answer.

        Example:
            >>> leases.forget(call.id)
        """

    def close(self) -> None:
        """Close the connection to the server; leases are kept as long as they hold.

        Example:
            >>> leases.close()
        """


def check_leases(leases: Any) -> None:
    """Refuse what are no leases of this variant.

    Raises:
        BadArgument: they are none.
    """
    # Not isinstance: since Python 3.12 it does not see what an object that wraps others has through __getattr__.
    missing = [name for name in vars(Leases) if not name.startswith("_") and not hasattr(leases, name)]
    if missing:
        like = f"leases are NatsLeases, RedisLeases or the like: {leases!r} has no {', '.join(missing)}"
        raise BadArgument(like, parameter="leases")
    if inspect.iscoroutinefunction(leases.acquire) is not inspect.iscoroutinefunction(Leases.acquire):
        where = "asterisk_ari.leases.sync has those of AsteriskARI, asterisk_ari.leases.sync those of AsteriskARI"
        raise BadArgument(f"these leases belong to the other variant: {where}", parameter="leases")
