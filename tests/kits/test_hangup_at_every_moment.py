"""Somebody hangs up at every moment of what a kit does: nothing is left, on the server or in the client, and nothing fails."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari.aio import Target
from asterisk_ari.kits.aio import BACK
from asterisk_ari.testing import EmbeddedAsterisk
from tests.calls.conftest import World
from tests.calls.hangups import hang_up_at_every_moment
from tests.calls.test_hangup_at_every_moment import ENDPOINTS, SHORT, SOUNDS
from tests.calls.virtual_time import PassingTime, virtual_time_of


async def is_served(call: Any) -> None:
    queue = kits.Queue(  # type: ignore[name-defined]  # noqa: F821
        ari,  # type: ignore[name-defined]  # noqa: F821
        ["PJSIP/slow", "PJSIP/busy"],
        retry_seconds=SHORT / 4,
        max_wait_seconds=8 * SHORT,
        announce_seconds=SHORT / 2,
        announcement=lambda position, seconds: "sound:welcome",
        record="talks/" + call.id,
        max_talk_seconds=2 * SHORT,
    )
    await call.answer()
    await queue.serve(call)
    await queue.close()


async def dials(call: Any) -> None:
    async def program(leg: Any) -> Any:
        return await leg.menu("sound:menu", {"1": True}, first_seconds=SHORT, tries=1)

    dialler = kits.Dialler(ari, program, calls_per_second=2 / SHORT, attempts=2, retry_seconds=SHORT)  # type: ignore[name-defined]  # noqa: F821
    await dialler.run(["PJSIP/quick", "PJSIP/slow", "PJSIP/busy", "PJSIP/nobody"])


SAID = {
    "pin": "sound:menu", "alone": "sound:enter", "muted": "sound:invalid", "joined": "sound:welcome", "gone": "sound:bye",
    "kicked": "sound:sorry", "locked": "sound:nothing",
}  # fmt: skip


async def attends(call: Any) -> None:
    """One who is alone, mutes themselves, and leaves."""
    room = kits.Conference(ari, pin="1", prompts=SAID, record="rooms/{id}")  # type: ignore[name-defined]  # noqa: F821
    await call.answer()
    await room.join(call)
    await call.say("sound:bye")


async def brings_together(call: Any) -> None:
    """Two legs are in a conference, until a third one has rung for nothing."""
    room = kits.Conference(ari, pin="1", prompts=SAID)  # type: ignore[name-defined]  # noqa: F821

    async def progress(now: Any) -> None:
        if (now.endpoint, now.status) == ("PJSIP/rings", "over"):
            room.lock()  # one who types the PIN late is not let in any more
            room.close()

    targets = ["PJSIP/quick", "PJSIP/slow", Target("PJSIP/rings", ring_seconds=8 * SHORT)]
    await call.answer()
    await call.dial(targets, ring_seconds=20 * SHORT, confirm=room.join, on_progress=progress)


async def chooses(call: Any) -> None:
    async def says(call: Any) -> Any:
        await call.say("sound:welcome")
        return BACK

    tree = {"say": "sound:menu", "1": "sales", "2": {"say": "sound:enter", "1": says, "*": BACK, "tries": 2}}
    await call.answer()
    await kits.Ivr(tree, first_seconds=SHORT, next_seconds=SHORT, tries=1).run(call)  # type: ignore[name-defined]  # noqa: F821


DIGITS = {f"digits/{number}": SHORT / 5 for number in (*range(20), *range(20, 100, 10))}
SPOKEN = {
    "greeting": "sound:welcome", "pin": "sound:menu", "you_have": "sound:nothing", "none": None, "new": None, "and": None, "old": None, "messages": None,
    "choices": "sound:enter", "deleted": "sound:bye", "no_more": "sound:bye",
}  # fmt: skip


async def leaves_a_message(call: Any) -> None:
    """And listens to it, and deletes it."""
    voicemail = kits.Voicemail(ari, pins={"100": "1"}, min_seconds=0, prompts=SPOKEN)  # type: ignore[name-defined]  # noqa: F821
    await call.answer()
    await voicemail.leave(call, "100")
    await voicemail.listen(call, "100")


FLOWS: list[tuple[Callable[..., Any], dict[str, str]]] = [
    (is_served, {}),
    (dials, {"sound:menu": "1"}),
    (attends, {"sound:menu": "1", "sound:enter": "1", "sound:invalid": "8"}),
    (brings_together, {"sound:menu": "1"}),
    (leaves_a_message, {"recording": "#", "sound:menu": "1", "sound:enter": "7"}),
    (chooses, {"sound:menu": "2"}),
    (chooses, {"sound:menu": "2", "sound:welcome": "*1"}),
]


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("22.10.1", sounds={**SOUNDS, **DIGITS}, endpoints=ENDPOINTS, virtual_time=True) as running:
        yield running


@pytest.fixture
def time(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[PassingTime]:
    """The time of the client and its server, which passes while a call is on."""
    with virtual_time_of(world, monkeypatch) as passing:
        yield passing


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("program", "script"), FLOWS, ids=[f"{flow.__name__}-{number}" for number, (flow, _) in enumerate(FLOWS)]
)
def test_nothing_is_left(world: World, time: PassingTime, kits: Any, program: Callable[..., Any], script: dict[str, str]) -> None:
    world.program(program, SHORT=SHORT, kits=kits)
    world.start()
    hang_up_at_every_moment(world, script, SHORT, time)
