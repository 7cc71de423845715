"""The server: listens, drives the state with the clock, and gives applications their sockets."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from .clock import Clock
from .connection import Connection
from .faults import Faults
from .http1 import page
from .machine.application import Application
from .machine.core import Machine
from .machine.ending import end
from .machine.signals import hangup_requested
from .machine.stamp import stamp
from .operations.registry import Reply, Waiting, error
from .recorder import Recorder
from .respond import Request, Responder, User
from .routing import below
from .websocket import TEXT, frame

ROUNDS_TO_COME_IN, ROUNDS_TO_END = 4, 4
"""Of the loop: a connection that was just accepted takes some to become known, one that is aborted some to end."""
NOT_FOUND = "The requested URL was not found on this server."


class Server:
    """One listening Asterisk. Everything here runs in its loop's thread."""

    def __init__(self, make_machine: Callable[[float], Machine], users: dict[str, User], clock: Clock, **options: Any) -> None:
        self.clock = clock
        self.make_machine = make_machine
        self.users = users
        self.loop: asyncio.AbstractEventLoop
        self.connections: set[Connection] = set()
        self.recorder: Recorder = Recorder()
        self.faults: Faults = Faults(self, lambda action: action())
        self.keep_alive: float = options.get("keep_alive", 15.0)
        self.session_limit: int = options.get("session_limit", 100)
        self.origins: set[str] = options.get("origins", set())
        self.on_machine: list[Callable[[Machine], None]] = []
        self.port: int = 0
        self.is_listening: threading.Event = threading.Event()
        self.is_refusing: threading.Event = threading.Event()
        self._listener: asyncio.Server | None = None
        self._wake: asyncio.TimerHandle | None = None
        self._reset()

    def _reset(self) -> None:
        self.machine: Machine = self.make_machine(self.clock.now())
        self.responder: Responder = Responder(self.machine, self.users)
        self.max_body = 40960 if self.machine.has("body_of_40_kilobytes") else 4096
        for tell in self.on_machine:
            tell(self.machine)

    async def start(self, host: str, port: int) -> None:
        """Listen."""
        self.loop = asyncio.get_running_loop()
        self._host = host
        self._listener = await self.loop.create_server(lambda: Connection(self), host, port, backlog=100)
        self.port = self._listener.sockets[0].getsockname()[1]
        self.is_refusing.clear()
        self.is_listening.set()
        self.drive()

    async def stop(self) -> None:
        """Stop listening; connections end at once."""
        await self._refuse()
        if self._wake is not None:
            self._wake.cancel()
        for _ in range(ROUNDS_TO_END):
            for connection in list(self.connections):
                connection.transport.abort()
            await asyncio.sleep(0)

    def listen_again(self) -> None:
        """Accept connections; `is_listening` says when."""
        if self._listener is None and self.port > 0:
            task = self.loop.create_task(self.start(self._host, self.port))
            task.add_done_callback(lambda done: done.exception())

    def refuse(self) -> None:
        """Refuse connections; `is_refusing` says when."""
        self._refusal = self.loop.create_task(self._refuse())

    async def _refuse(self) -> None:
        self.is_listening.clear()
        listener, self._listener = self._listener, None
        if listener is not None:
            # Who was accepted is let in before: a connection without its listener would be lost, and its socket left open.
            self.loop.remove_reader(listener.sockets[0].fileno())
            for _ in range(ROUNDS_TO_COME_IN):
                await asyncio.sleep(0)
            listener.close()
        self.is_refusing.set()

    # ------------------------------------------------------------------ time

    def drive(self) -> None:
        """Do what is due, and wake up when the next thing is."""
        timers = self.machine.timers
        timers.run(self.clock.now())
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        due = timers.due()
        if due is not None and not self.clock.virtual:
            self._wake = self.loop.call_later(max(0.0, due - self.clock.now()), self.drive)

    # ------------------------------------------------------------------ requests

    def answer(self, request: Request) -> Reply | Waiting:
        """The reply to a request."""
        path = request.target.partition("?")[0]
        if self.faults.is_loading or below(path) is None:
            return Reply(404, page(404, NOT_FOUND))
        if self.faults.is_booting:
            return error(503, "Asterisk not booted")
        self.machine.timers.run(self.clock.now())
        return self.responder.respond(request)

    # ------------------------------------------------------------------ applications

    def register(self, connection: Connection, names: list[str], subscribes_all: bool) -> None:
        """Give applications to a socket; the one that had them is told and falls silent."""
        machine = self.machine
        for name in names:
            app = machine.apps.get(name)
            if app is None:
                app = machine.apps[name] = Application(name, machine.heard_devices.setdefault(name, {}))
                if subscribes_all:
                    app.hear_everything()
                if machine.has("stasis_contexts"):
                    machine.pbx.dialplan.add_application(name)
            elif app.sink is not None and app.wants("ApplicationReplaced"):
                old = {"type": "ApplicationReplaced", "timestamp": stamp(machine.now), "application": name}
                app.sink({**old, "asterisk_id": machine.entity_id})
            app.sink = connection.send_event
            app.owner = connection
            if name not in connection.apps:
                connection.apps.append(name)
        machine.clean_up()

    def forget(self, connection: Connection) -> None:
        """A socket is gone: its applications stay only while something ties them."""
        for name in connection.apps:
            app = self.machine.apps.get(name)
            if app is None or app.owner is not connection:
                continue
            app.sink, app.owner = None, None
            if self.machine.has("unregistering_ends_all"):
                app.hear_named_only()
        if connection.apps:
            self.machine.clean_up()

    def sockets(self, app: str | None = None) -> list[Connection]:
        """Event WebSockets, those of one application or all."""
        open_ones = [one for one in self.connections if one.frames is not None]
        return [one for one in open_ones if app is None or app in one.apps]

    def drop_sockets(self, app: str | None = None) -> None:
        """Cut them."""
        for one in self.sockets(app):
            one.transport.abort()

    def close_sockets(self, code: int, app: str | None = None) -> None:
        """Close them."""
        for one in self.sockets(app):
            one.close(code)

    def send_text(self, text: str, app: str | None = None) -> None:
        """Send them text as it is."""
        for one in self.sockets(app):
            one.send_frames(frame(TEXT, text.encode()))

    def restart(self, graceful: bool) -> None:
        """End every call, cut every connection, begin anew."""
        if graceful:
            for channel in list(self.machine.channels.values()):
                hangup_requested(self.machine, channel, 32, soft=True)
                end(self.machine, channel)
            self.machine.timers.run(self.clock.now())
        for connection in list(self.connections):
            if connection.frames is not None and graceful:
                connection.transport.close()
            else:
                connection.transport.abort()
            connection.apps.clear()
        self._reset()
        self.drive()
