# Made from _async/channels.py by scripts/unasync.py: edit that file.
"""Channels: one leg of a call each."""

import builtins
from typing import TYPE_CHECKING, Any, ClassVar

from asterisk_ari._core.naming import operation
from asterisk_ari._sync.channel_audio import ChannelAudio
from asterisk_ari._sync.channel_control import ChannelControl
from asterisk_ari._sync.channel_creation import ChannelCreation
from asterisk_ari._sync.channel_media import ChannelMedia
from asterisk_ari._sync.channel_state import ChannelState
from asterisk_ari._sync.channel_waits import ChannelWaits
from asterisk_ari._sync.resource import by_id

if TYPE_CHECKING:
    from asterisk_ari._sync.connection import Connection


class Channel(ChannelControl, ChannelAudio, ChannelMedia, ChannelState, ChannelWaits):
    """One leg of a call: answer it, play to it, record it, send it elsewhere, hang it up.

    `json` is its last known snapshot; `id` stays valid until the channel is gone.
    """

    KIND: ClassVar[str] = "channel"
    MODEL_OF: ClassVar[str] = "channels.get"

    __slots__ = ()

    @operation("channels.get")
    def refresh(self) -> "Channel":
        """Ask the server for the channel's present state.

        `GET /channels/{channelId}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: the channel is gone.

        Example:
            >>> (channel.refresh()).json["state"]
            'Up'
        """
        self._know(self._call("channels.get", channelId=self.id))
        return self


class Snoop(Channel):
    """A channel that listens to another one or speaks into it; in all else a channel, and equal to one of its id."""

    __slots__ = ("target_id",)

    def __init__(self, ari: "Connection", id: str, json: dict[str, Any] | None = None, target_id: str | None = None) -> None:
        super().__init__(ari, id, json)
        self.target_id: str | None = target_id

    @property
    def target(self) -> Channel | None:
        """The channel it snoops on, where that is known; the server is not asked."""
        return None if self.target_id is None else Channel(self._ari, self.target_id)


class Channels(ChannelCreation):
    """All channels of the server: `ari.channels`."""

    HANDLE = Channel

    @operation("channels.list")
    def list(self) -> builtins.list[Channel]:
        """List the server's channels, those outside of Stasis apps too.

        `GET /channels`, since 13.0.

        Returns:
            A handle for each, with its snapshot.

        Example:
            >>> [channel.json["name"] for channel in ari.channels.list()]
            ['PJSIP/alice-00000001']
        """
        return self._handles(self._call("channels.list"))

    @by_id(Channel.refresh)
    def get(self) -> None:
        """The channel with this id, as `Channel.refresh`."""

    @by_id(Channel.answer)
    def answer(self) -> None:
        """Answer the channel with this id, as `Channel.answer`."""

    @by_id(Channel.ring)
    def ring(self) -> None:
        """Ring to the channel with this id, as `Channel.ring`."""

    @by_id(Channel.ring_stop)
    def ring_stop(self) -> None:
        """End the ringing to the channel with this id, as `Channel.ring_stop`."""

    @by_id(Channel.progress)
    def progress(self) -> None:
        """Signal early media to the channel with this id, as `Channel.progress`."""

    @by_id(Channel.dial)
    def dial(self) -> None:
        """Dial the created channel with this id, as `Channel.dial`."""

    @by_id(Channel.hangup)
    def hangup(self) -> None:
        """Hang up the channel with this id, as `Channel.hangup`."""

    @by_id(Channel.continue_in_dialplan)
    def continue_in_dialplan(self) -> None:
        """Send the channel with this id to the dialplan, as `Channel.continue_in_dialplan`."""

    @by_id(Channel.move)
    def move(self) -> None:
        """Hand the channel with this id to another app, as `Channel.move`."""

    @by_id(Channel.redirect)
    def redirect(self) -> None:
        """Redirect the far end of the channel with this id, as `Channel.redirect`."""

    @by_id(Channel.transfer_progress)
    def transfer_progress(self) -> None:
        """Report a transfer's progress to the channel with this id, as `Channel.transfer_progress`."""

    @by_id(Channel.hold)
    def hold(self) -> None:
        """Hold the channel with this id, as `Channel.hold`."""

    @by_id(Channel.unhold)
    def unhold(self) -> None:
        """End the hold of the channel with this id, as `Channel.unhold`."""

    @by_id(Channel.mute)
    def mute(self) -> None:
        """Mute the channel with this id, as `Channel.mute`."""

    @by_id(Channel.unmute)
    def unmute(self) -> None:
        """Unmute the channel with this id, as `Channel.unmute`."""

    @by_id(Channel.start_moh)
    def start_moh(self) -> None:
        """Play music on hold to the channel with this id, as `Channel.start_moh`."""

    @by_id(Channel.stop_moh)
    def stop_moh(self) -> None:
        """End the music on hold of the channel with this id, as `Channel.stop_moh`."""

    @by_id(Channel.start_silence)
    def start_silence(self) -> None:
        """Send silence to the channel with this id, as `Channel.start_silence`."""

    @by_id(Channel.stop_silence)
    def stop_silence(self) -> None:
        """End the silence to the channel with this id, as `Channel.stop_silence`."""

    @by_id(Channel.send_dtmf)
    def send_dtmf(self) -> None:
        """Send digits to the channel with this id, as `Channel.send_dtmf`."""

    @by_id(Channel.play)
    def play(self) -> None:
        """Play media to the channel with this id, as `Channel.play`."""

    @by_id(Channel.play_with_id)
    def play_with_id(self) -> None:
        """Play media to the channel with this id, under an id of your choice, as `Channel.play_with_id`."""

    @by_id(Channel.record)
    def record(self) -> None:
        """Record the channel with this id, as `Channel.record`."""

    @by_id(Channel.snoop_channel)
    def snoop_channel(self) -> None:
        """Snoop on the channel with this id, as `Channel.snoop_channel`."""

    @by_id(Channel.snoop_channel_with_id)
    def snoop_channel_with_id(self) -> None:
        """Snoop on the channel with this id, under an id of your choice, as `Channel.snoop_channel_with_id`."""

    @by_id(Channel.get_channel_var)
    def get_channel_var(self) -> None:
        """Read a variable of the channel with this id, as `Channel.get_channel_var`."""

    @by_id(Channel.set_channel_var)
    def set_channel_var(self) -> None:
        """Set a variable of the channel with this id, as `Channel.set_channel_var`."""

    @by_id(Channel.get_channel_vars)
    def get_channel_vars(self) -> None:
        """Read several variables of the channel with this id, as `Channel.get_channel_vars`."""

    @by_id(Channel.set_channel_vars)
    def set_channel_vars(self) -> None:
        """Set several variables of the channel with this id, as `Channel.set_channel_vars`."""

    @by_id(Channel.rtpstatistics)
    def rtpstatistics(self) -> None:
        """Read the RTP figures of the channel with this id, as `Channel.rtpstatistics`."""
