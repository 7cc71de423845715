"""The reference's documented methods: call control by id, with True, an id or a dict on success."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from asterisk_ari._core.calls.talk_detection import detection_value
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._core.requests.result_shapes import asterisk_info, recording_info, with_type
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari.errors import MissingParameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asterisk_ari._async.calls.documented_calls import DocumentedCalls
    from asterisk_ari._async.resources.bridges import Bridge
    from asterisk_ari._async.resources.channels import AnyChannel
    from asterisk_ari._async.resources.endpoints import Endpoint
    from asterisk_ari._async.resources.observed import Observed
    from asterisk_ari._async.resources.playbacks import Media
    from asterisk_ari._async.resources.recordings import Recording
    from asterisk_ari.errors import AriError

Direction = Literal["both", "in", "out"]


@methods_tell_spellings
class DocumentedMethods:
    """Call control by id; wherever an id is expected, the handle of the object will do as well.

    Each method returns True, an id or a dict when Asterisk accepted the command. Commands are queued per channel, so an
    accepted command is not a finished one. A method returns False or None when the channel, bridge or recording does not
    exist or is in the wrong state for the command; `last_error` then holds Asterisk's reason, which is logged as a warning
    too. Every other failure raises: `BadArgument`, `AuthenticationFailed`, `PermissionDenied`, `NotSupportedByServer`,
    `TransportError`, `ServerFailure`. With `strict=True` every failure raises.
    """

    _documented: DocumentedCalls

    @property
    def last_error(self) -> AriError | None:
        """Why a documented method most recently returned False or None; None when none has yet."""
        return self._documented.last_error

    async def answer_channel(self, channel_id: AnyChannel) -> bool:
        """Answer a channel.

        `POST /channels/{channelId}/answer`, since 13.0. A channel that this client sent into the app or the dialplan is
        given `stasis_timeout_seconds` to get into the app first.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Emits:
            ChannelStateChange to `Up`, unless the channel was up already.

        Example:
            >>> await ari.answer_channel(channel_id)
            True
        """
        return await self._documented.accepted("channels.answer", channelId=channel_id)

    async def hangup_channel(self, channel_id: AnyChannel) -> bool:
        """Hang up a channel, wherever it is.

        `DELETE /channels/{channelId}`, since 13.0.

        Args:
            channel_id: id of the channel.

        Returns:
            True when accepted, False when the channel had ended already.

        Emits:
            ChannelHangupRequest, StasisEnd, ChannelDestroyed.

        Example:
            >>> await ari.hangup_channel(channel_id)
            True
        """
        return await self._documented.accepted("channels.hangup", channelId=channel_id)

    async def ring_channel(self, channel_id: AnyChannel) -> bool:
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
        return await self._documented.accepted("channels.ring", channelId=channel_id)

    async def stop_ringing_channel(self, channel_id: AnyChannel) -> bool:
        """Stop indicating ringing.

        `DELETE /channels/{channelId}/ring`, since 13.0.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted, also when the channel was not ringing.

        Example:
            >>> await ari.stop_ringing_channel(channel_id)
            True
        """
        return await self._documented.accepted("channels.ringStop", channelId=channel_id)

    async def hold_channel(self, channel_id: AnyChannel) -> bool:
        """Put a channel on hold: its device receives a HOLD indication.

        `POST /channels/{channelId}/hold`, since 13.0. ChannelHold does not follow: that event reports a device that put
        the call on hold itself.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Example:
            >>> await ari.hold_channel(channel_id)
            True
        """
        return await self._documented.accepted("channels.hold", channelId=channel_id)

    async def unhold_channel(self, channel_id: AnyChannel) -> bool:
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
        return await self._documented.accepted("channels.unhold", channelId=channel_id)

    async def mute_channel(self, direction: Direction, channel_id: AnyChannel) -> bool:
        """Mute a channel.

        `POST /channels/{channelId}/mute`, since 13.0. No event reports it.

        Args:
            direction: "in" mutes audio from the channel, "out" audio to it, "both" both.
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Example:
            >>> await ari.mute_channel("both", channel_id)
            True
        """
        return await self._documented.accepted("channels.mute", channelId=channel_id, direction=direction)

    async def unmute_channel(self, direction: Direction, channel_id: AnyChannel) -> bool:
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
        return await self._documented.accepted("channels.unmute", channelId=channel_id, direction=direction)

    async def send_dtmf(self, dtmf: str, channel_id: AnyChannel, duration: int | None = None) -> bool:
        """Send DTMF tones to a channel.

        `POST /channels/{channelId}/dtmf`, since 13.0.

        Args:
            dtmf: digits 0-9, A-D, * and #.
            channel_id: id of a channel in the app.
            duration: length of each tone in milliseconds, 0 or more; None sends none, and Asterisk takes 100.

        Returns:
            True when accepted.

        Example:
            >>> await ari.send_dtmf("12345", channel_id, duration=100)
            True
        """
        return await self._documented.accepted("channels.sendDTMF", channelId=channel_id, dtmf=dtmf, duration=duration)

    async def get_channel_info(self, channel_id: AnyChannel) -> dict[str, Any] | None:
        """Read the present state of a channel.

        `GET /channels/{channelId}`, since 13.0.

        Args:
            channel_id: id of the channel.

        Returns:
            A snapshot with `id`, `name`, `state`, `caller`, `connected`, `dialplan`, `language`, …; None when the channel
            has ended.

        Example:
            >>> (await ari.get_channel_info(channel_id))["state"]
            'Up'
        """
        info: dict[str, Any] | None = await self._documented.result("channels.get", channelId=channel_id)
        return info

    async def set_channel_variable(self, variable: str, value: str, channel_id: AnyChannel) -> bool:
        """Set a channel variable, or write a dialplan function such as `CALLERID(name)`.

        `POST /channels/{channelId}/variable`, since 13.0. The command is queued: a read right after it may still return
        the old value.

        Args:
            variable: name, with `__` in front to be inherited by the channels that this one creates.
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
        return await self._documented.accepted("channels.setChannelVar", channelId=channel_id, variable=variable, value=value)

    async def get_channel_variable(self, variable: str, channel_id: AnyChannel) -> str | None:
        """Read a channel variable, or a dialplan function.

        `GET /channels/{channelId}/variable`, since 13.0.

        Args:
            variable: name, `CUSTOM_VAR` or `CALLERID(num)`.
            channel_id: id of the channel.

        Returns:
            The value; None when the variable is not set or the channel has ended.

        Example:
            >>> await ari.get_channel_variable("CUSTOM_VAR", channel_id)
            'value'
        """
        found = await self._documented.result("channels.getChannelVar", channelId=channel_id, variable=variable)
        return None if found is None else str(found["value"])

    async def list_channels(self) -> list[dict[str, Any]]:
        """List all channels of this Asterisk, those of other apps and of the dialplan included.

        `GET /channels`, since 13.0.

        Returns:
            A snapshot of each channel.

        Example:
            >>> [channel["state"] for channel in await ari.list_channels()]
            ['Up']
        """
        channels: list[dict[str, Any]] = await self._documented.rest.call("channels.list")
        return channels

    async def play_media(
        self, media: Media | list[Media] | tuple[Media, ...], channel_id: AnyChannel, language: str | None = None
    ) -> str | None:
        """Start playing media to a channel, and return while it plays.

        `POST /channels/{channelId}/play`, since 13.0.

        Args:
            media: `sound:hello-world`, `recording:NAME`, `number:42`, `digits:42`, `characters:abc`, `tone:ring`, or
                several of them to play in order: a list, or one text with commas between them.
            channel_id: id of a channel in the app.
            language: language of sound files, such as `en`; None sends none, and Asterisk takes the channel's.

        Returns:
            The id of the playback; None when the channel has ended or is not in the app.

        Raises:
            BadArgument: media without a scheme that Asterisk knows; it would accept that, and play nothing.

        Emits:
            PlaybackStarted, PlaybackFinished (some releases never send the latter for a missing recording).

        Example:
            >>> playback_id = await ari.play_media("sound:hello-world", channel_id, language="en")
        """
        playback_id = new_id("playback")
        return await self._documented.id_if_accepted(
            "channels.play", playback_id, channelId=channel_id, media=media, lang=language, playbackId=playback_id
        )

    async def play_recording(self, recording_name: Recording, channel_id: AnyChannel) -> str | None:
        """Start playing a stored recording to a channel.

        `POST /channels/{channelId}/play`, since 13.0.

        Args:
            recording_name: name under which it was recorded, without file extension.
            channel_id: id of a channel in the app.

        Returns:
            The id of the playback; None when the channel has ended or is not in the app. That a recording does not exist
            shows only in PlaybackFinished (state `failed`), and on some releases not at all.

        Emits:
            PlaybackStarted, PlaybackFinished.

        Example:
            >>> playback_id = await ari.play_recording("my_recording", channel_id)
        """
        recording = f"recording:{recording_name}" if isinstance(recording_name, str) else recording_name
        return await self.play_media([recording], channel_id)

    async def record_channel(
        self,
        name: str,
        format: str = "wav",
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        channel_id: AnyChannel | None = None,
    ) -> str | None:
        """Start recording what a channel sends, answering it first where needed.

        `POST /channels/{channelId}/record`, since 13.0.

        Args:
            name: name of the recording; slashes make subdirectories.
            format: `wav`, `ulaw`, `gsm`, … as the server has format modules for.
            max_duration_seconds: seconds after which the recording ends; 0 and None set no limit.
            max_silence_seconds: seconds of silence after which the recording ends; 0 and None set no limit.
            channel_id: id of a channel in the app.

        Returns:
            The name; None when the channel has ended or is not in the app, or the name is taken.

        Emits:
            RecordingStarted, then RecordingFinished or RecordingFailed.

        Example:
            >>> await ari.record_channel("customer_call", max_duration_seconds=300, channel_id=channel_id)
            'customer_call'
        """
        if channel_id is None:
            raise MissingParameter("needs channel_id", operation="channels.record", parameter="channel_id")
        return await self._documented.id_if_accepted(
            "channels.record",
            name,
            channelId=channel_id,
            name=name,
            format=format,
            maxDurationSeconds=max_duration_seconds,
            maxSilenceSeconds=max_silence_seconds,
        )

    async def get_recording(self, recording_name: Recording) -> dict[str, Any] | None:
        """Read the state of a recording, whether it is in progress or stored.

        `GET /recordings/live/{recordingName}`, then `GET /recordings/stored/{recordingName}`, since 13.0.

        Args:
            recording_name: its name.

        Returns:
            A snapshot with `name`, `format` and `state` (`done` for a stored one); None when there is no such recording.

        Example:
            >>> (await ari.get_recording("customer_call"))["state"]
            'done'
        """
        found = await self._documented.result_if_found("recordings.getLive", recordingName=recording_name)
        if found is None:
            found = await self._documented.result("recordings.getStored", recordingName=recording_name)
        return None if found is None else recording_info(found)

    async def delete_recording(self, recording_name: Recording) -> bool:
        """Delete a stored recording.

        `DELETE /recordings/stored/{recordingName}`, since 13.0.

        Args:
            recording_name: its name.

        Returns:
            True when deleted, False when there is no such recording.

        Example:
            >>> await ari.delete_recording("customer_call")
            True
        """
        return await self._documented.accepted("recordings.deleteStored", recordingName=recording_name)

    async def create_bridge(self, bridge_type: str = "mixing") -> str | None:
        """Create a bridge.

        `POST /bridges`, since 13.0.

        Args:
            bridge_type: "mixing", "holding", or one of them in a comma-separated list with dtmf_events, proxy_media,
                video_sfu, video_single and sdp_label.

        Returns:
            The id of the bridge; None when Asterisk could not create it.

        Emits:
            BridgeCreated.

        Example:
            >>> bridge_id = await ari.create_bridge("mixing")
        """
        bridge_id = new_id("bridge")
        return await self._documented.id_if_accepted("bridges.create", bridge_id, type=bridge_type, bridgeId=bridge_id)

    async def destroy_bridge(self, bridge_id: Bridge | str) -> bool:
        """Shut down a bridge; the channels in it stay in the app.

        `DELETE /bridges/{bridgeId}`, since 13.0.

        Args:
            bridge_id: id of the bridge.

        Returns:
            True when accepted, False when there is no such bridge.

        Emits:
            ChannelLeftBridge for each channel, BridgeDestroyed.

        Example:
            >>> await ari.destroy_bridge(bridge_id)
            True
        """
        return await self._documented.accepted("bridges.destroy", bridgeId=bridge_id)

    async def add_channel_to_bridge(self, channel_id: AnyChannel, bridge_id: Bridge | str) -> bool:
        """Put a channel into a bridge; it leaves the bridge it was in.

        `POST /bridges/{bridgeId}/addChannel`, since 13.0. A channel that this client sent into the app or the dialplan is
        given `stasis_timeout_seconds` to get into the app first.

        Args:
            channel_id: id of a channel in the app.
            bridge_id: id of the bridge.

        Returns:
            True when accepted.

        Emits:
            ChannelEnteredBridge.

        Example:
            >>> await ari.add_channel_to_bridge(channel_id, bridge_id)
            True
        """
        return await self._documented.accepted("bridges.addChannel", bridgeId=bridge_id, channel=channel_id)

    async def remove_channel_from_bridge(self, channel_id: AnyChannel, bridge_id: Bridge | str) -> bool:
        """Take a channel out of a bridge; it stays in the app.

        `POST /bridges/{bridgeId}/removeChannel`, since 13.0.

        Args:
            channel_id: id of the channel.
            bridge_id: id of the bridge it is in.

        Returns:
            True when accepted, False when the channel is not in that bridge or has ended.

        Emits:
            ChannelLeftBridge.

        Example:
            >>> await ari.remove_channel_from_bridge(channel_id, bridge_id)
            True
        """
        return await self._documented.accepted("bridges.removeChannel", bridgeId=bridge_id, channel=channel_id)

    async def list_bridges(self) -> list[dict[str, Any]]:
        """List all bridges of this Asterisk.

        `GET /bridges`, since 13.0.

        Returns:
            A snapshot of each bridge, with `type` beside Asterisk's `bridge_type`.

        Example:
            >>> [bridge["type"] for bridge in await ari.list_bridges()]
            ['mixing']
        """
        return [with_type(bridge) for bridge in await self._documented.rest.call("bridges.list")]

    async def originate_call(
        self,
        endpoint: Endpoint | str,
        context: str | None = None,
        extension: str | None = None,
        caller_id: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> str | None:
        """Call an endpoint and return at once; the channel goes into the app, or into the dialplan.

        `POST /channels`, since 13.0. A channel sent into the dialplan reaches the app when the dialplan runs `Stasis()`;
        until then this client's in-app commands for it wait, up to `stasis_timeout_seconds`.

        Args:
            endpoint: `PJSIP/1234567890`, `PJSIP/number@trunk`, `Local/s@context`, ….
            context: dialplan context to send the answered channel to; None sends it into this client's app.
            extension: extension in that context; None means `s` (with neither context nor extension: the app).
            caller_id: caller id to show, such as `Company <+15551234567>`; None sends none.
            variables: channel variables to set before dialing; None sends none.

        Returns:
            The id of the channel; None when it could not be created (`last_error` says why). Whether the call is answered
            shows in ChannelStateChange, Dial and StasisStart.

        Emits:
            ChannelCreated, Dial, ChannelStateChange, StasisStart; ChannelDestroyed when nobody answers.

        Example:
            >>> channel_id = await ari.originate_call("PJSIP/alice", caller_id="Company <+15551234567>")
        """
        channel_id = new_id("channel")
        target: dict[str, str | None] = {"app": self._documented.app_name}
        if context is not None or extension is not None:
            target = {"context": context, "extension": extension or "s"}
        placed = await self._documented.id_if_accepted(
            "channels.originate",
            channel_id,
            endpoint=endpoint,
            callerId=caller_id,
            variables=variables or None,
            channelId=channel_id,
            **target,
        )
        if placed is not None and "app" not in target:
            await self._documented.expect_in_app(placed)
        return placed

    async def snoop_channel(
        self,
        channel_id: AnyChannel,
        spy: str = "none",
        whisper: str = "none",
        app: str | None = None,
        app_args: str | None = None,
    ) -> str | None:
        """Listen to a channel, speak into it, or both, through a new snoop channel in an app.

        `POST /channels/{channelId}/snoop`, since 13.0.

        Args:
            channel_id: id of the channel to monitor; it need not be in an app.
            spy: what the snoop channel hears: "in" is what the channel says, "out" what it hears, "both", "none".
            whisper: who hears what is said on the snoop channel: "out" is the channel itself and nobody else, "in" those it
                talks to, as if the channel said so, "both", "none". A supervisor whom only the agent is to hear
                snoops the agent's channel with "out". One of spy and whisper must not be "none".
            app: app that the snoop channel enters; None means this client's.
            app_args: arguments of its StasisStart; None sends none.

        Returns:
            The id of the snoop channel; None when the channel has ended.

        Emits:
            StasisStart of the snoop channel.

        Example:
            >>> snoop_id = await ari.snoop_channel(agent_channel_id, spy="both", whisper="out")
        """
        snoop_id = new_id("snoop")
        return await self._documented.id_if_accepted(
            "channels.snoopChannel",
            snoop_id,
            channelId=channel_id,
            spy=spy,
            whisper=whisper,
            app=app if app is not None else self._documented.app_name,
            appArgs=app_args,
            snoopId=snoop_id,
        )

    async def redirect_channel(self, endpoint: Endpoint | str, channel_id: AnyChannel) -> bool:
        """Send the device behind a channel to another endpoint of the same technology.

        `POST /channels/{channelId}/redirect`, since 13.3 and 14.0. PJSIP sends a 302 before the answer and a REFER after
        it; Local channels ignore it. Asterisk never reports the outcome.

        Args:
            endpoint: `PJSIP/new_endpoint`.
            channel_id: id of a channel in the app.

        Returns:
            True when accepted, False when the channel has ended or the technologies differ.

        Example:
            >>> await ari.redirect_channel("PJSIP/new_endpoint", channel_id)
            True
        """
        return await self._documented.accepted("channels.redirect", channelId=channel_id, endpoint=endpoint)

    async def start_silence_detection(
        self, channel_id: AnyChannel, silence_ms: int | None = None, talk_threshold: int | None = None
    ) -> bool:
        """Report when the caller starts and stops talking (TALK_DETECT).

        `POST /channels/{channelId}/variable`, since 13.0. Asterisk's own startSilence does something else: it plays
        silence (`start_silence`).

        Args:
            channel_id: id of a channel in the app.
            silence_ms: milliseconds of silence after which the caller has stopped talking, 1 or more; None means 2500.
            talk_threshold: loudness from which audio counts as talking, 1 to 32767; None means 256.

        Returns:
            True when accepted.

        Emits:
            ChannelTalkingStarted, ChannelTalkingFinished (with the milliseconds talked).

        Example:
            >>> await ari.start_silence_detection(channel_id, silence_ms=1000)
            True
        """
        value = detection_value(silence_ms, talk_threshold)
        return await self.set_channel_variable("TALK_DETECT(set)", value, channel_id)

    async def stop_silence_detection(self, channel_id: AnyChannel) -> bool:
        """Stop reporting when the caller talks.

        `POST /channels/{channelId}/variable`, since 13.0.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted, also when detection was not running.

        Example:
            >>> await ari.stop_silence_detection(channel_id)
            True
        """
        return await self.set_channel_variable("TALK_DETECT(remove)", "", channel_id)

    async def start_silence(self, channel_id: AnyChannel) -> bool:
        """Play silence to a channel, so that its audio stream never pauses.

        `POST /channels/{channelId}/silence`, since 13.0.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Example:
            >>> await ari.start_silence(channel_id)
            True
        """
        return await self._documented.accepted("channels.startSilence", channelId=channel_id)

    async def stop_silence(self, channel_id: AnyChannel) -> bool:
        """Stop playing silence to a channel.

        `DELETE /channels/{channelId}/silence`, since 13.0.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Example:
            >>> await ari.stop_silence(channel_id)
            True
        """
        return await self._documented.accepted("channels.stopSilence", channelId=channel_id)

    async def subscribe_to_events(self, event_source: Observed | str) -> bool:
        """Subscribe this client's app to the events of an object that is not in the app.

        `POST /applications/{applicationName}/subscription`, since 13.0. Repeated automatically after a reconnect.

        Args:
            event_source: `channel:ID`, `bridge:ID`, `endpoint:TECH[/RESOURCE]` or `deviceState:NAME`, or the handle of
                one; an empty id means all of the kind.

        Returns:
            True when subscribed, False when there is no such object.

        Example:
            >>> await ari.subscribe_to_events(f"channel:{channel_id}")
            True
        """
        app = self._documented.app_name
        return await self._documented.accepted("applications.subscribe", applicationName=app, eventSource=event_source)

    async def unsubscribe_from_events(self, event_source: Observed | str) -> bool:
        """End a subscription.

        `DELETE /applications/{applicationName}/subscription`, since 13.0.

        Args:
            event_source: as given to `subscribe_to_events`.

        Returns:
            True when unsubscribed, False when the app was not subscribed to it.

        Example:
            >>> await ari.unsubscribe_from_events(f"channel:{channel_id}")
            True
        """
        app = self._documented.app_name
        return await self._documented.accepted("applications.unsubscribe", applicationName=app, eventSource=event_source)

    async def get_asterisk_info(self) -> dict[str, Any]:
        """Read version, build, configuration and status of the server.

        `GET /asterisk/info`, since 13.0.

        Returns:
            Asterisk's own keys (`build`, `system`, `config`, `status`), with `version` and `system_info` beside them.

        Example:
            >>> (await ari.get_asterisk_info())["version"]
            '20.15.2'
        """
        return asterisk_info(await self._documented.rest.call("asterisk.getInfo"))
