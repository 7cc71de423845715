"""EmbeddedAsterisk: a complete Asterisk for tests, in a thread of this process."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from time import sleep  # the real one, even if it is replaced for the program
from types import TracebackType
from typing import Any, Self, TypeVar

from asterisk_ari._core.ladder.masking import Masking
from asterisk_ari._transport.runtime.client_clock import CLOCK
from asterisk_ari.testing.clock import Clock
from asterisk_ari.testing.faults import Faults
from asterisk_ari.testing.machine.dialplan.interpreter import DialplanInterpreter
from asterisk_ari.testing.machine.signalling import endpoints as pjsip
from asterisk_ari.testing.machine.stasis.outbound import is_waiting
from asterisk_ari.testing.machine.state.dialplan import Dialplan, DialplanSource
from asterisk_ari.testing.machine.state.endpoint import ServerEndpoint, read_endpoints
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import RecordingFile
from asterisk_ari.testing.machine.state.outbound import OutboundWebSocket
from asterisk_ari.testing.machine.state.release_features import has_feature, release_of
from asterisk_ari.testing.machine.state.system import SystemState
from asterisk_ari.testing.operations.asterisk import LOG_CHANNELS, known_modules
from asterisk_ari.testing.passing_time import POLL_SECONDS, QUIET_SECONDS, SETTLE_SECONDS, PassingTime, in_an_event_loop
from asterisk_ari.testing.phone import Phone, call_from_phone, phone_at
from asterisk_ari.testing.program_sleeps import ProgramSleeps
from asterisk_ari.testing.recorder import Requests, SentEvents
from asterisk_ari.testing.replay.player import SessionPlayer
from asterisk_ari.testing.replay.report import ReplayDiffers, ReplayReport
from asterisk_ari.testing.replay.session import read_session, session_lines
from asterisk_ari.testing.report import WIDTH, ladder_of
from asterisk_ari.testing.request import Request, User
from asterisk_ari.testing.server.access import check_users, default_users
from asterisk_ari.testing.server.listener import PortListener
from asterisk_ari.testing.server.server import EntryDelay, Server, ServerOptions
from asterisk_ari.testing.sound.pcm import SAMPLE_BYTES
from asterisk_ari.testing.sound.sources import Clip
from asterisk_ari.testing.sound.wav import read_wav

RELEASE = "20.15.2"
# Real servers take up to a few milliseconds. A request that follows immediately is faster than this.
ENTRY_DELAY_SECONDS = 0.003
# Sounds of the documentation's examples, besides the core set.
SOUNDS = {"custom/greeting": 1.5, "custom/welcome": 1.5, "welcome": 1.5}
WAV_HEADER_BYTES, WAV_BYTES_PER_SECOND = 44, 16000
Result = TypeVar("Result")


class EmbeddedAsterisk:
    """An Asterisk with ARI on a port of its own, for tests and demos.

        with EmbeddedAsterisk() as asterisk:
            ari = AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="demo")

    A channel created by a request enters its application `entry_delay_seconds` after the response, as on a real server: until its
    StasisStart, in-app requests about it are refused with 409 or 422. A range, `(0.0, 0.02)`, gives each channel a random delay,
    the same in every run with the same `seed`. The delay is real time, also with `virtual_time`; `settle` and `advance` wait for
    it.

    Args:
        release: the Asterisk it behaves as: a release, or a build such as `certified/20.7-cert5` or `GIT-master-abc`.
        reported_version: overrides the version it reports.
        users: maps names to passwords, or to `User(…)` for read-only users. Default: asterisk:asterisk, and the read-only
            reader:reader.
        host: address to listen on; one that other machines can reach requires passwords other than the defaults.
        dialplan: text as in extensions.conf, or `{"context": {"extension": ["Answer()", "Wait(1)"]}}`.
        endpoints: what each PJSIP endpoint does when it is called: `{"alice": "answers", "bob": ServerEndpoint("bob", "busy")}`.
            Default: `trunk` and others answer, `alice` and `bob` are unreachable; docs/embedded.md lists them.
        sounds: additional sounds: lengths in seconds, or WAV files (path or bytes), which are played as they are. The sounds of
            Asterisk's core set have their real length, with a tone in place of the speech.
        recordings: stored recordings: lengths in seconds, or the bytes of a WAV file.
        websocket_clients: the connections of websocket_client.conf, names and URLs, that external media can refer to.
        outbound: WebSockets that it opens to programs (`AriListener`) from the start; `connect_to` opens further ones.
        virtual_time: time stands still except in `advance`, which also moves the waits of the clients in this process.
        program_sleeps: `advance` also moves `time.sleep` and `asyncio.sleep` of this process.
        mailboxes: whether the server has /mailboxes.
        port: port to listen on; 0 takes any free one.
        keep_alive: after how many seconds without a request connections are closed.
        session_limit: how many connections may be open; those beyond it are closed at once.
        origins: the browser origins that get CORS headers.
        entry_delay_seconds: how long after the response a channel created by a request enters its application: a number, or a
            range for random delays.
        seed: of the random delays.
    """

    release: str
    host: str
    username: str
    password: str
    _thread: threading.Thread | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    def __init__(
        self,
        release: str = RELEASE,
        *,
        reported_version: str | None = None,
        users: Mapping[str, str | User] | None = None,
        dialplan: DialplanSource = None,
        endpoints: Mapping[str, str | ServerEndpoint] | None = None,
        sounds: Mapping[str, float | bytes | str | Path] | None = None,
        recordings: Mapping[str, bytes | float] | None = None,
        virtual_time: bool = False,
        program_sleeps: bool = False,
        mailboxes: bool = False,
        websocket_clients: Mapping[str, str] | None = None,
        outbound: Iterable[OutboundWebSocket] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        keep_alive: float = 15.0,
        session_limit: int = 100,
        origins: Iterable[str] = (),
        entry_delay_seconds: float | tuple[float, float] = ENTRY_DELAY_SECONDS,
        seed: int = 0,
    ) -> None:
        self.release, self._reported_version = release, reported_version
        self.host, self._requested_port = host, port
        self.users: dict[str, User] = _users(users or default_users())
        check_users(host, self.users)
        first = next(iter(self.users.values()))
        self.username, self.password = first.name, first.password
        self._dialplan, self._endpoints = dialplan, dict(endpoints) if endpoints is not None else None
        self._sounds = {name: _sound(name, item) for name, item in (SOUNDS if sounds is None else sounds).items()}
        self._recordings = dict(recordings or {})
        self._mailboxes, self._websocket_clients = mailboxes, dict(websocket_clients or {})
        self._clock, self._program_sleeps = Clock(virtual_time), program_sleeps
        options = ServerOptions(keep_alive, session_limit, frozenset(origins), EntryDelay(entry_delay_seconds, seed))
        self._server = Server(self._new_machine, self.users, self._clock, options)
        self._listener = PortListener(self._server)
        self._time = PassingTime(self._server, self._clock, self._run_in_server)
        self._connect_to_all(outbound)
        self.faults: Faults = Faults(self._server, self._listener, self.run_in_server)

    @classmethod
    def replay(cls, session: str | Path | Iterable[str], *, lenient: bool = False, paced: bool = False, **options: Any) -> Self:
        """Return a server that replays a recorded session: the recorded responses to the recorded requests, and the events
        between them.

            with EmbeddedAsterisk.replay("call.jsonl") as asterisk:
                run_the_program(asterisk.url)  # does what it did then, or ReplayDiffers says what it did not
                asterisk.wait_until(lambda: asterisk.replay_is_over)

        `session` is a file written by `save_session` or `asterisk-ari record`, or its lines. Events start when their application
        has connected; each is sent once all requests recorded before it have been made. Ids chosen by the program may differ. A
        request that was not recorded is answered with 501, and leaving the `with` block raises ReplayDiffers, which lists such
        requests and missing ones. With `lenient` neither is an error: a request with other parameters gets the recorded response,
        one that was never recorded that of a server without calls; missing requests delay events only until a later request is
        made; an app of another name gets the events. `replay_report` has the differences in both modes. With `paced`, events keep
        at least the recorded distance to what preceded them, in the time of the server (`advance`). `options` are those of
        EmbeddedAsterisk; `release` defaults to the recorded one.

        Raises:
            BadArgument: the session cannot be read.
        """
        read = read_session(session)
        server = cls(**{**({"release": read.version} if read.version else {}), **options})
        server._server.player = SessionPlayer(read, lenient=lenient, paced=paced)
        return server

    def _new_machine(self, now: float) -> Machine:
        return Machine(
            self.release,
            now,
            reported_version=self._reported_version,
            endpoints=read_endpoints(self._endpoints),
            dialplan=Dialplan(self._dialplan),
            runner=DialplanInterpreter(),
            sounds=self._sounds,
            recordings=[_recording_file(name, item) for name, item in self._recordings.items()],
            system=SystemState(
                known_modules(release_of(self.release)),
                dict(LOG_CHANNELS),
                mailboxes={} if self._mailboxes else None,
                websocket_clients=self._websocket_clients,
            ),
        )

    # ------------------------------------------------------------------ start and stop

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._listener.port

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> Self:
        """Start the server; it listens when this returns.

        Raises:
            OSError: the port is not available.
        """
        if self._thread is not None:
            return self
        started = threading.Event()
        errors: list[BaseException] = []

        def serve() -> None:
            loop = asyncio.new_event_loop()
            try:
                loop.run_until_complete(self._listener.start(self.host, self._requested_port))
            except (OSError, OverflowError) as error:
                errors.append(error)
                started.set()
                loop.close()
                return
            self._loop = loop
            started.set()
            try:
                loop.run_forever()
            finally:
                loop.run_until_complete(self._listener.stop())
                loop.close()

        self._thread = threading.Thread(target=serve, name="embedded-asterisk", daemon=True)
        self._thread.start()
        started.wait()
        if errors:
            self._thread = None
            raise errors[0]
        CLOCK.attach()
        if self._program_sleeps:
            ProgramSleeps.begin()
        return self

    def stop(self) -> None:
        """Stop the server; connections are aborted."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._thread = self._loop = None
        if self._program_sleeps:
            ProgramSleeps.end()
        CLOCK.detach()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        if error is None:
            self._check_end()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.stop)
        if error is None:
            self._check_end()

    def _check_end(self) -> None:
        self._time.check_awaited()
        player = self._server.player
        if player is not None and not player.is_lenient and not player.report.is_same:
            raise ReplayDiffers(str(player.report))

    def run_in_server(self, function: Callable[[], Result], *, after_reading: bool = False) -> Result:
        """Call a function in the thread of the server, run due timers, and return the result.

        Args:
            function: what to call.
            after_reading: whether to call it only after the server has read everything that has arrived by now.
        """
        self._time.check_awaited()
        return self._run_in_server(function, after_reading=after_reading)

    def _run_in_server(self, function: Callable[[], Result], *, after_reading: bool = False) -> Result:
        if self._loop is None:
            return function()
        done = threading.Lock()  # not an Event, which costs as much as most of the functions called here
        done.acquire()
        results: list[Result] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                self._server.machine.timers.run(self._clock.now())
                results.append(function())
                self._server.run_timers()
            except BaseException as error:  # noqa: BLE001 - raised again in the thread of the caller
                errors.append(error)
            done.release()

        # What has arrived is read between the next round of the loop and the one after.
        loop = self._loop
        loop.call_soon_threadsafe(lambda: loop.call_soon(loop.call_soon, run) if after_reading else run())
        done.acquire()
        if errors:
            raise errors[0]
        return results[0]

    # ------------------------------------------------------------------ what a test uses

    @property
    def machine(self) -> Machine:
        """The state itself; change it only in `run_in_server`."""
        return self._server.machine

    @property
    def requests(self) -> Requests:
        """All requests answered so far."""
        self._time.check_awaited()
        return self._server.recorder.requests

    @property
    def events(self) -> SentEvents:
        """All events sent so far."""
        self._time.check_awaited()
        return self._server.recorder.events

    @property
    def log(self) -> list[Request | dict[str, Any]]:
        """Requests and events so far in one list, in their order."""
        self._time.check_awaited()
        return self._server.recorder.log

    @property
    def channels(self) -> dict[str, dict[str, Any]]:
        """The existing channels by id, each as returned by `GET /channels`."""
        machine = self.machine
        return self.run_in_server(lambda: {one.id: machine.channel_json(one) for one in machine.channels.values()})

    @property
    def bridges(self) -> dict[str, dict[str, Any]]:
        """The existing bridges by id, each as returned by `GET /bridges`."""
        return self.run_in_server(lambda: {one.id: one.snapshot() for one in self.machine.bridges.values()})

    @property
    def connected_apps(self) -> list[str]:
        """The applications with an event WebSocket, in alphabetical order."""

        def read() -> list[str]:
            apps = self.machine.apps.values()
            return sorted(one.name for one in apps if one.send is not None and not is_waiting(one.connection))

        return self.run_in_server(read)

    @property
    def recordings(self) -> dict[str, dict[str, Any]]:
        """The recordings by name: live ones, with their `state`, and stored ones."""

        def read() -> dict[str, dict[str, Any]]:
            machine = self.machine
            return {
                name: one.snapshot()
                for named in (machine.stored_recordings, machine.live_recordings)
                for name, one in named.items()
            }

        return self.run_in_server(read)

    def ladder(self, width: int = WIDTH) -> str:
        """The calls so far as a ladder of requests and events, as printed by the pytest plugin when a test fails."""
        return ladder_of(self.log, width)

    def save_session(self, file: str | Path, *, masked: bool = False) -> None:
        """Write the requests, responses and events so far to a file, for `replay` and `asterisk-ari ladder`; an existing file is
        replaced.

        It contains no passwords. Callers, numbers and values of variables are included, unless `masked` replaces them.

        Raises:
            OSError: the file cannot be written.
        """
        Path(file).write_text("".join(f"{line}\n" for line in self.session_lines(masked=masked)), encoding="utf-8")

    def session_lines(self, *, masked: bool = False) -> list[str]:
        """The lines of the file that `save_session` writes."""
        version = self._reported_version or self.release
        return list(session_lines(self.log, f"{self.url}/ari", version, self.now, Masking(personal=masked)))

    @property
    def replay_is_over(self) -> bool:
        """Whether all events of a replayed session have been sent, and all its requests made."""
        return self._replayed().is_over

    @property
    def replay_report(self) -> ReplayReport:
        """The differences from the replayed session so far; whatever has not happened yet counts as missing."""
        return self._replayed().report

    def _replayed(self) -> SessionPlayer:
        if self._server.player is None:
            raise RuntimeError("it replays no session: EmbeddedAsterisk.replay(file) does")
        return self._server.player

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The text messages and referrals that requests have sent to endpoints."""
        return self._server.machine.messages

    @property
    def has_virtual_time(self) -> bool:
        """Whether its time moves only in `advance`."""
        return self._clock.virtual

    @property
    def now(self) -> float:
        """Its time, in seconds since the epoch."""
        return self._clock.now()

    def clear(self) -> None:
        """Forget the requests and events so far."""
        self.run_in_server(self._server.recorder.clear)

    def reset(self) -> None:
        """Prepare for the next test: end calls, bridges and faults, and forget recordings, variables, requests and events.

        Programs stay connected and keep their subscriptions to endpoints and device states; they receive the events of their
        ending calls, and `reset` waits until they have handled them. Time continues. To restart the server, use
        `faults.restart()`.

        Raises:
            OSError: after `faults.refuse`, another program has taken the port.
            RuntimeError: called in an event loop, which it would block and with it the clients there.
        """
        if in_an_event_loop():
            raise RuntimeError(
                "reset() would block the event loop that it is called in: run it in a thread, asyncio.to_thread(…)"
            )
        self.faults.recover()
        self.run_in_server(self._server.end_calls)
        self._time.settle(QUIET_SECONDS, SETTLE_SECONDS)
        self.run_in_server(self._server.forget)

    def incoming_call(
        self,
        app: str | None = None,
        caller: str = "",
        called: str = "s",
        *,
        context: str | None = None,
        listens: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Phone:
        """Place a call from a phone, into an application or into the dialplan (`context`, `called`); returns the phone.

        With `listens` it keeps what it hears, for `phone.heard` and `phone.assert_heard`. `headers` are header fields of its
        INVITE, read by `PJSIP_HEADER(read,X-Order)`; None means none.

        Raises:
            ValueError: neither or both of `app` and `context` were given.
            RuntimeError: the server replays a session, which has its own calls.
            LookupError: there are apps, but not this one; the message lists them. `context="stasis", called=app` calls it
                nevertheless.
        """
        if (app is None) == (context is None):
            raise ValueError("give either app= or context=: it says where the call goes")
        if self._server.player is not None:
            raise RuntimeError("it replays a session: its calls come from there")
        run = self.run_in_server

        def place() -> Phone:
            known = {*self.machine.apps, *self.machine.outbound.apps}
            if app is not None and known and app not in known:
                raise LookupError(f"there is no app {app!r}; there are {', '.join(sorted(known))}")
            return call_from_phone(
                run,
                self.machine,
                self.wait_until,
                app=app,
                caller=caller,
                called=called,
                context=context,
                listens=listens,
                headers=headers or {},
            )

        return run(place)

    def incoming_message(self, endpoint: str, body: str, to: str = "s", *, variables: Mapping[str, str] | None = None) -> None:
        """Receive a SIP MESSAGE from an endpoint, registered or not: `asterisk.incoming_message("alice", "hello", to="100")`.

        Applications subscribed to the endpoint, to its technology or to all endpoints get TextMessageReceived.
        `variables` are additional headers, such as `X-Order`.

        Raises:
            ValueError: there is no such PJSIP endpoint.
        """

        def receive() -> None:
            pjsip.receive_message(self.machine, pjsip.find_endpoint(self.machine, endpoint), body, to, variables or {})

        self.run_in_server(receive)

    def set_endpoint(self, endpoint: ServerEndpoint) -> None:
        """Add an endpoint, or change what it does when it is called: `asterisk.set_endpoint(ServerEndpoint("bob", "busy"))`.

        If that makes it reachable or unreachable, the endpoint events are sent.
        """
        self.run_in_server(lambda: pjsip.redefine(self.machine, endpoint))

    def register(self, endpoint: str) -> None:
        """Register a contact of an endpoint: after `asterisk.register("alice")` it is online and can be called.

        An endpoint that already has a contact only refreshes it. Subscribers get the three endpoint events.

        Raises:
            ValueError: there is no such PJSIP endpoint.
        """
        self.run_in_server(lambda: pjsip.register(self.machine, pjsip.find_endpoint(self.machine, endpoint)))

    def unregister(self, endpoint: str) -> None:
        """Remove the contact of an endpoint: after `asterisk.unregister("alice")` it is offline; its calls continue.

        Raises:
            ValueError: there is no such PJSIP endpoint.
        """
        self.run_in_server(lambda: pjsip.unregister(self.machine, pjsip.find_endpoint(self.machine, endpoint)))

    def connect_to(self, websocket: OutboundWebSocket) -> None:
        """Open a WebSocket to a program (an `AriListener`), as Asterisk does according to ari.conf and websocket_client.conf.

            with AriListener("127.0.0.1", 0, credentials={"out": "secret"}) as listener:
                url = f"ws://127.0.0.1:{listener.address[1]}/ari"
                asterisk.connect_to(OutboundWebSocket(url, "voicebot", username="out", password="secret"))
                asterisk.wait_for_app("voicebot")

        A persistent one is opened at once, and reopened when it is lost; in the meantime calls enter the app nevertheless, and
        their events are queued. A per-call one is opened when a call is sent to the app, which it enters half a second later. All
        this happens in the time of the server: with `virtual_time` a WebSocket is reopened in `advance`.

        Raises:
            ValueError: the release has no outbound WebSockets, or there is no such user.
        """
        self._check_outbound(websocket)
        self.run_in_server(lambda: self._server.connect_to(websocket))

    def _connect_to_all(self, outbound: Iterable[OutboundWebSocket]) -> None:
        for one in outbound:
            self._check_outbound(one)
            self._server.connect_to(one)

    def _check_outbound(self, websocket: OutboundWebSocket) -> None:
        if not has_feature(release_of(self.release), "application_registered"):
            raise ValueError(f"Asterisk {self.release} opens no WebSockets to programs: 20.15, 21.10, 22.5 and later do")
        if websocket.user is not None and websocket.user not in self.users:
            raise ValueError(f"there is no user {websocket.user!r}; there are {', '.join(self.users)}")

    def phone_of(self, channel_id: str) -> Phone:
        """The phone at the far end of a channel that was placed to an endpoint.

        Raises:
            LookupError: there is no such channel, or it has ended.
        """
        return self.run_in_server(lambda: phone_at(self.run_in_server, self.machine, self.wait_until, channel_id))

    def settle(self, quiet: float = QUIET_SECONDS, timeout: float = SETTLE_SECONDS) -> Awaitable[None]:
        """Wait until clients have read every event and have been idle for `quiet` seconds, but at most `timeout` seconds.

        A client has read every event once it answers a ping; a client that does not answer within 0.3 seconds is not waited for
        again until it has answered one. Time in which the machine or this process is busy counts as quiet only in part, since
        handlers may be busy too. A handler that computes, or that does not get the processor, for longer looks idle: to wait for
        something it does, use `wait_until`.

        In an event loop, await it: `await asterisk.settle()`.

        Raises:
            RuntimeError: at the next use of the server, if it was called in an event loop but not awaited.
        """
        self._time.check_awaited()
        return self._time.do("settle", lambda: self._time.settle(quiet, timeout))

    def advance(self, seconds: float, *, quiet: float = QUIET_SECONDS) -> Awaitable[None]:
        """Let time pass: everything happens at its own time, and clients get to react to each event.

        It also ends the waits of the clients in this process: the time limits of `collect_digits`, `ask`, `wait` and `dial`, the
            pauses of kits and between attempts to reconnect. Time limits of requests, and pings, use real time.

            asterisk.advance(10)  # the caller types nothing: collect_digits(first_seconds=10) ends

        In an event loop, await it: `await asterisk.advance(10)`.

        Raises:
            RuntimeError: at the next use of the server, if it was called in an event loop but not awaited.
        """
        self._time.check_awaited()
        return self._time.do("advance", lambda: self._time.advance(seconds, quiet))

    def wait_until(
        self, condition: Callable[[], Result], timeout: float = SETTLE_SECONDS, *, virtual_seconds: float = 0.0
    ) -> Result:
        """Wait until a condition is true; return its value.

        Use it to wait for something a client does, however busy the machine is; `settle` can only tell that the client is idle.
        In an event loop, use `until`.

            asterisk.wait_until(lambda: phone.answered)
            asterisk.wait_until(lambda: phone.ended, virtual_seconds=60)  # whenever it is within the next minute of calls

        Args:
            condition: called repeatedly.
            timeout: how many seconds of real time to wait, after the virtual time has passed.
            virtual_seconds: how much time of the server may pass, as with `advance`: from one event to the next, and no further
                once the condition is true. With 0, virtual time stands still.

        Raises:
            TimeoutError: it did not become true; the message names the last request and the last event.
            RuntimeError: called in an event loop, which it would block and with it the clients there.
        """
        self._time.check_awaited()
        if in_an_event_loop():
            raise RuntimeError(
                "wait_until() would block the event loop that it is called in, and with it a client that runs there:"
                " write `await asterisk.until(condition)`"
            )
        if virtual_seconds and (found := self._time.advance_until(condition, virtual_seconds, QUIET_SECONDS)):
            return found
        if late := self._time.wait_until(condition, timeout):
            return late
        raise TimeoutError(self._not_true(timeout))

    def wait_for_app(self, name: str, timeout: float = SETTLE_SECONDS) -> None:
        """Wait until an application has connected, for example that of a program in another process.

        Raises:
            TimeoutError: it has not connected; the message names those that have.
            RuntimeError: called in an event loop.
        """
        try:
            self.wait_until(lambda: name in self.connected_apps, timeout)
        except TimeoutError:
            apps = ", ".join(self.connected_apps) or "none"
            raise TimeoutError(f"the app {name!r} has not connected within {timeout:g} s; apps: {apps}") from None

    async def until(self, condition: Callable[[], Result], timeout: float = SETTLE_SECONDS) -> Result:  # noqa: ASYNC109 - as there
        """Like `wait_until`, in an event loop; the condition is called in the loop.

            await asterisk.until(lambda: phone.answered)

        Raises:
            TimeoutError: it did not become true; the message names the last request and the last event.
        """
        self._time.check_awaited()
        loop, deadline = asyncio.get_running_loop(), time.monotonic() + timeout
        while not (found := condition()):
            if time.monotonic() >= deadline:
                raise TimeoutError(self._not_true(timeout))
            await loop.run_in_executor(None, sleep, POLL_SECONDS)
        return found

    def _not_true(self, timeout: float) -> str:
        requests, events = self.requests, self.events
        request = f"{requests[-1].method} {requests[-1].path}" if requests else "none"
        last = f"the last request was {request}, the last event {events[-1]['type'] if events else 'none'}"
        return f"the condition did not become true within {timeout:g} s; {last}"


def _users(given: Mapping[str, str | User]) -> dict[str, User]:
    return {name: item if isinstance(item, User) else User(name, item) for name, item in given.items()}


def _sound(name: str, item: float | bytes | str | Path) -> float | Clip:
    return Clip.of_file(f"sound:{name}", item) if isinstance(item, bytes | str | Path) else float(item)


def _recording_file(name: str, item: bytes | float) -> RecordingFile:
    if isinstance(item, bytes):
        try:
            pcm, rate = read_wav(item)
        except ValueError:  # arbitrary bytes can be stored and downloaded; the length is a guess
            return RecordingFile(name, "wav", max(0.0, (len(item) - WAV_HEADER_BYTES) / WAV_BYTES_PER_SECOND), item)
        return RecordingFile(name, "wav", len(pcm) / SAMPLE_BYTES / rate, item)
    return RecordingFile(name, "wav", float(item))
