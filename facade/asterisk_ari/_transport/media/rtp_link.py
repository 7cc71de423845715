"""RTP over UDP: this end plays, and takes packets from Asterisk's address alone."""

import asyncio
import secrets
from typing import Any, cast

from asterisk_ari._core.media.formats import AudioFormat
from asterisk_ari._core.media.playout import OWN_CLOCK, Pace, Step
from asterisk_ari._core.media.rtp import RtpReceiver, RtpSender
from asterisk_ari._transport.media.link import Receiver
from asterisk_ari._transport.runtime.forks import own_sockets_of


class RtpLink(asyncio.DatagramProtocol):
    """One UDP socket."""

    def __init__(self, audio: AudioFormat) -> None:
        self.pace: Pace = OWN_CLOCK
        self._frame_bytes = audio.frame_bytes
        self._sender = RtpSender(audio, *(secrets.randbits(bits) for bits in (15, 32, 32)))
        self._received = RtpReceiver(audio)
        self._transport: asyncio.DatagramTransport | None = None
        self._remote: tuple[str, int] | None = None
        self._receiver: Receiver | None = None
        self._loop = asyncio.get_running_loop()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._transport is not None  # noqa: S101 - it is open
        return int(self._transport.get_extra_info("sockname")[1])

    def talk_to(self, address: str, port: int) -> None:
        """Say where Asterisk listens: packets go there, and are taken from there."""
        self._remote = (address, port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast(asyncio.DatagramTransport, transport)
        own_sockets_of(self, [transport.get_extra_info("socket")], self._loop)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Take a packet."""
        if self._receiver is None:
            return
        if addr[:2] != self._remote:
            self._receiver.garbage(f"a packet from {addr[0]}:{addr[1]}")
            return
        found = self._received.receive(data)
        if found.is_garbage:
            self._receiver.garbage("a packet of another kind")
        if found.lost:
            self._receiver.packets_lost(found.lost)
        for audio in found.audio:
            self._receiver.audio(audio)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there (yet, or any more): the end of the leg is told by its events."""

    def attach(self, receiver: Receiver) -> None:
        """Say who takes what comes."""
        self._receiver = receiver

    def send(self, steps: list[Step]) -> None:
        """Send audio, a packet for each frame."""
        if self._transport is None or self._transport.is_closing() or self._remote is None:
            return
        size, now = self._frame_bytes, self._loop.time()
        for step in steps:
            for at in range(0, len(step.data), size):
                self._transport.sendto(self._sender.packet(step.data[at : at + size], now), self._remote)

    def send_frame(self, frame: bytes) -> None:
        """Send one packet."""
        if self._transport is not None and not self._transport.is_closing() and self._remote is not None:
            self._transport.sendto(self._sender.packet(frame, self._loop.time()), self._remote)

    def ask_status(self) -> bool:
        """There is nobody to ask."""
        return False

    def drop(self, *, was_paused: bool) -> None:
        """Nothing waits at the server."""

    def hold(self, *, is_paused: bool) -> None:
        """This end plays."""

    def close(self) -> None:
        """Close it."""
        self._receiver = None
        if self._transport is not None:
            self._transport.close()


async def open_rtp(audio: AudioFormat, address: str) -> RtpLink:
    """A socket at any free port of this address.

    Raises:
        OSError: there is none.
    """
    loop = asyncio.get_running_loop()
    _, link = await loop.create_datagram_endpoint(lambda: RtpLink(audio), local_addr=(address, 0))
    return link
