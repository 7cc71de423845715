"""What a call has of audio streams."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

from asterisk_ari._async.calls.belongings import Belongings
from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.resources.channels import Channel
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._core.requests.naming import own_names

if TYPE_CHECKING:
    from asterisk_ari._async.media.server import MediaServer
    from asterisk_ari._async.media.stream import MediaStream


class MediaOptions(TypedDict, total=False):
    """Arguments of `ari.media` that `Call.media` takes."""

    rate: int
    format: str | None
    direction: Literal["both", "in", "out"]
    via: Literal["auto", "websocket", "audiosocket", "rtp"]
    connect: Literal["to_asterisk", "from_asterisk"]
    mode: Literal["speech", "live"]
    ahead_ms: int
    silence: bool
    server: "MediaServer | None"
    allow_plaintext: bool


class CallAudio(ProcessBound):
    """The audio streams of a call; the base of `Call`."""

    _ari: ClientConnection
    _owns: Belongings
    _telling_its_end: Callable[[], AbstractContextManager[None]]

    @property
    def channel(self) -> Channel:
        """The call itself."""
        raise NotImplementedError

    def media(self, **options: Unpack[MediaOptions]) -> "MediaStream":
        """An audio stream to and from this call, which owns it; use it in `with`.

        As `ari.media(call)`, and it ends with the call at the latest: before the call's channel is hung up. The call
        leaves any bridge that it is in.

        Args:
            options: rate, format, direction, via, connect, mode, ahead_ms, silence, server and allow_plaintext, as for
                `ari.media`.

        Returns:
            A context manager that is the stream, and iterates over `AudioFrame`.

        Raises:
            BadArgument: values that do not go together.
            CallEnded: on entering: the caller has hung up.
            NotSupportedByServer: on entering: the release has no such way.
            ModuleNotLoaded: on entering: nor has Asterisk loaded what it needs.
            MediaLost: on entering: the connection could not be opened.

        Example:
            >>> async with call.media(rate=16_000) as media:
            ...     await media.say("welcome.wav")
            ...     async for frame in media:
            ...         print(len(frame.pcm))
        """
        from asterisk_ari._async.calls.call_media import CallMedia

        given = own_names("channels.externalMedia", "media", MediaOptions.__annotations__, options)
        return CallMedia(self._ari, self.channel, self._owns, self._telling_its_end, **given)
