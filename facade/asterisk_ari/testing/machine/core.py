"""The whole state, and how events reach the applications that subscribe to them."""

import uuid
from collections.abc import Callable, Iterable
from random import Random
from typing import TYPE_CHECKING, Any

from asterisk_ari._core.release import Release

from ..clock import Timers
from .application import ALL_BRIDGES, ALL_CHANNELS, ALL_DEVICES, ALL_ENDPOINTS, Application
from .bridge import Bridge
from .channel import Channel
from .endpoint import Endpoint
from .facts import since
from .media import Media, Stored
from .stamp import stamp

if TYPE_CHECKING:
    from .pbx import Pbx

Json = dict[str, Any]
OLDEST_LINE = 13


class Machine:
    """One Asterisk. Everything happens in the thread that calls; what is to happen later is in `timers`."""

    def __init__(self, release: str, now: float, endpoints: dict[str, Endpoint]) -> None:
        found = Release.of(release)
        if found is None or found.line < OLDEST_LINE:
            raise ValueError(f"{release!r} is no release such as '20.15.2', from {OLDEST_LINE} on")
        self.release = found
        self.version = release
        self.started = now
        self.timers: Timers = Timers(now)
        self.pbx: Pbx
        self.endpoints = endpoints
        self.entity_id = "02:00:00:00:00:01"
        self.random: Random = Random(7)  # noqa: S311 - ids that are the same in every run
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, Bridge] = {}
        self.apps: dict[str, Application] = {}
        self.playbacks: dict[str, list[Media]] = {}
        self.live: dict[str, Media] = {}
        self.stored: dict[str, Stored] = {}
        self.globals: dict[str, str] = {}
        self.set_devices: dict[str, str] = {}
        self.known_devices: dict[str, str] = {one.names[0]: one.idle_state for one in endpoints.values()}
        self.heard_devices: dict[str, dict[str, int]] = {}
        self.mailboxes: dict[str, Json] | None = None
        self.objects: dict[tuple[str, str, str], Json] = {}
        self.modules: dict[str, Json] = {}
        self.logs: dict[str, Json] = {}
        self.messages: list[Json] = []
        self.sound_seconds: dict[str, float] = {}
        self.on_channel: list[Callable[[Channel], None]] = []
        self.has_protocol_id: bool = since(found, "protocol_id")
        self._counts: dict[str, int] = {}

    @property
    def now(self) -> float:
        """The present time."""
        return self.timers.now

    def has(self, feature: str) -> bool:
        """Whether this release behaves so: a name of `facts`."""
        return since(self.release, feature)

    def clean_up(self) -> None:
        """Forget the applications that nobody serves and nothing ties: whenever a socket or a channel comes to one or goes."""
        for app in list(self.apps.values()):
            if app.sink is None and not app.has_interest():
                del self.apps[app.name]
                if not app.devices:
                    self.heard_devices.pop(app.name, None)
                self.pbx.dialplan.remove_application(app.name)

    def count(self, what: str) -> int:
        """0, 1, 2 … for each thing that is numbered."""
        number = self._counts.get(what, 0)
        self._counts[what] = number + 1
        return number

    def new_unique_id(self) -> str:
        """An id for a channel: seconds, a dot, a number."""
        return f"{int(self.now)}.{self.count('channel')}"

    def new_uuid(self) -> str:
        """An id for a bridge or a playback."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    # ------------------------------------------------------------------ events

    def deliver(self, app: Application, event: Json) -> None:
        """Hand an event to one application's socket, if it has one and its filter lets it pass."""
        if app.sink is not None and (not (app.allowed or app.disallowed) or app.wants(event["type"])):
            app.sink({**event, "application": app.name})

    def _publish(self, targets: Iterable[tuple[Application, int]], event: Json) -> None:
        for app, times in targets:
            for _ in range(times):
                self.deliver(app, event)

    def about_channel(
        self, kind: str, channel: Channel, fields: Json | None = None, before: Json | None = None, key: str = "channel"
    ) -> None:
        """An event about a channel, to the applications subscribed to it."""
        targets = self._hearers(channel.id, channel)
        if targets:
            self._publish(targets, self.channel_event(kind, channel, fields, before, key))

    def _hearers(self, identity: str, channel: Channel | None) -> list[tuple[Application, int]]:
        """Who hears of a channel, and how often: once for the channel, its endpoint, its technology and for all channels each."""
        names = channel.endpoint.names if channel is not None and channel.endpoint is not None else ()
        found = []
        for app in self.apps.values():
            if app.sink is None:
                continue
            times = (identity in app.channels) + (ALL_CHANNELS in app.channels)
            if app.endpoints:
                times += sum(name in app.endpoints for name in names)
            if times:
                found.append((app, times))
        return found

    def channel_event(
        self, kind: str, channel: Channel, fields: Json | None = None, before: Json | None = None, key: str = "channel"
    ) -> Json:
        """The event itself, with the keys in Asterisk's order."""
        event: Json = dict(before) if before else {}
        event["type"] = kind
        event["timestamp"] = stamp(self.now)
        if fields:
            event.update(fields)
        event[key] = self.show(channel)
        event["asterisk_id"] = self.entity_id
        return event

    def show(self, channel: Channel) -> Json:
        """The channel as this release shows it."""
        return channel.snapshot(self.has_protocol_id)

    def about_bridge(self, kind: str, bridge: Bridge, fields: Json | None = None, channel: Channel | None = None) -> None:
        """An event about a bridge, to the applications subscribed to it."""
        targets = [
            (app, (bridge.id in app.bridges) + (ALL_BRIDGES in app.bridges))
            for app in self.apps.values()
            if app.bridges and app.sink is not None
        ]
        if not any(times for _, times in targets):
            return
        event: Json = {"type": kind, "timestamp": stamp(self.now), "bridge": bridge.snapshot()}
        if channel is not None:
            event["channel"] = self.show(channel)
        if fields:
            event.update(fields)
        event["asterisk_id"] = self.entity_id
        self._publish(targets, event)

    def about_media(self, kind: str, media: Media, key: str, body: Json) -> None:
        """An event about a playback or a recording, to the applications subscribed to what it plays to."""
        event: Json = {"type": kind, "timestamp": stamp(self.now), key: body, "asterisk_id": self.entity_id}
        scheme, _, identity = media.target_uri.partition(":")
        if scheme == "channel":
            self._publish(self._hearers(identity, self.channels.get(identity)), event)
            return
        for app in list(self.apps.values()):
            for _ in range((identity in app.bridges) + (ALL_BRIDGES in app.bridges)):
                self.deliver(app, event)

    def about_device(self, name: str, state: str) -> None:
        """A device state has changed."""
        for app in list(self.apps.values()):
            for _ in range((name in app.devices) + (ALL_DEVICES in app.devices)):
                if app.sink is not None and app.wants("DeviceStateChanged"):
                    app.sink(
                        {
                            "type": "DeviceStateChanged",
                            "application": app.name,
                            "timestamp": stamp(self.now),
                            "device_state": {"name": name, "state": state},
                            "asterisk_id": self.entity_id,
                        }
                    )

    def about_endpoint(self, kind: str, endpoint: Endpoint, fields: Json | None = None) -> None:
        """An event about an endpoint, to the applications subscribed to it, to its technology or, mostly, to all."""
        # Who is subscribed to all endpoints hears of everything but plain changes of their state.
        keys = endpoint.names if kind == "EndpointStateChange" else (*endpoint.names, ALL_ENDPOINTS)
        targets = [(app, sum(key in app.endpoints for key in keys)) for app in self.apps.values() if app.endpoints]
        if not any(times for _, times in targets):
            return
        event: Json = {"type": kind, "timestamp": stamp(self.now), "endpoint": endpoint.snapshot()}
        event.update(fields or {})
        event["asterisk_id"] = self.entity_id
        self._publish(targets, event)

    def to_app(self, app: Application, event: Json) -> None:
        """An event for one application alone."""
        event["asterisk_id"] = self.entity_id
        self.deliver(app, event)
