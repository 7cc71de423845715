"""Channels: one leg of a call each. The handle `Channel`, a `Snoop` on one, and the collection `ari.channels`."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self, TypeAlias, cast

from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.events import waits
from asterisk_ari._async.resources.applications import Application
from asterisk_ari._async.resources.base import Collection, OwnsChannel, by_id
from asterisk_ari._async.resources.endpoints import Endpoint
from asterisk_ari._async.resources.observed import Observed
from asterisk_ari._async.resources.playbacks import Media, Playback
from asterisk_ari._async.resources.recordings import LiveRecording
from asterisk_ari._core.calls.digits import Digits
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._core.requests.naming import operation
from asterisk_ari.errors import NotFound

if TYPE_CHECKING:
    from ari_rest import models
    from ari_rest.json_shapes import CallerIDJson, ChannelJson, RTPstatJson
    from asterisk_ari.events import ChannelDestroyed

Variables = Mapping[str, str | int | float | Mapping[str, Any]]
"""Names and values; `{"value": "x", "report_events": True}` for a value also puts the variable into events (since 20.20, …)."""


class Channel(Observed):
    """One leg of a call: answer it, play to it, record it, send it elsewhere, hang it up.

    `json` is its last known snapshot; `id` stays valid until the channel has ended.
    """

    KIND: ClassVar[str] = "channel"
    MODEL_OF: ClassVar[str] = "channels.get"

    __slots__ = ()

    json: ChannelJson

    @property
    def data(self) -> models.Channel:
        """The snapshot as the generated model, as `Handle.data`."""
        return cast("models.Channel", self._model())

    @property
    def name(self) -> str:
        """Its name in Asterisk, such as `PJSIP/alice-00000001`, by the last snapshot."""
        return self._text("name")

    @property
    def state(self) -> str:
        """Its state, such as Down, Ring, Ringing or Up, by the last snapshot."""
        return self._text("state")

    @property
    def caller(self) -> CallerIDJson:
        """`name` and `number` of its caller id, by the last snapshot; both are "" where it has none."""
        return self.json.get("caller") or {"name": "", "number": ""}

    @property
    def connected(self) -> CallerIDJson:
        """`name` and `number` of the party it is connected to, by the last snapshot; both are "" where there is none."""
        return self.json.get("connected") or {"name": "", "number": ""}

    @property
    def language(self) -> str:
        """Language of the sounds it hears, such as "en", by the last snapshot."""
        return self._text("language")

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables that ari.conf lists in `channelvars`, name to text, by the last snapshot; empty where it lists none."""
        return self.json.get("channelvars") or {}

    @operation("channels.get")
    async def refresh(self) -> Channel:
        """Ask the server for the channel's present state.

        `GET /channels/{channelId}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: the channel has ended.

        Example:
            >>> (await channel.refresh()).json["state"]
            'Up'
        """
        self.json = await self._call("channels.get", channelId=self.id)
        return self

    @operation("channels.answer")
    async def answer(self) -> None:
        """Answer an inbound channel; one that is up already stays as it is.

        `POST /channels/{channelId}/answer`, since 13.0.

        Raises:
            NotFound: the channel has ended.
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
            NotFound: the channel has ended.
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
            NotFound: the channel has ended.
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
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.progress()
        """
        await self._call("channels.progress", channelId=self.id)

    @operation("channels.dial")
    async def dial(self, caller: AnyChannel | None = None, *, timeout_seconds: int | None = None) -> None:
        """Dial a channel made by `channels.create`; it can be dialed once.

        `POST /channels/{channelId}/dial`, since 14.0.

        Args:
            caller: the channel that calls (its handle or id); its caller id, language and inherited variables are taken over;
                None means that there is no caller.
            timeout_seconds: how long it may ring, 0 or more; None and 0 mean no limit.

        Raises:
            NotFound: the channel has ended.
            Conflict: it has been dialed already.
            NotInStasis: it is not in a Stasis app.

        Emits:
            Dial, once for every step, the last with a dialstatus; ChannelStateChange; ChannelDestroyed if nobody answers.

        Example:
            >>> callee = await ari.channels.create("PJSIP/alice")
            >>> await callee.dial(caller=channel, timeout_seconds=30)
        """
        await self._call("channels.dial", channelId=self.id, caller=caller, timeout=timeout_seconds)

    @operation("channels.hangup")
    async def hangup(self, reason: str | None = None, *, reason_code: int | str | None = None) -> None:
        """Hang up, whether the channel is in a Stasis app or not.

        `DELETE /channels/{channelId}`, since 13.0.

        Args:
            reason: normal, busy or congestion; no_answer (since 13.3 and 14.0); answered_elsewhere (since 15.0); timeout,
                rejected, unallocated, normal_unspecified, number_incomplete, codec_mismatch, interworking or failure
                (since 16.2 and 17.0); None means normal. Excludes reason_code.
            reason_code: number of a Q.850 cause, such as 17 for busy (since 17.0); None goes by `reason`.

        Raises:
            NotFound: the channel had ended already.
            BadRequest: the server knows no such reason.

        Emits:
            ChannelHangupRequest; StasisEnd if it was in an app; ChannelDestroyed.

        Example:
            >>> await channel.hangup("busy")
        """
        await self._call("channels.hangup", channelId=self.id, reason=reason, reason_code=reason_code)

    @operation("channels.continueInDialplan")
    async def continue_in_dialplan(
        self, context: str | None = None, extension: str | None = None, priority: int | None = None, *, label: str | None = None
    ) -> None:
        """Leave the app for the dialplan; without a target, for the step after Stasis().

        `POST /channels/{channelId}/continue`, since 13.0. A target that does not exist is accepted and ends the call.

        Args:
            context: dialplan context to go to; None means the present one.
            extension: extension in it; None means `s` where a context is given, else the present one.
            priority: priority to begin at; None means 1 where a context or extension is given, else the next one.
            label: label in the extension, stronger than priority (since 13.2 and 14.0); None goes by priority.

        Raises:
            NotFound: the channel has ended, or the label unknown.
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
    async def move(self, app: Application | str, *, app_args: str | None = None) -> None:
        """Hand the channel to another Stasis app.

        `POST /channels/{channelId}/move`, since 13.26, 16.3 and 17.0. An app nobody is connected to is accepted as well.

        Args:
            app: name of the other app.
            app_args: its arguments, separated by commas; None means no arguments.

        Raises:
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.
            MissingParameter: app is empty.

        Emits:
            StasisEnd to this app and StasisStart to the other, in any order; or ApplicationMoveFailed.

        Example:
            >>> await channel.move("queue", app_args="vip,de")
        """
        await self._call("channels.move", channelId=self.id, app=app, appArgs=app_args)

    @operation("channels.redirect")
    async def redirect(self, endpoint: Endpoint | str) -> None:
        """Ask the far end to call another address instead (SIP: 302 before the answer, REFER after it).

        `POST /channels/{channelId}/redirect`, since 13.3 and 14.0. The server never tells whether it worked.

        Args:
            endpoint: new address as TECH/resource; TECH is that of this channel.

        Raises:
            NotFound: the channel has ended.
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
            NotFound: the channel has ended.
            BadRequest: the server knows no such state.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.transfer_progress("channel_answered")
        """
        await self._call("channels.transfer_progress", channelId=self.id, states=states)

    @operation("channels.hold")
    async def hold(self) -> None:
        """Tell the channel's device that it is on hold.

        `POST /channels/{channelId}/hold`, since 13.0. No event follows: ChannelHold is about a device holding the call.

        Raises:
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.hold()
        """
        await self._call("channels.hold", channelId=self.id)

    @operation("channels.unhold")
    async def unhold(self) -> None:
        """Tell the channel's device that hold is over.

        `DELETE /channels/{channelId}/hold`, since 13.0. No event follows.

        Raises:
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.unhold()
        """
        await self._call("channels.unhold", channelId=self.id)

    @operation("channels.mute")
    async def mute(self, direction: Literal["both", "in", "out"] = "both") -> None:
        """Silence the channel's audio. No event follows.

        `POST /channels/{channelId}/mute`, since 13.0.

        Args:
            direction: in (audio from the channel), out (audio to it) or both.

        Raises:
            NotFound: the channel has ended.
            BadRequest: the server knows no such direction.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.mute("in")
        """
        await self._call("channels.mute", channelId=self.id, direction=direction)

    @operation("channels.unmute")
    async def unmute(self, direction: Literal["both", "in", "out"] = "both") -> None:
        """Let the audio of a muted channel through again. No event follows.

        `DELETE /channels/{channelId}/mute`, since 13.0.

        Args:
            direction: in (audio from the channel), out (audio to it) or both.

        Raises:
            NotFound: the channel has ended.
            BadRequest: the server knows no such direction.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.unmute("in")
        """
        await self._call("channels.unmute", channelId=self.id, direction=direction)

    @operation("channels.startMoh")
    async def start_moh(self, moh_class: str | None = None) -> None:
        """Play music on hold to the channel, until `stop_moh` or the next playback.

        `POST /channels/{channelId}/moh`, since 13.0.

        Args:
            moh_class: class of musiconhold.conf; None means the channel's own, else the server's default.

        Raises:
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.start_moh("jazz")
        """
        await self._call("channels.startMoh", channelId=self.id, mohClass=moh_class)

    @operation("channels.stopMoh")
    async def stop_moh(self) -> None:
        """End the music that `start_moh` began.

        `DELETE /channels/{channelId}/moh`, since 13.0.

        Raises:
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.stop_moh()
        """
        await self._call("channels.stopMoh", channelId=self.id)

    @operation("channels.startSilence")
    async def start_silence(self) -> None:
        """Send generated silence to the channel, so that the audio stream never pauses.

        `POST /channels/{channelId}/silence`, since 13.0. To detect silence or talking set the variable
        `TALK_DETECT(set)` instead.

        Raises:
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.start_silence()
        """
        await self._call("channels.startSilence", channelId=self.id)

    @operation("channels.stopSilence")
    async def stop_silence(self) -> None:
        """End the silence that `start_silence` began.

        `DELETE /channels/{channelId}/silence`, since 13.0.

        Raises:
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.stop_silence()
        """
        await self._call("channels.stopSilence", channelId=self.id)

    @operation("channels.sendDTMF")
    async def send_dtmf(
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
            before_ms: pause before the first digit; None means 0.
            between_ms: pause between two digits; None means 100.
            duration_ms: length of each digit; None means 100.
            after_ms: pause after the last digit; None means 0.

        Raises:
            BadArgument: a negative time, which would block the channel's commands for good.
            MissingParameter: no digits.
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Example:
            >>> await channel.send_dtmf("1234#", duration_ms=200)
        """
        await self._call(
            "channels.sendDTMF", channelId=self.id, dtmf=dtmf, before=before_ms, between=between_ms, duration=duration_ms,
            after=after_ms,
        )  # fmt: skip

    @operation("channels.play")
    async def play(
        self,
        media: Media | Sequence[Media],
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
            media: URI or several in order: sound:, recording:, number:, digits:, characters: or tone:; a recording is named
                without extension. A text is one URI, or several separated by commas; a URI with commas in it (a tone) goes
                in a list. Handles of recordings and sounds will do.
            lang: language of sound files, such as `en`; None means the channel's.
            offset_ms: where to begin in the first URI, 0 or more; None means 0.
            skip_ms: how far forward and reverse of `Playback.control` jump, 0 or more; None means 3000.
            playback_id: id of the playback; None makes one up.

        Returns:
            The playback, with the snapshot at its start.

        Raises:
            BadArgument: media without a scheme that Asterisk knows; it would accept that, and play nothing.
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Emits:
            PlaybackStarted; PlaybackContinuing and PlaybackStarted for each further URI; PlaybackFinished, whose playback
            has the state done or failed.

        Example:
            >>> playback = await channel.play(media="sound:hello-world")
        """
        json = await self._call(
            "channels.play", channelId=self.id, media=media, lang=lang, offsetms=offset_ms, skipms=skip_ms,
            playbackId=playback_id if playback_id is not None else new_id("playback"),
        )  # fmt: skip
        return Playback.of(self._ari, json)

    @operation("channels.playWithId")
    async def play_with_id(
        self,
        playback_id: str,
        media: Media | Sequence[Media],
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
            lang: language of sound files; None means the channel's.
            offset_ms: where to begin in the first URI, 0 or more; None means 0.
            skip_ms: how far forward and reverse jump, 0 or more; None means 3000.

        Returns:
            The playback, with the snapshot at its start.

        Raises:
            BadArgument: media without a scheme that Asterisk knows; it would accept that, and play nothing.
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.
            InvalidState: its state does not allow it.

        Emits:
            As `play`.

        Example:
            >>> playback = await channel.play_with_id("greeting-1", ["sound:hello-world", "number:42"])
        """
        json = await self._call(
            "channels.playWithId", channelId=self.id, playbackId=playback_id, media=media, lang=lang, offsetms=offset_ms,
            skipms=skip_ms,
        )  # fmt: skip
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
            max_duration_seconds: length at which it ends, 0 or more; None and 0 mean no limit.
            max_silence_seconds: silence after which it ends, 0 or more; None and 0 mean never.
            if_exists: fail, overwrite or append, where the name is taken; None means fail.
            beep: True plays a beep first; None means no beep.
            terminate_on: key of the caller that ends it: none, any, * or #; None means "none".

        Returns:
            The live recording, with the snapshot at its start.

        Raises:
            BadRequest: a value the server does not know, or a name outside of its recordings.
            NotFound: the channel has ended.
            Conflict: the name is taken, or being recorded.
            NotInStasis: the channel is not in a Stasis app.
            Unprocessable: unknown format.

        Emits:
            RecordingStarted; RecordingFinished or RecordingFailed.

        Example:
            >>> recording = await channel.record(name="calls/42", format="wav", max_duration_seconds=300)
        """
        json = await self._call(
            "channels.record", channelId=self.id, name=name, format=format, maxDurationSeconds=max_duration_seconds,
            maxSilenceSeconds=max_silence_seconds, ifExists=if_exists, beep=beep, terminateOn=terminate_on,
        )  # fmt: skip
        return LiveRecording.of(self._ari, json)

    @operation("channels.snoopChannel")
    async def snoop_channel(
        self,
        spy: Literal["none", "both", "out", "in"] | None = None,
        whisper: Literal["none", "both", "out", "in"] | None = None,
        *,
        app: Application | str | None = None,
        app_args: str | None = None,
        snoop_id: str | None = None,
    ) -> Snoop:
        """Make a second channel that listens to this one, speaks into it, or both.

        `POST /channels/{channelId}/snoop`, since 13.0. The new channel is up at once and enters the app by itself; record
        it, bridge it or play to it like any other: that waits until it is there. Spy or whisper must be other than none.
        Also named `snoop`.

        Args:
            spy: what it hears: in (what this channel says), out (what this channel hears), both or none; None means "none".
            whisper: who hears it: out (this channel alone), in (those this channel talks to, as if it said so itself), both
                or none; None means "none". To coach an agent unheard by the customer, snoop the agent's channel with "out".
            app: Stasis app of the new channel; None means the client's own.
            app_args: arguments of its StasisStart, separated by commas; None means no arguments.
            snoop_id: id of the new channel; None makes one up.

        Returns:
            The snoop channel, with the snapshot at its start.

        Raises:
            MissingParameter: neither spy nor whisper.
            BadRequest: the server knows no such direction.
            NotFound: the channel has ended.
            ServerFailure: the id is taken.

        Emits:
            StasisStart of the snoop channel; its last event is StasisEnd. Asterisk takes it away with the target's next audio.

        Example:
            >>> snoop = await channel.snoop_channel(spy="both")
        """
        json = await self._call(
            "channels.snoopChannel", channelId=self.id, spy=spy, whisper=whisper,
            app=app if app is not None else self._ari.settings.app_name, appArgs=app_args,
            snoopId=snoop_id if snoop_id is not None else new_id("snoop"),
        )  # fmt: skip
        return Snoop(self._ari, json["id"], json, target_id=self.id)

    @operation("channels.snoopChannelWithId")
    async def snoop_channel_with_id(
        self,
        snoop_id: str,
        spy: Literal["none", "both", "out", "in"] | None = None,
        whisper: Literal["none", "both", "out", "in"] | None = None,
        *,
        app: Application | str | None = None,
        app_args: str | None = None,
    ) -> Snoop:
        """Make a snoop channel as `snoop_channel` does, under an id of your choice.

        `POST /channels/{channelId}/snoop/{snoopId}`, since 13.0.

        Args:
            snoop_id: id of the new channel, at most 149 characters.
            spy: what it hears: in, out, both or none, as for `snoop_channel`; None means "none".
            whisper: who hears it: out (this channel), in (those it talks to), both or none; None means "none".
            app: Stasis app of the new channel; None means the client's own.
            app_args: arguments of its StasisStart, separated by commas; None means no arguments.

        Returns:
            The snoop channel, with the snapshot at its start.

        Raises:
            MissingParameter: neither spy nor whisper.
            BadRequest: the server knows no such direction.
            NotFound: the channel has ended.
            ServerFailure: the id is taken.

        Emits:
            StasisStart of the snoop channel.

        Example:
            >>> snoop = await channel.snoop_channel_with_id("coach-1", spy="both", whisper="out")
        """
        json = await self._call(
            "channels.snoopChannelWithId", channelId=self.id, snoopId=snoop_id, spy=spy, whisper=whisper,
            app=app if app is not None else self._ari.settings.app_name, appArgs=app_args,
        )  # fmt: skip
        return Snoop(self._ari, json["id"], json, target_id=self.id)

    # The usual short name.
    snoop = snoop_channel

    @operation("channels.getChannelVar")
    async def get_channel_var(self, variable: str) -> str:
        """Read a variable or dialplan function.

        `GET /channels/{channelId}/variable`, since 13.0. Also named `get_variable`.

        Args:
            variable: name, or a function call such as `CALLERID(num)`.

        Returns:
            The value, as text.

        Raises:
            NotFound: the channel has ended, or the variable is not set.

        Example:
            >>> await channel.get_channel_var("CALLERID(num)")
            '100'
        """
        json = await self._call("channels.getChannelVar", channelId=self.id, variable=variable)
        return cast(str, json["value"])

    @operation("channels.setChannelVar")
    async def set_channel_var(self, variable: str, value: str | int | None = None, *, report_events: bool | None = None) -> None:
        """Set a variable or dialplan function of a channel in Stasis.

        `POST /channels/{channelId}/variable`, since 13.0. The server queues it: reading at once may give the old value.
        Also named `set_variable`.

        Args:
            variable: name, or a function call such as `CALLERID(name)`.
            value: the new value, sent as text; None unsets the variable.
            report_events: True puts the variable into the channel's events (since 20.20, 22.10 and 23.4); None does not.

        Raises:
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.

        Emits:
            ChannelVarset for a variable; some functions have events of their own, such as ChannelCallerId.

        Example:
            >>> await channel.set_channel_var("TALK_DETECT(set)", "2500,256")
        """
        await self._call("channels.setChannelVar", channelId=self.id, variable=variable, value=value, report_events=report_events)

    @operation("channels.getChannelVars")
    async def get_channel_vars(self, variables: str | Sequence[str]) -> dict[str, str]:
        """Read several variables or dialplan functions at once.

        `GET /channels/{channelId}/variables`, since 20.20, 22.10 and 23.4. Also named `get_variables`.

        Args:
            variables: one name or several, at most 128.

        Returns:
            Name → value as text.

        Raises:
            NotFound: the channel has ended, or one of the variables is not set.

        Example:
            >>> await channel.get_channel_vars(["LANG", "CALLERID(num)"])
            {'LANG': 'en', 'CALLERID(num)': '100'}
        """
        json = await self._call("channels.getChannelVars", channelId=self.id, variables=variables)
        return cast(dict[str, str], json["variables"])

    @operation("channels.setChannelVars")
    async def set_channel_vars(self, variables: Variables) -> None:
        """Set several variables or dialplan functions at once.

        `POST /channels/{channelId}/variables`, since 20.20, 22.10 and 23.4. Also named `set_variables`.

        Args:
            variables: name → value; numbers are sent as text, `{"value": "x", "report_events": True}` also puts the
                variable into the channel's events.

        Raises:
            BadArgument: a value that is neither.
            NotFound: the channel has ended.
            NotInStasis: it is not in a Stasis app.

        Emits:
            ChannelVarset for each variable.

        Example:
            >>> await channel.set_channel_vars({"LANG": "de", "TRIES": 3})
        """
        await self._call("channels.setChannelVars", channelId=self.id, variables=variables)

    @operation("channels.rtpstatistics")
    async def rtpstatistics(self) -> RTPstatJson:
        """Read packets, loss, jitter and round trip of the channel's RTP stream.

        `GET /channels/{channelId}/rtp_statistics`, since 13.27, 16.4 and 17.0. Also named `rtp_statistics`.

        Returns:
            The present statistics.

        Raises:
            NotFound: the channel has ended, or has no RTP stream (yet).
            PermissionDenied: its technology has no RTP, as Local channels.

        Example:
            >>> (await channel.rtpstatistics())["rxploss"]
            0
        """
        return cast("RTPstatJson", await self._call("channels.rtpstatistics", channelId=self.id))

    # The usual short names.
    get_variable = get_channel_var
    set_variable = set_channel_var
    get_variables = get_channel_vars
    set_variables = set_channel_vars
    rtp_statistics = rtpstatistics

    async def wait_until_in_stasis(self, timeout_seconds: float | None = 30.0) -> None:
        """Wait until the channel is in one of this client's apps and can be commanded; `json` is its state then.

        A channel that is yet to be made, under an id known before, is waited for as well.

        Args:
            timeout_seconds: None waits for ever.

        Raises:
            WaitTimeout: it did not come in time.
            ObjectGone: it ended first; `cause` says why, where that is known.
            EventStreamLost: the connection broke meanwhile.

        Example:
            >>> await channel.wait_until_in_stasis(timeout_seconds=10)
        """
        self.json = await waits.wait_until_in_stasis(self._ari.hub, self.id, timeout_seconds, self._fetch, self._keep)

    async def wait_until_up(self, timeout_seconds: float | None = 30.0) -> None:
        """Wait until the channel is answered; `json` is its state then.

        Args:
            timeout_seconds: None waits for ever.

        Raises:
            WaitTimeout: it was not answered in time.
            ObjectGone: it ended first; `cause` says why, where that is known.
            EventStreamLost: the connection broke meanwhile.

        Example:
            >>> await channel.wait_until_up(timeout_seconds=30)
        """
        self.json = await waits.wait_until_up(self._ari.hub, self.id, timeout_seconds, self._fetch, self._keep)

    async def wait_until_gone(self, timeout_seconds: float | None = None) -> ChannelDestroyed | None:
        """Wait until the channel has ended.

        Args:
            timeout_seconds: None waits for ever.

        Returns:
            ChannelDestroyed with its `cause`; None when this client was not told of the end.

        Raises:
            WaitTimeout: it did not end in time.
            EventStreamLost: the connection broke meanwhile.

        Example:
            >>> (await channel.wait_until_gone())["cause_txt"]
            'Normal Clearing'
        """
        return await waits.wait_until_gone(self._ari.hub, self.id, timeout_seconds, self._fetch, self._keep)

    async def collect_digits(
        self,
        max_digits: int | None = None,
        first_seconds: float = 10.0,
        next_seconds: float = 5.0,
        terminator: str = "#",
        *,
        type_ahead: bool = True,
    ) -> Digits:
        """Collect what the caller types, what was typed ahead first.

        Digits that come while nobody collects or waits for any are kept, 64 for each channel, until the next collection
        takes them or the channel leaves the app; so are those that a collection had taken that was cancelled or interrupted, and
        those that came for a wait and that nobody has asked it for. Those that a handler of ChannelDtmfReceived gets are not
        kept, unless it only watches (`ordered=False`, or registered for "*").

        Args:
            max_digits: done after so many; None sets no limit.
            first_seconds: how long to wait for the first digit.
            next_seconds: how long to wait for each further one.
            terminator: digits that end the entry and are not part of it; "" for none.
            type_ahead: False collects only what is typed from now on, and forgets what was typed before.

        Returns:
            The digits, and why there are no more; a caller who hangs up is a result as well: reason "gone".

        Raises:
            ObjectGone: there is no such channel, and this client has not seen it end.
            EventStreamLost: the connection broke meanwhile.

        Example:
            >>> (await channel.collect_digits(max_digits=4)).digits
            '1234'
        """
        return await waits.collect_digits(
            self._ari.hub, self.id, self._fetch, max_digits=max_digits, first_seconds=first_seconds, next_seconds=next_seconds,
            terminator=terminator, type_ahead=type_ahead, keep=self._keep,
        )  # fmt: skip

    def clear_digits(self) -> None:
        """Forget what the caller has typed ahead, before a question whose answer must not have been typed already.

        Example:
            >>> channel.clear_digits()
        """
        self._ari.hub.clear_digits(self.id)

    async def _fetch(self) -> ChannelJson | None:
        try:
            return cast("ChannelJson", await self._call("channels.get", channelId=self.id))
        except NotFound:
            return None


AnyChannel: TypeAlias = Channel | OwnsChannel[Channel] | str
"""What stands for a channel: its handle, the call scope that owns it, or its id."""


class Snoop(Channel):
    """A channel that listens to another one or speaks into it.

    Otherwise it is a channel like any other, and equal to the `Channel` of its id.
    """

    __slots__ = ("target_id",)

    def __init__(
        self, ari: ClientConnection, id: str, json: Mapping[str, Any] | None = None, target_id: str | None = None
    ) -> None:
        super().__init__(ari, id, json)
        self.target_id: str | None = target_id

    def _with_json(self, json: Any) -> Self:
        return type(self)(self._ari, self.id, json, self.target_id)

    @property
    def target(self) -> Channel | None:
        """The channel it snoops on, where that is known; the server is not asked."""
        return None if self.target_id is None else Channel(self._ari, self.target_id)


class Channels(Collection[Channel]):
    """All channels of the server: `ari.channels`."""

    HANDLE = Channel

    @operation("channels.originate")
    async def originate(
        self,
        endpoint: Endpoint | str,
        *,
        app: Application | str | None = None,
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
        originator: AnyChannel | None = None,
        formats: str | None = None,
    ) -> Channel:
        """Call an endpoint and put the channel, once answered, into a Stasis app or the dialplan.

        `POST /channels`, since 13.0. Returns before it rings. Until its StasisStart the channel takes no commands but
        hangup: those for a channel that goes into this client's app wait, up to `stasis_timeout_seconds`.

        Args:
            endpoint: whom to call, as TECH/resource: `PJSIP/alice`, `Local/100@context`.
            app: Stasis app to enter; either this or extension.
            app_args: arguments of its StasisStart, separated by commas; None means no arguments.
            extension: dialplan extension to go to; either this or app.
            context: context of the extension; None means `default`.
            priority: priority to begin at; None means 1.
            label: label to begin at, stronger than priority (since 13.2 and 14.0); None goes by priority.
            caller_id: caller id to show: a number or `Name <number>`; None sends none.
            timeout_seconds: how long it may ring; -1 is for ever; None means 30.
            variables: variables of the new channel; numbers are sent as text; None sends none.
            channel_id: id of the new channel, at most 149 characters; None makes one up.
            other_channel_id: id of the second half of a Local channel; None means the server's choice.
            originator: the channel that this call is for, whose formats it takes (since 13.2 and 14.0). Excludes
                formats; None sends none.
            formats: codecs to offer, separated by commas (since 13.10 and 14.0); None means the endpoint's or originator's.
                A Local channel without either speaks 192 kHz, and Asterisk resamples all that it hears: ten times the CPU.

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
            >>> channel = await ari.channels.originate("PJSIP/alice", app="aiagc", timeout_seconds=20)
        """
        json = await self._call(
            "channels.originate", endpoint=endpoint, app=app, appArgs=app_args, extension=extension, context=context,
            priority=priority, label=label, callerId=caller_id, timeout=timeout_seconds, variables=variables,
            channelId=channel_id if channel_id is not None else new_id("channel"), otherChannelId=other_channel_id,
            originator=originator, formats=formats,
        )  # fmt: skip
        return Channel.of(self._ari, json)

    @operation("channels.originateWithId")
    async def originate_with_id(
        self,
        channel_id: str,
        endpoint: Endpoint | str,
        *,
        app: Application | str | None = None,
        app_args: str | None = None,
        extension: str | None = None,
        context: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        caller_id: str | None = None,
        timeout_seconds: int | None = None,
        variables: Variables | None = None,
        other_channel_id: str | None = None,
        originator: AnyChannel | None = None,
        formats: str | None = None,
    ) -> Channel:
        """Call an endpoint as `originate` does, under an id of your choice.

        `POST /channels/{channelId}`, since 13.0.

        Args:
            channel_id: id of the new channel, at most 149 characters; neither `create` nor `externalMedia`.
            endpoint: whom to call, as TECH/resource.
            app: Stasis app to enter; either this or extension.
            app_args: arguments of its StasisStart, separated by commas; None means no arguments.
            extension: dialplan extension to go to; either this or app.
            context: context of the extension; None means `default`.
            priority: priority to begin at; None means 1.
            label: label to begin at (since 13.2 and 14.0); None goes by priority.
            caller_id: caller id to show; None sends none.
            timeout_seconds: how long it may ring; -1 is for ever; None means 30.
            variables: variables of the new channel; None sends none.
            other_channel_id: id of the second half of a Local channel; None means the server's choice.
            originator: the channel that this call is for (since 13.2 and 14.0). Excludes formats; None sends none.
            formats: codecs to offer, separated by commas (since 13.10 and 14.0); None means the endpoint's or originator's.
                A Local channel without either speaks 192 kHz, and Asterisk resamples all that it hears: ten times the CPU.

        Returns:
            The new channel, with the snapshot at its start.

        Raises:
            As `originate`, and BadArgument: an id that the server takes for another operation.

        Emits:
            As `originate`.

        Example:
            >>> channel = await ari.channels.originate_with_id("call-42", "PJSIP/alice", extension="100", context="internal")
        """
        json = await self._call(
            "channels.originateWithId", channelId=channel_id, endpoint=endpoint, app=app, appArgs=app_args, extension=extension,
            context=context, priority=priority, label=label, callerId=caller_id, timeout=timeout_seconds, variables=variables,
            otherChannelId=other_channel_id, originator=originator, formats=formats,
        )  # fmt: skip
        return Channel.of(self._ari, json)

    @operation("channels.create")
    async def create(
        self,
        endpoint: Endpoint | str,
        *,
        app: Application | str | None = None,
        app_args: str | None = None,
        channel_id: str | None = None,
        other_channel_id: str | None = None,
        originator: AnyChannel | None = None,
        formats: str | None = None,
        variables: Variables | None = None,
    ) -> Channel:
        """Make a channel in a Stasis app without dialing it, to prepare or bridge it first; then call `dial`.

        `POST /channels/create`, since 14.0. Returns before the channel is in the app: what is then done with it waits for
        its StasisStart.

        Args:
            endpoint: whom it shall call, as TECH/resource.
            app: Stasis app it enters at once; None means the client's own.
            app_args: arguments of its StasisStart, separated by commas; None means no arguments.
            channel_id: id of the new channel, at most 149 characters; None makes one up.
            other_channel_id: id of the second half of a Local channel; None means the server's choice.
            originator: the channel that this call is for, whose formats it takes. Excludes formats; None sends none.
            formats: codecs to offer, separated by commas; None means the endpoint's or originator's.
            variables: variables of the new channel; numbers are sent as text (since 16.11, 17.5 and 18.0); None sends none.

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
            >>> callee = await ari.channels.create("PJSIP/alice")
            >>> await callee.dial(timeout_seconds=30)
        """
        json = await self._call(
            "channels.create", endpoint=endpoint, app=app if app is not None else self._ari.settings.app_name, appArgs=app_args,
            channelId=channel_id if channel_id is not None else new_id("channel"), otherChannelId=other_channel_id,
            originator=originator, formats=formats, variables=variables,
        )  # fmt: skip
        return Channel.of(self._ari, json)

    @operation("channels.externalMedia")
    async def external_media(
        self,
        external_host: str | None = None,
        *,
        format: str,
        app: Application | str | None = None,
        channel_id: str | None = None,
        variables: Variables | None = None,
        encapsulation: str | None = None,
        transport: str | None = None,
        connection_type: Literal["client", "server"] | None = None,
        direction: str | None = None,
        data: str | None = None,
        transport_data: str | None = None,
    ) -> Channel:
        """Make a channel that exchanges audio with a program over RTP, AudioSocket or a WebSocket.

        `POST /channels/externalMedia`, since 16.6, 17.1 and 18.0. Put it into a bridge with the call: that waits until the
        channel is in the app.

        Args:
            external_host: where the program listens, as host:port; for a WebSocket client the connection's id in
                websocket_client.conf; None means only where the program connects (connection_type server).
            format: codec of the audio, such as ulaw or slin16.
            app: Stasis app it enters at once; None means the client's own.
            channel_id: id of the new channel, at most 149 characters; None makes one up.
            variables: variables of the new channel; numbers are sent as text; None sends none.
            encapsulation: rtp (goes with udp); audiosocket (with tcp, since 18.0); none (with websocket, since 20.16, 21.11,
                22.6 and 23.0); None means rtp.
            transport: udp; tcp (since 18.0); websocket (since 20.16, 21.11, 22.6 and 23.0); None means udp.
            connection_type: client (Asterisk connects) or server (the program does, by WebSocket; since 20.16, 21.11, 22.6
                and 23.0); None means client.
            direction: both is the only one; None means both.
            data: the connection's UUID, for audiosocket (since 18.0); None sends none.
            transport_data: for a WebSocket, added to the dial string (since 20.18, 22.8 and 23.2); None sends none.

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
            >>> media = await ari.channels.external_media("127.0.0.1:4000", format="slin16")
        """
        json = await self._call(
            "channels.externalMedia", channelId=channel_id if channel_id is not None else new_id("channel"),
            app=app if app is not None else self._ari.settings.app_name, variables=variables, external_host=external_host,
            encapsulation=encapsulation, transport=transport, connection_type=connection_type, format=format, direction=direction,
            data=data, transport_data=transport_data,
        )  # fmt: skip
        return Channel.of(self._ari, json)

    @operation("channels.list")
    async def list(self) -> builtins.list[Channel]:
        """List the server's channels, those outside of Stasis apps too.

        `GET /channels`, since 13.0.

        Returns:
            A handle for each, with its snapshot.

        Example:
            >>> [channel.json["name"] for channel in await ari.channels.list()]
            ['PJSIP/alice-00000001']
        """
        return self._handles(await self._call("channels.list"))

    get: Final = by_id(Channel.refresh)
    answer: Final = by_id(Channel.answer)
    ring: Final = by_id(Channel.ring)
    ring_stop: Final = by_id(Channel.ring_stop)
    progress: Final = by_id(Channel.progress)
    dial: Final = by_id(Channel.dial)
    hangup: Final = by_id(Channel.hangup)
    continue_in_dialplan: Final = by_id(Channel.continue_in_dialplan)
    move: Final = by_id(Channel.move)
    redirect: Final = by_id(Channel.redirect)
    transfer_progress: Final = by_id(Channel.transfer_progress)
    hold: Final = by_id(Channel.hold)
    unhold: Final = by_id(Channel.unhold)
    mute: Final = by_id(Channel.mute)
    unmute: Final = by_id(Channel.unmute)
    start_moh: Final = by_id(Channel.start_moh)
    stop_moh: Final = by_id(Channel.stop_moh)
    start_silence: Final = by_id(Channel.start_silence)
    stop_silence: Final = by_id(Channel.stop_silence)
    send_dtmf: Final = by_id(Channel.send_dtmf)
    play: Final = by_id(Channel.play)
    play_with_id: Final = by_id(Channel.play_with_id)
    record: Final = by_id(Channel.record)
    snoop_channel: Final = by_id(Channel.snoop_channel)
    snoop_channel_with_id: Final = by_id(Channel.snoop_channel_with_id)
    get_channel_var: Final = by_id(Channel.get_channel_var)
    set_channel_var: Final = by_id(Channel.set_channel_var)
    get_channel_vars: Final = by_id(Channel.get_channel_vars)
    set_channel_vars: Final = by_id(Channel.set_channel_vars)
    rtpstatistics: Final = by_id(Channel.rtpstatistics)
