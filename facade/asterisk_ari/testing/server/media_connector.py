"""Opens the external media connections that Asterisk itself opens: WebSockets, AudioSockets, and RTP ports."""

import asyncio
import base64
import os
import socket
from collections.abc import Coroutine
from typing import Any, cast
from urllib.parse import urlsplit

from asterisk_ari._core.media import audiosocket
from asterisk_ari._core.media.rtp import RtpReceiver, RtpSender
from asterisk_ari._transport.http.response_head import parse_head
from asterisk_ari._transport.websocket.handshake import accept_key
from asterisk_ari.testing.machine.calls import legs
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.media_leg import MediaLeg
from asterisk_ari.testing.server.media_socket import MediaSocket
from asterisk_ari.testing.server.server import Server

CONNECT_SECONDS = 2.0
_END = b"\r\n\r\n"


class MediaConnector:
    """Opens the sockets of the machine's legs. Everything runs in the event loop of the server."""

    def __init__(self, server: Server, host: str) -> None:
        self._server, self._machine, self._host = server, server.machine, host
        self._tasks: set[asyncio.Task[None]] = set()

    def open_websocket(self, channel: ServerChannel, url: str) -> None:
        """Connect to a program's WebSocket; the channel ends if that fails."""
        self._start(self._open_websocket(channel, url), channel)

    def open_audiosocket(self, channel: ServerChannel, host: str, port: int) -> None:
        """Connect to a program that speaks AudioSocket; the channel ends if that fails."""
        self._start(self._open_audiosocket(channel, host, port), channel)

    def open_rtp(self, channel: ServerChannel, host: str, port: int) -> int:
        """Open a port for RTP with a program."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        try:
            sock.bind((self._host, 0))
        except OSError:
            sock.close()
            raise
        self._start(self._open_rtp(channel, sock, (host, port)), channel)
        found: int = sock.getsockname()[1]
        return found

    def _start(self, opening: Coroutine[Any, Any, None], channel: ServerChannel) -> None:
        async def run() -> None:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await opening
            except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
                self._machine.timers.run(self._server.clock.now())
                legs.hang_up(self._machine, channel, is_lost=True)
                self._server.run_timers()

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open_websocket(self, channel: ServerChannel, url: str) -> None:
        leg: MediaLeg = channel.leg  # type: ignore[assignment]
        parts = urlsplit(url)
        query = "&".join(part for part in (parts.query, leg.uri_parameters) if part)
        target = f"{parts.path or '/'}{'?' if query else ''}{query}"
        loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
        # Not open_connection: its writer closes the connection when it is no longer referenced.
        host, port = parts.hostname or "", parts.port or 80
        transport, _ = await loop.create_connection(lambda: asyncio.StreamReaderProtocol(reader), host, port)
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: media\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        head = parse_head((await reader.readuntil(_END)).removesuffix(_END))
        if head.status != 101 or head.headers.get("sec-websocket-accept") != accept_key(key):
            transport.close()
            raise ConnectionError("no WebSocket")
        media = MediaSocket(self._server, channel, leg, is_client=True)
        transport.set_protocol(media)
        media.connection_made(transport)

    async def _open_audiosocket(self, channel: ServerChannel, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: AudioSocketEnd(self._server, channel), host, port)

    async def _open_rtp(self, channel: ServerChannel, sock: socket.socket, address: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: RtpEnd(self._server, channel, address), sock=sock)


class _End:
    """The common part of AudioSocket and RTP."""

    def __init__(self, server: Server, channel: ServerChannel) -> None:
        self._server, self._machine, self._channel = server, server.machine, channel
        self._leg: MediaLeg = channel.leg  # type: ignore[assignment]
        self._transport: asyncio.BaseTransport | None = None
        self._is_over = False

    def _begin(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._server.media_sockets.add(self)
        self._machine.timers.run(self._server.clock.now())
        legs.connect(self._machine, self._channel, self)  # type: ignore[arg-type]
        self._server.run_timers()

    def _lost(self, *, is_lost: bool = True) -> None:
        self._server.media_sockets.discard(self)
        if not self._is_over:
            self.close()
            self._machine.timers.run(self._server.clock.now())
            legs.hang_up(self._machine, self._channel, is_lost=is_lost)
            self._server.run_timers()

    def _add(self, audio: bytes) -> None:
        self._server.recorder.note_activity()
        self._leg.queue.add(audio)

    def send_reports(self) -> None:
        """Do nothing: these protocols have no reports about the queue."""
        self._leg.queue.take_passed_marks()

    def close(self) -> None:
        """Close the connection: the channel has ended."""
        self._is_over = True
        self._server.media_sockets.discard(self)
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        self.close()


class AudioSocketEnd(_End, asyncio.Protocol):
    """Asterisk's end of an AudioSocket connection."""

    def __init__(self, server: Server, channel: ServerChannel) -> None:
        super().__init__(server, channel)
        self._reader = audiosocket.MessageReader()
        self._kind = audiosocket.AUDIO.get(self._leg.audio.rate, audiosocket.AUDIO_8K)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the id of the stream; the leg is answered."""
        self._transport = transport
        self._write(audiosocket.UUID, bytes.fromhex(self._leg.connection_id.replace("-", "")))
        self._begin(transport)

    def data_received(self, data: bytes) -> None:
        """Process received messages; one of an unknown type ends the channel."""
        for kind, payload in self._reader.feed(data):
            if self._is_over:
                return
            if kind == self._kind:
                self._add(payload)
            elif kind != audiosocket.DTMF:
                self._lost(is_lost=kind != audiosocket.HANGUP)

    def connection_lost(self, exc: Exception | None) -> None:
        """The program has disconnected."""
        self._lost()

    def send_audio(self, frame: bytes) -> None:
        """Send a frame."""
        self._write(self._kind, frame)

    def send_digit(self, digit: str) -> None:
        """Report that a digit was pressed."""
        self._write(audiosocket.DTMF, digit.encode())

    def _write(self, kind: int, payload: bytes) -> None:
        if self._transport is not None and not self._is_over:
            cast(asyncio.Transport, self._transport).write(audiosocket.message(kind, payload))


class RtpEnd(_End, asyncio.DatagramProtocol):
    """Asterisk's end of RTP with a program."""

    def __init__(self, server: Server, channel: ServerChannel, address: tuple[str, int]) -> None:
        super().__init__(server, channel)
        random = server.machine.random
        self._address = address
        self._sender = RtpSender(self._leg.audio, random.getrandbits(16), random.getrandbits(32), random.getrandbits(32))
        self._receiver = RtpReceiver(self._leg.audio)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The port is open; the leg is answered."""
        self._begin(transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Process a received packet."""
        for audio in self._receiver.receive(data).audio:
            self._channel.always_sends_audio = True  # from its first packet on, as far as Asterisk can tell
            self._add(audio)

    def send_audio(self, frame: bytes) -> None:
        """Send a packet."""
        if self._transport is not None and not self._is_over:
            cast(asyncio.DatagramTransport, self._transport).sendto(self._sender.packet(frame, self._machine.now), self._address)

    def send_digit(self, digit: str) -> None:
        """Do nothing: digits are not sent over RTP, since no payload type is negotiated."""
