# Made from _async/bridge_media.py by scripts/unasync.py: edit that file.
"""What all members of a bridge hear and see: playbacks, music, recordings, the picture."""

from typing import Literal

from asterisk_ari._core.ids import new_id
from asterisk_ari._core.naming import operation
from asterisk_ari._sync.playbacks import Playback
from asterisk_ari._sync.recordings import LiveRecording
from asterisk_ari._sync.resource import Handle


class BridgeMedia(Handle):
    """The media side of `Bridge`."""

    __slots__ = ()

    @operation("bridges.play")
    def play(
        self,
        media: str | list[str],
        *,
        lang: str | None = None,
        offset_ms: int | None = None,
        skip_ms: int | None = None,
        playback_id: str | None = None,
        announcer_format: str | None = None,
    ) -> Playback:
        """Play media to all members.

        `POST /bridges/{bridgeId}/play`, since 13.0. The answer comes before the media begins.

        Args:
            media: one or several URIs, played in order: sound:, recording:, number:, digits:, characters: or tone:.
                Recordings without their file extension.
            lang: language of sound files, such as "en"; None is the server's default.
            offset_ms: milliseconds to skip at the start of the first URI; None is 0.
            skip_ms: milliseconds that one `control("forward")` or `control("reverse")` jumps; None is 3000.
            playback_id: id of the new playback; None makes one up.
            announcer_format: format of the announcing channel, such as "slin16"; None takes that of the member with
                the highest sample rate (since 20.17, 22.7 and 23.1).

        Returns:
            The playback. Media that does not exist is accepted as well and fails later.

        Raises:
            NotFound: the bridge is gone.
            Conflict: the bridge is not under this app's control.
            ServerFailure: the announcing channel could not be made.

        Emits:
            PlaybackStarted, PlaybackContinuing between the URIs, PlaybackFinished.

        Example:
            >>> playback = bridge.play("sound:conf-onlyperson")
        """
        json = self._call(
            "bridges.play",
            bridgeId=self.id,
            media=media,
            lang=lang,
            offsetms=offset_ms,
            skipms=skip_ms,
            playbackId=playback_id or new_id("playback"),
            announcer_format=announcer_format,
        )
        return Playback.of(self._ari, json)

    @operation("bridges.playWithId")
    def play_with_id(
        self,
        playback_id: str,
        media: str | list[str],
        *,
        lang: str | None = None,
        offset_ms: int | None = None,
        skip_ms: int | None = None,
        announcer_format: str | None = None,
    ) -> Playback:
        """Play media to all members, under an id of your choice.

        `POST /bridges/{bridgeId}/play/{playbackId}`, since 13.0.

        Args:
            playback_id: id of the new playback, at most 149 characters.
            media: as for `play`.
            lang: as for `play`.
            offset_ms: as for `play`.
            skip_ms: as for `play`.
            announcer_format: as for `play` (since 20.17, 22.7 and 23.1).

        Returns:
            The playback.

        Raises:
            NotFound: the bridge is gone.
            Conflict: the bridge is not under this app's control.

        Emits:
            As `play`.

        Example:
            >>> playback = bridge.play_with_id("welcome-1", "sound:hello-world")
        """
        json = self._call(
            "bridges.playWithId",
            bridgeId=self.id,
            playbackId=playback_id,
            media=media,
            lang=lang,
            offsetms=offset_ms,
            skipms=skip_ms,
            announcer_format=announcer_format,
        )
        return Playback.of(self._ari, json)

    @operation("bridges.record")
    def record(
        self,
        name: str,
        format: str,
        *,
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        if_exists: Literal["fail", "overwrite", "append"] | None = None,
        beep: bool | None = None,
        terminate_on: Literal["none", "any", "*", "#"] | None = None,
        recorder_format: str | None = None,
    ) -> LiveRecording:
        """Record what all members say, mixed into one file.

        `POST /bridges/{bridgeId}/record`, since 13.0. The answer comes before the recording begins.

        Args:
            name: name without file extension; slashes make subdirectories.
            format: file format and extension, such as "wav", "gsm" or "ulaw".
            max_duration_seconds: seconds after which it ends by itself; 0 and None are no limit.
            max_silence_seconds: seconds of silence after which it ends; 0 and None are never.
            if_exists: what to do when the name is taken: fail, overwrite or append; None is fail.
            beep: whether the members hear a beep first; None is False.
            terminate_on: DTMF key that ends it: none, any, * or #; None is none.
            recorder_format: format of the recording channel in the bridge, such as "slin16"; None is `format`
                (since 20.17, 22.7 and 23.1).

        Returns:
            The recording in progress.

        Raises:
            BadRequest: the name leads out of the recordings' directory.
            NotFound: the bridge is gone.
            Conflict: the name is taken, or the bridge is not under this app's control.
            Unprocessable: the server cannot write this format.
            ServerFailure: a bad name on some releases, or the recording channel could not be made.

        Emits:
            RecordingStarted, then RecordingFinished or RecordingFailed.

        Example:
            >>> recording = bridge.record("conference-7", "wav", if_exists="overwrite")
        """
        json = self._call(
            "bridges.record",
            bridgeId=self.id,
            name=name,
            format=format,
            maxDurationSeconds=max_duration_seconds,
            maxSilenceSeconds=max_silence_seconds,
            ifExists=if_exists,
            beep=beep,
            terminateOn=terminate_on,
            recorder_format=recorder_format,
        )
        return LiveRecording.of(self._ari, json)

    @operation("bridges.startMoh")
    def start_moh(self, moh_class: str | None = None) -> None:
        """Play music on hold to all members, or change to another class.

        `POST /bridges/{bridgeId}/moh`, since 13.0.

        Args:
            moh_class: class of musiconhold.conf; None is the server's default.

        Raises:
            NotFound: the bridge is gone.
            Conflict: the bridge is not under this app's control.

        Example:
            >>> bridge.start_moh("default")
        """
        self._call("bridges.startMoh", bridgeId=self.id, mohClass=moh_class)

    @operation("bridges.stopMoh")
    def stop_moh(self) -> None:
        """Stop the music that `start_moh` began.

        `DELETE /bridges/{bridgeId}/moh`, since 13.0.

        Raises:
            NotFound: the bridge is gone.
            Conflict: no music is playing.

        Example:
            >>> bridge.stop_moh()
        """
        self._call("bridges.stopMoh", bridgeId=self.id)

    @operation("bridges.setVideoSource")
    def set_video_source(self, channel_id: str) -> None:
        """Show one member's video to everybody; of no effect below three members.

        `POST /bridges/{bridgeId}/videoSource/{channelId}`, since 13.13, 14.2 and 15.0.

        Args:
            channel_id: id of the member to show.

        Raises:
            BadRequest: there is no such channel.
            NotFound: the bridge is gone.
            Conflict: the channel is not in a Stasis app.
            Unprocessable: the channel is not in this bridge.

        Emits:
            BridgeVideoSourceChanged.

        Example:
            >>> bridge.set_video_source(channel.id)
        """
        self._call("bridges.setVideoSource", bridgeId=self.id, channelId=channel_id)

    @operation("bridges.clearVideoSource")
    def clear_video_source(self) -> None:
        """Let the picture follow whoever talks again; of no effect below three members.

        `DELETE /bridges/{bridgeId}/videoSource`, since 13.13, 14.2 and 15.0.

        Raises:
            NotFound: the bridge is gone.

        Emits:
            BridgeVideoSourceChanged, where a source was set.

        Example:
            >>> bridge.clear_video_source()
        """
        self._call("bridges.clearVideoSource", bridgeId=self.id)
