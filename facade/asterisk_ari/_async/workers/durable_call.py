"""A call whose program another worker can go on with: what its steps gave is kept."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from asterisk_ari._async.calls.call import Call
from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.resources.channels import Channel
from asterisk_ari._core.requests.guards import MAX_ID_BYTES
from asterisk_ari._core.workers.call_progress import CallProgress, id_of
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._transport.runtime.interruptible_async import outcome_of
from asterisk_ari.errors import BadArgument, LeaseLost

T = TypeVar("T")

Keep = Callable[[str], Awaitable[None]]
"""Keeps the state of a call, as text."""


@methods_tell_spellings
class DurableCall(Call):
    """The call of a worker: a `Call` with steps, which are done once, though its worker may die and another one go on with it.

    Example:
        >>> @pool.calls
        ... async def support(call: DurableCall) -> None:
        ...     await call.answer()
        ...     language = await call.step("language", ask_language, call)
        ...     await call.step("notify", notify_crm, call.id, language)
    """

    def __init__(self, ari: ClientConnection, channel: Channel, progress: CallProgress, keep: Keep) -> None:
        super().__init__(ari, channel)
        self._progress = progress
        self._keep = keep
        self._steps_under_way: set[str] = set()

    @property
    def args(self) -> tuple[str, ...]:
        """The arguments with which the call has entered the app of its first worker.

        Example:
            >>> call.args
            ('vip', 'de')
        """
        return self._progress.args

    @property
    def adopted(self) -> bool:
        """Whether another worker had this call before, and died: the program has begun anew, in the middle of the call.

        Example:
            >>> if call.adopted:
            ...     await call.say("sound:sorry")
        """
        return self._progress.is_adopted

    async def step(self, name: str, work: Callable[..., Awaitable[T]], *args: Any) -> T:
        """Do a part of the program once: a worker that goes on with the call gets what the part gave, and does not do it.

        A worker may die after the work and before its result is kept: then the work is done again, by the next one. It does no
        harm where ids are chosen by `id_for`: what exists already is refused with `Conflict`.

        Args:
            name: of the step; each is done once in a call.
            work: a coroutine function; in the synchronous variant a function.
            args: what it is called with.

        Returns:
            What it gave, read back from JSON, so that it is the same each time: tuples are lists.

        Raises:
            BadArgument: the name is none, such a step is under way, or what it gave cannot be kept as JSON.
            LeaseLost: another worker has the call now.
            Exception: what `work` raised; then the step is not done.

        Example:
            >>> language = await call.step("language", ask_language, call)
        """
        if not isinstance(name, str) or not name:
            raise BadArgument(f"the name of a step must be a string, not {name!r}", parameter="name")
        if name in self._progress.steps:
            return self._progress.steps[name]  # type: ignore[no-any-return]
        if name in self._steps_under_way:
            raise BadArgument(f"step {name!r} of call {self.id} is already running", parameter="name")
        self._steps_under_way.add(name)
        try:
            result = _as_json(name, await outcome_of(work(*args)))
            self._progress = self._progress.with_step(name, result)
            await self._keep(self._progress.text)
        finally:
            self._steps_under_way.discard(name)
        return result  # type: ignore[no-any-return]

    def id_for(self, name: str) -> str:
        """The id of something that belongs to this call: the same for each worker that has it, and each time.

        Give it to channels whose ids you choose: a worker that takes the call over tells them from calls by it.

        Args:
            name: what it is, "agent" for example; letters, digits, `-`, `_` and `.`.

        Raises:
            BadArgument: it is no such name, or too long with the id of the call.

        Example:
            >>> bridge = await ari.bridges.create("mixing", bridge_id=call.id_for("talk"))
        """
        made = id_of(str(name), self.id)
        if not isinstance(name, str) or re.fullmatch(r"[\w.-]+", name, re.ASCII) is None or len(made.encode()) > MAX_ID_BYTES:
            raise BadArgument(f"a name for an id may have letters, digits, '-', '_' and '.', not {name!r}", parameter="name")
        return made

    def _abandon(self, error: LeaseLost) -> None:
        """End the program, if it has begun, and leave the call and all that it owns alone: another worker has it."""
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
