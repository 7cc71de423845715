# Made from calls/audio.py by scripts/unasync.py: edit that file.
"""The audio streams of a call."""

from abc import abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._core.requests.naming import own_names
from asterisk_ari._sync.calls.owned_objects import OwnedObjects
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.resources.channels import Channel

if TYPE_CHECKING:
    from asterisk_ari._sync.calls.tapping import Tap
    from asterisk_ari._sync.media.server import MediaServer
    from asterisk_ari._sync.media.stream import MediaStream


class TapOptions(TypedDict, total=False):
    """Arguments of `ari.media` that `Call.tap` takes."""

    rate: int
    format: str | None
    via: Literal["auto", "websocket", "audiosocket", "rtp"]
    connect: Literal["to_asterisk", "from_asterisk"]
    silence: bool
    server: "MediaServer | None"
    allow_plaintext: bool


class MediaOptions(TapOptions, total=False):
    """Arguments of `ari.media` that `Call.media` takes."""

    direction: Literal["both", "in", "out"]
    mode: Literal["speech", "live"]
    ahead_ms: int


class CallAudio(ProcessBound):
    """The audio streams of a call; the base of `Call`."""

    _ari: ClientConnection
    _owns: OwnedObjects
    _errors_as_call_ended: Callable[[], AbstractContextManager[None]]

    @property
    @abstractmethod
    def channel(self) -> Channel:
        """The call itself."""

    def media(self, **options: Unpack[MediaOptions]) -> "MediaStream":
        """Open an audio stream to and from this call, which owns it; use it in `with`.

        Like `ari.media(call)`, but it ends with the call at the latest, before the call's channel is hung up. The call leaves any
        bridge it is in.

        Args:
            options: rate, format, direction, via, connect, mode, ahead_ms, silence, server and allow_plaintext, as for
                `ari.media`.

        Returns:
            A context manager that is the stream, and iterates over `AudioFrame`.

        Raises:
            BadArgument: values that do not go together.
            CallEnded: on entering: the caller has hung up.
            NotSupportedByServer: on entering: the release does not support the transport.
            ModuleNotLoaded: on entering: Asterisk has not loaded a module that the transport needs.
            MediaLost: on entering: the connection could not be opened.

        Example:
            >>> with call.media(rate=16_000) as media:
            ...     media.say("welcome.wav")
            ...     for frame in media:
            ...         print(len(frame.pcm))
        """
        from asterisk_ari._sync.calls.call_media import CallMedia

        given = own_names("channels.externalMedia", "media", MediaOptions.__annotations__, options)
        return CallMedia(self._ari, self.channel, self._owns, self._errors_as_call_ended, **given)

    def tap(self, **options: Unpack[TapOptions]) -> "Tap":
        """Listen to both parties of this call as two separate streams, unheard, for example to transcribe them; use it in `with`.

        Creates two snoop channels, `POST /channels/{channelId}/snoop`, since 13.0, one for what the call's phone sends and one
        for what it hears, and for each a stream with direction "in". The call stays in its bridge; it owns the channels, which
        end with it.

        Args:
            options: rate, format, via, connect, silence, server and allow_plaintext, as for `ari.media`.

        Returns:
            A context manager: `tap.caller` and `tap.agent` are the streams.

        Raises:
            BadArgument: values that do not go together.
            CallEnded: on entering: the caller has hung up.
            NotSupportedByServer: on entering: the release does not support the transport.
            ModuleNotLoaded: on entering: Asterisk has not loaded a module that the transport needs.
            MediaLost: on entering: the connection could not be opened.

        Example:
            >>> with call.tap(rate=16_000) as tap:
            ...     for frame in tap.caller:
            ...         transcription.send(frame.pcm)
        """
        from asterisk_ari._sync.calls.tapping import Tap

        given = own_names("channels.externalMedia", "tap", TapOptions.__annotations__, options)
        return Tap(self._ari, self.channel, self._owns, self._errors_as_call_ended, **given)
