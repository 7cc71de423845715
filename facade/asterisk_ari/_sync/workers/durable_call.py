# Made from workers/durable_call.py by scripts/unasync.py: edit that file.
"""A call whose program another worker can continue: the results of its steps are kept."""

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from asterisk_ari._core.requests.guards import MAX_ID_BYTES
from asterisk_ari._core.workers.call_progress import CallProgress, id_of
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._sync.calls.call import Call
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.resources.channels import Channel
from asterisk_ari._transport.runtime.interruptible_sync import outcome_of
from asterisk_ari.errors import BadArgument, LeaseLost

T = TypeVar("T")

Keep = Callable[[str], None]
"""Keeps the state of a call, as text."""


@methods_tell_spellings
class DurableCall(Call):
    """The call of a worker: a `Call` with steps, each of which is done once, even if the worker dies and another one continues.

    Example:
        >>> @pool.calls
        ... def support(call: DurableCall) -> None:
        ...     call.answer()
        ...     language = call.step("language", ask_language, call)
        ...     call.step("notify", notify_crm, call.id, language)
    """

    def __init__(self, ari: ClientConnection, channel: Channel, progress: CallProgress, keep: Keep) -> None:
        super().__init__(ari, channel)
        self._progress = progress
        self._keep = keep
        self._steps_under_way: set[str] = set()

    @property
    def args(self) -> tuple[str, ...]:
        """The arguments with which the call entered the app of its first worker.

        Example:
            >>> call.args
            ('vip', 'de')
        """
        return self._progress.args

    @property
    def adopted(self) -> bool:
        """Whether the call was taken over from a worker that died: the program has started again in the middle of the call.

        Example:
            >>> if call.adopted:
            ...     call.say("sound:sorry")
        """
        return self._progress.is_adopted

    def step(self, name: str, work: Callable[..., T], *args: Any) -> T:
        """Run one part of the program once: a worker that takes the call over gets the stored result instead of running it again.

        A worker may die after the work is done but before its result is stored; then the next worker does it again. That is
        harmless if ids are chosen with `id_for`: an object that already exists is refused with `Conflict`.

        Args:
            name: the name of the step, unique within the call.
            work: a coroutine function; in the synchronous variant a function.
            args: its arguments.

        Returns:
            Its result, read back from JSON so that it is the same each time: tuples become lists.

        Raises:
            BadArgument: the name is invalid, a step of that name is in progress, or the result cannot be stored as JSON.
            LeaseLost: another worker has the call now.
            Exception: whatever `work` raised; then the step is not done.

        Example:
            >>> language = call.step("language", ask_language, call)
        """
        if not isinstance(name, str) or not name:
            raise BadArgument(f"the name of a step must be a string, not {name!r}", parameter="name")
        if name in self._progress.steps:
            return self._progress.steps[name]  # type: ignore[no-any-return]
        if name in self._steps_under_way:
            raise BadArgument(f"step {name!r} of call {self.id} is already running", parameter="name")
        self._steps_under_way.add(name)
        try:
            result = _as_json(name, outcome_of(work(*args)))
            self._progress = self._progress.with_step(name, result)
            self._keep(self._progress.text)
        finally:
            self._steps_under_way.discard(name)
        return result  # type: ignore[no-any-return]

    def id_for(self, name: str) -> str:
        """Return an id for an object of this call: always the same, whichever worker has the call.

        Use it for the channels the program creates: a worker that takes the call over recognizes them as legs by their ids.

        Args:
            name: the object's role, such as "agent"; letters, digits, `-`, `_` and `.`.

        Raises:
            BadArgument: the name is invalid, or too long together with the id of the call.

        Example:
            >>> bridge = ari.bridges.create("mixing", bridge_id=call.id_for("talk"))
        """
        made = id_of(str(name), self.id)
        if not isinstance(name, str) or re.fullmatch(r"[\w.-]+", name, re.ASCII) is None or len(made.encode()) > MAX_ID_BYTES:
            raise BadArgument(f"a name for an id may have letters, digits, '-', '_' and '.', not {name!r}", parameter="name")
        return made

    def _abandon(self, error: LeaseLost) -> None:
        """End the program, if it has started, without touching the call or its objects: another worker has them."""
        self._owns.disown_all()
        if self._watch is not None:
            self._watch.close()
        if self._work is not None:
            self._work.interrupt(error)


def _as_json(name: str, result: Any) -> Any:
    try:
        return json.loads(json.dumps(result))
    except (TypeError, ValueError) as error:
        raise BadArgument(f"the result of step {name!r} cannot be stored: {error}", parameter="work") from None
