# Made from _async/flat_media.py by scripts/unasync.py: edit that file.
"""The documented playback and recording methods of the client."""

from typing import Any

from asterisk_ari._core.ids import new_id
from asterisk_ari._core.shapes import recording_info
from asterisk_ari._sync.flat_channels import FlatChannels


class FlatMedia(FlatChannels):
    """Playing and recording, by channel id. What is tolerated and what raises is said at `FlatChannels`."""

    def play_media(self, media: str | list[str], channel_id: str, language: str | None = None) -> str | None:
        """Start playing to a channel; it goes on after this returns.

        `POST /channels/{channelId}/play`, since 13.0.

        Args:
            media: `sound:hello-world`, `recording:NAME`, `number:42`, `digits:42`, `characters:abc`, `tone:ring`, or
                several of them to be played in turn.
            channel_id: id of a channel in the app.
            language: language of the sound, `en`; None takes the channel's.

        Returns:
            Id of the playback; None when the channel is gone or not in the app.

        Emits:
            PlaybackStarted, PlaybackFinished (some releases never send the latter for a missing recording).

        Example:
            >>> playback_id = ari.play_media("sound:hello-world", channel_id, language="en")
        """
        playback_id = new_id("playback")
        outcome = self._attempt("channels.play", channelId=channel_id, media=media, lang=language, playbackId=playback_id)
        return playback_id if outcome.done else None

    def play_recording(self, recording_name: str, channel_id: str) -> str | None:
        """Start playing a stored recording to a channel.

        `POST /channels/{channelId}/play`, since 13.0.

        Args:
            recording_name: name as it was recorded, without the file's extension.
            channel_id: id of a channel in the app.

        Returns:
            Id of the playback; None when the channel is gone or not in the app. A recording that does not exist
            shows only in PlaybackFinished (`failed`), and on some releases not at all.

        Emits:
            PlaybackStarted, PlaybackFinished.

        Example:
            >>> playback_id = ari.play_recording("my_recording", channel_id)
        """
        return self.play_media(f"recording:{recording_name}", channel_id)

    def record_channel(
        self,
        name: str,
        format: str = "wav",
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        channel_id: str | None = None,
    ) -> str | None:
        """Start recording what comes from a channel; answers it where needed.

        `POST /channels/{channelId}/record`, since 13.0.

        Args:
            name: name of the recording; slashes make folders.
            format: `wav`, `ulaw`, `gsm`, …, as Asterisk has modules for.
            max_duration_seconds: ends it after so many seconds; None or 0 sets no limit.
            max_silence_seconds: ends it after so many seconds of silence; None or 0 sets no limit.
            channel_id: id of a channel in the app.

        Returns:
            The name; None when the channel is gone, not in the app, or the name is taken.

        Emits:
            RecordingStarted, then RecordingFinished or RecordingFailed.

        Example:
            >>> ari.record_channel("customer_call", max_duration_seconds=300, channel_id=channel_id)
            'customer_call'
        """
        outcome = self._attempt(
            "channels.record",
            channelId=self._need_channel("channels.record", channel_id),
            name=name,
            format=format,
            maxDurationSeconds=max_duration_seconds,
            maxSilenceSeconds=max_silence_seconds,
        )
        return name if outcome.done else None

    def get_recording(self, recording_name: str) -> dict[str, Any] | None:
        """What is known of a recording, running or stored.

        `GET /recordings/live/{recordingName}`, then `GET /recordings/stored/{recordingName}`, since 13.0.

        Args:
            recording_name: its name.

        Returns:
            A snapshot with `name`, `format` and `state` (`done` for a stored one); None when there is none.

        Example:
            >>> (ari.get_recording("customer_call"))["state"]
            'done'
        """
        live = self._quietly("recordings.getLive", recordingName=recording_name)
        if live is not None:
            return recording_info(live)
        stored = self._attempt("recordings.getStored", recordingName=recording_name)
        return recording_info(stored.json) if stored.done else None

    def delete_recording(self, recording_name: str) -> bool:
        """Delete a stored recording.

        `DELETE /recordings/stored/{recordingName}`, since 13.0.

        Args:
            recording_name: its name.

        Returns:
            True when deleted, False when there was none.

        Example:
            >>> ari.delete_recording("customer_call")
            True
        """
        return (self._attempt("recordings.deleteStored", recordingName=recording_name)).done
