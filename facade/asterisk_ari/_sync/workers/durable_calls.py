# Made from workers/durable_calls.py by scripts/unasync.py: edit that file.
"""The calls of a worker: their state is stored, and they are left alone once the lease is lost."""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from asterisk_ari._core.workers.call_progress import CallProgress
from asterisk_ari._sync.calls.programs import run_program
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.resources.channels import Channel
from asterisk_ari._sync.workers.durable_call import DurableCall
from asterisk_ari._sync.workers.lease_keeper import LeaseKeeper
from asterisk_ari._sync.workers.leases import Leases
from asterisk_ari._transport.runtime.client_clock import monotonic
from asterisk_ari._transport.runtime.locks import new_thread_lock
from asterisk_ari._transport.runtime.runtime_sync import WaitQueue
from asterisk_ari.errors import LeaseLost, LeasesUnavailable
from asterisk_ari.events import StasisStart

_log = logging.getLogger("asterisk_ari")

# How long the programs of lost calls may take to end before a new lease is acquired.
_END_SECONDS = 5.0


class DurableCalls:
    """The calls of one worker.

    Args:
        leases: where the state of calls is stored; None: nowhere.
        key_of: returns the key under which the state of a client's channel is stored.
    """

    def __init__(self, leases: Leases | None, key_of: Callable[[ClientConnection, str], str]) -> None:
        self._leases = leases
        self._key_of = key_of
        self._lock = new_thread_lock()
        self._running: dict[str, tuple[DurableCall, ClientConnection, str]] = {}  # a call, and where its channel is
        self._abandoned: dict[str, tuple[ClientConnection, str]] = {}  # where, for as long as it is there
        self._expected: dict[str, CallProgress] = {}  # of calls that were taken over and are on their way here
        self._ends: WaitQueue[None] = WaitQueue()
        self.keeper: LeaseKeeper | None = None
        """Has the worker's lease, while there is one to keep."""

    def expect(self, key: str, progress: CallProgress) -> None:
        """Note that a call that was taken over is on its way here."""
        self._expected[key] = progress

    def is_expected(self, ari: ClientConnection, channel_id: str) -> bool:
        """Whether an arriving call was taken over."""
        return self._key_of(ari, channel_id) in self._expected

    def is_served(self, ari: ClientConnection, channel_id: str) -> bool:
        """Whether this worker already serves a channel; matters when it takes back its own calls after losing its lease."""
        if ari.hub.is_placed(channel_id):
            return True
        return ari.hub.in_stasis(channel_id) and self._key_of(ari, channel_id) not in self._abandoned

    def serve(self, ari: ClientConnection, body: Callable[[Any], Any], event: StasisStart) -> None:
        """Run the program for a call, unless it is already running."""
        key = self._key_of(ari, event.channel_id)
        with self._lock:
            if key in self._running:
                return
            progress = self._expected.pop(key, None) or CallProgress(tuple(event.args or ()))
            call = DurableCall(ari, Channel.of(ari, event["channel"]), progress, partial(self._keep, key))
            self._running[key] = (call, ari, event.channel_id)
            self._abandoned.pop(key, None)
        try:
            lease = self.keeper.lease if self.keeper is not None else None
            self._keep(key, progress.text)
            if key in self._abandoned:
                raise LeaseLost(f"the lease of call {key} was lost before its program began")
            run_program(ari, body, event, call)
            if self._is_over(ari, call):
                self._forget(key)
            elif self.keeper is not None and self.keeper.lease != lease:
                raise LeaseLost(f"the lease of call {key} was lost before it was hung up")
        except LeaseLost as error:
            _log.warning("the program of call %s ends here: %s", key, error)
            with self._lock:
                self._abandoned[key] = (ari, event.channel_id)
        finally:
            with self._lock:
                self._running.pop(key, None)
                if key in self._abandoned:
                    self._ends.put(None)
                self._forget_abandoned_that_left()

    def lose(self, error: LeaseLost) -> None:
        """Abandon all calls, and wait until their programs have ended."""
        with self._lock:
            running = dict(self._running)
            self._abandoned.update((key, (ari, channel_id)) for key, (_, ari, channel_id) in running.items())
        for call, _, _ in running.values():
            call._abandon(error)
        deadline = monotonic() + _END_SECONDS
        while self._running and monotonic() < deadline:
            with suppress(TimeoutError):
                self._ends.get(_END_SECONDS / 10)

    def _forget_abandoned_that_left(self) -> None:
        for key, (ari, channel_id) in list(self._abandoned.items()):
            if key not in self._running and not ari.hub.in_stasis(channel_id):
                del self._abandoned[key]

    def _is_over(self, ari: ClientConnection, call: DurableCall) -> bool:
        """Whether a call whose program has ended is over: its event may still be on the way, or its hang-up may have failed.

        The state of a call that still exists is kept: a worker that takes it over must not start from the beginning.
        """
        if call.has_ended or self.keeper is None or not self.keeper.is_held:
            return call.has_ended
        ends: WaitQueue[Exception] = WaitQueue()
        watch = ari.hub.watch_end(call.id, ends.put, app=call.app)
        try:
            ends.get(_END_SECONDS)
        except TimeoutError:
            return call.has_ended
        finally:
            watch.close()
        return True

    def _keep(self, key: str, text: str) -> None:
        if self.keeper is not None:
            self.keeper.save(key, text)

    def _forget(self, key: str) -> None:
        if self._leases is not None:
            with suppress(LeasesUnavailable):  # it expires after a day
                self._leases.forget(key)
