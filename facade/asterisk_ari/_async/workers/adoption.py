"""Taking over the calls of workers that have died.

lease expires → one live worker claims the dead one (compare-and-swap) → lists the channels it left → legs first, then calls: each
is claimed (compare-and-swap), its state is read, and it is moved into this worker's app, where its program starts again
"""

import logging
from collections.abc import Callable
from typing import Any

from asterisk_ari._async.workers.handover import CallHandover, LeftChannel, for_each
from asterisk_ari._async.workers.lease_keeper import LeaseKeeper
from asterisk_ari._async.workers.leases import Leases
from asterisk_ari._core.media.legs import MEDIA_LEGS
from asterisk_ari._core.workers.call_progress import CallProgress, is_placed_by_client, is_ringing
from asterisk_ari._core.workers.leases import Lease
from asterisk_ari._transport.runtime.interruptible_async import Subtask
from asterisk_ari._transport.runtime.runtime_async import WaitQueue
from asterisk_ari.errors import AriError, Conflict, LeaseLost, LeasesUnavailable, NotConnected, NotFound

_log = logging.getLogger("asterisk_ari")

# How often to look for dead workers: a fraction of the lease time, and at least this often.
_PART = 10
_LONGEST_PAUSE_SECONDS = 0.5


class Adoption:
    """Looks for dead workers in the background and takes over their calls.

    Args:
        leases: knows which workers have died.
        keeper: holds this worker's lease.
        group: the common end of the names of all workers that may take over each other's calls.
        handover: moves the channels here.
        expect: called with the key and the state of each call before it enters the app.
    """

    def __init__(
        self,
        leases: Leases,
        keeper: LeaseKeeper,
        group: str,
        handover: CallHandover,
        expect: Callable[[str, CallProgress], None],
    ) -> None:
        self._leases = leases
        self._keeper = keeper
        self._group = group
        self._handover = handover
        self._expect = expect
        self._seen: dict[Lease, set[str]] = {}
        self._stop: WaitQueue[None] = WaitQueue()
        self._work = Subtask(self._watch, _told)

    async def stop(self) -> None:
        """Stop looking."""
        self._stop.put(None)
        await self._work.end(NotConnected("the worker is stopping"))

    async def _watch(self) -> None:
        while not await self._is_stopped(min(self._leases.seconds / _PART, _LONGEST_PAUSE_SECONDS)):
            try:
                for dead in await self._leases.dead():
                    if self._may_take_over(dead):
                        await self._take_over(dead)
            except (LeasesUnavailable, LeaseLost):
                continue  # the lease keeper reports it
            except NotConnected:
                return
            except AriError as error:
                _log.warning("could not take over the calls of a dead worker yet: %s", error)

    async def _is_stopped(self, seconds: float) -> bool:
        try:
            await self._stop.get(seconds)
        except TimeoutError:
            return False
        return True

    def _may_take_over(self, dead: Lease) -> bool:
        if not dead.worker.endswith(self._group):
            return False  # it has other calls than this one
        return dead.worker == self._keeper.lease.worker or not self._keeper.has_just_come_back

    async def _take_over(self, dead: Lease) -> None:
        if not await self._leases.take_over(f"worker {dead.worker} {dead.epoch}", self._keeper.lease):
            return
        seen = self._seen.setdefault(dead, set())
        name = dead.worker.removesuffix(self._group)
        channels = [one for one in await self._handover.left_by(name, dead.epoch) if one.key not in seen]
        if not channels:
            if await self._handover.finish(name, dead.epoch):
                await self._leases.bury(dead)
                del self._seen[dead]
            return
        _log.warning("worker %s has died: taking over its %d channels", name, len(channels))
        kept: dict[str, str | None] = {}

        async def load(channel: LeftChannel) -> None:
            kept[channel.key] = await self._leases.load(channel.key)

        def is_call(channel: LeftChannel) -> bool:
            return kept[channel.key] is not None or not is_placed_by_client(channel.json["id"])

        async def bring(channel: LeftChannel) -> None:
            try:
                if is_call(channel):
                    await self._bring_call(channel, kept[channel.key])
                else:
                    await self._bring_leg(channel)
            except (NotFound, Conflict) as error:
                _log.info("could not take over channel %s: %s", channel.key, error)
                await self._leases.forget(channel.key)
            seen.add(channel.key)

        await for_each(channels, load)
        calls = [one for one in channels if is_call(one)]
        await for_each([one for one in channels if not is_call(one)], bring)  # so that a program finds its legs
        await for_each(calls, bring)

    async def _bring_leg(self, leg: LeftChannel) -> None:
        channel_id = leg.json["id"]
        if channel_id.startswith(MEDIA_LEGS) or is_ringing(leg.json):
            # The stream died with its worker; a leg that answers later would enter an app without a program.
            await leg.ari.rest.call("channels.hangup", channelId=channel_id)
        else:
            leg.ari.hub.new_channels.take_over(channel_id)
            await self._handover.bring(leg, ())

    async def _bring_call(self, call: LeftChannel, kept: str | None) -> None:
        if await self._leases.take_over(call.key, self._keeper.lease):
            progress = CallProgress.adopted(kept)
            self._expect(call.key, progress)
            await self._handover.bring(call, progress.args)


def _told(outcome: Any) -> None:
    """Log the error that ended the background task."""
    if isinstance(outcome, Exception):
        _log.error("calls of dead workers are no longer taken over", exc_info=outcome)
