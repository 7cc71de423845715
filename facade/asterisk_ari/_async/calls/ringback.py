"""What the caller hears while targets are dialled."""

from functools import partial
from typing import Any

from asterisk_ari._async.calls.owned_objects import Owned, OwnedObjects, owned_playback
from asterisk_ari._async.calls.supervising import Supervision, supervise
from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.resources.channels import Channel
from asterisk_ari._core.calls.prompts import media_in
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari.errors import CallEnded, ResponseError


class Ringback:
    """Ringing, music on hold, repeated media, or the early media of a target.

    Args:
        ari: the client.
        caller: the channel that hears it.
        owns: the objects that the call owns.
        what: "ring", "moh", "early_media", media, or None for nothing.

    Raises:
        BadArgument: none of these.
    """

    def __init__(self, ari: ClientConnection, caller: Channel, owns: OwnedObjects, what: Any) -> None:
        self._ari = ari
        self._caller = caller
        self._owns = owns
        self._what = what if what in ("ring", "moh", "early_media", None) else "media"
        self._media = media_in(what, "ringback") if self._what == "media" else ()
        self._played = 0
        self._playback_id = ""
        self._owned: Owned | None = None
        self._heard: tuple[Channel, Supervision[Channel]] | None = None
        self._is_over = False

    @property
    def plays_media(self) -> bool:
        """Whether it needs to be told when its playbacks end."""
        return self._what == "media"

    def is_heard_by(self, channel: Channel) -> bool:
        """Whether that channel hears it."""
        return self._caller == channel

    async def begin(self) -> None:
        """Start playing it to the caller."""
        caller = self._caller
        if self._what in ("ring", "early_media"):
            await self._own(Owned("playback", f"ringing of {caller.id}", caller.ring_stop), caller.ring)
        elif self._what == "moh":
            await self._own(Owned("playback", f"music of {caller.id}", caller.stop_moh), caller.start_moh)
        elif self._what == "media":
            await self._play()

    async def played(self, playback_id: str) -> None:
        """A playback has ended: if it was one of its own, start the next."""
        if playback_id == self._playback_id and self._owned is not None:
            self._owns.disown(self._owned)
            await self._play()

    async def hear(self, leg: Channel) -> None:
        """A leg sends early media: let the caller hear it instead of ringing, if that is wanted and it is the first."""
        if self._what != "early_media" or self._heard is not None or self._is_over:
            return
        await self._end_owned()
        caller = self._caller
        try:
            self._heard = leg, await supervise(self._ari, self._owns, leg, caller, role="spy", parties=(leg, caller))
        except (CallEnded, ResponseError):  # the leg or the caller has ended, which its own event reports
            await self._ring_again()

    async def leave(self, leg: Channel) -> None:
        """A leg must no longer be heard: it has ended, or another one answered. The caller hears ringing again."""
        if self._heard is not None and self._heard[0] == leg:
            await self._end_heard()
            await self._ring_again()

    async def end(self) -> None:
        """Stop it; nothing needs to be stopped for a caller who has left."""
        self._is_over = True
        await self._end_heard()
        await self._end_owned()

    async def _ring_again(self) -> None:
        if not self._is_over and self._ari.hub.end_of_call(self._caller.id) is None:
            await self.begin()

    async def _end_heard(self) -> None:
        heard, self._heard = self._heard, None
        if heard is not None:
            await heard[1].end()

    async def _end_owned(self) -> None:
        owned, self._owned = self._owned, None
        if owned is None:
            return
        if self._ari.hub.end_of_call(self._caller.id) is None:
            await self._owns.end(owned)
        self._owns.disown(owned)

    async def _play(self) -> None:
        media = self._media[self._played % len(self._media)]
        self._played += 1
        self._playback_id = new_id("playback")
        play = partial(self._caller.play, [media], playback_id=self._playback_id)
        await self._own(owned_playback(self._ari, self._playback_id), play)

    async def _own(self, owned: Owned, begin: Any) -> None:
        self._owned = owned
        await self._owns.create(owned, begin)
