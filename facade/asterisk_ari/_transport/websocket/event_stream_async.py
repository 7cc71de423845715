"""The event WebSocket over asyncio, read by a task."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterable
from typing import cast

from asterisk_ari._core.reconnect.keepalive import Keepalive
from asterisk_ari._transport.connecting_asyncio import connect
from asterisk_ari._transport.http.request_encoder import RequestEncoder
from asterisk_ari._transport.proxy import Proxy
from asterisk_ari._transport.runtime.buffered_protocol_async import BufferedReceiver
from asterisk_ari._transport.runtime.runtime_async import ThreadsafeEvent
from asterisk_ari._transport.tls import context_of
from asterisk_ari._transport.transport_errors import RemoteProtocolError
from asterisk_ari._transport.websocket.admission import Admission, Verdict
from asterisk_ari._transport.websocket.control_frame_limit import ControlFrameLimit
from asterisk_ari._transport.websocket.frame_parser import CloseFrameReceived, FrameParser
from asterisk_ari._transport.websocket.frame_rules import ProtocolViolation
from asterisk_ari._transport.websocket.frames import close_frame, ping_frame, text_frame
from asterisk_ari._transport.websocket.handshake import Handshake
from asterisk_ari._transport.websocket.opening import (
    CATCH_UP_PING,
    events_target,
    handshake_failed,
    keep_alive_by_system,
    no_answer,
    no_connection,
)
from asterisk_ari._transport.websocket.stream_closed import StreamClosed, why_closed
from asterisk_ari.settings import Settings

MAX_UNSENT_BYTES = 1024 * 1024


class StreamProtocol(BufferedReceiver):
    """The connection: it receives the handshake response first, then frames."""

    def __init__(self) -> None:
        super().__init__()
        self.transport: asyncio.Transport
        self._parser: FrameParser | None = None
        self._unread = b""
        self.lost: Exception | None = None
        self._has_received = False
        self._on_news: Callable[[], None] = self.wake
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self.transport = cast(asyncio.Transport, transport)  # not asyncio's class in other event loops

    def call_on_news(self, on_news: Callable[[], None] | None) -> None:
        """Call `on_news` whenever data or the end of the connection arrives; with None, wake the waiting task instead."""
        self._on_news = on_news or self.wake

    def take_received(self) -> bool:
        """Return whether data or the end of the connection has arrived since the last call."""
        has_received, self._has_received = self._has_received, False
        return has_received

    def data_received(self, data: bytes) -> None:
        """Process received data."""
        if self._parser is not None:
            self._parser.feed(data)
        else:
            self._unread += data
        self._has_received = True
        self._on_news()

    def eof_received(self) -> None:
        """Called by the loop, which then closes the connection."""
        self._has_received = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self.lost = exc or ConnectionResetError("closed")
        self._on_news()

    def is_open(self) -> bool:
        """Return whether the connection is open."""
        return self.lost is None

    def wake(self) -> None:
        """Wake the task that waits for more data."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def more(self) -> None:
        """Wait until more data has arrived.

        Raises:
            OSError: there will be no more.
        """
        if self.lost is not None:
            raise self.lost
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    async def be_admitted(self, admission: Admission) -> Verdict:
        """Wait for a client's handshake and answer it; everything after it is frames.

        Raises:
            OSError: the client has disconnected.
        """
        while True:
            if not self._unread:
                await self.more()
            data, self._unread = self._unread, b""
            if (verdict := admission.feed(data)) is not None:
                self.transport.write(verdict.answer)
                self._parser = verdict.parser
                return verdict

    async def do_handshake(self, handshake: Handshake) -> FrameParser:
        """Wait for the response to the handshake; everything after it is frames.

        Raises:
            EventStreamRefused: its status is not 101.
            OSError, RemoteProtocolError: there was no valid response.
        """
        while self._parser is None:
            if not self._unread:
                await self.more()
            data, self._unread = self._unread, b""
            self._parser = handshake.feed(data)
        return self._parser


class EventStream:
    """An open WebSocket. `read_until_closed` is for the reader; other methods may be called from other tasks."""

    def __init__(
        self,
        protocol: StreamProtocol,
        parser: FrameParser,
        settings: Settings,
        monotonic: Callable[[], float],
        *,
        is_client: bool = True,
    ) -> None:
        self._protocol = protocol
        self._parser = parser
        self._monotonic = monotonic
        self._keepalive = Keepalive(settings.ping_interval_seconds, settings.ping_timeout_seconds, monotonic())
        self._is_closing = False
        self._is_client = is_client
        self._put_back: list[bytes] = []
        self._abort_reason: str | None = None
        self._control_frames = ControlFrameLimit()
        self._caught_up: Callable[[], object] | None = None

    async def read_until_closed(self, take: Callable[[list[bytes]], None]) -> StreamClosed:
        """Pass on the text frames in received data as it arrives; return why there will be no more.

        No task is woken for each piece of data: that would cost more than processing it.
        """
        closed: asyncio.Future[StreamClosed] = asyncio.get_running_loop().create_future()

        def read() -> None:
            if closed.done():
                return
            if self._protocol.take_received():
                self._keepalive.received(self._monotonic())
            try:
                if (reason := self._pass_on(take)) is not None:
                    closed.set_result(reason)
            except Exception as error:  # noqa: BLE001 - raised by `take`: passed to the task that waits here
                closed.set_exception(error)

        self._protocol.call_on_news(read)
        try:
            if self._put_back:
                take(self._put_back)
                self._put_back = []
            read()  # frames that arrived together with the handshake
            return await closed
        finally:
            self._protocol.call_on_news(None)

    async def next_texts(self) -> list[bytes]:
        """Return the next text frames, for callers that inspect some before `read_until_closed` is called.

        Raises:
            StreamClosed: there will be no more.
        """
        found: list[bytes] = []
        while not found:
            if (closed := self._pass_on(found.extend)) is not None:
                raise closed
            if not found:
                with contextlib.suppress(OSError):  # raised by the next call
                    await self._protocol.more()
        return found

    def put_back(self, texts: list[bytes]) -> None:
        """Make `read_until_closed` pass these on first."""
        self._put_back = texts

    def _pass_on(self, take: Callable[[list[bytes]], None]) -> StreamClosed | None:
        while True:
            try:
                texts = self._parser.receive(self._answer_ping, self._pong_received)
                if not texts and self._protocol.lost is not None:
                    return why_closed(self._abort_reason, self._protocol.lost)
            except CloseFrameReceived as closed:
                self._write_close(closed.code or 1000)
                return why_closed(self._abort_reason, closed)
            except ProtocolViolation as violation:
                self._write_close(violation.code)
                return why_closed(self._abort_reason, violation)
            if not texts:
                return None
            take(texts)

    def _answer_ping(self, pong: bytes) -> None:
        self._control_frames.count(self._monotonic())
        self._write(pong)

    def _pong_received(self, payload: bytes) -> None:
        self._control_frames.count(self._monotonic())
        self._keepalive.pong_received(payload)
        if payload == CATCH_UP_PING and self._caught_up is not None:
            self._caught_up()

    def _write(self, frame: bytes) -> bool:
        """Send a frame; return False if the connection has ended or the close frame was sent."""
        transport = self._protocol.transport
        if self._is_closing or transport.is_closing():
            return False
        transport.write(frame)
        if (unsent := transport.get_write_buffer_size()) > MAX_UNSENT_BYTES:
            self.abort(f"the server does not read: {unsent} bytes wait to be sent")
            return False
        return True

    def _write_close(self, code: int) -> None:
        self._write(close_frame(code, is_client=self._is_client))
        self._is_closing = True

    async def send_text(self, text: bytes) -> bool:
        """Send a text frame; return False if the connection has ended, so that nothing reached the server."""
        return self._write(text_frame(text, is_client=self._is_client))

    async def keep_alive(self, at_most_seconds: float, *, is_serving: bool) -> float:
        """Send a ping if one is due, end a silent connection, and return the seconds until the next call.

        Args:
            at_most_seconds: the longest pause to return.
            is_serving: whether the server is processing a request sent over this connection: it answers no ping until that is
                done; in the meantime, the operating system detects a network failure.
        """
        now = self._monotonic()
        if self._keepalive.is_dead(now, is_serving=is_serving):
            self.abort("silent: a ping was not answered in time")
        elif (payload := self._keepalive.ping_due(now)) is not None:
            self._write(ping_frame(payload, is_client=self._is_client))
        return self._keepalive.next_check(now, at_most_seconds)

    async def call_when_caught_up(self, caught_up: Callable[[], object]) -> None:
        """Call `caught_up` once everything the server has sent so far has been passed on: the pong to a ping comes after it."""
        self._caught_up = caught_up
        self._write(ping_frame(CATCH_UP_PING, is_client=self._is_client))

    async def hold(self, over: ThreadsafeEvent, seconds: float) -> bool:
        """Wait for an event; the loop keeps data that arrives meanwhile for `read_until_closed`."""
        return await over.wait(seconds)

    @property
    def last_sign_of_life(self) -> float:
        """When data last arrived from the server, in seconds of the clock."""
        return self._keepalive.last_sign_of_life

    def abort(self, reason: str) -> None:
        """End the connection at once: `read_until_closed` returns this reason."""
        self._abort_reason = self._abort_reason or reason
        self._protocol.transport.abort()

    async def send_close(self) -> None:
        """Send the close frame; the reader continues until the server's arrives."""
        self._abort_reason = self._abort_reason or "closed by the client"
        self._write_close(1000)

    async def release(self) -> None:
        """Free the socket once its reader has finished."""
        await asyncio.sleep(0)  # some loops send written data at the end of an iteration
        self.abort("released")
        with contextlib.suppress(OSError):
            while True:
                await self._protocol.more()


async def open_event_stream(settings: Settings, apps: Iterable[str], monotonic: Callable[[], float]) -> EventStream:
    """Open the WebSocket; return when the 101 has arrived.

    Raises:
        EventStreamRefused: the server answered with another status.
        ConnectionRefused: nothing listens there.
        HostNotFound: the host name does not resolve.
        TlsFailed: the certificate, the name or the protocol is wrong.
        TransportError: any other failure.
    """
    protocol: StreamProtocol | None = None
    try:
        async with asyncio.timeout(settings.connect_timeout_seconds):
            protocol = await _connect(settings)
            try:
                parser = await _do_handshake(protocol, settings, apps)
            except BaseException:
                protocol.transport.abort()
                raise
    except TimeoutError as error:
        raise (no_connection(error, settings) if protocol is None else no_answer(settings)) from error
    return EventStream(protocol, parser, settings, monotonic)


async def _connect(settings: Settings) -> StreamProtocol:
    """Open the TCP or TLS connection."""
    tls: ssl.SSLContext | None = None
    try:
        if settings.tls:
            tls = await asyncio.get_running_loop().run_in_executor(None, context_of, settings)
        protocol = await connect(StreamProtocol, settings.host, settings.port, tls, Proxy.of(settings.proxy))
        with contextlib.suppress(OSError):
            keep_alive_by_system(protocol.transport.get_extra_info("socket"), settings)
    except TimeoutError:
        raise
    except (OSError, UnicodeError) as error:
        raise no_connection(error, settings) from error
    else:
        return protocol


async def _do_handshake(protocol: StreamProtocol, settings: Settings, apps: Iterable[str]) -> FrameParser:
    handshake = Handshake(settings)
    protocol.transport.write(RequestEncoder(settings).upgrade(events_target(settings, apps), handshake.headers))
    try:
        return await protocol.do_handshake(handshake)
    except TimeoutError:
        raise
    except (OSError, RemoteProtocolError) as error:
        raise handshake_failed(error) from error
