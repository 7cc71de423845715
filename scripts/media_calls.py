"""Calls to measure audio streams with: a pattern in which each place is known by its content, and streams that hear it."""

import array
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import islice

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Channel
from asterisk_ari.media import MediaStream

VIAS = ("websocket", "audiosocket", "rtp")
FRAME_MS = 20
LIMIT_SECONDS = 15.0
_G711_CODES = bytes(code for code in range(256) if code != 0x7F)  # which sounds as 0xFF does


class Pattern:
    """Audio in which each place is known by its content: samples, or bytes of µ-law, that count."""

    def __init__(self, via: str) -> None:
        is_ulaw = via == "rtp"  # by which Asterisk takes 8 kHz
        self.rate = 8000 if is_ulaw else 16_000
        self.format = "ulaw" if is_ulaw else None
        self.call_format = "ulaw" if is_ulaw else "slin16"
        self._unit_bytes = 1 if is_ulaw else 2
        self._cycle = _G711_CODES if is_ulaw else array.array("H", range(0x10000)).tobytes()
        self.frame_bytes = self.rate * FRAME_MS // 1000 * self._unit_bytes
        self.silence = (b"\xff" if is_ulaw else b"\0") * self.frame_bytes
        self.marker = (b"\x20" if is_ulaw else b"\x20\x20") * (self.frame_bytes // self._unit_bytes)

    def frames(self) -> Iterator[bytes]:
        """Frame after frame, for ever."""
        at = 0
        while True:
            end = at + self.frame_bytes
            frame = self._cycle[at:end]
            at = end % len(self._cycle)
            yield frame + self._cycle[:at] if end > len(self._cycle) else frame

    def said(self, frames: int) -> bytes:
        """So many frames."""
        return b"".join(islice(self.frames(), frames))

    def distance(self, expected: bytes, found: bytes) -> int:
        """How many bytes are missing before what was found; negative when it has come already."""
        length = len(self._cycle)
        places = [self._cycle.index(one[: self._unit_bytes]) for one in (expected, found)] if self._unit_bytes == 1 else [
            2 * int.from_bytes(one[:2], sys.byteorder) for one in (expected, found)
        ]  # fmt: skip
        return (places[1] - places[0] + length // 2) % length - length // 2


@asynccontextmanager
async def connected(url: str, username: str, password: str) -> AsyncIterator[AsyncAsteriskARI]:
    """A client with an app of its own."""
    name = f"acceptance-{time.time_ns()}"
    async with AsyncAsteriskARI(url=url, username=username, password=password, app_name=name) as ari:
        await ari.connect()
        yield ari


async def place(ari: AsyncAsteriskARI, formats: str) -> tuple[Channel, Channel]:
    """A call whose two halves are in the app, and up."""
    app, number = ari.settings.app_name, time.time_ns()
    near_id, far_id = f"near-{number}", f"far-{number}"
    with (
        ari.expect("StasisStart", about=("channel", far_id)) as arrived,
        ari.expect("StasisStart", about=("channel", near_id)) as entered,
    ):
        near = await ari.channels.originate(
            f"Local/x@stasis-{app}", app=app, channel_id=near_id, other_channel_id=far_id, formats=formats
        )
        await arrived.result(LIMIT_SECONDS)
        far = ari.channels(far_id)
        await far.answer()
        await entered.result(LIMIT_SECONDS)
    return near, far


@asynccontextmanager
async def pair(ari: AsyncAsteriskARI, via: str, **options: object) -> AsyncIterator[tuple[MediaStream, MediaStream]]:
    """Two streams, each of which hears what the other says, without any conversion on the way."""
    pattern = Pattern(via)
    near, far = await place(ari, pattern.call_format)
    settings = {"via": via, "rate": pattern.rate, "format": pattern.format, "silence": False, **options}
    async with ari.media(near, **settings) as one, ari.media(far, **settings) as other:  # type: ignore[arg-type]
        yield one, other
    await near.hangup()


async def echo_call(ari: AsyncAsteriskARI, via: str) -> Channel:
    """A call with the dialplan's Echo, which sends everything back."""
    near = await ari.channels.originate("Local/echo@plain", app=ari.settings.app_name, formats=Pattern(via).call_format)
    await near.wait_until_in_stasis()
    return near
