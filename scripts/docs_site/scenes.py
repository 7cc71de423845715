"""What happens in the tutorials' programs when somebody calls: each is run on the embedded Asterisk, which keeps the log."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from asterisk_ari._core.ladder.recording import RecordedEntry
from asterisk_ari.testing import EmbeddedAsterisk, Phone
from asterisk_ari.testing.report import entries_of

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"
ENDPOINTS = {"alice": "rings", "bob": "rings"}
# No prompt is over before somebody has pressed a key.
SOUNDS = dict.fromkeys(("vm-enter-num-to-call", "demo-instruct", "vm-press", "conf-getpin"), 30.0)
LIMIT_SECONDS = 60


def ivr(asterisk: EmbeddedAsterisk) -> None:
    """The caller chooses a team; Bob takes the call while Alice's phone rings on."""
    phone = asterisk.incoming_call(app="ivr", caller="Ann <1234>")
    phone.wait_for_prompt("sound:vm-enter-num-to-call", LIMIT_SECONDS)
    phone.press("1234")
    phone.wait_for_prompt("sound:demo-instruct", LIMIT_SECONDS)
    phone.press("1")
    called(asterisk, "alice")
    bob = called(asterisk, "bob")
    bob.answer()
    bob.wait_for_prompt("sound:vm-press", LIMIT_SECONDS)
    bob.press("1")
    together(asterisk, phone, bob)
    asterisk.advance(20)
    phone.hang_up()


def reception(asterisk: EmbeddedAsterisk) -> None:
    """Alice takes the call and hands the caller on to Bob, at once."""
    phone = asterisk.incoming_call(app="transfers", caller="Ann <1234>")
    alice = called(asterisk, "alice")
    alice.answer()
    together(asterisk, phone, alice)
    bob = called(asterisk, "bob", by=alice)
    bob.answer()
    together(asterisk, phone, bob)
    asterisk.advance(20)
    phone.hang_up()


def queue(asterisk: EmbeddedAsterisk) -> None:
    """The caller waits with music until Alice answers."""
    phone = asterisk.incoming_call(app="queue", caller="Ann <1234>")
    alice = called(asterisk, "alice")
    asterisk.advance(5)
    alice.answer()
    together(asterisk, phone, alice)
    asterisk.advance(20)
    alice.hang_up(16)


def conference(asterisk: EmbeddedAsterisk) -> None:
    """Two callers type the PIN and meet; the first one who is alone hears music."""
    phones = []
    for caller in ("Ann <1234>", "Ben <5678>"):
        phone = asterisk.incoming_call(app="conference", caller=caller)
        phone.wait_for_prompt("sound:conf-getpin", LIMIT_SECONDS)
        phone.press("1234#")
        asterisk.wait_until(lambda phone=phone: in_bridges(asterisk, phone), timeout=LIMIT_SECONDS)  # type: ignore[misc]
        asterisk.advance(4)
        phones.append(phone)
    together(asterisk, *phones)
    asterisk.advance(20)
    for phone in phones:
        phone.hang_up()


def dialler(asterisk: EmbeddedAsterisk) -> None:
    """Alice answers and presses a key."""
    alice = called(asterisk, "alice")
    alice.answer()
    alice.wait_for_prompt("sound:hello-world", LIMIT_SECONDS)
    asterisk.advance(2)
    alice.wait_for_prompt("sound:vm-press", LIMIT_SECONDS)
    alice.press("1")


# Of each tutorial: the scene, and the program with its arguments.
SCENES: dict[str, tuple[Callable[[EmbeddedAsterisk], None], tuple[str, ...]]] = {
    "ivr": (ivr, ("ivr.py",)),
    "reception": (reception, ("transfers.py",)),
    "queue": (queue, ("call_queue.py",)),
    "conference": (conference, ("conference.py",)),
    "dialler": (dialler, ("dialler.py", "PJSIP/alice")),
}


def played(name: str) -> list[RecordedEntry]:
    """What the server was asked and has told in the scene of a tutorial, to the end of its calls."""
    scene, (program, *arguments) = SCENES[name]
    with (
        EmbeddedAsterisk("22.10.1", virtual_time=True, endpoints=ENDPOINTS, sounds=SOUNDS) as asterisk,
        _running(asterisk, [str(EXAMPLES / program), *arguments]),
    ):
        scene(asterisk)
        asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=LIMIT_SECONDS)
        return entries_of(asterisk.log)


@contextmanager
def _running(asterisk: EmbeddedAsterisk, program: list[str]) -> Iterator[None]:
    """A program, from when it is connected."""
    address = {"ARI_URL": asterisk.url, "ARI_USERNAME": asterisk.username, "ARI_PASSWORD": asterisk.password}
    with subprocess.Popen([sys.executable, *program], env=os.environ | address, stdout=subprocess.DEVNULL) as process:
        try:
            asterisk.wait_until(lambda: asterisk.requests.to("/events"), timeout=LIMIT_SECONDS)
            yield
            process.send_signal(signal.SIGTERM)
            process.wait(LIMIT_SECONDS)
        finally:
            process.kill()  # nothing, unless the above has failed


def called(asterisk: EmbeddedAsterisk, name: str, by: Phone | None = None) -> Phone:
    """The phone that the program calls, as soon as another one has pressed 1 to it: until it listens for a key it hears none."""
    machine = asterisk.machine

    def channel_id() -> str:
        return next((one for one, channel in list(machine.channels.items()) if channel.name.startswith(f"PJSIP/{name}-")), "")

    for _ in range(LIMIT_SECONDS if by else 0):
        if by:
            by.press("1")
        with suppress(TimeoutError):
            return asterisk.phone_of(asterisk.wait_until(channel_id, timeout=1))
    return asterisk.phone_of(asterisk.wait_until(channel_id, timeout=LIMIT_SECONDS))


def in_bridges(asterisk: EmbeddedAsterisk, phone: Phone) -> bool:
    """Whether a phone is in a bridge."""
    bridges = list(asterisk.machine.bridges.values())
    return any(phone.channel_id == channel.id for bridge in bridges for channel in bridge.channels)


def together(asterisk: EmbeddedAsterisk, *phones: Phone) -> None:
    """Wait until these are in one bridge, and nobody else is."""
    ids = {phone.channel_id for phone in phones}
    machine = asterisk.machine
    asterisk.wait_until(
        lambda: any({channel.id for channel in bridge.channels} == ids for bridge in list(machine.bridges.values())),
        timeout=LIMIT_SECONDS,
    )
