"""Channels: play, record, snoop."""

from typing import TYPE_CHECKING, Literal

from asterisk_ari._async.playbacks import Playback
from asterisk_ari._async.recordings import LiveRecording
from asterisk_ari._async.resource import Handle
from asterisk_ari._core.ids import new_id
from asterisk_ari._core.naming import operation

if TYPE_CHECKING:
    from asterisk_ari._async.channels import Snoop


class ChannelMedia(Handle):
    """Media to and from a channel."""

    __slots__ = ()

    @operation("channels.play")
    async def play(
        self,
        media: str | list[str] | tuple[str, ...],
        *,
        lang: str | None = None,
        offset_ms: int | None = None,
        skip_ms: int | None = None,
        playback_id: str | None = None,
    ) -> Playback:
        """Play media to the channel, after what is playing already.

        `POST /channels/{channelId}/play`, since 13.0. Returns at once, long before the end. Media that does not exist is
        accepted; as the last of a list it may leave some releases without PlaybackFinished, so wait with a time limit.

        Args:
            media: URI or several in order: sound:, recording:, number:, digits:, characters: or tone:. A recording is
                named without extension.
            lang: language of sound files, such as `en`. None: the channel's.
            offset_ms: where to begin in the first URI, 0 or more. None: 0.
            skip_ms: how far forward and reverse of `Playback.control` jump, 0 or more. None: 3000.
            playback_id: id of the playback. None: a new one.

        Returns:
            The playback, with the snapshot at its start.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Emits:
            PlaybackStarted; PlaybackContinuing and PlaybackStarted for each further URI; PlaybackFinished, whose playback
            has the state done or failed.

        Example:
            >>> playback = await channel.play(media="sound:hello-world")
        """
        json = await self._call(
            "channels.play",
            channelId=self.id,
            media=media,
            lang=lang,
            offsetms=offset_ms,
            skipms=skip_ms,
            playbackId=playback_id if playback_id is not None else new_id("playback"),
        )
        return Playback.of(self._ari, json)

    @operation("channels.playWithId")
    async def play_with_id(
        self,
        playback_id: str,
        media: str | list[str] | tuple[str, ...],
        *,
        lang: str | None = None,
        offset_ms: int | None = None,
        skip_ms: int | None = None,
    ) -> Playback:
        """Play media as `play` does, under an id of your choice.

        `POST /channels/{channelId}/play/{playbackId}`, since 13.0.

        Args:
            playback_id: id of the playback, at most 149 characters.
            media: URI or several in order.
            lang: language of sound files. None: the channel's.
            offset_ms: where to begin in the first URI, 0 or more. None: 0.
            skip_ms: how far forward and reverse jump, 0 or more. None: 3000.

        Returns:
            The playback, with the snapshot at its start.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Emits:
            As `play`.

        Example:
            >>> playback = await channel.play_with_id("greeting-1", ["sound:hello-world", "number:42"])
        """
        json = await self._call(
            "channels.playWithId",
            channelId=self.id,
            playbackId=playback_id,
            media=media,
            lang=lang,
            offsetms=offset_ms,
            skipms=skip_ms,
        )
        return Playback.of(self._ari, json)

    @operation("channels.record")
    async def record(
        self,
        name: str,
        format: str,
        *,
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        if_exists: Literal["fail", "overwrite", "append"] | None = None,
        beep: bool | None = None,
        terminate_on: Literal["none", "any", "*", "#"] | None = None,
    ) -> LiveRecording:
        """Record what the channel sends (not what it hears), answering it first where needed.

        `POST /channels/{channelId}/record`, since 13.0. Fails in a bridge: record the bridge, or a snoop of the channel.
        While it records, the channel cannot enter a bridge.

        Args:
            name: name without extension; slashes make subdirectories.
            format: format and extension of the file, such as wav, gsm or ulaw.
            max_duration_seconds: length at which it ends, 0 or more. None or 0: no limit.
            max_silence_seconds: silence after which it ends, 0 or more. None or 0: never.
            if_exists: fail, overwrite or append, where the name is taken. None: fail.
            beep: True plays a beep first. None: no beep.
            terminate_on: key of the caller that ends it: none, any, * or #. None: none.

        Returns:
            The live recording, with the snapshot at its start.

        Raises:
            BadRequest: a value the server does not know, or a name outside of its recordings.
            NotFound: the channel is gone.
            Conflict: the name is taken, or being recorded.
            NotInStasis: the channel is not in a Stasis app.
            Unprocessable: unknown format.

        Emits:
            RecordingStarted; RecordingFinished or RecordingFailed.

        Example:
            >>> recording = await channel.record(name="calls/42", format="wav", max_duration_seconds=300)
        """
        json = await self._call(
            "channels.record",
            channelId=self.id,
            name=name,
            format=format,
            maxDurationSeconds=max_duration_seconds,
            maxSilenceSeconds=max_silence_seconds,
            ifExists=if_exists,
            beep=beep,
            terminateOn=terminate_on,
        )
        return LiveRecording.of(self._ari, json)

    @operation("channels.snoopChannel")
    async def snoop_channel(
        self,
        spy: Literal["none", "both", "out", "in"] | None = None,
        whisper: Literal["none", "both", "out", "in"] | None = None,
        *,
        app: str | None = None,
        app_args: str | None = None,
        snoop_id: str | None = None,
    ) -> "Snoop":
        """Make a second channel that listens to this one, speaks into it, or both.

        `POST /channels/{channelId}/snoop`, since 13.0. The new channel is up at once and enters the app by itself; record
        it, bridge it or play to it like any other. Spy or whisper must be other than none. Also named `snoop`.

        Args:
            spy: what it hears: in (audio from this channel), out (audio to it), both or none. None: none.
            whisper: who hears it: out (this channel), in (those it talks to), both or none. None: none.
            app: Stasis app of the new channel. None: the client's own.
            app_args: arguments of its StasisStart, separated by commas. None: no arguments.
            snoop_id: id of the new channel. None: a new one.

        Returns:
            The snoop channel, with the snapshot at its start.

        Raises:
            MissingParameter: neither spy nor whisper.
            BadRequest: the server knows no such direction.
            NotFound: the channel is gone.
            ServerFailure: the id is taken.

        Emits:
            StasisStart of the snoop channel.

        Example:
            >>> snoop = await channel.snoop_channel(spy="both")
        """
        from asterisk_ari._async.channels import Snoop

        json = await self._call(
            "channels.snoopChannel",
            channelId=self.id,
            spy=spy,
            whisper=whisper,
            app=app if app is not None else self._ari.settings.app_name,
            appArgs=app_args,
            snoopId=snoop_id if snoop_id is not None else new_id("snoop"),
        )
        return Snoop(self._ari, json["id"], json, target_id=self.id)

    @operation("channels.snoopChannelWithId")
    async def snoop_channel_with_id(
        self,
        snoop_id: str,
        spy: Literal["none", "both", "out", "in"] | None = None,
        whisper: Literal["none", "both", "out", "in"] | None = None,
        *,
        app: str | None = None,
        app_args: str | None = None,
    ) -> "Snoop":
        """Make a snoop channel as `snoop_channel` does, under an id of your choice.

        `POST /channels/{channelId}/snoop/{snoopId}`, since 13.0.

        Args:
            snoop_id: id of the new channel, at most 149 characters.
            spy: what it hears: in, out, both or none. None: none.
            whisper: who hears it: out, in, both or none. None: none.
            app: Stasis app of the new channel. None: the client's own.
            app_args: arguments of its StasisStart, separated by commas. None: no arguments.

        Returns:
            The snoop channel, with the snapshot at its start.

        Raises:
            MissingParameter: neither spy nor whisper.
            BadRequest: the server knows no such direction.
            NotFound: the channel is gone.
            ServerFailure: the id is taken.

        Emits:
            StasisStart of the snoop channel.

        Example:
            >>> snoop = await channel.snoop_channel_with_id("coach-1", spy="both", whisper="out")
        """
        from asterisk_ari._async.channels import Snoop

        json = await self._call(
            "channels.snoopChannelWithId",
            channelId=self.id,
            snoopId=snoop_id,
            spy=spy,
            whisper=whisper,
            app=app if app is not None else self._ari.settings.app_name,
            appArgs=app_args,
        )
        return Snoop(self._ari, json["id"], json, target_id=self.id)

    # The usual short name.
    snoop = snoop_channel
