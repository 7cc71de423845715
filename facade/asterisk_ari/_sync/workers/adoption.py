# Made from workers/adoption.py by scripts/unasync.py: edit that file.
"""Taking over the calls of workers that have died.

lease expires → one live worker claims the dead one (compare-and-swap) → lists the channels it left → legs first, then calls: each
is claimed (compare-and-swap), its state is read, and it is moved into this worker's app, where its program starts again
"""

import logging
from collections.abc import Callable
from typing import Any

from asterisk_ari._core.media.legs import MEDIA_LEGS
from asterisk_ari._core.workers.call_progress import CallProgress, is_placed_by_client, is_ringing
from asterisk_ari._core.workers.leases import Lease
from asterisk_ari._sync.workers.handover import CallHandover, LeftChannel, for_each
from asterisk_ari._sync.workers.lease_keeper import LeaseKeeper
from asterisk_ari._sync.workers.leases import Leases
from asterisk_ari._transport.runtime.interruptible_sync import Subtask
from asterisk_ari._transport.runtime.runtime_sync import WaitQueue
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

    def stop(self) -> None:
        """Stop looking."""
        self._stop.put(None)
        self._work.end(NotConnected("the worker is stopping"))

    def _watch(self) -> None:
        while not self._is_stopped(min(self._leases.seconds / _PART, _LONGEST_PAUSE_SECONDS)):
            try:
                for dead in self._leases.dead():
                    if self._may_take_over(dead):
                        self._take_over(dead)
            except (LeasesUnavailable, LeaseLost):
                continue  # the lease keeper reports it
            except NotConnected:
                return
            except AriError as error:
                _log.warning("could not take over the calls of a dead worker yet: %s", error)

    def _is_stopped(self, seconds: float) -> bool:
        try:
            self._stop.get(seconds)
        except TimeoutError:
            return False
        return True

    def _may_take_over(self, dead: Lease) -> bool:
        if not dead.worker.endswith(self._group):
            return False  # it has other calls than this one
        return dead.worker == self._keeper.lease.worker or not self._keeper.has_just_come_back

    def _take_over(self, dead: Lease) -> None:
        if not self._leases.take_over(f"worker {dead.worker} {dead.epoch}", self._keeper.lease):
            return
        seen = self._seen.setdefault(dead, set())
        name = dead.worker.removesuffix(self._group)
        channels = [one for one in self._handover.left_by(name, dead.epoch) if one.key not in seen]
        if not channels:
            if self._handover.finish(name, dead.epoch):
                self._leases.bury(dead)
                del self._seen[dead]
            return
        _log.warning("worker %s has died: taking over its %d channels", name, len(channels))
        kept: dict[str, str | None] = {}

        def load(channel: LeftChannel) -> None:
            kept[channel.key] = self._leases.load(channel.key)

        def is_call(channel: LeftChannel) -> bool:
            return kept[channel.key] is not None or not is_placed_by_client(channel.json["id"])

        def bring(channel: LeftChannel) -> None:
            try:
                if is_call(channel):
                    self._bring_call(channel, kept[channel.key])
                else:
                    self._bring_leg(channel)
            except (NotFound, Conflict) as error:
                _log.info("could not take over channel %s: %s", channel.key, error)
                self._leases.forget(channel.key)
            seen.add(channel.key)

        for_each(channels, load)
        calls = [one for one in channels if is_call(one)]
        for_each([one for one in channels if not is_call(one)], bring)  # so that a program finds its legs
        for_each(calls, bring)

    def _bring_leg(self, leg: LeftChannel) -> None:
        channel_id = leg.json["id"]
        if channel_id.startswith(MEDIA_LEGS) or is_ringing(leg.json):
            # The stream died with its worker; a leg that answers later would enter an app without a program.
            leg.ari.rest.call("channels.hangup", channelId=channel_id)
        else:
            leg.ari.hub.new_channels.take_over(channel_id)
            self._handover.bring(leg, ())

    def _bring_call(self, call: LeftChannel, kept: str | None) -> None:
        if self._leases.take_over(call.key, self._keeper.lease):
            progress = CallProgress.adopted(kept)
            self._expect(call.key, progress)
            self._handover.bring(call, progress.args)


def _told(outcome: Any) -> None:
    """Log the error that ended the background task."""
    if isinstance(outcome, Exception):
        _log.error("calls of dead workers are no longer taken over", exc_info=outcome)
