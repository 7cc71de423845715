"""The kinds of calls that are measured: what the program does with one, and what its caller does meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from asterisk_ari.aio import Answered, Call

Program = Callable[[Call, float], Awaitable[None]]

PROMPT = "sound:demo-instruct"  # longer than any call that is measured
AGENT = "Local/agent@capacity/n"
RATE_HZ = 16_000


@dataclass(frozen=True)
class Flow:
    """One kind of call."""

    name: str
    program: Program
    """The body of the call; afterwards the call lasts that many seconds."""
    caller: str
    """The extension in the context `capacity` that plays the caller."""
    words: str
    rate: float = 10.0
    """Calls a second while the cost of a call is measured."""
    held: int = 40
    """Calls at once while the cost of their lasting is measured."""
    formats: str | None = "ulaw"
    """The caller's format. A Local channel without one uses 192 kHz, and everything played to it is resampled."""


async def idle(call: Call, seconds: float) -> None:
    """Answered, without audio."""
    await call.answer()
    await asyncio.sleep(seconds)


async def announcement(call: Call, seconds: float) -> None:
    """Answered, then a prompt until the end of the call."""
    await call.answer()
    await call.play(PROMPT)
    await asyncio.sleep(seconds)


async def menu(call: Call, seconds: float) -> None:
    """A menu in which the caller chooses, then a prompt."""
    await call.answer()
    await call.menu(PROMPT, {"1": "chosen"})
    await call.play(PROMPT)
    await asyncio.sleep(seconds)


async def reception(call: Call, seconds: float) -> None:
    """Another party is dialled for the caller, and both talk."""
    await call.answer()
    outcome = await call.dial(AGENT, ringback=None)
    if isinstance(outcome, Answered):
        await call.talk(outcome.leg, max_duration_seconds=max(seconds, 0.05))


async def voicebot(call: Call, seconds: float) -> None:
    """A two-way 16 kHz audio stream that echoes the caller."""
    await call.answer()
    async with call.media(rate=RATE_HZ, mode="live") as media:
        end = asyncio.get_running_loop().time() + seconds
        async for frame in media:
            await media.write(frame.pcm)
            if asyncio.get_running_loop().time() >= end:
                return


FLOWS = {
    flow.name: flow
    for flow in (
        Flow("idle", idle, "waits", "answered; no audio", held=200),
        Flow("announcement", announcement, "waits", "answered; a prompt is played"),
        Flow("announcement-192k", announcement, "waits", "the same on a Local channel without `formats`", held=10, formats=None),
        Flow("menu", menu, "presses", "a menu, one key, a prompt"),
        Flow("reception", reception, "speaks", "another party is dialled, both talk in a bridge", rate=6.0, held=15),
        Flow("voicebot", voicebot, "speaks", "a two-way 16 kHz audio stream to the program", rate=6.0, held=15),
    )
}
