"""The programs of docs/examples, unchanged, in a process of their own, on the embedded Asterisk."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.machine.media.sounds import core_sounds
from tests.media.espeak import stand_in

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"
SOUNDS = dict.fromkeys(("vm-press", "vm-enter-num-to-call", "vm-invalidpassword", "demo-instruct", "vm-sorry"), 30.0)


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    endpoints = {"alice": "rings", "bob": "rings", "carol": "busy"}
    with EmbeddedAsterisk("22.10.1", virtual_time=True, endpoints=endpoints, sounds=SOUNDS) as running:
        yield running


def test_the_sounds_of_the_examples_are_asterisks_own() -> None:
    """Of its core set, which every package of it has."""
    named = {name for path in EXAMPLES.glob("*.py") for name in re.findall(r'"sound:([^"{]+)"', path.read_text())}
    assert "vm-goodbye" in named
    assert named - set(core_sounds()) == set()


@contextmanager
def running(asterisk: EmbeddedAsterisk, *program: str) -> Iterator[Any]:
    """A program, as arguments of Python, from the time at which it is connected until it has nothing left and is stopped."""
    address = {"ARI_URL": asterisk.url, "ARI_USERNAME": asterisk.username, "ARI_PASSWORD": asterisk.password}
    command = [sys.executable, "-u", *program]
    with subprocess.Popen(command, env={**os.environ, **address}, stdout=subprocess.PIPE, text=True) as process:
        try:
            asterisk.wait_until(lambda: asterisk.requests.to("/events"), timeout=30)
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()  # nothing, unless the above has failed
    assert not asterisk.machine.channels
    assert not asterisk.machine.bridges


def example(asterisk: EmbeddedAsterisk, name: str) -> AbstractContextManager[Any]:
    return running(asterisk, str(EXAMPLES / f"{name}.py"))


@pytest.fixture
def ivr(asterisk: EmbeddedAsterisk) -> Iterator[Any]:
    with example(asterisk, "ivr") as program:
        yield program


@pytest.fixture
def reception(asterisk: EmbeddedAsterisk) -> Iterator[tuple[Any, Any]]:
    """A caller who talks with Alice, in the program of transfers."""
    with example(asterisk, "transfers"):
        phone = asterisk.incoming_call(app="transfers")
        hears(asterisk, phone, "moh:default")
        alice = called(asterisk, "alice")
        alice.answer()
        talk(asterisk, phone, alice)
        yield phone, alice
        asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=20)


def talk(asterisk: EmbeddedAsterisk, one: Any, other: Any) -> None:
    """Wait until two talk with each other, alone."""
    pair = {one.channel_id, other.channel_id}
    machine = asterisk.machine
    asterisk.wait_until(
        lambda: any({channel.id for channel in bridge.channels} == pair for bridge in list(machine.bridges.values())), timeout=20
    )


def press(asterisk: EmbeddedAsterisk, phone: Any, key: str, until: Callable[[], Any]) -> Any:
    """Press a key, again and again: a program that is not waiting for one yet does not hear it."""
    for _ in range(20):
        if not phone.ended:
            phone.press(key)
        with suppress(TimeoutError):
            return asterisk.wait_until(until, timeout=1)
    raise AssertionError(f"{key} has no effect")


def hears(asterisk: EmbeddedAsterisk, phone: Any, media: str) -> None:
    asterisk.wait_until(lambda: (heard := phone.hears()) is not None and heard.media == media, timeout=20)


def channel_of(asterisk: EmbeddedAsterisk, name: str) -> str | None:
    channels = asterisk.machine.channels
    return next((one for one, channel in list(channels.items()) if channel.name.startswith(f"PJSIP/{name}-")), None)


def called(asterisk: EmbeddedAsterisk, name: str) -> Any:
    return asterisk.phone_of(asterisk.wait_until(lambda: channel_of(asterisk, name), timeout=20) or "")


def test_somebody_takes_the_call(asterisk: EmbeddedAsterisk, ivr: Any) -> None:
    phone = asterisk.incoming_call(app="ivr")
    hears(asterisk, phone, "sound:vm-enter-num-to-call")
    phone.press("1234")
    hears(asterisk, phone, "sound:demo-instruct")
    phone.press("1")
    alice, bob = called(asterisk, "alice"), called(asterisk, "bob")
    hears(asterisk, phone, "moh:default")
    bob.answer()
    hears(asterisk, bob, "sound:vm-press")
    bob.press("1")
    asterisk.wait_until(lambda: alice.ended, timeout=20)
    asterisk.wait_until(lambda: any(len(one.channels) == 2 for one in list(asterisk.machine.bridges.values())), timeout=20)
    bob.hang_up()
    hears(asterisk, phone, "sound:vm-goodbye")
    phone.hang_up()
    asterisk.wait_until(lambda: not asterisk.machine.channels)
    assert not asterisk.machine.stored_recordings  # nobody was asked for a message


def test_nobody_takes_it_and_the_caller_leaves_a_message(asterisk: EmbeddedAsterisk, ivr: Any) -> None:
    phone = asterisk.incoming_call(app="ivr")
    hears(asterisk, phone, "sound:vm-enter-num-to-call")
    phone.press("12342")
    called(asterisk, "carol")
    asterisk.advance(1)
    hears(asterisk, phone, "sound:vm-nobodyavail")
    while not asterisk.machine.live_recordings:
        asterisk.advance(0.5)
    phone.talk(2)
    asterisk.advance(3)
    phone.hang_up()
    assert ivr.stdout.readline().startswith("1234: ")
    assert len(asterisk.machine.stored_recordings) == 1


def test_the_voice_agent_comes_and_goes(tmp_path: Path) -> None:
    """The stream is there, and nothing of it is left; what is said and heard is tested on a real Asterisk."""
    with EmbeddedAsterisk("22.10.1") as asterisk:
        path = f"{Path(stand_in(tmp_path)).parent}{os.pathsep}{os.environ['PATH']}"
        address = {"ARI_URL": asterisk.url, "ARI_USERNAME": asterisk.username, "ARI_PASSWORD": asterisk.password, "PATH": path}
        command = [sys.executable, "-u", str(EXAMPLES / "voicebot.py")]
        with subprocess.Popen(command, env={**os.environ, **address}) as program:
            asterisk.wait_until(lambda: asterisk.requests.to("/events"), timeout=30)
            phone = asterisk.incoming_call(app="voicebot")
            asterisk.wait_until(
                lambda: any(len(one.channels) == 2 for one in list(asterisk.machine.bridges.values())), timeout=30
            )
            phone.hang_up()
            asterisk.wait_until(lambda: not asterisk.machine.channels and not asterisk.machine.bridges, timeout=30)
            program.send_signal(signal.SIGTERM)
            assert program.wait(30) == 0


def test_alice_hands_the_caller_on_at_once(asterisk: EmbeddedAsterisk, reception: Any) -> None:
    phone, alice = reception
    press(asterisk, alice, "1", lambda: channel_of(asterisk, "bob"))
    bob = called(asterisk, "bob")
    assert alice.ended
    bob.answer()
    talk(asterisk, phone, bob)
    bob.hang_up()


def test_alice_asks_bob_first(asterisk: EmbeddedAsterisk, reception: Any) -> None:
    """He does not want it; then she asks again, he does, and she hangs up."""
    phone, alice = reception
    press(asterisk, alice, "2", lambda: channel_of(asterisk, "bob"))
    bob = called(asterisk, "bob")
    bob.answer()
    talk(asterisk, alice, bob)
    hears(asterisk, phone, "moh:default")
    press(asterisk, alice, "*", lambda: bob.ended)
    talk(asterisk, phone, alice)
    press(asterisk, alice, "2", lambda: channel_of(asterisk, "bob"))
    bob = called(asterisk, "bob")
    bob.answer()
    talk(asterisk, alice, bob)
    alice.hang_up()
    talk(asterisk, phone, bob)
    assert alice.ended
    assert not bob.ended
    phone.hang_up()


def test_alice_hands_the_caller_on_by_her_phone(asterisk: EmbeddedAsterisk, reception: Any) -> None:
    """To somebody who is not of the house: the phone is told no; to Bob: he answers."""
    phone, alice = reception
    alice.refer("0900")
    asterisk.wait_until(lambda: alice.notified == [100, 603], timeout=20)
    alice.refer("101")
    bob = called(asterisk, "bob")
    hears(asterisk, phone, "moh:default")
    bob.answer()
    talk(asterisk, phone, bob)
    asterisk.wait_until(lambda: alice.ended, timeout=20)
    assert alice.notified == [100, 603, 100, 200]
    bob.hang_up()
