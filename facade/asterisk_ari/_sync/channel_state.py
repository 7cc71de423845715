# Made from _async/channel_state.py by scripts/unasync.py: edit that file.
"""Channels: variables, RTP figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from asterisk_ari._core.naming import operation
from asterisk_ari._sync.resource import Handle

if TYPE_CHECKING:
    from ari_rest.json_shapes import RTPstatJson

# Name → value; a dict value is {"value": …, "report_events": …}, where the server knows that.
Variables = Mapping[str, str | int | float | Mapping[str, Any]]


class ChannelState(Handle):
    """What is known of a channel, besides its snapshot."""

    __slots__ = ()

    @operation("channels.getChannelVar")
    def get_channel_var(self, variable: str) -> str:
        """Read a variable or dialplan function.

        `GET /channels/{channelId}/variable`, since 13.0. Also named `get_variable`.

        Args:
            variable: name, or a function call such as `CALLERID(num)`.

        Returns:
            The value, as text.

        Raises:
            NotFound: the channel is gone, or the variable is not set.

        Example:
            >>> channel.get_channel_var("CALLERID(num)")
            '100'
        """
        json = self._call("channels.getChannelVar", channelId=self.id, variable=variable)
        value: str = json["value"]
        return value

    @operation("channels.setChannelVar")
    def set_channel_var(self, variable: str, value: str | int | None = None, *, report_events: bool | None = None) -> None:
        """Set a variable or dialplan function of a channel in Stasis.

        `POST /channels/{channelId}/variable`, since 13.0. The server queues it: reading at once may give the old value.
        Also named `set_variable`.

        Args:
            variable: name, or a function call such as `CALLERID(name)`.
            value: the new value, sent as text. None: unset the variable.
            report_events: True puts the variable into the channel's events (since 20.20, 22.10 and 23.4). None: it does not.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.

        Emits:
            ChannelVarset for a variable; some functions have events of their own, such as ChannelCallerId.

        Example:
            >>> channel.set_channel_var("TALK_DETECT(set)", "2500,256")
        """
        self._call("channels.setChannelVar", channelId=self.id, variable=variable, value=value, report_events=report_events)

    @operation("channels.getChannelVars")
    def get_channel_vars(self, variables: str | list[str] | tuple[str, ...]) -> dict[str, str]:
        """Read several variables or dialplan functions at once.

        `GET /channels/{channelId}/variables`, since 20.20, 22.10 and 23.4. Also named `get_variables`.

        Args:
            variables: one name or several, at most 128.

        Returns:
            Name → value as text.

        Raises:
            NotFound: the channel is gone, or one of the variables is not set.

        Example:
            >>> channel.get_channel_vars(["LANG", "CALLERID(num)"])
            {'LANG': 'en', 'CALLERID(num)': '100'}
        """
        json = self._call("channels.getChannelVars", channelId=self.id, variables=variables)
        values: dict[str, str] = json["variables"]
        return values

    @operation("channels.setChannelVars")
    def set_channel_vars(self, variables: Variables) -> None:
        """Set several variables or dialplan functions at once.

        `POST /channels/{channelId}/variables`, since 20.20, 22.10 and 23.4. Also named `set_variables`.

        Args:
            variables: name → value; numbers are sent as text, `{"value": "x", "report_events": True}` also puts the
                variable into the channel's events.

        Raises:
            BadArgument: a value that is neither.
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.

        Emits:
            ChannelVarset for each variable.

        Example:
            >>> channel.set_channel_vars({"LANG": "de", "TRIES": 3})
        """
        self._call("channels.setChannelVars", channelId=self.id, variables=variables)

    @operation("channels.rtpstatistics")
    def rtpstatistics(self) -> RTPstatJson:
        """Read packets, loss, jitter and round trip of the channel's RTP stream.

        `GET /channels/{channelId}/rtp_statistics`, since 13.27, 16.4 and 17.0. Also named `rtp_statistics`.

        Returns:
            The figures of this moment.

        Raises:
            NotFound: the channel is gone, or has no RTP stream (yet).
            PermissionDenied: its technology has no RTP, as Local channels.

        Example:
            >>> (channel.rtpstatistics())["rxploss"]
            0
        """
        json: RTPstatJson = self._call("channels.rtpstatistics", channelId=self.id)
        return json

    # The usual short names.
    get_variable = get_channel_var
    set_variable = set_channel_var
    get_variables = get_channel_vars
    set_variables = set_channel_vars
    rtp_statistics = rtpstatistics
