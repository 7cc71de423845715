"""Moving the channels of a dead worker to a live one."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Protocol, TypeVar

from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._core.workers.call_progress import app_args
from asterisk_ari._transport.runtime.interruptible_async import Subtask
from asterisk_ari._transport.runtime.runtime_async import WaitQueue
from asterisk_ari.errors import NotConnected, NotFound

# How many channels are taken over at once.
_AT_ONCE = 8
T = TypeVar("T")


class LeftChannel(NamedTuple):
    """A channel left behind by a dead worker."""

    key: str
    """Under which the state of its call is kept."""
    ari: ClientConnection
    """The client of the server that has it."""
    json: dict[str, Any]
    worker: str
    """Who has died."""
    app: str
    """The app that it is in."""


class CallHandover(Protocol):
    """Moves the channels of dead workers."""

    async def left_by(self, worker: str, epoch: int) -> list[LeftChannel]:
        """The channels of a dead worker; for this worker's own name, those it no longer serves."""

    async def bring(self, channel: LeftChannel, args: Sequence[str]) -> None:
        """Bring a channel into this worker's app, with the arguments of its call.

        Raises:
            NotFound, Conflict: it is gone, or another worker has it.
        """

    async def finish(self, worker: str, epoch: int) -> bool:
        """Take everything else once no channel is left; return whether nothing of the dead worker is left."""


class AppHandover:
    """Each worker has an app of its own: the server moves channels from one to the other.

    Args:
        ari: the client, into whose first app the channels go.
        is_served: says whether this worker already serves a channel.
    """

    def __init__(self, ari: ClientConnection, is_served: Callable[[ClientConnection, str], bool]) -> None:
        self._ari = ari
        self._is_served = is_served

    async def left_by(self, worker: str, epoch: int) -> list[LeftChannel]:
        """The channels in the app of that name."""
        try:
            ids = (await self._ari.rest.call("applications.get", applicationName=worker))["channel_ids"]
        except NotFound:
            return []
        found: list[LeftChannel] = []

        async def get(channel_id: str) -> None:
            with suppress(NotFound):
                channel = await self._ari.rest.call("channels.get", channelId=channel_id)
                found.append(LeftChannel(channel_id, self._ari, channel, worker, worker))

        is_own = worker == self._ari.settings.app_name
        await for_each([one for one in ids if not (is_own and self._is_served(self._ari, one))], get)
        return found

    async def bring(self, channel: LeftChannel, args: Sequence[str]) -> None:
        """Move it."""
        app = self._ari.settings.app_name
        await self._ari.rest.call("channels.move", channelId=channel.json["id"], app=app, appArgs=app_args(args))

    async def finish(self, worker: str, epoch: int) -> bool:
        """An app has nothing besides channels."""
        return True


async def for_each(items: list[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Process each item, several at once: callers hear nothing until they are taken over."""
    left = iter(items)
    ends: WaitQueue[object] = WaitQueue()

    async def work_off() -> None:
        for item in left:  # which all of them share
            await work(item)

    subtasks = [Subtask(work_off, ends.put) for _ in range(min(_AT_ONCE, len(items)))]
    try:
        for _ in subtasks:
            outcome = await ends.get(None)
            if isinstance(outcome, Exception):
                raise outcome
    finally:
        for one in subtasks:
            await one.end(NotConnected("the worker is stopping"))
