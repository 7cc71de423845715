"""EmbeddedAsterisk: a whole Asterisk for tests, in a thread of this process."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from .clock import Clock
from .connection import Connection
from .dialplan import Dialplan, Given
from .faults import Faults
from .machine import registering
from .machine.core import Machine
from .machine.endpoint import Endpoint, endpoints_of
from .machine.media import Stored
from .machine.pbx import Pbx
from .operations.asterisk import known_modules
from .phone import Phone, Phones
from .recorder import Events, Requests
from .respond import User
from .server import Server
from .websocket import PING, frame

RELEASE = "20.15.2"
# Besides the core set: what the documentation's examples play.
SOUNDS = {"custom/greeting": 1.5, "custom/welcome": 1.5, "welcome": 1.5}
DEAF_SECONDS = 0.3
Result = TypeVar("Result")


class EmbeddedAsterisk:
    """An Asterisk with ARI on a port of its own, for tests and demos.

        with EmbeddedAsterisk() as asterisk:
            ari = AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="demo")

    `release` says as which Asterisk it behaves. `users` maps names to passwords, or to
    `User(…)` for read-only ones (default: asterisk:asterisk, and reader:reader who may only read).
    `dialplan` is text as in extensions.conf or `{"context": {"extension": ["Answer()", "Wait(1)"]}}`. `endpoints` says
    what each PJSIP endpoint does when it is called: `{"alice": "answers", "bob": Endpoint("bob", "busy")}`. `sounds`
    gives the seconds of sounds of your own; those of Asterisk's core set have their real length. With `virtual_time`
    time stands still but for `advance`.
    """

    def __init__(
        self,
        release: str = RELEASE,
        *,
        users: Mapping[str, str | User] | None = None,
        dialplan: Given = None,
        endpoints: Mapping[str, str | Endpoint] | None = None,
        sounds: Mapping[str, float] | None = None,
        recordings: Mapping[str, bytes | float] | None = None,
        virtual_time: bool = False,
        mailboxes: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
        **options: Any,
    ) -> None:
        """`options`: `keep_alive` seconds (15), `session_limit` (100), `origins` for browsers."""
        given = users or {"asterisk": "asterisk", "reader": User("reader", "reader", read_only=True)}
        self.release = release
        self.host = host
        self.users: dict[str, User] = {name: item if isinstance(item, User) else User(name, item) for name, item in given.items()}
        first = next(iter(self.users.values()))
        self.username: str = first.name
        self.password: str = first.password
        self._dialplan, self._endpoints = dialplan, dict(endpoints) if endpoints is not None else None
        self._sounds = dict(SOUNDS if sounds is None else sounds)
        self._recordings, self._mailboxes = dict(recordings or {}), mailboxes
        self._wanted_port = port
        self._clock = Clock(virtual_time)
        self._server = Server(self._new_machine, self.users, self._clock, **options)
        self._phones = Phones(self)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.faults: Faults = Faults(self._server, self.inside)
        self._server.faults = self.faults

    def _new_machine(self, now: float) -> Machine:
        machine = Machine(self.release, now, endpoints_of(self._endpoints))
        machine.pbx = Pbx(machine, Dialplan(self._dialplan))
        machine.sound_seconds = dict(self._sounds)
        machine.mailboxes = {} if self._mailboxes else None
        machine.modules = known_modules()
        for name, (where, kind, levels) in _LOGS.items():
            machine.logs[name] = {"channel": where, "type": kind, "status": "Enabled", "configuration": levels}
        for name, item in self._recordings.items():
            is_bytes = isinstance(item, bytes)
            seconds = max(0.0, (len(item) - 44) / 16000) if isinstance(item, bytes) else float(item)
            machine.stored[name] = Stored(name, "wav", seconds, item if is_bytes else None)  # type: ignore[arg-type]
        return machine

    # ------------------------------------------------------------------ life

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.port

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> Self:
        """Listen, and return when it does."""
        if self._thread is not None:
            return self
        started = threading.Event()
        failed: list[BaseException] = []

        def serve() -> None:
            loop = asyncio.new_event_loop()
            try:
                loop.run_until_complete(self._server.start(self.host, self._wanted_port))
            except (OSError, OverflowError) as problem:
                failed.append(problem)
                started.set()
                loop.close()
                return
            self._loop = loop
            started.set()
            try:
                loop.run_forever()
            finally:
                loop.run_until_complete(self._server.stop())
                loop.close()

        self._thread = threading.Thread(target=serve, name="embedded-asterisk", daemon=True)
        self._thread.start()
        started.wait()
        if failed:
            self._thread = None
            raise failed[0]
        return self

    def stop(self) -> None:
        """End it; connections end without a word."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._thread = self._loop = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.stop)

    def inside(self, action: Callable[[], Result]) -> Result:
        """Do something in the server's thread, with its time and events, and give its result."""
        if self._loop is None:
            return action()
        done = threading.Event()
        results: list[Result] = []
        problems: list[BaseException] = []

        def act() -> None:
            try:
                self._server.machine.timers.run(self._clock.now())
                results.append(action())
                self._server.drive()
            except BaseException as problem:  # noqa: BLE001 - raised where it belongs: in the caller's thread
                problems.append(problem)
            done.set()

        self._loop.call_soon_threadsafe(act)
        done.wait()
        if problems:
            raise problems[0]
        return results[0]

    # ------------------------------------------------------------------ the test author's side

    @property
    def machine(self) -> Machine:
        """The state itself; change it only with `inside`."""
        return self._server.machine

    @property
    def requests(self) -> Requests:
        """Every request that was answered so far."""
        return self._server.recorder.requests

    @property
    def events(self) -> Events:
        """Every event that was sent so far."""
        return self._server.recorder.events

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Text messages and referrals that requests sent to endpoints."""
        return self._server.machine.messages

    @property
    def now(self) -> float:
        """Its time, seconds since the epoch."""
        return self._clock.now()

    def clear(self) -> None:
        """Forget requests and events so far."""
        self.inside(self._server.recorder.clear)

    def incoming_call(self, app: str | None = None, caller: str = "", called: str = "s", *, context: str | None = None) -> Phone:
        """A call from a phone, into an application or into the dialplan (`context`, `called`); returns the phone."""
        return self._phones.call(app, caller, called, context)

    def incoming_message(self, endpoint: str, body: str, to: str = "s", *, variables: Mapping[str, str] | None = None) -> None:
        """A SIP MESSAGE from an endpoint, registered or not: `asterisk.incoming_message("alice", "hello", to="100")`.

        Applications hear of it by TextMessageReceived that are subscribed to the endpoint, to its technology or to all.
        `variables` are headers of it, such as `X-Order`.

        Raises:
            ValueError: there is no such PJSIP endpoint.
        """

        def act() -> None:
            found = registering.endpoint_of(self.machine, endpoint)
            registering.message_received(self.machine, found, body, to, variables or {})

        self.inside(act)

    def register(self, endpoint: str) -> None:
        """An endpoint's contact appears: after `asterisk.register("alice")` it is online and can be called.

        One that was never `unreachable` only refreshes it. Subscribers hear of it by the three events of endpoints.

        Raises:
            ValueError: there is no such PJSIP endpoint.
        """
        self.inside(lambda: registering.register(self.machine, registering.endpoint_of(self.machine, endpoint)))

    def unregister(self, endpoint: str) -> None:
        """An endpoint's contact goes: after `asterisk.unregister("alice")` it is offline; calls that it has go on.

        Raises:
            ValueError: there is no such PJSIP endpoint.
        """
        self.inside(lambda: registering.unregister(self.machine, registering.endpoint_of(self.machine, endpoint)))

    def phone_of(self, channel_id: str) -> Phone:
        """The phone at the far end of a channel that was placed to an endpoint."""
        return self._phones.at(channel_id)

    def settle(self, quiet: float = 0.01, timeout: float = 5.0) -> None:
        """Wait until clients have read every event and have been quiet for so long."""
        recorder, deadline = self._server.recorder, time.monotonic() + timeout
        token = f"settle-{time.monotonic_ns()}".encode()
        asked = self.inside(lambda: self._ping(token))
        patience = min(deadline, time.monotonic() + DEAF_SECONDS)
        while any(one.pong != token and not one.transport.is_closing() for one in asked):
            if time.monotonic() > patience:
                break
            time.sleep(0.0005)
        for one in asked:
            one.is_deaf = one.pong != token
        while time.monotonic() - recorder.last < quiet and time.monotonic() < deadline:
            time.sleep(0.0005)

    def _ping(self, token: bytes) -> list[Connection]:
        """Ask every socket whose client reads; one that did not answer is not waited for until it does."""
        asked = [one for one in self._server.sockets() if not one.is_deaf]
        for one in self._server.sockets():
            one.send_frames(frame(PING, token))
        return asked

    def advance(self, seconds: float, *, quiet: float = 0.01) -> None:
        """Let time pass: everything happens at its own time, and clients get to react to each event."""
        target = self._clock.now() + seconds
        self.settle(quiet)
        while True:
            due = self.inside(self._server.machine.timers.due)
            if due is None or due > target:
                break
            before = len(self._server.recorder.events)
            self.inside(lambda due=due: self._clock.move_to(due))  # type: ignore[misc]
            self.inside(self._server.drive)
            if len(self._server.recorder.events) != before:
                self.settle(quiet)
        self.inside(lambda: self._clock.move_to(target))
        self.inside(self._server.drive)
        self.settle(quiet)


_LOGS = {
    "console": ("", "Console", "VERBOSE "),
    "messages.log": ("/var/log/asterisk/messages.log", "File", "NOTICE WARNING ERROR "),
}
