"""The documented channel methods of the client."""

from typing import Any, Literal

from asterisk_ari._async.outcome import Outcomes
from asterisk_ari.errors import MissingParameter

Direction = Literal["both", "in", "out"]


class FlatChannels(Outcomes):
    """Channel control by id.

    Each method returns True when Asterisk accepted the command (commands are queued per channel: accepted is not yet
    done), False when the channel is gone or not in a state for it; `last_error` then says why. Anything else raises:
    `BadArgument`, `AuthenticationFailed`, `PermissionDenied`, `NotSupportedByServer`, `TransportError`,
    `ServerFailure`. With `strict=True` everything raises.
    """

    async def answer_channel(self, channel_id: str) -> bool:
        """Answer a channel.

        `POST /channels/{channelId}/answer`, since 13.0. A channel that this client sent into the dialplan is given
        `stasis_timeout_seconds` to reach the app first.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Emits:
            ChannelStateChange to `Up`, unless it was up already.

        Example:
            >>> await ari.answer_channel(channel_id)
            True
        """
        return (await self._attempt("channels.answer", channelId=channel_id)).done

    async def hangup_channel(self, channel_id: str) -> bool:
        """Hang up a channel, wherever it is.

        `DELETE /channels/{channelId}`, since 13.0.

        Args:
            channel_id: id of the channel.

        Returns:
            True when accepted, False when it had ended already.

        Emits:
            ChannelHangupRequest, StasisEnd, ChannelDestroyed.

        Example:
            >>> await ari.hangup_channel(channel_id)
            True
        """
        return (await self._attempt("channels.hangup", channelId=channel_id)).done

    async def ring_channel(self, channel_id: str) -> bool:
        """Indicate ringing to a channel.

        `POST /channels/{channelId}/ring`, since 13.0.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Example:
            >>> await ari.ring_channel(channel_id)
            True
        """
        return (await self._attempt("channels.ring", channelId=channel_id)).done

    async def stop_ringing_channel(self, channel_id: str) -> bool:
        """Stop indicating ringing.

        `DELETE /channels/{channelId}/ring`, since 13.0.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted, also when it was not ringing.

        Example:
            >>> await ari.stop_ringing_channel(channel_id)
            True
        """
        return (await self._attempt("channels.ringStop", channelId=channel_id)).done

    async def hold_channel(self, channel_id: str) -> bool:
        """Put a channel on hold: its device is told HOLD.

        `POST /channels/{channelId}/hold`, since 13.0. No ChannelHold follows: that event tells of a device that
        put the call on hold itself.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Example:
            >>> await ari.hold_channel(channel_id)
            True
        """
        return (await self._attempt("channels.hold", channelId=channel_id)).done

    async def unhold_channel(self, channel_id: str) -> bool:
        """Take a channel off hold.

        `DELETE /channels/{channelId}/hold`, since 13.0.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Example:
            >>> await ari.unhold_channel(channel_id)
            True
        """
        return (await self._attempt("channels.unhold", channelId=channel_id)).done

    async def mute_channel(self, direction: Direction, channel_id: str) -> bool:
        """Mute a channel.

        `POST /channels/{channelId}/mute`, since 13.0. There is no event for it.

        Args:
            direction: "in" silences what comes from the channel, "out" what goes to it, "both" both.
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Example:
            >>> await ari.mute_channel("both", channel_id)
            True
        """
        return (await self._attempt("channels.mute", channelId=channel_id, direction=direction)).done

    async def unmute_channel(self, direction: Direction, channel_id: str) -> bool:
        """Unmute a channel.

        `DELETE /channels/{channelId}/mute`, since 13.0.

        Args:
            direction: "in", "out" or "both", as for `mute_channel`.
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Example:
            >>> await ari.unmute_channel("both", channel_id)
            True
        """
        return (await self._attempt("channels.unmute", channelId=channel_id, direction=direction)).done

    async def send_dtmf(self, dtmf: str, channel_id: str, duration: int | None = None) -> bool:
        """Send DTMF tones to a channel.

        `POST /channels/{channelId}/dtmf`, since 13.0.

        Args:
            dtmf: digits of 0-9, A-D, * and #.
            channel_id: id of a channel in the app.
            duration: milliseconds each tone lasts, 0 or more; None leaves it to Asterisk (100).

        Returns:
            True when accepted.

        Example:
            >>> await ari.send_dtmf("12345", channel_id, duration=100)
            True
        """
        return (await self._attempt("channels.sendDTMF", channelId=channel_id, dtmf=dtmf, duration=duration)).done

    async def get_channel_info(self, channel_id: str) -> dict[str, Any] | None:
        """Everything Asterisk says of a channel now.

        `GET /channels/{channelId}`, since 13.0.

        Args:
            channel_id: id of the channel.

        Returns:
            A snapshot with `id`, `name`, `state`, `caller`, `connected`, `dialplan`, `language`, …; None when it
            has ended.

        Example:
            >>> (await ari.get_channel_info(channel_id))["state"]
            'Up'
        """
        found: dict[str, Any] | None = (await self._attempt("channels.get", channelId=channel_id)).json
        return found

    async def set_channel_variable(self, variable: str, value: str, channel_id: str) -> bool:
        """Set a channel variable, or write a dialplan function such as `CALLERID(name)`.

        `POST /channels/{channelId}/variable`, since 13.0. Queued like every command: a read at once may still see
        the old value.

        Args:
            variable: name, with `__` in front to be inherited by channels it creates.
            value: text; "" empties the variable.
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Emits:
            ChannelVarset.

        Example:
            >>> await ari.set_channel_variable("CUSTOM_VAR", "value", channel_id)
            True
        """
        return (await self._attempt("channels.setChannelVar", channelId=channel_id, variable=variable, value=value)).done

    async def get_channel_variable(self, variable: str, channel_id: str) -> str | None:
        """Read a channel variable, or a dialplan function.

        `GET /channels/{channelId}/variable`, since 13.0.

        Args:
            variable: name, `CUSTOM_VAR` or `CALLERID(num)`.
            channel_id: id of the channel.

        Returns:
            Its value; None when it is not set or the channel has ended.

        Example:
            >>> await ari.get_channel_variable("CUSTOM_VAR", channel_id)
            'value'
        """
        outcome = await self._attempt("channels.getChannelVar", channelId=channel_id, variable=variable)
        return str(outcome.json["value"]) if outcome.done else None

    async def list_channels(self) -> list[dict[str, Any]]:
        """All channels of this Asterisk, of every app and of the dialplan.

        `GET /channels`, since 13.0.

        Returns:
            A snapshot of each.

        Example:
            >>> [channel["state"] for channel in await ari.list_channels()]
            ['Up']
        """
        found: list[dict[str, Any]] = await self.rest.call("channels.list")
        return found

    def _need_channel(self, operation: str, channel_id: str | None) -> str:
        if channel_id is None:
            raise MissingParameter("needs channel_id", operation=operation, parameter="channel_id")
        return channel_id
