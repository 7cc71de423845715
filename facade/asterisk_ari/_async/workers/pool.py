"""A worker of a pool: it claims offered calls while it has capacity, and runs a program for each."""

import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from asterisk_ari._async.calls.programs import Programs
from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.workers.adoption import Adoption
from asterisk_ari._async.workers.durable_call import DurableCall
from asterisk_ari._async.workers.durable_calls import DurableCalls
from asterisk_ari._async.workers.handover import AppHandover
from asterisk_ari._async.workers.lease_keeper import LeaseKeeper
from asterisk_ari._async.workers.leases import Leases, check_leases
from asterisk_ari._core.events.registry import Registration
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._core.workers.offers import Offers, PoolStats
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._transport.runtime.interruptible_async import Subtask, outcome_of
from asterisk_ari._transport.runtime.locks import new_thread_lock
from asterisk_ari.errors import (
    AriError,
    BadArgument,
    Conflict,
    LeaseLost,
    NotConnected,
    NotFound,
    NotSupportedByServer,
    ObjectGone,
    OutcomeUnknown,
)
from asterisk_ari.events import CallBroadcast, CallClaimed, StasisStart

_log = logging.getLogger("asterisk_ari")

F = TypeVar("F", bound=Callable[[DurableCall], Awaitable[Any]])
"""A program for one call."""

_WITHOUT_CLAIMS = (
    "without it give each worker an app name of its own and have the dialplan choose one, Stasis(support-${RAND(1,3)}),"
    " and here capacity=None"
)


@methods_tell_spellings
class CallPool(ProcessBound):
    """One of several workers that share calls; returned by `ari.compete()`.

    Example:
        >>> pool = ari.compete(capacity=50)
        >>> @pool.calls
        ... async def support(call: DurableCall) -> None:
        ...     await call.answer()
        ...     await call.say("sound:hello-world")
        >>> await pool.run(drain_seconds=30)
    """

    def __init__(
        self,
        ari: ClientConnection,
        programs: Programs,
        serve: Callable[..., Awaitable[None]],
        *,
        capacity: int | None,
        accepts: Callable[[CallBroadcast], Any] | None,
        leases: Leases | None,
    ) -> None:
        if capacity is not None and (not isinstance(capacity, int) or isinstance(capacity, bool) or capacity < 1):
            raise BadArgument(f"capacity must be a number of calls, 1 or more, or None to claim none, not {capacity!r}")
        if accepts is not None and not callable(accepts):
            raise BadArgument(f"accepts must be a function that takes an offer, not {accepts!r}", parameter="accepts")
        if leases is not None:
            check_leases(leases)
        self._ari = ari
        self._programs = programs
        self._run_event_loop = serve
        self._accepts = accepts
        self._claims = capacity is not None
        self._offers = Offers(capacity)
        self._lock = new_thread_lock()
        self._registrations: list[Registration] = []
        self._leases = leases
        self._calls = DurableCalls(leases, lambda _, channel_id: channel_id)
        self._adoption: Adoption | None = None
        self._claiming: list[Subtask] = []  # one for each time the lease was regained
        self._is_open = self._has_program = False

    @property
    def is_open(self) -> bool:
        """Whether this worker takes calls: it is running and, with leases, has its lease.

        Example:
            >>> pool.is_open
            True
        """
        return self._is_open

    @property
    def stats(self) -> PoolStats:
        """Counters of offers, claims and calls.

        Example:
            >>> pool.stats.running, pool.stats.lost
            (12, 340)
        """
        with self._lock:
            return self._offers.stats

    def calls(self, program: F) -> F:
        """Register the program that runs for each call: those this worker has claimed, and those the dialplan sends to its app
        without an offer. The latter are never refused, but they count: with `capacity` calls, none is claimed.

        Otherwise as `@ari.calls`: the call is hung up when the program returns, and the program is ended when the caller hangs
        up.

        Args:
            program: a coroutine function that takes the `DurableCall`; in the synchronous variant a function, which runs in a
                thread.

        Returns:
            The program.

        Raises:
            BadArgument: it is not a program of this variant, or another one already takes the calls of this app.

        Example:
            >>> @pool.calls
            ... async def support(call: DurableCall) -> None:
            ...     await call.answer()
        """
        self._programs.add(self._ari.settings.app_name, (), cast("Any", program), self._serve)
        self._has_program = True
        return program

    async def run(self, drain_seconds: float | None = None, on_stop: str = "leave") -> None:
        """Claim calls and run the program for each, until `ari.stop()`, Ctrl-C or SIGTERM; then return.

        Connects the client if necessary, and then also disconnects it. After the stop nothing is claimed.

        Args:
            drain_seconds: how long programs may continue after the stop before they are ended. None ends them at once.
            on_stop: what happens to the remaining calls then: "leave", "hangup" or "context,extension,priority".

        Raises:
            NotSupportedByServer: the release does not support claims (since 20.20, 22.10 and 23.4) or, with leases, `move`.
            LeasesUnavailable: the lease store does not answer at the start; later the worker waits for it.
            BadArgument: there is no program, the pool is already running, drain_seconds is not a duration, or on_stop is none of
                the above.
            EventStreamRefused: the server refuses the event WebSocket permanently.
            AriError: others as `ari.connect`.

        Example:
            >>> await pool.run(drain_seconds=30, on_stop="hangup")
        """
        self._check_use()
        if not self._ari.is_connected:
            self._listen()  # before the app exists: calls are offered to it immediately
            try:
                async with self._ari:
                    await self.run(drain_seconds=drain_seconds, on_stop=on_stop)
            finally:
                self._listen_no_more()
            return
        async with self:
            await self._run_event_loop(drain_seconds=drain_seconds, on_stop=on_stop)

    async def __aenter__(self) -> Self:
        """Start claiming, in programs that run their event loop themselves. The client must be connected."""
        self._check_use()
        if self._claims:
            self._check_release()
        self._listen()
        if self._leases is not None:
            await self._begin_to_keep_a_lease(self._leases)
        self._is_open = True
        await self._claim_waiting()
        return self

    def _check_use(self) -> None:
        if not self._has_program:
            raise BadArgument("no program for the calls: decorate one with @pool.calls before the pool runs")
        if self._is_open:
            raise BadArgument("the pool is already running")

    def _listen(self) -> None:
        """Listen for offers; those that arrive before the pool is open wait."""
        if self._claims and not self._registrations:
            self._registrations = [
                self._ari.hub.on("CallBroadcast", self._offered, ordered=False),
                self._ari.hub.on("CallClaimed", self._taken, ordered=False),
            ]

    def _listen_no_more(self) -> None:
        for registration in self._registrations:
            registration.close()
        self._registrations = []
        with self._lock:
            self._offers.forget_waiting()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop claiming; running programs continue. With leases, other workers take over the calls left in the app."""
        self._is_open = False
        self._listen_no_more()
        if self._adoption is not None:
            await self._adoption.stop()
        if self._calls.keeper is not None:
            await self._calls.keeper.stop()
        claiming, self._claiming = self._claiming, []
        for one in claiming:
            await one.end(NotConnected("the worker is stopping"))
        if self._ari.is_connected:
            self._ari.rest.fence_with(None)

    def _check_release(self) -> None:
        try:
            self._ari.rest.capabilities.check("events.claimChannel", {})
        except NotSupportedByServer as error:
            message = f"{error}; {_WITHOUT_CLAIMS}"
            raise NotSupportedByServer(message, element=error.element, release=error.release, needs=error.needs) from None

    # -- offers --

    async def _offered(self, offer: CallBroadcast) -> None:
        with self._lock:
            self._offers.count("offered")
        if self._is_open and self._is_stopping():
            return
        if self._accepts is not None and not await outcome_of(self._accepts(offer)):
            with self._lock:
                self._offers.count("declined")
            return
        with self._lock:
            is_ours_to_claim = self._offers.offered(offer.channel_id, waits=not self._may_claim())
        if is_ours_to_claim:
            await self._claim(offer.channel_id)

    def _may_claim(self) -> bool:
        keeper = self._calls.keeper
        return self._is_open and (keeper is None or keeper.is_held)

    def _is_stopping(self) -> bool:
        return not self._is_open or self._ari.hub.new_channels.are_turned_away

    async def _taken(self, event: CallClaimed) -> None:
        if event.winner_app != self._ari.settings.app_name:
            with self._lock:
                self._offers.taken_by_other(event.channel_id)

    async def _claim_waiting(self) -> None:
        """Claim the calls that were offered while the pool was not open or had no lease."""
        while self._may_claim():
            with self._lock:
                call_id = self._offers.next_waiting()
            if call_id is None:
                return
            await self._claim(call_id)

    async def _claim_again(self) -> None:
        """Claim the calls that were offered without a lease, in the background of the lease keeper."""
        self._claiming.append(Subtask(self._claim_waiting, _told))

    async def _claim(self, call_id: str | None) -> None:
        """Claim a call; if it was lost to another worker, claim waiting ones in its place, one after the other."""
        while call_id is not None:
            try:
                is_gone = not await self._is_won(call_id)
            except NotConnected:
                return
            except LeaseLost:
                with self._lock:
                    self._offers.waits_again(call_id)
                return
            if not is_gone:
                return
            with self._lock:
                call_id = self._offers.ended(call_id)
            if self._is_stopping():
                return

    async def _is_won(self, call_id: str) -> bool:
        """Claim a call; return whether it is here or on its way."""
        app = self._ari.settings.app_name
        counts = ""
        try:
            await self._ari.rest.call("events.claimChannel", channelId=call_id, application=app)
        except Conflict:
            counts = "lost"
        except NotFound:
            counts = "expired"
        except OutcomeUnknown as error:
            _log.warning("it is unknown whether call %s was claimed: %s", call_id, error)
        except (NotConnected, LeaseLost):
            raise
        except AriError as error:
            _log.warning("call %s was not claimed: %s", call_id, error)
            return False
        with self._lock:
            self._offers.count(counts or "claimed")
        return not counts and await self._is_entering(call_id, app)

    async def _is_entering(self, call_id: str, app: str) -> bool:
        """Wait until a claimed call has entered the app; False if its caller hung up first."""
        hub = self._ari.hub
        hub.new_channels.sent_into_dialplan(call_id, app)
        try:
            await hub.new_channels.wait_until_entered([call_id], self._exists)
        except ObjectGone as error:
            _log.info("%s, after the claim", error)
        else:
            if hub.in_stasis(call_id) or hub.has_left(call_id):
                return True
        with self._lock:
            self._offers.count("vanished")
        return False

    async def _exists(self, call_id: str) -> bool:
        try:
            await self._ari.rest.call("channels.get", channelId=call_id)
        except NotFound:
            return False
        return True

    # -- leases --

    async def _begin_to_keep_a_lease(self, leases: Leases) -> None:
        self._ari.rest.capabilities.check("channels.move", {})
        info = await self._ari.rest.call("asterisk.getInfo", only=["system"])
        server = f"@{info['system']['entity_id']}"
        worker = f"{self._ari.settings.app_name}{server}"
        calls = self._calls
        keeper = LeaseKeeper(leases, worker, calls.lose, self._claim_again)
        await keeper.start()
        calls.keeper = keeper
        self._ari.rest.fence_with(keeper.check)
        self._adoption = Adoption(leases, keeper, server, AppHandover(self._ari, calls.is_served), calls.expect)

    # -- calls --

    async def _serve(self, ari: ClientConnection, body: Callable[[Any], Awaitable[Any]], event: StasisStart) -> None:
        """Run the program for a call, which counts towards the capacity until it is over."""
        call_id = event.channel_id
        with self._lock:
            self._offers.entered(call_id)
            if self._calls.is_expected(ari, call_id):
                self._offers.count("adopted")
        try:
            await self._calls.serve(ari, body, event)
        finally:
            with self._lock:
                waiting = self._offers.ended(call_id)
            if waiting is not None and not self._is_stopping():
                await self._claim(waiting)


def _told(outcome: Any) -> None:
    """Log the error that ended the claiming of waiting calls."""
    if isinstance(outcome, Exception) and not isinstance(outcome, NotConnected):
        _log.error("calls that had waited are not claimed", exc_info=outcome)
