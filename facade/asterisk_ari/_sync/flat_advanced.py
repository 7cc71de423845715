# Made from _async/flat_advanced.py by scripts/unasync.py: edit that file.
"""The documented methods for originating, monitoring, redirecting, silence detection and subscriptions."""

from collections.abc import Mapping

from asterisk_ari._core.ids import new_id
from asterisk_ari._core.silence import detection_value
from asterisk_ari._sync.flat_bridges import FlatBridges
from asterisk_ari.errors import ResponseError, TransportError


class FlatAdvanced(FlatBridges):
    """More call control by id. What is tolerated and what raises is said at `FlatChannels`."""

    def originate_call(
        self,
        endpoint: str,
        context: str | None = None,
        extension: str | None = None,
        caller_id: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> str | None:
        """Call an endpoint and return at once; the channel goes into the app, or into the dialplan.

        `POST /channels`, since 13.0. A channel sent into the dialplan reaches the app when the dialplan runs
        `Stasis()`; until then this client's in-app commands for it wait, up to `stasis_timeout_seconds`.

        Args:
            endpoint: `PJSIP/1234567890`, `PJSIP/number@trunk`, `Local/s@context`, ….
            context: dialplan context to send the answered channel to; None sends it into this client's app.
            extension: extension in that context; None means `s` (with neither context nor extension: the app).
            caller_id: `Company <+15551234567>`; None sends none.
            variables: channel variables to set before dialing.

        Returns:
            Id of the channel; None when it could not be created (`last_error` says why). Whether it is answered shows
            in ChannelStateChange, Dial and StasisStart.

        Emits:
            ChannelCreated, Dial, ChannelStateChange, StasisStart; ChannelDestroyed when nobody answers.

        Example:
            >>> channel_id = ari.originate_call("PJSIP/alice", caller_id="Company <+15551234567>")
        """
        channel_id = new_id("channel")
        target: dict[str, str | None] = {"app": self.settings.app_name}
        if context is not None or extension is not None:
            target = {"context": context, "extension": extension or "s"}
        outcome = self._attempt(
            "channels.originate",
            endpoint=endpoint,
            callerId=caller_id,
            variables=variables or None,
            channelId=channel_id,
            **target,
        )
        if not outcome.done:
            return None
        if "app" not in target and self._with_events:
            self._watch(channel_id)
        return channel_id

    def _watch(self, channel_id: str) -> None:
        """Have the app told when the channel dies before it reaches the app, so that waits for it can end."""
        self._bound_for_dialplan(channel_id)
        try:
            self.rest.call(
                "applications.subscribe", applicationName=self.settings.app_name, eventSource=[f"channel:{channel_id}"]
            )
        except (ResponseError, TransportError):
            # It ended before it could be watched (422), or nobody listens to events (404). The call itself is placed.
            self._dialplan_bound.pop(channel_id, None)

    def snoop_channel(
        self,
        channel_id: str,
        spy: str = "none",
        whisper: str = "none",
        app: str | None = None,
        app_args: str | None = None,
    ) -> str | None:
        """Listen to a channel, speak to it, or both, through a new snoop channel in an app.

        `POST /channels/{channelId}/snoop`, since 13.0.

        Args:
            channel_id: id of the channel to monitor; it need not be in an app.
            spy: audio to hear: "in" (from the channel), "out" (to it), "both", "none".
            whisper: audio to speak into: "in", "out", "both", "none". One of spy and whisper must not be "none".
            app: app the snoop channel enters; None means this client's.
            app_args: arguments of its StasisStart.

        Returns:
            Id of the snoop channel; None when the channel has ended.

        Emits:
            StasisStart of the snoop channel.

        Example:
            >>> snoop_id = ari.snoop_channel(channel_id, spy="both", whisper="in")
        """
        snoop_id = new_id("snoop")
        outcome = self._attempt(
            "channels.snoopChannel",
            channelId=channel_id,
            spy=spy,
            whisper=whisper,
            app=app if app is not None else self.settings.app_name,
            appArgs=app_args,
            snoopId=snoop_id,
        )
        return snoop_id if outcome.done else None

    def redirect_channel(self, endpoint: str, channel_id: str) -> bool:
        """Send the device behind a channel to another endpoint of the same technology.

        `POST /channels/{channelId}/redirect`, since 13.3 and 14.0. PJSIP: a 302 before the answer, a REFER after it; Local
        channels ignore it. The outcome is never reported.

        Args:
            endpoint: `PJSIP/new_endpoint`.
            channel_id: id of a channel in the app.

        Returns:
            True when accepted, False when the channel is gone or the technologies differ.

        Example:
            >>> ari.redirect_channel("PJSIP/new_endpoint", channel_id)
            True
        """
        return (self._attempt("channels.redirect", channelId=channel_id, endpoint=endpoint)).done

    def start_silence_detection(self, channel_id: str, silence_ms: int | None = None, talk_threshold: int | None = None) -> bool:
        """Report when the caller starts and stops talking (TALK_DETECT).

        `POST /channels/{channelId}/variable`, since 13.0. Asterisk's own startSilence does something else: it plays
        silence (`start_silence`).

        Args:
            channel_id: id of a channel in the app.
            silence_ms: milliseconds of silence that end talking, 1 or more; None means 2500.
            talk_threshold: how loud a frame must be to count as talk, 1 to 32767; None means 256.

        Returns:
            True when accepted.

        Emits:
            ChannelTalkingStarted, ChannelTalkingFinished (with the milliseconds talked).

        Example:
            >>> ari.start_silence_detection(channel_id, silence_ms=1000)
            True
        """
        value = detection_value(silence_ms, talk_threshold)
        return self.set_channel_variable("TALK_DETECT(set)", value, channel_id)

    def stop_silence_detection(self, channel_id: str) -> bool:
        """Stop reporting when the caller talks.

        `POST /channels/{channelId}/variable`, since 13.0.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted, also when nothing was detected.

        Example:
            >>> ari.stop_silence_detection(channel_id)
            True
        """
        return self.set_channel_variable("TALK_DETECT(remove)", "", channel_id)

    def start_silence(self, channel_id: str) -> bool:
        """Play silence to a channel, so that media keeps flowing.

        `POST /channels/{channelId}/silence`, since 13.0.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Example:
            >>> ari.start_silence(channel_id)
            True
        """
        return (self._attempt("channels.startSilence", channelId=channel_id)).done

    def stop_silence(self, channel_id: str) -> bool:
        """Stop playing silence to a channel.

        `DELETE /channels/{channelId}/silence`, since 13.0.

        Args:
            channel_id: id of a channel in the app.

        Returns:
            True when accepted.

        Example:
            >>> ari.stop_silence(channel_id)
            True
        """
        return (self._attempt("channels.stopSilence", channelId=channel_id)).done

    def subscribe_to_events(self, event_source: str) -> bool:
        """Have events of an object sent to this client's app, though it is not in the app.

        `POST /applications/{applicationName}/subscription`, since 13.0. Repeated by itself after a reconnect.

        Args:
            event_source: `channel:ID`, `bridge:ID`, `endpoint:TECH[/RESOURCE]` or `deviceState:NAME`; an empty id
                means all of the kind.

        Returns:
            True when subscribed, False when there is no such object.

        Example:
            >>> ari.subscribe_to_events(f"channel:{channel_id}")
            True
        """
        app = self.settings.app_name
        return (self._attempt("applications.subscribe", applicationName=app, eventSource=[event_source])).done

    def unsubscribe_from_events(self, event_source: str) -> bool:
        """End a subscription.

        `DELETE /applications/{applicationName}/subscription`, since 13.0.

        Args:
            event_source: as given to `subscribe_to_events`.

        Returns:
            True when unsubscribed, False when it was not subscribed.

        Example:
            >>> ari.unsubscribe_from_events(f"channel:{channel_id}")
            True
        """
        app = self.settings.app_name
        return (self._attempt("applications.unsubscribe", applicationName=app, eventSource=[event_source])).done
