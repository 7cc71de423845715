"""The interfaces between the engine of a stream and its link: a link carries audio over one kind of socket."""

import asyncio
from typing import Protocol, TypeVar

from asterisk_ari._core.media.playout import Pace, Step


class Receiver(Protocol):
    """Receives data from a link. Called in the event loop, immediately."""

    def audio(self, data: bytes) -> None:
        """Process received audio."""

    def digit(self, digit: str) -> None:
        """Process a DTMF digit, when it ends."""

    def passed(self, id: str) -> None:
        """Process the report that a mark, or the end of an utterance, was reached."""

    def flow(self, *, is_held: bool) -> None:
        """Record that the server wants no more audio for now, or wants more again."""

    def status(self, queued_frames: int, *, is_full: bool) -> None:
        """Process the server's answer to `ask_status`; answers arrive in the order of the requests."""

    def garbage(self, what: str) -> None:
        """Report received data that was not understood."""

    def packets_lost(self, count: int) -> None:
        """Count packets that never arrived."""

    def lost(self, error: Exception | None) -> None:
        """Process the end of the link: because the call ended (None) or because it broke."""


class Link(Protocol):
    """One socket, or a pair of them, to Asterisk."""

    pace: Pace

    def attach(self, receiver: Receiver) -> None:
        """Set the receiver; data that has already arrived is passed on at once."""

    def send(self, steps: list[Step]) -> None:
        """Send audio and the accompanying commands."""

    def send_frame(self, frame: bytes, *, asks: bool = False) -> None:
        """Send one frame of audio; with `asks` also the request of `ask_status`, if supported."""

    def ask_status(self) -> bool:
        """Ask how much is queued at the server; return False if it cannot be asked."""

    def drop(self, *, was_paused: bool) -> None:
        """Make the server drop queued audio."""

    def hold(self, *, is_paused: bool) -> None:
        """Make the server pause or resume playing queued audio."""

    def close(self) -> None:
        """Close the link; `lost` is no longer called."""


L = TypeVar("L", bound=Link)


def close_unless_kept(awaited: asyncio.Future[L] | None, kept: L | None) -> None:
    """Stop waiting for a link; close one that arrived but is not kept, since the call may have ended at that moment."""
    if awaited is None or awaited.cancelled():
        return
    if not awaited.done():
        awaited.cancel()
    elif (link := awaited.result()) is not kept:
        link.close()
