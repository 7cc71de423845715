"""The lease of a worker, renewed in the background, and what happens when it is lost."""

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

# The fraction of the lease time between two renewals, and between two retries.
_PART = 4
_RETRY_SECONDS = 0.1


class LeaseKeeper:
    """Acquires a lease for a worker, renews it, and acquires a new one when it is lost.

    By the worker's own clock a lease expires no later than for the others, because it counts from before the renewal request. So
    a worker that was blocked for long knows, before it sends anything, that its calls may belong to others by now.

    Args:
        leases: the lease store.
        worker: its name.
        lost: called with the error when the lease is lost; the next lease is acquired after it returns.
        regained: called when the worker has a lease again.
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
        """Acquire a lease, and renew it from now on.

        Raises:
            LeasesUnavailable: the lease store does not answer.
        """
        await self._acquire()
        self._work = Subtask(self._keep_for_ever, _told)

    async def stop(self) -> None:
        """Release the lease: other workers take over the worker's remaining calls."""
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
        """Whether the lease is valid, by this worker's own clock."""
        return self._lease is not None and monotonic() < self._until

    @property
    def lease(self) -> Lease:
        """The lease.

        Raises:
            LeaseLost: it has expired, by this worker's own clock, or another worker has it.
        """
        lease = self._lease
        if lease is None or not self.is_held:
            raise LeaseLost(f"the lease of worker {self._worker} was lost")
        return lease

    @property
    def has_just_come_back(self) -> bool:
        """Whether the lease was lost recently: if all workers lost theirs, the others are coming back now, too."""
        return self._came_back_at is not None and monotonic() < self._came_back_at + self._leases.seconds

    def check(self) -> None:
        """Raise LeaseLost if there is no lease."""
        self.lease  # noqa: B018

    async def save(self, call_id: str, text: str) -> None:
        """Store the state of a call, and retry while the lease is valid.

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
            # A failed renewal is retried soon, so that the lease survives a restart of the lease store.
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
        """Wait; return whether the worker is stopping."""
        try:
            await self._stop.get(seconds)
        except TimeoutError:
            return False
        self._stop.put(None)  # for whoever waits next
        return True


class _Stopped(Exception):
    """The worker is stopping."""


def _told(outcome: Any) -> None:
    """Log the error that ended the background work of a worker."""
    if isinstance(outcome, Exception):
        _log.error("the lease of a worker is no longer renewed", exc_info=outcome)
