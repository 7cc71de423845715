# Made from calls/tapping.py by scripts/unasync.py: edit that file.
"""Listening to both parties of a call as two separate streams."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from types import TracebackType
from typing import Any, Self

from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._sync.calls.call_media import CallMedia
from asterisk_ari._sync.calls.owned_objects import Owned, OwnedObjects
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.media.stream import MediaStream
from asterisk_ari._sync.resources.channels import Channel, Snoop
from asterisk_ari._transport.runtime.uninterrupted_sync import uninterrupted
from asterisk_ari.errors import EventStreamLost, NotConnected, WaitError
from asterisk_ari.events import ChannelDestroyed, StasisEnd

_GONE_SECONDS = 2.0


@methods_tell_spellings
class Tap(ProcessBound):
    """The result of `Call.tap`: two streams that listen to a call unheard, one for each direction; use it in `with`.

    Example:
        >>> with call.tap() as tap:
        ...     for turn in tap.caller.turns():
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

    def __enter__(self) -> Self:
        self._owner.own(self._owned)
        try:
            with self._telling():
                for spy, snoop in self._snoops.items():
                    self._owns.create(Owned("channel", snoop.id, partial(_hang_up, snoop)), self._making(spy, snoop))
                    self._streams[spy].__enter__()
        except BaseException:
            self.close()
            raise
        return self

    def _making(self, spy: Any, snoop: Snoop) -> Callable[[], Any]:
        return lambda: self._channel.snoop_channel(spy, snoop_id=snoop.id)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; the call continues. Does nothing a second time.

        Example:
            >>> tap.close()
        """
        uninterrupted(self._finish, is_repeatable=True)

    def _finish(self) -> None:
        self._owns.end_all()
        self._owner.disown(self._owned)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._channel!r}>"


def _hang_up(snoop: Snoop) -> None:
    """Hang up a snoop channel, and wait until it has left."""
    with snoop.expect((StasisEnd, ChannelDestroyed)) as gone:
        snoop.hangup()
        with suppress(WaitError, EventStreamLost, NotConnected):  # the last while the client disconnects
            gone.result(_GONE_SECONDS)
