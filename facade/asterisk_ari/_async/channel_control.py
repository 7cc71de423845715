"""Channels: answer, signal, dial, send elsewhere, hang up."""

from typing import Literal

from asterisk_ari._async.resource import Handle
from asterisk_ari._core.naming import operation


class ChannelControl(Handle):
    """Where a call goes. The server queues these commands: a return means accepted, events tell the outcome."""

    __slots__ = ()

    @operation("channels.answer")
    async def answer(self) -> None:
        """Answer an inbound channel; one that is up already stays as it is.

        `POST /channels/{channelId}/answer`, since 13.0.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app (yet).
            InvalidState: its state does not allow it.

        Emits:
            ChannelStateChange with state Up.

        Example:
            >>> await channel.answer()
        """
        await self._call("channels.answer", channelId=self.id)

    @operation("channels.ring")
    async def ring(self) -> None:
        """Let the caller hear ringing without answering.

        `POST /channels/{channelId}/ring`, since 13.0.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.ring()
        """
        await self._call("channels.ring", channelId=self.id)

    @operation("channels.ringStop")
    async def ring_stop(self) -> None:
        """End the ringing that Asterisk generates; a tone made by the caller's own phone goes on.

        `DELETE /channels/{channelId}/ring`, since 13.0.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.ring_stop()
        """
        await self._call("channels.ringStop", channelId=self.id)

    @operation("channels.progress")
    async def progress(self) -> None:
        """Signal early media without answering (183 in SIP), so that the caller hears what is played.

        `POST /channels/{channelId}/progress`, since 20.16, 21.11, 22.6 and 23.0.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.progress()
        """
        await self._call("channels.progress", channelId=self.id)

    @operation("channels.dial")
    async def dial(self, caller: str | None = None, *, timeout_seconds: int | None = None) -> None:
        """Dial a channel made by `channels.create`; it can be dialed once.

        `POST /channels/{channelId}/dial`, since 14.0.

        Args:
            caller: id of the channel that calls; its caller id, language and inherited variables are taken over.
                None: there is no caller.
            timeout_seconds: how long it may ring, 0 or more. None or 0: without limit.

        Raises:
            NotFound: the channel is gone.
            Conflict: it has been dialed already.
            NotInStasis: it is not in a Stasis app.

        Emits:
            Dial, once for every step, the last with a dialstatus; ChannelStateChange; ChannelDestroyed if nobody answers.

        Example:
            >>> callee = await ari.channels.create("PJSIP/alice")
            >>> await callee.dial(caller=channel.id, timeout_seconds=30)
        """
        await self._call("channels.dial", channelId=self.id, caller=caller, timeout=timeout_seconds)

    @operation("channels.hangup")
    async def hangup(self, reason: str | None = None, *, reason_code: int | str | None = None) -> None:
        """Hang up, whether the channel is in a Stasis app or not.

        `DELETE /channels/{channelId}`, since 13.0.

        Args:
            reason: normal, busy or congestion; no_answer (since 13.3 and 14.0); answered_elsewhere (since 15.0); timeout,
                rejected, unallocated, normal_unspecified, number_incomplete, codec_mismatch, interworking or failure
                (since 16.2 and 17.0). None: normal. Excludes reason_code.
            reason_code: number of a Q.850 cause, such as 17 for busy (since 17.0). None: as reason says.

        Raises:
            NotFound: the channel is gone already.
            BadRequest: the server knows no such reason.

        Emits:
            ChannelHangupRequest; StasisEnd if it was in an app; ChannelDestroyed.

        Example:
            >>> await channel.hangup("busy")
        """
        await self._call("channels.hangup", channelId=self.id, reason=reason, reason_code=reason_code)

    @operation("channels.continueInDialplan")
    async def continue_in_dialplan(
        self,
        context: str | None = None,
        extension: str | None = None,
        priority: int | None = None,
        *,
        label: str | None = None,
    ) -> None:
        """Leave the app for the dialplan; without a target, for the step after Stasis().

        `POST /channels/{channelId}/continue`, since 13.0. A target that does not exist is accepted and ends the call.

        Args:
            context: None: the present one.
            extension: None: `s` where a context is given, else the present one.
            priority: None: 1 where a context or extension is given, else the next one.
            label: label in the extension, stronger than priority (since 13.2 and 14.0). None: by priority.

        Raises:
            NotFound: the channel is gone, or the label unknown.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Emits:
            StasisEnd.

        Example:
            >>> await channel.continue_in_dialplan("support", "100", 1)
        """
        await self._call(
            "channels.continueInDialplan",
            channelId=self.id,
            context=context,
            extension=extension,
            priority=priority,
            label=label,
        )

    @operation("channels.move")
    async def move(self, app: str, *, app_args: str | None = None) -> None:
        """Hand the channel to another Stasis app.

        `POST /channels/{channelId}/move`, since 13.26, 16.3 and 17.0. An app nobody is connected to is accepted as well.

        Args:
            app: name of the other app.
            app_args: its arguments, separated by commas. None: no arguments.

        Raises:
            NotFound: the channel is gone.
            NotInStasis: it is not in a Stasis app.
            MissingParameter: app is empty.

        Emits:
            StasisEnd to this app and StasisStart to the other, in any order; or ApplicationMoveFailed.

        Example:
            >>> await channel.move("queue", app_args="vip,de")
        """
        await self._call("channels.move", channelId=self.id, app=app, appArgs=app_args)

    @operation("channels.redirect")
    async def redirect(self, endpoint: str) -> None:
        """Ask the far end to call another address instead (SIP: 302 before the answer, REFER after it).

        `POST /channels/{channelId}/redirect`, since 13.3 and 14.0. The server never tells whether it worked.

        Args:
            endpoint: new address as TECH/resource; TECH is that of this channel.

        Raises:
            NotFound: the channel is gone.
            BadRequest: the endpoint is not TECH/resource.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.
            Unprocessable: the endpoint is of another technology.

        Example:
            >>> await channel.redirect("PJSIP/bob")
        """
        await self._call("channels.redirect", channelId=self.id, endpoint=endpoint)

    @operation("channels.transfer_progress")
    async def transfer_progress(
        self, states: Literal["channel_progress", "channel_answered", "channel_unavailable", "channel_declined"]
    ) -> None:
        """Tell the transferring party how a transfer that the app performs (ChannelTransfer) is getting on.

        `POST /channels/{channelId}/transfer_progress`, since 20.13, 21.8, 22.3 and 23.0.

        Args:
            states: channel_progress, channel_answered, channel_unavailable or channel_declined.

        Raises:
            NotFound: the channel is gone.
            BadRequest: the server knows no such state.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.transfer_progress("channel_answered")
        """
        await self._call("channels.transfer_progress", channelId=self.id, states=states)
