# Made from _async/dialler.py by scripts/unasync.py: edit that file.
"""A dialler: calls a list of targets, with a limited rate and concurrency, and retries those who could not be reached."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from asterisk_ari.building_blocks.pure import ProcessBound, check_seconds, methods_tell_spellings, read_targets
from asterisk_ari.building_blocks.sync import Subtask, WaitQueue, check_function, monotonic, outcome_of, uninterrupted
from asterisk_ari.errors import BadArgument, CallEnded, ModuleNotLoaded, NotConnected, NotFound, ResponseError, WaitError
from asterisk_ari.kits._core.campaign import Campaign, Dialled, DialledStatus, status_of
from asterisk_ari.sync import AsteriskARI, Call, Target, Variables

_AMD = "app_amd.so"
# How long Asterisk's AMD may analyse an answered call.
_DETECTION_SECONDS = 15.0

_log = logging.getLogger("asterisk_ari")


@methods_tell_spellings
class Dialler(ProcessBound):
    """Calls the targets of a list, and runs a program with each answered call.

    The program is a coroutine function that takes the outgoing `Call`: verbs raise `CallEnded` when the other side hangs up,
    which ends the program quietly. The call is hung up when the program returns.

    Example:
        >>> def remind(call: Call) -> bool | None:
        ...     return call.menu("sound:appointment", {"1": True, "2": False})
        >>> dialler = Dialler(ari, remind, calls_per_second=2, max_calls=20, attempts=3, retry_seconds=600)
        >>> for one in dialler.run(["PJSIP/100@trunk", "PJSIP/200@trunk"]):
        ...     print(one.endpoint, one.status, one.result)
    """

    def __init__(
        self,
        ari: AsteriskARI,
        program: Callable[[Call], Any],
        *,
        calls_per_second: float = 1.0,
        max_calls: int = 10,
        ring_seconds: int = 30,
        attempts: int = 1,
        retry_seconds: float = 300.0,
        retry_on: Sequence[DialledStatus] = ("busy", "no_answer"),
        caller_id: str | None = None,
        variables: Variables | None = None,
        amd_context: str | None = None,
        on_machine: Callable[[Call], Any] | None = None,
        on_result: Callable[[Dialled], Any] | None = None,
    ) -> None:
        """Create a dialler; nothing is sent before `run`.

        Args:
            ari: the client that calls.
            program: runs for each answered call.
            calls_per_second: maximum number of new calls per second.
            max_calls: maximum number of concurrent calls.
            ring_seconds: how long each target may ring.
            attempts: maximum number of calls to each target.
            retry_seconds: how long after the end of a call the same target is called again.
            retry_on: the results that lead to a retry: "busy", "no_answer", "declined", "failed", "machine".
            caller_id: the caller id shown to the targets, such as `"Ann" <555>`.
            variables: channel variables of the calls.
            amd_context: a dialplan context whose extension s runs `AMD()` and then `Stasis(the app)`: answered calls go there
                first, so that machines are detected. None: they enter the app at once.
            on_machine: runs for a call answered by a machine; None: it is hung up.
            on_result: called with each `Dialled` as soon as its target is finished.

        Raises:
            BadArgument: a value is invalid.
        """
        self._rules = partial(
            Campaign, calls_per_second=calls_per_second, max_calls=max_calls, attempts=attempts, retry_seconds=retry_seconds,
            retry_on=tuple(retry_on),
        )  # fmt: skip
        self._rules(0)
        if program is None:
            raise BadArgument("a dialler needs a program, for the calls that are answered", parameter="program")
        for name, function in (("program", program), ("on_machine", on_machine), ("on_result", on_result)):
            check_function(name, function)
        check_seconds("ring_seconds", ring_seconds)
        if not 0 < ring_seconds < math.inf:
            raise BadArgument(f"ring_seconds must be a number of seconds above 0, not {ring_seconds!r}", parameter="ring_seconds")
        if variables is not None and not isinstance(variables, Mapping):
            raise BadArgument(f"variables is a mapping of names and values, not {variables!r}", parameter="variables")
        self._ari = ari
        self._program = program
        self._ring_seconds = ring_seconds
        self._caller_id = caller_id
        self._variables = dict(variables or {})
        self._amd_context = amd_context
        self._on_machine = on_machine
        self._on_result = on_result

    def run(self, targets: Sequence[Target | str]) -> list[Dialled]:
        """Call all targets of a list, and return when all are finished.

        Args:
            targets: endpoints, or `Target(…)` with its own ring time, caller id and variables.

        Returns:
            The result for each target, in order. An exception raised by the program is logged and returned as `error`.

        Raises:
            BadArgument: there are no targets, or one is not an endpoint; nothing was sent.
            ModuleNotLoaded: AMD is required, but Asterisk has not loaded it; nobody was called.
            AriError: the connection fails; all calls are hung up.

        Emits:
            Dial, for each step of each call; StasisStart for answered calls.

        Example:
            >>> results = dialler.run([Target("PJSIP/100@trunk", variables={"NAME": "Ann"})])
        """
        to_call = read_targets(list(targets) if not isinstance(targets, str) else targets)
        if self._amd_context is not None:
            self._check_amd()
        campaign = self._rules(len(to_call))
        results: dict[int, Dialled] = {}
        calls: dict[int, Subtask] = {}
        ends: WaitQueue[tuple[int, Any]] = WaitQueue()
        try:
            while not campaign.is_over:
                while (number := campaign.take(monotonic())) is not None:
                    work = partial(self._call, to_call[number], campaign.made[number])
                    calls[number] = Subtask(work, partial(_put, ends, number))
                number, end = _next(ends, campaign.next_at() - monotonic())
                if number is not None:
                    del calls[number]
                    self._take(campaign, results, number, end)
        finally:
            uninterrupted(partial(_end_all, calls), is_repeatable=True)
        return [results[number] for number in range(len(to_call))]

    def _take(self, campaign: Campaign, results: dict[int, Dialled], number: int, end: Any) -> None:
        if isinstance(end, Exception):
            raise end
        if campaign.ended(number, end.status, monotonic()):
            results[number] = end
            if self._on_result is not None:
                outcome_of(self._on_result(end))

    def _check_amd(self) -> None:
        try:
            is_loaded = self._ari.asterisk.get_module(_AMD)["status"] == "Running"
        except NotFound:
            is_loaded = False
        if not is_loaded:
            raise ModuleNotLoaded(f"Asterisk has not loaded {_AMD}, which amd_context needs", modules=(_AMD,))

    # -- one call --

    def _call(self, target: Target, attempt: int) -> Dialled:
        ring = math.ceil(self._ring_seconds if target.ring_seconds is None else target.ring_seconds)
        place: dict[str, Any] = {}
        if self._amd_context is not None:
            place = {"context": self._amd_context, "extension": "s", "priority": 1}
        scope = self._ari.call(
            target.endpoint,
            answer_timeout_seconds=ring + (_DETECTION_SECONDS if place else 0.0),
            timeout_seconds=ring,
            caller_id=self._caller_id if target.caller_id is None else target.caller_id,
            variables={**self._variables, **(target.variables or {})} or None,
            **place,
        )
        answered: list[Call] = []
        try:
            with scope as call:
                answered.append(call)
                return self._with(call, target.endpoint, attempt)
        except NotConnected:
            raise
        except (WaitError, ResponseError) as error:
            if answered:
                raise
            return Dialled(target.endpoint, status_of(error), attempt, error=error)

    def _with(self, call: Call, endpoint: str, attempt: int) -> Dialled:
        """Run the program with an answered call."""
        program: Callable[[Call], Any] | None = self._program
        status: DialledStatus = "answered"
        result = None
        failure: Exception | None = None
        try:
            if self._amd_context is not None and call.channel.get_variable("AMDSTATUS") == "MACHINE":
                program, status = self._on_machine, "machine"
            if program is not None:
                result = outcome_of(program(call))
        except NotConnected:
            raise
        except CallEnded as error:
            failure = None if error.call_id == call.id else error
        except Exception as error:  # noqa: BLE001 - told; the others are called all the same
            failure = error
            _log.exception("the program of a dialler failed with the call to %s", endpoint)
        return Dialled(endpoint, status, attempt, result, failure)


def _put(ends: WaitQueue[tuple[int, Any]], number: int, end: Any) -> None:
    ends.put((number, end))


def _next(ends: WaitQueue[tuple[int, Any]], seconds: float) -> tuple[int | None, Any]:
    """Return the next call that ends, or None if another target may be called before that."""
    try:
        return ends.get(None if seconds == math.inf else max(0.0, seconds))
    except TimeoutError:
        return None, None


def _end_all(calls: dict[int, Subtask]) -> None:
    for child in calls.values():
        child.end(CallEnded("the dialler has been ended"))
    calls.clear()
