"""The server side of ARI's outbound WebSockets, to which Asterisk connects."""

import logging
import ssl
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self

from asterisk_ari._async.calls.programs import F
from asterisk_ari._async.listening.session import AriSession
from asterisk_ari._core.calls.on_stop import check_drain_seconds, parse_on_stop
from asterisk_ari._core.calls.programs import read_entrance
from asterisk_ari._core.events.introduction import Introduction
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._transport.listening_address import check_max_connections, check_port, check_tls
from asterisk_ari._transport.log_switch import switch_on
from asterisk_ari._transport.runtime.locks import new_thread_lock
from asterisk_ari._transport.runtime.runtime_async import BackgroundTask, ThreadsafeEvent
from asterisk_ari._transport.websocket.acceptor_async import Accepted, StreamAcceptor
from asterisk_ari._transport.websocket.event_stream_async import EventStream
from asterisk_ari._transport.websocket.stream_closed import StreamClosed
from asterisk_ari.errors import AriError, BadArgument
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")

MAX_CONNECTIONS = 1000

INTRODUCTION_SECONDS = 10.0
"""How long Asterisk may take to say which apps a WebSocket is for."""


@methods_tell_spellings
class AriListener(ProcessBound):
    """Listens for Asterisk servers that connect to the program (`outbound_websocket` in ari.conf, since 20.15, 21.10, 22.5 and
    23).

    Use it in `async with`. Each WebSocket becomes an `AriSession`, which `async for` yields; one that is lost and comes back
    continues the same session. The listener connects sessions whose app has a program (`calls`); others are connected on
    entering, `async with session:`, so that handlers can be registered before the first event.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes any free one, see `address`.
        credentials: passwords by user name, as in websocket_client.conf; other credentials are refused. They appear in no log and
            no repr.
        ssl: context of a TLS server, for `wss://`; with `verify_mode = ssl.CERT_REQUIRED`, only clients with a certificate that
            it trusts are admitted. None listens without TLS, so passwords can be read in transit.
        max_connections: how many WebSockets may be open at the same time; further ones are answered with 503, and Asterisk tries
            again after its `reconnect_interval`. Each is an open file of the process, whose limit must be higher.
        on_error: as for `AsyncAsteriskARI`, for all sessions.

    Raises:
        BadArgument: no credentials, or some that HTTP cannot carry; an invalid port or number of connections; not a context of a
            TLS server.
        OSError: on entering: the address or port is not available.

    Example:
        >>> async with AriListener("0.0.0.0", 8765, credentials={"out": "secret"}) as listener:
        ...     @listener.calls("voicebot")
        ...     async def serve(call: Call) -> None:
        ...         await call.answer()
        ...         await call.say("sound:hello-world")
        ...     await listener.serve_forever()
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        credentials: Mapping[str, str],
        ssl: ssl.SSLContext | None = None,
        max_connections: int = MAX_CONNECTIONS,
        on_error: Callable[..., Any] | None = None,
    ) -> None:
        _check_credentials(credentials)
        check_port(port)
        check_tls(ssl)
        check_max_connections(max_connections)
        self._wanted = (host, port, ssl)
        self._on_error = on_error
        self._acceptor = self._new_acceptor(dict(credentials), max_connections)
        self._address: tuple[str, int] = (host, port)
        self._lock = new_thread_lock()
        self._programs: list[tuple[str, Any, Any]] = []
        self._sessions: dict[AriSession, None] = {}
        self._unseen: dict[AriSession, None] = {}
        self._introducing: dict[Accepted, None] = {}
        self._tasks: list[BackgroundTask] = []
        self._accepting: BackgroundTask | None = None
        self._is_closing = False
        self._news = ThreadsafeEvent()
        self._closed = ThreadsafeEvent()

    def _new_acceptor(self, credentials: Mapping[str, str], max_connections: int) -> StreamAcceptor:
        return StreamAcceptor(credentials, Settings(), max_connections)

    @property
    def address(self) -> tuple[str, int]:
        """Address and port on which it listens.

        Example:
            >>> listener.address
            ('0.0.0.0', 8765)
        """
        return self._address

    @property
    def refused(self) -> int:
        """How many connections were refused.

        Example:
            >>> listener.refused
            0
        """
        return self._acceptor.refused

    @property
    def sessions(self) -> tuple[AriSession, ...]:
        """The sessions that are not over.

        Example:
            >>> [session.apps for session in listener.sessions]
            [('voicebot',)]
        """
        with self._lock:
            return tuple(self._sessions)

    def calls(self, app: str, *, args: str | Sequence[str] = ()) -> Callable[[F], F]:
        """Register a program for the calls of an app, as `AsyncAsteriskARI.calls`, in whichever session they arrive.

        Args:
            app: the name in ari.conf, without the channel name that Asterisk appends for per-call WebSockets.
            args: the first argument, or first few arguments, of `Stasis(app,…)` of the calls to take; () takes all.

        Returns:
            A decorator.

        Raises:
            BadArgument: the function is not a program of this variant, or the app or its arguments are invalid.

        Example:
            >>> @listener.calls("voicebot")
            ... async def serve(call: Call) -> None:
            ...     await call.answer()
        """
        read_entrance(app, args, (app,), ())

        def decorate(program: F) -> F:
            with self._lock:
                self._programs.append((app, args, program))
                sessions = [session for session in self._sessions if _app_in(session, app) is not None]
            for session in sessions:
                _add_program(session, app, args, program)
                self._tasks.append(BackgroundTask(session.connect, "ari-session"))
            return program

        return decorate

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> AriSession:
        """Return the next session; the iteration ends with the listener."""
        while True:
            with self._lock:
                if (session := next(iter(self._unseen), None)) is not None:
                    del self._unseen[session]
                    return session
                if self._is_closing:
                    raise StopAsyncIteration
                self._news.clear()
            await self._news.wait(None)

    async def serve_forever(self) -> None:
        """Wait until the listener is closed or drained elsewhere; in the meantime programs take the calls.

        Example:
            >>> await listener.serve_forever()
        """
        await self._closed.wait(None)

    async def __aenter__(self) -> Self:
        if self._accepting is not None or self._is_closing:
            raise BadArgument("an AriListener can be entered only once: create another one")
        switch_on()
        self._address = await self._acceptor.start(*self._wanted)
        self._accepting = BackgroundTask(self._accept, "ari-listener")
        _log.info("listening for Asterisk at %s:%d", *self._address)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()

    async def drain(self, seconds: float, *, on_stop: str = "leave") -> None:
        """Stop listening, let the handlers and programs of all sessions finish, and end the sessions.

        Args:
            seconds: how long they may continue; then they are cancelled (in the synchronous variant their waits end), and the
                objects that programs own are ended.
            on_stop: what happens to the channels that remain in the apps: "leave" leaves them there, "hangup" hangs them up, and
                "context,extension,priority" sends them to that place in the dialplan.

        Raises:
            BadArgument: seconds is not a duration, or on_stop is none of the above.

        Example:
            >>> await listener.drain(seconds=30, on_stop="hangup")
        """
        check_drain_seconds(seconds)
        parse_on_stop(on_stop)
        await self._end(seconds, on_stop)

    async def aclose(self) -> None:
        """Stop listening, and end all sessions.

        Example:
            >>> await listener.aclose()
        """
        await self._end(None, "leave")

    # -- what comes --

    async def _accept(self) -> None:
        while (accepted := await self._acceptor.accepted.get(None)) is not None:
            with self._lock:
                self._tasks = [task for task in self._tasks if not task.is_done()]
                self._introducing[accepted] = None
                self._tasks.append(BackgroundTask(partial(self._serve, accepted), "ari-session"))

    async def _serve(self, accepted: Accepted) -> None:
        """Identify what has connected, and follow its session to the end if it is a new one."""
        try:
            session = self._session_of(accepted, await self._introduced(accepted.stream))
        except (StreamClosed, AriError) as error:
            _log.warning("a WebSocket from %s:%d was rejected: %s", *accepted.peer, error)
            await accepted.stream.send_close()
            await accepted.stream.release()
            return
        finally:
            with self._lock:
                self._introducing.pop(accepted, None)
        if session is None:
            return
        try:
            await self._begin(session)
            await session.streams.ended.wait(None)
            await session.disconnect()
        except AriError:
            _log.exception("%r failed", session)
            await session.disconnect()
        finally:
            with self._lock:
                self._sessions.pop(session, None)
                self._unseen.pop(session, None)
            _log.info("%r is over", session)

    async def _introduced(self, stream: EventStream) -> Introduction:
        """Read until Asterisk has said what the WebSocket is for, and put back what was read."""
        said, done = Introduction(), ThreadsafeEvent()

        async def limit() -> None:
            seen = -1
            while len(said.frames) != seen:  # events queued in Asterisk come first, and may be many
                seen = len(said.frames)
                if await done.wait(INTRODUCTION_SECONDS):
                    return
            lost = f"; {seen} events that it had sent are lost" if seen else ""
            stream.abort(f"it said not which apps it is for, within {INTRODUCTION_SECONDS:g} s{lost}")

        guard = BackgroundTask(limit, "ari-introduction")
        try:
            is_asked = False
            while not said.take(await stream.next_texts()):
                if said.apps and not is_asked:
                    for request in said.requests:
                        is_asked = await stream.send_text(request)
        finally:
            done.set()
            await guard.join(None)
        return said

    def _session_of(self, accepted: Accepted, said: Introduction) -> AriSession | None:
        """The new session of a WebSocket; None if it continues an existing one."""
        with self._lock:
            sessions = [one for one in self._sessions if (one.user, one.asterisk_id) == (accepted.user, said.asterisk_id)]
        for session in sessions:
            if session.apps == said.apps and session._resume(accepted.stream, said):
                _log.info("%r has another WebSocket, from %s:%d", session, *accepted.peer)
                return None
            if set(session.apps) & set(said.apps):  # ari.conf has changed
                session.streams.ended.set()
        session = AriSession(accepted.stream, said, user=accepted.user, peer=accepted.peer, on_error=self._on_error)
        with self._lock:
            self._sessions[session] = None
            self._unseen[session] = None
            is_closing = self._is_closing
        if is_closing:
            session.streams.ended.set()
        return session

    async def _begin(self, session: AriSession) -> None:
        with self._lock:
            programs = [one for one in self._programs if _app_in(session, one[0]) is not None]
        for app, args, program in programs:
            _add_program(session, app, args, program)
        _log.info("%r has connected; %d events had been waiting", session, session.late_events)
        if programs:
            await session.connect()
        self._news.set()

    # -- the end --

    async def _end(self, drain_seconds: float | None, on_stop: str) -> None:
        with self._lock:
            self._is_closing = True
        await self._acceptor.close()
        if self._accepting is not None:
            await self._accepting.join(None)
        with self._lock:
            introducing, sessions = list(self._introducing), list(self._sessions)
        for accepted in introducing:
            accepted.stream.abort("the listener was closed")
        ends = [BackgroundTask(partial(session._stop, drain_seconds, on_stop), "ari-session-end") for session in sessions]
        for task in (*ends, *self._tasks):
            await task.join(None)
        self._tasks = []
        self._news.set()
        self._closed.set()

    def __repr__(self) -> str:
        state = "closed" if self._is_closing else "not entered" if self._accepting is None else "listening"
        return f"<{type(self).__name__} {self._address[0]}:{self._address[1]}, {len(self.sessions)} sessions, {state}>"


def _app_in(session: AriSession, app: str) -> str | None:
    """The name under which a session has an app; None if it does not have it."""
    for name in session.apps:
        if name == app or (session.kind == "per_call" and name.partition(":")[0] == app):
            return name
    return None


def _add_program(session: AriSession, app: str, args: str | Sequence[str], program: Any) -> None:
    session.calls(_app_in(session, app), args=args)(program)


def _check_credentials(credentials: Mapping[str, str]) -> None:
    """Refuse credentials that would admit everybody or nobody. No message shows a password."""
    if not isinstance(credentials, Mapping) or not credentials:
        raise BadArgument("credentials must map at least one user name to a password", parameter="credentials")
    for user, password in credentials.items():
        if not isinstance(user, str) or not user or ":" in user:
            raise BadArgument("a user name must be a non-empty string without a colon", parameter="credentials")
        if not isinstance(password, str) or not password:
            raise BadArgument(f"the password of {user!r} must be a non-empty string", parameter="credentials")
