"""The lease of a worker: kept alive in the background, and what holds once it is lost."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asterisk_ari._async.workers.leases import Leases
from asterisk_ari._core.workers.leases import Lease
from asterisk_ari._transport.runtime.client_clock import monotonic
from asterisk_ari._transport.runtime.interruptible_async import Subtask
from asterisk_ari._transport.runtime.runtime_async import WaitQueue
from asterisk_ari.errors import LeaseLost, LeasesUnavailable, NotConnected

_log = logging.getLogger("asterisk_ari")

# How much of the time that a lease holds goes by between two renewals, and between two tries of what has failed.
_PART = 4
_RETRY_SECONDS = 0.1


class LeaseKeeper:
    """Has a lease for a worker, renews it, and gets a new one when it is lost.

    By its own clock a lease ends no later than for the others: it counts from before the renewal was asked for. So a worker that
    was held up for long knows by itself, before it sends anything, that its calls may be others' by now.

    Args:
        leases: where leases are kept.
        worker: its name.
        lost: called when the lease is lost, with the error; the next lease is asked for when it returns.
        regained: called when there is a lease again.
    """

    def __init__(
        self, leases: Leases, worker: str, lost: Callable[[LeaseLost], Awaitable[None]], regained: Callable[[], Awaitable[None]]
    ) -> None:
        self._leases = leases
        self._worker = worker
        self._lost = lost
        self._regained = regained
        self._lease: Lease | None = None
        self._until = 0.0
        self._stop: WaitQueue[None] = WaitQueue()
        self._work: Subtask | None = None
        self._came_back_at: float | None = None

    async def start(self) -> None:
        """Get a lease, and keep it from now on.

        Raises:
            LeasesUnavailable: what keeps the leases does not answer.
        """
        await self._acquire()
        self._work = Subtask(self._keep_for_ever, _told)

    async def stop(self) -> None:
        """Give the lease back: what is left of the worker's calls is taken over by others."""
        self._stop.put(None)
        if self._work is not None:
            await self._work.end(NotConnected("the worker is stopping"))
        lease, self._lease = self._lease, None
        if lease is not None:
            try:
                await self._leases.release(lease, hand_over=True)
            except LeasesUnavailable as error:
                _log.warning("could not return the lease of %s, which will expire: %s", self._worker, error)

    @property
    def is_held(self) -> bool:
        """Whether there is a lease, by this worker's own clock."""
        return self._lease is not None and monotonic() < self._until

    @property
    def lease(self) -> Lease:
        """The lease.

        Raises:
            LeaseLost: it has run out, by this worker's own clock, or is somebody else's.
        """
        lease = self._lease
        if lease is None or not self.is_held:
            raise LeaseLost(f"the lease of worker {self._worker} was lost")
        return lease

    @property
    def has_just_come_back(self) -> bool:
        """Whether it lost its lease not long ago: where that was because nobody had one any more, others come back now, too."""
        return self._came_back_at is not None and monotonic() < self._came_back_at + self._leases.seconds

    def check(self) -> None:
        """Raise LeaseLost when there is no lease."""
        self.lease  # noqa: B018

    async def save(self, call_id: str, text: str) -> None:
        """Keep the state of a call, and try again as long as the lease holds.

        Raises:
            LeaseLost: another worker has the call.
        """
        lease = self.lease
        while True:
            if self.lease != lease:
                raise LeaseLost(f"the lease of worker {self._worker} was lost, and it has another one")
            try:
                await self._leases.save(call_id, lease, text)
            except LeasesUnavailable as error:
                _log.warning("could not store the state of call %s yet: %s", call_id, error)
                await self._pause(_RETRY_SECONDS)
            else:
                return

    async def _acquire(self) -> None:
        begun = monotonic()
        self._lease = await self._leases.acquire(self._worker)
        self._until = begun + self._leases.seconds

    async def _keep_for_ever(self) -> None:
        while True:
            try:
                await self._renew_for_ever()
            except LeaseLost as error:
                self._lease = None
                _log.warning("%s: other workers take over its calls", error)
                await self._lost(error)
            except _Stopped:
                return
            if not await self._acquire_again():
                return
            await self._regained()

    async def _renew_for_ever(self) -> None:
        is_told = False
        while True:
            # One that has failed is repeated soon: the lease is to outlast a restart of what keeps it.
            if await self._pause(_RETRY_SECONDS if is_told else self._leases.seconds / _PART):
                raise _Stopped
            begun, lease = monotonic(), self.lease
            try:
                await self._leases.renew(lease)
            except LeasesUnavailable as error:
                if not is_told:
                    _log.warning("could not renew the lease of worker %s: %s", self._worker, error)
                is_told = True
            else:
                self._until, is_told = begun + self._leases.seconds, False

    async def _acquire_again(self) -> bool:
        while True:
            try:
                await self._acquire()
            except LeasesUnavailable:
                if await self._pause(_RETRY_SECONDS):
                    return False
            else:
                self._came_back_at = monotonic()
                _log.info("worker %s has a lease again", self._worker)
                return True

    async def _pause(self, seconds: float) -> bool:
        """Wait; whether the worker stops."""
        try:
            await self._stop.get(seconds)
        except TimeoutError:
            return False
        self._stop.put(None)  # for whoever waits next
        return True


class _Stopped(Exception):
    """The worker stops."""


def _told(outcome: Any) -> None:
    """Log what has ended the background work of a worker."""
    if isinstance(outcome, Exception):
        _log.error("the lease of a worker is no longer renewed", exc_info=outcome)
