"""The audio stream of a call, which the call owns."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Self

from asterisk_ari._async.calls.owned_objects import Owned, OwnedObjects
from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.media.stream import MediaStream
from asterisk_ari._async.resources.channels import Channel


class CallMedia(MediaStream):
    """A stream that ends with its call at the latest, and that tells the end of the call as the call's verbs do."""

    def __init__(
        self,
        ari: ClientConnection,
        channel: Channel,
        owns: OwnedObjects,
        telling: Callable[[], AbstractContextManager[None]],
        **options: Any,
    ) -> None:
        super().__init__(ari, channel, **options)
        self._owns = owns
        self._telling = telling
        self._owned = Owned("media", f"of {channel.id}", self._close, is_certain=True)

    async def __aenter__(self) -> Self:
        self._owns.own(self._owned)
        with self._telling():
            return await super().__aenter__()

    async def _close(self) -> None:
        await super()._close()
        self._owns.disown(self._owned)
