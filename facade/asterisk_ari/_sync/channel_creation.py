# Made from _async/channel_creation.py by scripts/unasync.py: edit that file.
"""Channels: call an endpoint, create a channel, connect external media."""

from typing import TYPE_CHECKING, Any, Literal

from asterisk_ari._core.ids import new_id
from asterisk_ari._core.naming import operation
from asterisk_ari._sync.channel_state import Variables
from asterisk_ari._sync.resource import Collection

if TYPE_CHECKING:
    from asterisk_ari._sync.channels import Channel


class ChannelCreation(Collection["Channel"]):
    """Where channels come from, apart from callers."""

    @operation("channels.originate")
    def originate(
        self,
        endpoint: str,
        *,
        app: str | None = None,
        app_args: str | None = None,
        extension: str | None = None,
        context: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        caller_id: str | None = None,
        timeout_seconds: int | None = None,
        variables: Variables | None = None,
        channel_id: str | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
    ) -> "Channel":
        """Call an endpoint and put the channel, once answered, into a Stasis app or the dialplan.

        `POST /channels`, since 13.0. Returns before it rings. Until its StasisStart the channel takes no commands but
        hangup.

        Args:
            endpoint: whom to call, as TECH/resource: `PJSIP/alice`, `Local/100@context`.
            app: Stasis app to enter; either this or extension.
            app_args: arguments of its StasisStart, separated by commas. None: no arguments.
            extension: dialplan extension to go to; either this or app.
            context: context of the extension. None: `default`.
            priority: priority to begin at. None: 1.
            label: label to begin at, stronger than priority (since 13.2 and 14.0). None: by priority.
            caller_id: caller id to show: a number or `Name <number>`. None: none.
            timeout_seconds: how long it may ring; -1 is for ever. None: 30.
            variables: variables of the new channel; numbers are sent as text. None: none.
            channel_id: id of the new channel, at most 149 characters. None: a new one.
            other_channel_id: id of the second half of a Local channel. None: the server's choice.
            originator: id of the channel that this call is for, whose formats it takes (since 13.2 and 14.0). Excludes
                formats. None: none.
            formats: codecs to offer, separated by commas (since 13.10 and 14.0). None: the endpoint's or originator's.

        Returns:
            The new channel, with the snapshot at its start.

        Raises:
            MissingParameter: neither app nor extension.
            BadArgument: two arguments that exclude each other.
            BadRequest: no such endpoint, originator or format.
            NotFound: the label is unknown.
            Conflict: the id is taken.
            AllocationFailed: unknown technology or endpoint.

        Emits:
            ChannelCreated, Dial for every step, ChannelStateChange; StasisStart when answered (in the dialplan: when it runs
            Stasis()), or ChannelDestroyed.

        Example:
            >>> channel = ari.channels.originate("PJSIP/alice", app="aiagc", timeout_seconds=20)
        """
        json = self._call(
            "channels.originate",
            endpoint=endpoint,
            app=app,
            appArgs=app_args,
            extension=extension,
            context=context,
            priority=priority,
            label=label,
            callerId=caller_id,
            timeout=timeout_seconds,
            variables=variables,
            channelId=channel_id if channel_id is not None else new_id("channel"),
            otherChannelId=other_channel_id,
            originator=originator,
            formats=formats,
        )
        return self._created(json)

    @operation("channels.originateWithId")
    def originate_with_id(
        self,
        channel_id: str,
        endpoint: str,
        *,
        app: str | None = None,
        app_args: str | None = None,
        extension: str | None = None,
        context: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        caller_id: str | None = None,
        timeout_seconds: int | None = None,
        variables: Variables | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
    ) -> "Channel":
        """Call an endpoint as `originate` does, under an id of your choice.

        `POST /channels/{channelId}`, since 13.0.

        Args:
            channel_id: id of the new channel, at most 149 characters; neither `create` nor `externalMedia`.
            endpoint: whom to call, as TECH/resource.
            app: Stasis app to enter; either this or extension.
            app_args: arguments of its StasisStart, separated by commas. None: no arguments.
            extension: dialplan extension to go to; either this or app.
            context: context of the extension. None: `default`.
            priority: priority to begin at. None: 1.
            label: label to begin at (since 13.2 and 14.0). None: by priority.
            caller_id: caller id to show. None: none.
            timeout_seconds: how long it may ring; -1 is for ever. None: 30.
            variables: variables of the new channel. None: none.
            other_channel_id: id of the second half of a Local channel. None: the server's choice.
            originator: id of the channel that this call is for (since 13.2 and 14.0). Excludes formats. None: none.
            formats: codecs to offer, separated by commas (since 13.10 and 14.0). None: the endpoint's or originator's.

        Returns:
            The new channel, with the snapshot at its start.

        Raises:
            As `originate`, and BadArgument: an id that the server takes for another operation.

        Emits:
            As `originate`.

        Example:
            >>> channel = ari.channels.originate_with_id("call-42", "PJSIP/alice", extension="100", context="internal")
        """
        json = self._call(
            "channels.originateWithId",
            channelId=channel_id,
            endpoint=endpoint,
            app=app,
            appArgs=app_args,
            extension=extension,
            context=context,
            priority=priority,
            label=label,
            callerId=caller_id,
            timeout=timeout_seconds,
            variables=variables,
            otherChannelId=other_channel_id,
            originator=originator,
            formats=formats,
        )
        return self._created(json)

    @operation("channels.create")
    def create(
        self,
        endpoint: str,
        *,
        app: str | None = None,
        app_args: str | None = None,
        channel_id: str | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
        variables: Variables | None = None,
    ) -> "Channel":
        """Make a channel in a Stasis app without dialing it, to prepare or bridge it first; then call `dial`.

        `POST /channels/create`, since 14.0.

        Args:
            endpoint: whom it shall call, as TECH/resource.
            app: Stasis app it enters at once. None: the client's own.
            app_args: arguments of its StasisStart, separated by commas. None: no arguments.
            channel_id: id of the new channel, at most 149 characters. None: a new one.
            other_channel_id: id of the second half of a Local channel. None: the server's choice.
            originator: id of the channel that this call is for, whose formats it takes. Excludes formats. None: none.
            formats: codecs to offer, separated by commas. None: the endpoint's or originator's.
            variables: variables of the new channel; numbers are sent as text (since 16.11, 17.5 and 18.0). None: none.

        Returns:
            The new channel, with the snapshot at its start: Down until it is dialed.

        Raises:
            BadArgument: originator and formats both.
            BadRequest: no such originator or format.
            Conflict: the id is taken, or (whatever the server says) the PJSIP endpoint is unknown.
            AllocationFailed: unknown technology or endpoint.

        Emits:
            ChannelCreated, StasisStart.

        Example:
            >>> callee = ari.channels.create("PJSIP/alice")
            >>> callee.dial(timeout_seconds=30)
        """
        json = self._call(
            "channels.create",
            endpoint=endpoint,
            app=app if app is not None else self._ari.settings.app_name,
            appArgs=app_args,
            channelId=channel_id if channel_id is not None else new_id("channel"),
            otherChannelId=other_channel_id,
            originator=originator,
            formats=formats,
            variables=variables,
        )
        return self._created(json)

    @operation("channels.externalMedia")
    def external_media(
        self,
        external_host: str | None = None,
        *,
        format: str,
        app: str | None = None,
        channel_id: str | None = None,
        variables: Variables | None = None,
        encapsulation: str | None = None,
        transport: str | None = None,
        connection_type: Literal["client", "server"] | None = None,
        direction: str | None = None,
        data: str | None = None,
        transport_data: str | None = None,
    ) -> "Channel":
        """Make a channel that exchanges audio with a program over RTP, AudioSocket or a WebSocket.

        `POST /channels/externalMedia`, since 16.6, 17.1 and 18.0. Put it into a bridge with the call.

        Args:
            external_host: where the program listens, as host:port; for a WebSocket client the connection's id in
                websocket_client.conf. None: only where the program connects (connection_type server).
            format: codec of the audio, such as ulaw or slin16.
            app: Stasis app it enters at once. None: the client's own.
            channel_id: id of the new channel, at most 149 characters. None: a new one.
            variables: variables of the new channel; numbers are sent as text. None: none.
            encapsulation: rtp (goes with udp); audiosocket (with tcp, since 18.0); none (with websocket, since 20.16, 21.11,
                22.6 and 23.0). None: rtp.
            transport: udp; tcp (since 18.0); websocket (since 20.16, 21.11, 22.6 and 23.0). None: udp.
            connection_type: client (Asterisk connects) or server (the program does, by WebSocket; since 20.16, 21.11, 22.6
                and 23.0). None: client.
            direction: both is the only one. None: both.
            data: the connection's UUID, for audiosocket (since 18.0). None: none.
            transport_data: for a WebSocket, added to the dial string (since 20.18, 22.8 and 23.2). None: none.

        Returns:
            The new channel, with the snapshot at its start; for RTP, its variables UNICASTRTP_LOCAL_ADDRESS and
            UNICASTRTP_LOCAL_PORT say where Asterisk listens.

        Raises:
            BadRequest: external_host, data or transport do not fit together.
            NotImplementedByServer: no such pair of encapsulation and transport.
            ServerFailure: unknown format, or the id is taken.

        Emits:
            StasisStart.

        Example:
            >>> media = ari.channels.external_media("127.0.0.1:4000", format="slin16")
        """
        json = self._call(
            "channels.externalMedia",
            channelId=channel_id if channel_id is not None else new_id("channel"),
            app=app if app is not None else self._ari.settings.app_name,
            variables=variables,
            external_host=external_host,
            encapsulation=encapsulation,
            transport=transport,
            connection_type=connection_type,
            format=format,
            direction=direction,
            data=data,
            transport_data=transport_data,
        )
        return self._created(json)

    def _created(self, json: dict[str, Any]) -> "Channel":
        channel: Channel = self.HANDLE.of(self._ari, json)
        return channel
