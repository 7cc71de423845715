"""AudioSocket over TCP: Asterisk connects to this end, which paces the audio."""

import asyncio
import logging
import uuid
from typing import cast

from asterisk_ari._core.media.audiosocket import AUDIO, DTMF, ERROR, HANGUP, UUID, MessageReader, message
from asterisk_ari._core.media.formats import AudioFormat
from asterisk_ari._core.media.playout import OWN_CLOCK, Pace, Step
from asterisk_ari._transport.media.link import Receiver, close_unless_kept
from asterisk_ari._transport.media.shared_sockets import SharedSockets
from asterisk_ari._transport.runtime.forks import own_sockets_of
from asterisk_ari._transport.runtime.server_end import stop_listening
from asterisk_ari.errors import MediaLost

log = logging.getLogger("asterisk_ari.media")

_MAX_UNIDENTIFIED = 20
_IDLE_SECONDS = 0.1
"""Seconds without sent audio after which a frame of silence is sent."""


class AudioSocketLink(asyncio.Protocol):
    """One connection, starting with its first message, which must contain the expected UUID.

    It is never idle for long, because Asterisk's reads block. Two of its threads may read the same frame while the leg enters a
    bridge, and the later one blocks the channel, and with it the bridge and every request about them, until a frame arrives.
    """

    def __init__(self, acceptor: "AudioSocketAcceptor") -> None:
        self.pace: Pace = OWN_CLOCK
        self._acceptor = acceptor
        self._audio: AudioFormat | None = None
        self._kind = 0
        self._reader = MessageReader()
        self._transport: asyncio.Transport | None = None
        self._shared: SharedSockets | None = None
        self._receiver: Receiver | None = None
        self._early: list[tuple[int, bytes]] = []
        self._is_over = False
        self._loop = asyncio.get_running_loop()
        self._silence = b""
        self._idle_since = 0.0
        self._idle_timer: asyncio.TimerHandle | None = None

    # -- called by the event loop --

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Record the connection."""
        self._transport = cast(asyncio.Transport, transport)
        own_sockets_of(self, [transport.get_extra_info("socket")], self._loop)
        if self._acceptor.is_closed:  # it has just been accepted
            self.close()

    def data_received(self, data: bytes) -> None:
        """Process received data."""
        for kind, payload in self._reader.feed(data):
            if self._audio is None:
                audio = self._acceptor.admit(self, payload if kind == UUID else b"")
                if audio is None:
                    log.warning("refused an AudioSocket connection: it does not name a stream that is awaited")
                    self.close()
                    return
                self._begin(audio)
            elif self._receiver is None:
                self._early.append((kind, payload))
            else:
                self._take(self._receiver, kind, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        """Record the end: Asterisk simply closes the connection when the leg is hung up, and resets it if it has unread data."""
        self._acceptor.has_left(self)
        if self._transport is not None and self._shared is not None:
            self._shared.remove(self._transport)
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self._end(None if isinstance(exc, ConnectionError) else exc)

    def _begin(self, audio: AudioFormat) -> None:
        self._audio, self._kind = audio, AUDIO[audio.rate]
        self._silence = message(self._kind, audio.silence(audio.frame_bytes))
        self._fill_idleness()

    def _take(self, receiver: Receiver, kind: int, payload: bytes) -> None:
        if kind == self._kind:
            receiver.audio(payload)
        elif kind == DTMF:
            receiver.digit(payload[:1].decode("ascii", "replace"))
        elif kind == HANGUP:
            self._end(None)
            self.close()
        elif kind == ERROR:
            log.warning("Asterisk reports an error over AudioSocket: %s", payload.hex())
        else:
            receiver.garbage(f"an AudioSocket message of type {kind:#x}")

    def _fill_idleness(self) -> None:
        """Send silence if nothing was sent for a while; check again later."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._loop.time() - self._idle_since >= _IDLE_SECONDS:
            self._write(self._silence)
        self._idle_timer = self._loop.call_at(self._idle_since + _IDLE_SECONDS, self._fill_idleness)

    def _end(self, error: Exception | None) -> None:
        if not self._is_over:
            self._is_over = True
            if self._receiver is not None:
                self._receiver.lost(error)

    # -- what the engine asks --

    def attach(self, receiver: Receiver) -> None:
        """Set the receiver of audio and digits."""
        self._receiver = receiver
        early, self._early = self._early, []
        for kind, payload in early:
            self._take(receiver, kind, payload)
        if self._is_over:
            receiver.lost(None)
        elif self._transport is not None:
            self._shared = SharedSockets.with_transport(self._transport, self.data_received)

    def send(self, steps: list[Step]) -> None:
        """Send audio, one message per frame."""
        if self._transport is None or self._transport.is_closing() or self._audio is None:
            return
        size = self._audio.frame_bytes
        frames = [message(self._kind, step.data[at : at + size]) for step in steps for at in range(0, len(step.data), size)]
        if frames:
            self._write(b"".join(frames))

    def send_frame(self, frame: bytes, *, asks: bool = False) -> None:
        """Send one frame."""
        self._write(message(self._kind, frame))

    def _write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._shared is not None:
            self._shared.write(self._transport, data)
        else:
            self._transport.write(data)
        self._idle_since = self._loop.time()

    def ask_status(self) -> bool:
        """Return False: AudioSocket has no status request."""
        return False

    def drop(self, *, was_paused: bool) -> None:
        """Do nothing: the server queues no audio."""

    def hold(self, *, is_paused: bool) -> None:
        """Do nothing: the client's own clock paces the audio."""

    def close(self) -> None:
        """Close the connection."""
        self._is_over = True
        if self._transport is None:
            return
        if self._shared is not None:
            self._shared.close(self._transport)
        else:
            self._transport.close()


class AudioSocketAcceptor:
    """Accepts the expected connections of legs, each identified by its UUID, once."""

    def __init__(self) -> None:
        self._expected: dict[bytes, tuple[AudioFormat, asyncio.Future[AudioSocketLink]]] = {}
        self._server: asyncio.Server | None = None
        self._unidentified: dict[AudioSocketLink, None] = {}
        self.is_closed: bool = False
        self.refused: int = 0
        """How many connections were refused."""

    async def open(self, address: str) -> int:
        """Listen on a free port of this address; return the port.

        Raises:
            OSError: no port is available.
        """
        self._server = await asyncio.get_running_loop().create_server(self.accept, address, 0)
        own_sockets_of(self, self._server.sockets, asyncio.get_running_loop())
        return int(self._server.sockets[0].getsockname()[1])

    def expect(self, id: uuid.UUID, audio: AudioFormat) -> None:
        """Accept one connection with this UUID, for audio of this format."""
        self._expected[id.bytes] = audio, asyncio.get_running_loop().create_future()

    def forget(self, id: uuid.UUID, kept: AudioSocketLink | None = None) -> None:
        """Stop accepting this UUID; the connection already accepted stays open if it is `kept`."""
        _, found = self._expected.pop(id.bytes, (None, None))
        close_unless_kept(found, kept)

    def accept(self) -> AudioSocketLink:
        """Return a connection that has yet to identify itself. Asterisk does so at once, so the oldest makes way."""
        link = AudioSocketLink(self)
        self._unidentified[link] = None
        if len(self._unidentified) > _MAX_UNIDENTIFIED:
            oldest = next(iter(self._unidentified))
            self.has_left(oldest)
            oldest.close()
        return link

    def has_left(self, link: AudioSocketLink) -> None:
        """Record that a connection has ended or identified itself."""
        self._unidentified.pop(link, None)

    def admit(self, link: AudioSocketLink, id: bytes) -> AudioFormat | None:
        """Return the format for this connection, if it is expected."""
        audio, found = self._expected.get(id, (None, None))
        if found is None or found.done():
            self.refused += 1
            return None
        self.has_left(link)
        found.set_result(link)
        return audio

    async def link(self, id: uuid.UUID, seconds: float) -> AudioSocketLink:
        """Wait for the connection with this UUID and return it.

        Raises:
            MediaLost: there was none in time.
        """
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(self._expected[id.bytes][1])
        except TimeoutError as error:
            raise MediaLost(f"Asterisk did not open an AudioSocket connection within {seconds:g} s") from error

    async def close(self) -> None:
        """Stop listening; accepted connections stay open."""
        self.is_closed = True
        if self._server is not None:
            await stop_listening(self._server)
        for link in list(self._unidentified):
            link.close()
        for _, found in self._expected.values():
            found.cancel()
        self._expected.clear()
