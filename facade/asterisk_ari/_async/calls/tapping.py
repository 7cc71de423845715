"""Listening to both parties of a call as two separate streams."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from types import TracebackType
from typing import Any, Self

from asterisk_ari._async.calls.call_media import CallMedia
from asterisk_ari._async.calls.owned_objects import Owned, OwnedObjects
from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.media.stream import MediaStream
from asterisk_ari._async.resources.channels import Channel, Snoop
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._transport.runtime.uninterrupted_async import uninterrupted
from asterisk_ari.errors import EventStreamLost, NotConnected, WaitError
from asterisk_ari.events import ChannelDestroyed, StasisEnd

_GONE_SECONDS = 2.0


@methods_tell_spellings
class Tap(ProcessBound):
    """The result of `Call.tap`: two streams that listen to a call unheard, one for each direction; use it in `with`.

    Example:
        >>> async with call.tap() as tap:
        ...     async for turn in tap.caller.turns():
        ...         print(turn)
    """

    def __init__(
        self,
        ari: ClientConnection,
        channel: Channel,
        owns: OwnedObjects,
        telling: Callable[[], AbstractContextManager[None]],
        **options: Any,
    ) -> None:
        self._ari = ari
        self._channel = channel
        self._owner = owns
        self._telling = telling
        self._owned = Owned("media", f"tap of {channel.id}", self._finish, is_certain=True)
        self._owns = OwnedObjects()
        self._snoops = {spy: Snoop(ari, new_id("snoop"), target_id=channel.id) for spy in ("in", "out")}
        self._streams = {
            spy: CallMedia(ari, snoop, self._owns, telling, **options, direction="in") for spy, snoop in self._snoops.items()
        }

    @property
    def caller(self) -> MediaStream:
        """The stream of what the call's own phone sends."""
        return self._streams["in"]

    @property
    def agent(self) -> MediaStream:
        """The stream of what that phone hears: the other party and prompts."""
        return self._streams["out"]

    async def __aenter__(self) -> Self:
        self._owner.own(self._owned)
        try:
            with self._telling():
                for spy, snoop in self._snoops.items():
                    await self._owns.create(Owned("channel", snoop.id, partial(_hang_up, snoop)), self._making(spy, snoop))
                    await self._streams[spy].__aenter__()
        except BaseException:
            await self.aclose()
            raise
        return self

    def _making(self, spy: Any, snoop: Snoop) -> Callable[[], Any]:
        return lambda: self._channel.snoop_channel(spy, snoop_id=snoop.id)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop listening; the call continues. Does nothing a second time.

        Example:
            >>> await tap.aclose()
        """
        await uninterrupted(self._finish, is_repeatable=True)

    async def _finish(self) -> None:
        await self._owns.end_all()
        self._owner.disown(self._owned)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._channel!r}>"


async def _hang_up(snoop: Snoop) -> None:
    """Hang up a snoop channel, and wait until it has left."""
    with snoop.expect((StasisEnd, ChannelDestroyed)) as gone:
        await snoop.hangup()
        with suppress(WaitError, EventStreamLost, NotConnected):  # the last while the client disconnects
            await gone.result(_GONE_SECONDS)
