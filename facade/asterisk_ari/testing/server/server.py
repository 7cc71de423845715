"""The server without its listener: answers requests, runs the timers, and connects applications to their WebSockets."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from asterisk_ari._transport.websocket.frames import PING, TEXT
from asterisk_ari.testing.clock import Action, Clock
from asterisk_ari.testing.machine.calls.hangup import hang_up_at_restart
from asterisk_ari.testing.machine.stasis import applications, outbound
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media_leg import LegConnector
from asterisk_ari.testing.machine.state.outbound import Outbound, OutboundConnector, OutboundWebSocket
from asterisk_ari.testing.operations.reply import PendingReply, Reply, error_reply
from asterisk_ari.testing.recorder import Recorder
from asterisk_ari.testing.replay.player import SessionPlayer
from asterisk_ari.testing.request import Request, User
from asterisk_ari.testing.server.fault_rules import FaultRules
from asterisk_ari.testing.server.http1 import html_page
from asterisk_ari.testing.server.responder import Responder
from asterisk_ari.testing.server.routing import path_below_ari

NOT_FOUND = "The requested URL was not found on this server."


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """When idle connections are closed, how many connections are allowed, and the browser origins that get CORS headers."""

    keep_alive_seconds: float
    max_connections: int
    origins: frozenset[str]
    entry_delay: "EntryDelay"


class EntryDelay:
    """How long a channel created by a request takes to enter its application: random seconds from a range."""

    def __init__(self, seconds: float | tuple[float, float], seed: int) -> None:
        self._least, self._most = seconds if isinstance(seconds, tuple) else (seconds, seconds)
        if not 0 <= self._least <= self._most:
            raise ValueError(f"entry_delay_seconds must be a number of 0 or more or a range of two, not {seconds!r}")
        self._random = Random(seed)  # noqa: S311 - the same in every run

    def next(self) -> float:
        """Return the delay of the next channel, in seconds."""
        return self._least if self._least == self._most else self._random.uniform(self._least, self._most)


class OpenConnection(Protocol):
    """The interface of a client connection used by the server."""

    apps: list[str]
    user: User | None
    last_pong: bytes
    ignores_pings: bool

    @property
    def is_event_socket(self) -> bool:
        """Whether it has become an event WebSocket."""

    @property
    def is_closing(self) -> bool:
        """Whether it is closed or being closed."""

    def send_event(self, event: dict[str, Any]) -> None:
        """Send an event."""

    def send_frame(self, opcode: int, payload: bytes) -> None:
        """Send a frame."""

    def begin_request(self) -> None:
        """Stop handling messages of the WebSocket until its request is executed."""

    def end_request(self) -> None:
        """The request has been executed."""

    def close(self, code: int) -> None:
        """Close the WebSocket with a close frame."""

    def disconnect(self) -> None:
        """Close the connection once everything has been sent."""

    def abort(self) -> None:
        """Close the connection at once."""


class MediaEnd(Protocol):
    """The interface of a leg's connection used by the server."""

    def abort(self) -> None:
        """End the connection at once."""


class WebSocketOpener(OutboundConnector, Protocol):
    """Opens WebSockets to programs."""

    @property
    def is_dialling(self) -> bool:
        """Whether a WebSocket is being opened."""

    def stop(self) -> None:
        """Close everything, and open nothing more."""


class Server:
    """One Asterisk. Everything here runs in the thread of its event loop."""

    def __init__(
        self, new_machine: Callable[[float], Machine], users: dict[str, User], clock: Clock, options: ServerOptions
    ) -> None:
        self.clock = clock
        self.users = users
        self.options = options
        self.connections: set[OpenConnection] = set()
        self.recorder: Recorder = Recorder()
        self.faults: FaultRules = FaultRules()
        self.player: SessionPlayer | None = None
        self._new_machine = new_machine
        self._new_connector: Callable[[], LegConnector] | None = None
        self._outbound: list[OutboundWebSocket] = []
        self._dialler: WebSocketOpener | None = None
        self.media_sockets: set[MediaEnd] = set()
        self._next_run: asyncio.TimerHandle | None = None
        self._entries: set[asyncio.TimerHandle] = set()
        self._reset()

    def _reset(self) -> None:
        for entry in self._entries:
            entry.cancel()
        self._entries.clear()
        self.machine: Machine = self._new_machine(self.clock.now())
        self.responder: Responder = Responder(self.machine, self.users)
        if self._new_connector is not None:
            self.machine.external_media.connector = self._new_connector()

    def open_media_with(self, new_connector: Callable[[], LegConnector]) -> None:
        """Set the factory of connectors for external media; each machine gets its own connector."""
        self._new_connector = new_connector
        self.machine.external_media.connector = new_connector()

    # ------------------------------------------------------------------ WebSockets to programs

    @property
    def dials(self) -> bool:
        """Whether WebSockets to programs are opened."""
        return self._dialler is not None

    def dial_with(self, dialler: WebSocketOpener) -> None:
        """Set what opens WebSockets to programs, and open the configured ones."""
        self._dialler = dialler
        self._dial()

    def dial_no_more(self) -> None:
        """Close the WebSockets to programs, and open no more."""
        dialler, self._dialler = self._dialler, None
        if dialler is not None:
            dialler.stop()
        for session in self.machine.outbound.sessions:
            outbound.end(self.machine, session)
        self.machine.outbound = Outbound()

    def connect_to(self, config: OutboundWebSocket) -> None:
        """Open WebSockets to a program from now on."""
        self._outbound.append(config)
        if self.dials:
            outbound.begin(self.machine, config)

    @property
    def is_dialling(self) -> bool:
        """Whether a WebSocket to a program is being opened."""
        return self._dialler is not None and self._dialler.is_dialling

    def _dial(self) -> None:
        self.machine.outbound.connector = self._dialler
        if self.dials:
            for config in self._outbound:
                outbound.begin(self.machine, config)

    # ------------------------------------------------------------------ time

    def run_timers(self) -> None:
        """Run the due timers, and schedule the next run."""
        self.machine.timers.run(self.clock.now())
        self._play_on()
        self._schedule_entries()
        self.stop_timers()
        due = self.machine.timers.due()
        if due is not None and not self.clock.virtual:
            self._next_run = asyncio.get_running_loop().call_later(max(0.0, due - self.clock.now()), self.run_timers)

    @property
    def has_entries(self) -> bool:
        """Whether a channel is about to enter its application."""
        return bool(self._entries)

    def _schedule_entries(self) -> None:
        """Let channels enter their applications, each after its own delay, in real time whatever the server's clock."""
        entries = self.machine.entries
        while entries:
            action = entries.popleft()
            seconds = self.options.entry_delay.next()
            if seconds <= 0:
                action()
                self.machine.timers.run(self.clock.now())
            else:
                self._enter_later(action, seconds)

    def _enter_later(self, action: Action, seconds: float) -> None:
        def enter() -> None:
            self.machine.timers.run(self.clock.now())
            action()
            self._entries.discard(timer)
            self.run_timers()

        timer = asyncio.get_running_loop().call_later(seconds, enter)
        self._entries.add(timer)

    def _play_on(self) -> None:
        """Send the due events of a session, and schedule the next one."""
        if self.player is None:
            return
        apps = {name: app.send for name, app in self.machine.apps.items() if app.send is not None}
        wait = self.player.send_events(apps, self.machine.now)
        if wait is not None:
            self.machine.timers.after(wait, self._play_on)

    def stop_timers(self) -> None:
        """Cancel the scheduled run."""
        if self._next_run is not None:
            self._next_run.cancel()
            self._next_run = None

    # ------------------------------------------------------------------ requests

    def respond(self, request: Request) -> Reply | PendingReply:
        """Return the reply to a request."""
        path = request.target.partition("?")[0]
        if self.faults.is_loading or path_below_ari(path) is None:
            return Reply(404, html_page(404, NOT_FOUND))
        if self.faults.is_booting:
            return error_reply(503, "Asterisk not booted")
        self.machine.timers.run(self.clock.now())
        return self.responder.respond(request, self.player)

    # ------------------------------------------------------------------ applications

    def register_applications(self, connection: OpenConnection, names: list[str], *, subscribe_all: bool) -> None:
        """Connect applications to a WebSocket; if one had another WebSocket, ApplicationReplaced is sent there."""
        for name in names:
            applications.register(self.machine, name, connection.send_event, connection, subscribe_all=subscribe_all)
            if name not in connection.apps:
                connection.apps.append(name)
        self.machine.remove_unused_applications()
        if self.player is not None:
            self.run_timers()

    def release_applications(self, connection: OpenConnection) -> None:
        """Disconnect the applications of a closed WebSocket; they remain only while they have subscriptions."""
        for name in connection.apps:
            app = self.machine.apps.get(name)
            if app is None or app.connection is not connection:
                continue
            app.send, app.connection = None, None
            if self.machine.has("unregistering_ends_all"):
                app.drop_subscriptions_to_all()
        if connection.apps:
            self.machine.remove_unused_applications()

    # ------------------------------------------------------------------ event WebSockets

    def event_sockets(self, app: str | None = None) -> list[OpenConnection]:
        """Return the event WebSockets of one application or all."""
        sockets = [connection for connection in self.connections if connection.is_event_socket]
        return [socket for socket in sockets if app is None or app in socket.apps]

    def ping(self, payload: bytes) -> list[OpenConnection]:
        """Ping every event WebSocket; return those whose client has answered pings so far."""
        sockets = self.event_sockets()
        for socket in sockets:
            socket.send_frame(PING, payload)
        return [socket for socket in sockets if not socket.ignores_pings]

    def drop_event_sockets(self, app: str | None = None) -> None:
        """Cut the event WebSockets without a close frame."""
        for socket in self.event_sockets(app):
            socket.abort()

    def close_event_sockets(self, code: int, app: str | None = None) -> None:
        """Close the event WebSockets with a close frame."""
        for socket in self.event_sockets(app):
            socket.close(code)

    def send_text(self, text: str, app: str | None = None) -> None:
        """Send a text frame on the event WebSockets."""
        for socket in self.event_sockets(app):
            socket.send_frame(TEXT, text.encode())

    def end_calls(self) -> None:
        """End every call, and notify applications."""
        for channel in list(self.machine.channels.values()):
            hang_up_at_restart(self.machine, channel)
        self.machine.timers.run(self.clock.now())

    def forget(self) -> None:
        """Reset to the initial state; applications stay connected, and subscribed to endpoints and devices."""
        self.faults.clear()
        for media in list(self.media_sockets):
            media.abort()
        before = self.machine
        self._reset()
        self.machine.take_over(before)
        self.machine.outbound.connector = self._dialler
        outbound.take_over(self.machine, before)
        self.recorder.clear()
        self.run_timers()

    def restart(self, graceful: bool) -> None:
        """End every call, cut every connection, and start with an empty state."""
        if graceful:
            self.end_calls()
        for connection in list(self.connections):
            if connection.is_event_socket and graceful:
                connection.disconnect()
            else:
                connection.abort()
            connection.apps.clear()
        for session in self.machine.outbound.sessions:
            session.is_over = True
        for media in list(self.media_sockets):
            media.abort()
        self._reset()
        self._dial()
        self.run_timers()
