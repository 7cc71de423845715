"""The whole state of one server, and the events that its applications are sent about it."""

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any, Protocol

from asterisk_ari._core.requests.release import Release
from asterisk_ari.testing.clock import Action, TimerQueue
from asterisk_ari.testing.machine.state.application import (
    ALL_BRIDGES,
    ALL_CHANNELS,
    ALL_DEVICES,
    ALL_ENDPOINTS,
    ServerApplication,
)
from asterisk_ari.testing.machine.state.channels import Place, ServerBridge, ServerChannel
from asterisk_ari.testing.machine.state.dialplan import Dialplan
from asterisk_ari.testing.machine.state.endpoint import ServerEndpoint
from asterisk_ari.testing.machine.state.media import RecordingFile, ServerPlayback, ServerRecording
from asterisk_ari.testing.machine.state.media_leg import ExternalMedia
from asterisk_ari.testing.machine.state.outbound import Outbound
from asterisk_ari.testing.machine.state.release_features import has_feature, release_of
from asterisk_ari.testing.machine.state.system import SystemState
from asterisk_ari.testing.machine.state.timestamps import format_timestamp
from asterisk_ari.testing.sound.sources import Clip

Json = dict[str, Any]
Listener = Callable[[float, float], None]
"""Is told of each period in which nothing changes, before it passes."""


class DialplanRunner(Protocol):
    """Executes the dialplan on channels. The machine is given one: what the dialplan does to a channel stands above the state."""

    def start(self, machine: "Machine", channel: ServerChannel, place: Place, has_pbx: bool = True) -> None:
        """Execute the dialplan from a place on."""

    def next(self, machine: "Machine", channel: ServerChannel) -> None:
        """The current application is done: execute the next priority."""

    def run_hangup_extension(self, machine: "Machine", channel: ServerChannel) -> None:
        """Execute extension `h` for a channel that has ended."""


class Machine:
    """One Asterisk. Everything happens in the thread of the caller; what is to happen later is in `timers`.

    `entries` are channels about to enter their application: that takes threads of Asterisk a moment, however fast time passes.

    `sounds` are additional sounds by id, their audio or only their seconds; `recordings` are the stored ones.
    """

    entity_id: str = "02:00:00:00:00:01"

    def __init__(
        self,
        release: str,
        now: float,
        *,
        reported_version: str | None = None,
        endpoints: dict[str, ServerEndpoint],
        dialplan: Dialplan,
        runner: DialplanRunner,
        sounds: Mapping[str, float | Clip],
        recordings: Iterable[RecordingFile] = (),
        system: SystemState,
    ) -> None:
        self.release: Release = release_of(release)
        self.version: str = release if reported_version is None else reported_version
        self.started = now
        self.timers: TimerQueue = TimerQueue(now)
        self.entries: deque[Action] = deque()
        self.dialplan = dialplan
        self.runner = runner
        self.endpoints = endpoints
        self.system = system
        self.random: Random = Random(7)  # noqa: S311 - ids that are the same in every run
        self.channels: dict[str, ServerChannel] = {}
        self.bridges: dict[str, ServerBridge] = {}
        self.apps: dict[str, ServerApplication] = {}
        self.playbacks: dict[str, list[ServerPlayback]] = {}
        self.live_recordings: dict[str, ServerRecording] = {}
        self.stored_recordings: dict[str, RecordingFile] = {recording.name: recording for recording in recordings}
        self.global_variables: dict[str, str] = {}
        self.requested_device_states: dict[str, str] = {}
        self.device_states: dict[str, str] = {one.topics[0]: one.idle_state for one in endpoints.values()}
        self.device_subscriptions: dict[str, dict[str, int]] = {}
        self.messages: list[Json] = []
        self.sounds: dict[str, float | Clip] = dict(sounds)
        self.external_media: ExternalMedia = ExternalMedia()
        self.outbound: Outbound = Outbound()
        self._listeners: list[Listener] = []
        self.has_protocol_id: bool = has_feature(self.release, "protocol_id")
        self._counts: dict[str, int] = {}

    @property
    def now(self) -> float:
        """The current time, in seconds since the epoch."""
        return self.timers.now

    def has(self, feature: str) -> bool:
        """Whether this release has a feature of `release_features`."""
        return has_feature(self.release, feature)

    def take_over(self, other: "Machine") -> None:
        """Serve the connected applications of a machine whose calls are over; ids go on, so that none comes again."""
        self.random, self._counts = other.random, other._counts
        self.device_subscriptions = other.device_subscriptions
        for app in other.apps.values():
            app.channels = {topic: count for topic, count in app.channels.items() if topic == ALL_CHANNELS}
            app.bridges = {topic: count for topic, count in app.bridges.items() if topic == ALL_BRIDGES}
            if f"stasis-{app.name}" in other.dialplan.contexts:
                self.dialplan.add_application(app.name)
            self.apps[app.name] = app
        self.remove_unused_applications()

    def remove_unused_applications(self) -> None:
        """Remove applications without WebSocket and subscriptions: called when either goes or a WebSocket comes."""
        for app in list(self.apps.values()):
            if app.send is None and not app.has_subscriptions():
                del self.apps[app.name]
                if not app.devices:
                    self.device_subscriptions.pop(app.name, None)
                self.dialplan.remove_application(app.name)

    def listen(self, listener: Listener) -> Action:
        """Tell a listener what time passes; returns what ends that. While nobody listens, audio costs nothing."""
        self._listeners.append(listener)
        self.timers.on_pass = self._tell_listeners

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)
            if not self._listeners:
                self.timers.on_pass = None

        return stop

    def _tell_listeners(self, start: float, end: float) -> None:
        for listener in list(self._listeners):
            listener(start, end)

    def count(self, what: str) -> int:
        """The next number of what is numbered, from 0 on."""
        number = self._counts.get(what, 0)
        self._counts[what] = number + 1
        return number

    def new_unique_id(self) -> str:
        """A new channel id: seconds, a dot, a number."""
        return f"{int(self.now)}.{self.count('channel')}"

    def new_uuid(self) -> str:
        """A new id for a bridge or a playback."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    # ------------------------------------------------------------------ events

    def _deliver(self, app: ServerApplication, event: Json) -> None:
        """Send an event to an application, if it has a WebSocket and its event filter lets the event pass."""
        if app.send is not None and (not (app.allowed or app.disallowed) or app.allows(event["type"])):
            app.send({**event, "application": app.name})

    def _publish(self, receivers: Iterable[tuple[ServerApplication, int]], event: Json) -> None:
        """Send an event to each application as many times as it is subscribed to the object."""
        for app, times in receivers:
            for _ in range(times):
                self._deliver(app, event)

    def publish_channel_event(
        self,
        event_type: str,
        channel: ServerChannel,
        fields: Json | None = None,
        before: Json | None = None,
        key: str | None = "channel",
        *,
        also: ServerChannel | None = None,
    ) -> None:
        """Send an event about a channel to the applications subscribed to it, and to those to another one.

        `before` holds the fields before `type`; `key` is where the channel itself is, None where `fields` have it.
        """
        receivers = self._channel_subscribers(channel.id, channel)
        if also is not None:
            known = [app for app, _ in receivers]
            receivers += [(app, 1) for app, _ in self._channel_subscribers(also.id, also) if app not in known]
        if not receivers:
            return
        event: Json = dict(before) if before else {}
        event["type"] = event_type
        event["timestamp"] = format_timestamp(self.now)
        if fields:
            event.update(fields)
        if key is not None:
            event[key] = self.channel_json(channel)
        event["asterisk_id"] = self.entity_id
        self._publish(receivers, event)

    def _channel_subscribers(self, channel_id: str, channel: ServerChannel | None) -> list[tuple[ServerApplication, int]]:
        """Each application with the number of its subscriptions: to the channel, its endpoint, its technology, all channels."""
        topics = channel.endpoint.topics if channel is not None and channel.endpoint is not None else ()
        subscribers = []
        for app in self.apps.values():
            if app.send is None:
                continue
            times = (channel_id in app.channels) + (ALL_CHANNELS in app.channels)
            if app.endpoints:
                times += sum(topic in app.endpoints for topic in topics)
            if times:
                subscribers.append((app, times))
        return subscribers

    def channel_json(self, channel: ServerChannel) -> Json:
        """The channel as this release shows it."""
        return channel.snapshot(self.has_protocol_id)

    def set_global_variable(self, name: str, value: str) -> None:
        """Set a global variable; applications that hear of all channels are told."""
        self.global_variables[name] = value
        event: Json = {"type": "ChannelVarset", "timestamp": format_timestamp(self.now), "variable": name, "value": value}
        event["asterisk_id"] = self.entity_id
        self._publish([(app, 1) for app in self.apps.values() if ALL_CHANNELS in app.channels], event)

    def publish_bridge_event(
        self, event_type: str, bridge: ServerBridge, fields: Json | None = None, channel: ServerChannel | None = None
    ) -> None:
        """Send an event about a bridge to the applications subscribed to it."""
        receivers = [
            (app, (bridge.id in app.bridges) + (ALL_BRIDGES in app.bridges))
            for app in self.apps.values()
            if app.bridges and app.send is not None
        ]
        if not any(times for _, times in receivers):
            return
        event: Json = {"type": event_type, "timestamp": format_timestamp(self.now), "bridge": bridge.snapshot()}
        if channel is not None:
            event["channel"] = self.channel_json(channel)
        if fields:
            event.update(fields)
        event["asterisk_id"] = self.entity_id
        self._publish(receivers, event)

    def publish_transfer(
        self, event_type: str, fields: Json, channels: Iterable[ServerChannel], bridges: Iterable[ServerBridge | None]
    ) -> None:
        """Send an event of a transfer, once, to each application that is subscribed to any of these."""
        topics = {ALL_CHANNELS, *(channel.id for channel in channels)}
        bridge_topics = {ALL_BRIDGES, *(bridge.id for bridge in bridges if bridge is not None)}
        for app in list(self.apps.values()):
            if not (topics.isdisjoint(app.channels) and bridge_topics.isdisjoint(app.bridges)):
                self.send_to_application(app, {"type": event_type, "timestamp": format_timestamp(self.now), **fields})

    def publish_playback_event(self, event_type: str, playback: ServerPlayback) -> None:
        """Send an event about a playback to the applications subscribed to its channel or bridge."""
        self._publish_media_event(event_type, playback.target_uri, {"playback": playback.snapshot()})

    def publish_recording_event(self, event_type: str, recording: ServerRecording, more: Json | None = None) -> None:
        """Send an event about a recording to the applications subscribed to its channel or bridge."""
        self._publish_media_event(event_type, recording.target_uri, {"recording": recording.snapshot(more)})

    def _publish_media_event(self, event_type: str, target_uri: str, fields: Json) -> None:
        event: Json = {"type": event_type, "timestamp": format_timestamp(self.now), **fields, "asterisk_id": self.entity_id}
        scheme, _, target_id = target_uri.partition(":")
        if scheme == "channel":
            receivers = self._channel_subscribers(target_id, self.channels.get(target_id))
        else:
            # Once more by the announcer or recorder, a channel; and only by that once the bridge is gone.
            is_there = target_id in self.bridges
            receivers = [
                (app, is_there * ((target_id in app.bridges) + (ALL_BRIDGES in app.bridges)) + (ALL_CHANNELS in app.channels))
                for app in self.apps.values()
            ]
        self._publish(receivers, event)

    def publish_device_state(self, name: str, state: str) -> None:
        """Send DeviceStateChanged to the applications subscribed to the device."""
        for app in list(self.apps.values()):
            for _ in range((name in app.devices) + (ALL_DEVICES in app.devices)):
                if app.send is not None and app.allows("DeviceStateChanged"):
                    app.send(
                        {
                            "type": "DeviceStateChanged",
                            "application": app.name,
                            "timestamp": format_timestamp(self.now),
                            "device_state": {"name": name, "state": state},
                            "asterisk_id": self.entity_id,
                        }
                    )

    def publish_endpoint_event(self, event_type: str, endpoint: ServerEndpoint, fields: Json | None = None) -> None:
        """Send an event about an endpoint to the applications subscribed to it, to its technology or to all endpoints."""
        # Subscribers to all endpoints get every event except plain changes of state.
        topics = endpoint.topics if event_type == "EndpointStateChange" else (*endpoint.topics, ALL_ENDPOINTS)
        receivers = [(app, sum(topic in app.endpoints for topic in topics)) for app in self.apps.values() if app.endpoints]
        if not any(times for _, times in receivers):
            return
        event: Json = {"type": event_type, "timestamp": format_timestamp(self.now), "endpoint": endpoint.snapshot()}
        event.update(fields or {})
        event["asterisk_id"] = self.entity_id
        self._publish(receivers, event)

    def send_to_application(self, app: ServerApplication, event: Json) -> None:
        """Send an event to one application alone."""
        event["asterisk_id"] = self.entity_id
        self._deliver(app, event)
