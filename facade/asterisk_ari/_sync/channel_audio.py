# Made from _async/channel_audio.py by scripts/unasync.py: edit that file.
"""Channels: hold, mute, music on hold, silence, DTMF."""

from typing import Literal

from asterisk_ari._core.naming import operation
from asterisk_ari._sync.resource import Handle


class ChannelAudio(Handle):
    """What is heard on a channel. Outside a bridge, these commands wait for a running playback to end."""

    __slots__ = ()

    @operation("channels.hold")
    def hold(self) -> None:
        """Tell the channel's device that it is on hold.

        `POST /channels/{channelId}/hold`, since 13.0. No event follows: ChannelHold is about a device holding the call.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> channel.hold()
        """
        self._call("channels.hold", channelId=self.id)

    @operation("channels.unhold")
    def unhold(self) -> None:
        """Tell the channel's device that hold is over.

        `DELETE /channels/{channelId}/hold`, since 13.0. No event follows.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> channel.unhold()
        """
        self._call("channels.unhold", channelId=self.id)

    @operation("channels.mute")
    def mute(self, direction: Literal["both", "in", "out"] = "both") -> None:
        """Silence the channel's audio. No event follows.

        `POST /channels/{channelId}/mute`, since 13.0.

        Args:
            direction: in (audio from the channel), out (audio to it) or both.

        Raises:
            NotFound: the channel is gone.
            BadRequest: the server knows no such direction.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> channel.mute("in")
        """
        self._call("channels.mute", channelId=self.id, direction=direction)

    @operation("channels.unmute")
    def unmute(self, direction: Literal["both", "in", "out"] = "both") -> None:
        """Let the audio of a muted channel through again. No event follows.

        `DELETE /channels/{channelId}/mute`, since 13.0.

        Args:
            direction: in (audio from the channel), out (audio to it) or both.

        Raises:
            NotFound: the channel is gone.
            BadRequest: the server knows no such direction.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> channel.unmute("in")
        """
        self._call("channels.unmute", channelId=self.id, direction=direction)

    @operation("channels.startMoh")
    def start_moh(self, moh_class: str | None = None) -> None:
        """Play music on hold to the channel, until `stop_moh` or the next playback.

        `POST /channels/{channelId}/moh`, since 13.0.

        Args:
            moh_class: class of musiconhold.conf. None: the channel's own, else the server's default.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> channel.start_moh("jazz")
        """
        self._call("channels.startMoh", channelId=self.id, mohClass=moh_class)

    @operation("channels.stopMoh")
    def stop_moh(self) -> None:
        """End the music that `start_moh` began.

        `DELETE /channels/{channelId}/moh`, since 13.0.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> channel.stop_moh()
        """
        self._call("channels.stopMoh", channelId=self.id)

    @operation("channels.startSilence")
    def start_silence(self) -> None:
        """Send generated silence to the channel, so that the audio stream never pauses.

        `POST /channels/{channelId}/silence`, since 13.0. To detect silence or talking set the variable
        `TALK_DETECT(set)` instead.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> channel.start_silence()
        """
        self._call("channels.startSilence", channelId=self.id)

    @operation("channels.stopSilence")
    def stop_silence(self) -> None:
        """End the silence that `start_silence` began.

        `DELETE /channels/{channelId}/silence`, since 13.0.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> channel.stop_silence()
        """
        self._call("channels.stopSilence", channelId=self.id)

    @operation("channels.sendDTMF")
    def send_dtmf(
        self,
        dtmf: str,
        *,
        before_ms: int | None = None,
        between_ms: int | None = None,
        duration_ms: int | None = None,
        after_ms: int | None = None,
    ) -> None:
        """Send DTMF digits to the far end.

        `POST /channels/{channelId}/dtmf`, since 13.0.

        Args:
            dtmf: digits 0-9, A-D, * and #; `w` pauses for half a second.
            before_ms: pause before the first digit. None: 0.
            between_ms: pause between two digits. None: 100.
            duration_ms: length of each digit. None: 100.
            after_ms: pause after the last digit. None: 0.

        Raises:
            BadArgument: a negative time, which would block the channel's commands for good.
            MissingParameter: no digits.
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> channel.send_dtmf("1234#", duration_ms=200)
        """
        self._call(
            "channels.sendDTMF",
            channelId=self.id,
            dtmf=dtmf,
            before=before_ms,
            between=between_ms,
            duration=duration_ms,
            after=after_ms,
        )
