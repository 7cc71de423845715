"""WebSockets that Asterisk opens to programs: what ari.conf and websocket_client.conf say of them, and those that there are."""

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutboundWebSocket:
    """A WebSocket that the embedded Asterisk opens to a program: as `outbound_websocket` in ari.conf, with its websocket_client.

        OutboundWebSocket("ws://127.0.0.1:8765/ari", "voicebot", username="out", password="secret")

    `apps` is an app or several. There is one WebSocket for all their calls, opened at once and again `reconnect_seconds` after
    each failure; with `per_call` one for each call that enters one of them, whose app is named `voicebot:` and the channel, and
    which is given up after `reconnect_attempts` failures. `username` and `password` are for the program. Requests that come over
    it are those of `user`, by default the first user of the server. With `subscribe_all` the apps hear of everything.
    `tls` is the context of a TLS client for `wss://`; without it certificates must be of an authority that the machine trusts.

    Raises:
        ValueError: the URL is not `ws://` or `wss://`, there is no app, or a number cannot be.
    """

    url: str
    apps: str | Sequence[str]
    username: str = ""
    password: str = field(default="", repr=False)
    per_call: bool = False
    user: str | None = None
    subscribe_all: bool = False
    reconnect_seconds: float = 0.5
    reconnect_attempts: int = 4
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"ws", "wss"} or not parts.hostname:
            raise ValueError(f"the URL of an outbound WebSocket is ws://host:port/path or wss://…, not {self.url!r}")
        if not self.names or not all(self.names):
            raise ValueError(f"an outbound WebSocket needs the names of its apps, not {self.apps!r}")
        if self.reconnect_seconds <= 0 or self.reconnect_attempts < 1:
            raise ValueError("reconnect_seconds must be more than 0, and reconnect_attempts 1 or more")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the apps."""
        return (self.apps,) if isinstance(self.apps, str) else tuple(self.apps)


class OutboundLink(Protocol):
    """The WebSocket of a session while it is open."""

    def send_event(self, event: Json) -> None:
        """Send an event."""

    def close(self, code: int) -> None:
        """Close it with a close frame."""


@dataclass(slots=True, eq=False)
class OutboundSession:
    """What one WebSocket is for, whether it is open or not: its apps have their events from it, or in it."""

    config: OutboundWebSocket
    apps: tuple[str, ...]
    channel: Any = None
    """The call that it is for."""
    link: OutboundLink | None = None
    queue: list[Json] = field(default_factory=list)
    """The events that wait until it is open."""
    was_open: bool = False
    failures: int = 0
    """How often it could not be opened since it was open last."""
    is_over: bool = False
    on_lost: Callable[[], None] | None = None
    """The call goes on without it: called when it is given up while the call is in the app."""

    def send(self, event: Json) -> None:
        """Send an event, or keep it."""
        if self.link is None:
            self.queue.append(event)
        else:
            self.link.send_event(event)


class OutboundConnector(Protocol):
    """Opens WebSockets: what the machine itself, which has no sockets, asks of its server."""

    def open(self, session: OutboundSession) -> None:
        """Open the WebSocket of a session; says later whether that went well."""


@dataclass(slots=True)
class Outbound:
    """All of them: as configured, for all calls, and by the ids of the channels that have one of their own."""

    configured: list[OutboundWebSocket] = field(default_factory=list)
    persistent: list[OutboundSession] = field(default_factory=list)
    of_calls: dict[str, OutboundSession] = field(default_factory=dict)
    ending: list[OutboundSession] = field(default_factory=list)
    """Those whose calls have left the app."""
    connector: OutboundConnector | None = None

    @property
    def sessions(self) -> list[OutboundSession]:
        """Those that there are."""
        return [*self.persistent, *self.of_calls.values(), *self.ending]

    @property
    def apps(self) -> set[str]:
        """The names of the apps that are reached by them: calls enter these whether a program is there or not."""
        return {name for one in self.configured for name in one.names}

    def for_each_call(self, app: str) -> OutboundWebSocket | None:
        """What an app opens for each of its calls."""
        return next((one for one in self.configured if one.per_call and app in one.names), None)
