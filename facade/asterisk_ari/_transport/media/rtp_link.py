"""RTP over UDP: this end paces the audio, and accepts packets only from Asterisk's address."""

import asyncio
import secrets
from typing import Any, cast

from asterisk_ari._core.media.formats import AudioFormat
from asterisk_ari._core.media.playout import OWN_CLOCK, Pace, Step
from asterisk_ari._core.media.rtp import RtpReceiver, RtpSender
from asterisk_ari._transport.media.link import Receiver
from asterisk_ari._transport.runtime.forks import own_sockets_of


class RtpPort(asyncio.DatagramProtocol):
    """A UDP socket of one or several streams, which are distinguished by the address of Asterisk's end."""

    def __init__(self) -> None:
        self.transport: asyncio.DatagramTransport | None = None
        self.links: dict[tuple[str, int], RtpLink] = {}
        self.owner: RtpLink | None = None
        """The one stream that uses the socket exclusively."""
        self.refused: int = 0
        """How many packets came from unknown senders."""

    async def open(self, host: str, port: int) -> None:
        """Bind to an address and a port; 0 takes any free one.

        Raises:
            OSError: the address or port is not available.
        """
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        own_sockets_of(self, [transport.get_extra_info("socket")], loop)

    @property
    def number(self) -> int:
        """The UDP port it listens on."""
        assert self.transport is not None  # noqa: S101 - the socket is open
        return int(self.transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Process a packet."""
        if (link := self.links.get(addr[:2])) is not None:
            link.received(data)
        else:
            self.refused += 1
            if self.owner is not None:
                self.owner.unexpected_sender(f"{addr[0]}:{addr[1]}")

    def error_received(self, exc: Exception) -> None:
        """Ignore that nothing listens there (yet, or any longer): events report the end of the leg."""

    def close(self) -> None:
        """Close the socket."""
        if self.transport is not None:
            self.transport.close()


class RtpLink:
    """One stream.

    Args:
        audio: the audio format.
        port: the stream's socket.
        is_own: whether the socket is closed with the stream.
    """

    def __init__(self, audio: AudioFormat, port: RtpPort, *, is_own: bool) -> None:
        self.pace: Pace = OWN_CLOCK
        self._frame_bytes = audio.frame_bytes
        self._sender = RtpSender(audio, *(secrets.randbits(bits) for bits in (15, 32, 32)))
        self._received = RtpReceiver(audio)
        self._port = port
        self._is_own = is_own
        if is_own:
            port.owner = self
        self._remote: tuple[str, int] | None = None
        self._receiver: Receiver | None = None
        self._loop = asyncio.get_running_loop()

    @property
    def port(self) -> int:
        """The UDP port it listens on."""
        return self._port.number

    def talk_to(self, address: str, port: int) -> None:
        """Set where Asterisk listens: packets are sent there, and accepted from there."""
        self._remote = (address, port)
        self._port.links[self._remote] = self

    def received(self, data: bytes) -> None:
        """Process a packet from Asterisk's end."""
        if self._receiver is None:
            return
        found = self._received.receive(data)
        if found.is_garbage:
            self._receiver.garbage("a packet of another kind")
        if found.lost:
            self._receiver.packets_lost(found.lost)
        for audio in found.audio:
            self._receiver.audio(audio)

    def unexpected_sender(self, sender: str) -> None:
        """Report a packet from another sender."""
        if self._receiver is not None:
            self._receiver.garbage(f"a packet from {sender}")

    def attach(self, receiver: Receiver) -> None:
        """Set the receiver of audio."""
        self._receiver = receiver

    def send(self, steps: list[Step]) -> None:
        """Send audio, one packet per frame."""
        size = self._frame_bytes
        for step in steps:
            for at in range(0, len(step.data), size):
                self.send_frame(step.data[at : at + size])

    def send_frame(self, frame: bytes, *, asks: bool = False) -> None:
        """Send one packet."""
        transport = self._port.transport
        if transport is not None and not transport.is_closing() and self._remote is not None:
            transport.sendto(self._sender.packet(frame, self._loop.time()), self._remote)

    def ask_status(self) -> bool:
        """Return False: RTP has no status request."""
        return False

    def drop(self, *, was_paused: bool) -> None:
        """Do nothing: the server queues no audio."""

    def hold(self, *, is_paused: bool) -> None:
        """Do nothing: the client's own clock paces the audio."""

    def close(self) -> None:
        """Close the socket if it belongs to this link."""
        self._receiver = None
        if self._remote is not None and self._port.links.get(self._remote) is self:
            del self._port.links[self._remote]
        if self._is_own:
            self._port.close()


async def open_rtp(audio: AudioFormat, address: str) -> RtpLink:
    """Open a stream with a socket of its own, on any free port of this address.

    Raises:
        OSError: no port is available.
    """
    port = RtpPort()
    await port.open(address, 0)
    return RtpLink(audio, port, is_own=True)
