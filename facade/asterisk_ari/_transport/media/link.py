"""What the engine of a stream and its link ask of each other: a link moves audio over one kind of socket."""

import asyncio
from typing import Protocol, TypeVar

from asterisk_ari._core.media.playout import Pace, Step


class Receiver(Protocol):
    """Who takes what comes over a link. Called in the event loop, at once."""

    def audio(self, data: bytes) -> None:
        """Take audio that came."""

    def digit(self, digit: str) -> None:
        """Take a DTMF digit, at its end."""

    def passed(self, id: str) -> None:
        """A mark, or the end of an utterance, has been reached."""

    def flow(self, *, is_held: bool) -> None:
        """The server wants no more for now, or wants more again."""

    def status(self, queued_frames: int, *, is_full: bool) -> None:
        """The server answers `ask_status`; answers come in the order of the questions."""

    def garbage(self, what: str) -> None:
        """Something came that could not be understood."""

    def packets_lost(self, count: int) -> None:
        """Count packets that never came."""

    def lost(self, error: Exception | None) -> None:
        """The link is over: by the end of the call (None), or since it broke."""


class Link(Protocol):
    """One socket, or a pair of them, to Asterisk."""

    pace: Pace

    def attach(self, receiver: Receiver) -> None:
        """Say who takes what comes; what has come already is passed on at once."""

    def send(self, steps: list[Step]) -> None:
        """Send audio, and what goes with it."""

    def send_frame(self, frame: bytes, *, asks: bool = False) -> None:
        """Send one frame of audio; with `asks` the question of `ask_status` as well, where it can be asked."""

    def ask_status(self) -> bool:
        """Ask how much waits at the server; False when it cannot be asked."""

    def drop(self, *, was_paused: bool) -> None:
        """Have the server drop what waits."""

    def hold(self, *, is_paused: bool) -> None:
        """Have the server stop or go on playing what waits."""

    def close(self) -> None:
        """Close it; `lost` is not called any more."""


L = TypeVar("L", bound=Link)


def close_unless_kept(awaited: asyncio.Future[L] | None, kept: L | None) -> None:
    """Await a link no more, and close the one that came, if it did and nobody keeps it: the call may have ended just then."""
    if awaited is None or awaited.cancelled():
        return
    if not awaited.done():
        awaited.cancel()
    elif (link := awaited.result()) is not kept:
        link.close()
