"""The programs of docs/examples that use kits, unchanged, in a process of their own, on the embedded Asterisk."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.calls.test_examples import EXAMPLES, called, hears, running


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("22.10.1", virtual_time=True, endpoints={"alice": "rings", "bob": "unreachable"}) as running:
        yield running


PAGE = (EXAMPLES.parent / "kits.md").read_text(encoding="utf-8")


def example(name: str) -> str:
    return str(EXAMPLES / f"{name}.py")


def of_page(title: str) -> tuple[str, str]:
    """The program under a title of docs/kits.md, as arguments of Python."""
    [program] = re.findall(rf"^## {title}\n.*?```python\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
    return "-c", program


def test_call_queue(asterisk: EmbeddedAsterisk) -> None:
    """One is served; one who waits leaves by a key, and leaves a message."""
    with running(asterisk, example("call_queue")) as program:
        first = asterisk.incoming_call(app="queue")
        alice = called(asterisk, "alice")
        hears(asterisk, first, "moh:default")
        alice.answer()
        asterisk.wait_until(lambda: any(len(one.channels) == 2 for one in list(asterisk.machine.bridges.values())), timeout=20)
        second = asterisk.incoming_call(app="queue")
        hears(asterisk, second, "moh:default")
        second.press("*")
        hears(asterisk, second, "sound:vm-nobodyavail")
        while not asterisk.machine.live_recordings:
            asterisk.advance(0.5)
        asterisk.advance(1)  # there is nothing to store before the beep has ended
        second.hang_up()
        asterisk.wait_until(lambda: asterisk.machine.stored_recordings, timeout=20)
        alice.hang_up()
        assert "served=1, abandoned=0, overflowed=1" in program.stdout.readline()
        asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=20)


def test_the_queue_of_the_page(asterisk: EmbeddedAsterisk) -> None:
    with running(asterisk, *of_page("Queue")) as program:
        first = asterisk.incoming_call(app="support", caller="Ann <555>")
        alice = called(asterisk, "alice")
        alice.answer()
        asterisk.wait_until(lambda: any(len(one.channels) == 2 for one in list(asterisk.machine.bridges.values())), timeout=20)
        second = asterisk.incoming_call(app="support")
        hears(asterisk, second, "moh:default")
        second.press("*")
        hears(asterisk, second, "sound:vm-goodbye")
        alice.hang_up()
        assert program.stdout.readline().startswith("PJSIP/alice has served 555, who waited ")
        asterisk.wait_until(lambda: first.ended, timeout=20)
        second.hang_up()
        asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=20)


def enter_room(asterisk: EmbeddedAsterisk, pin: str, caller: str) -> Any:
    phone = asterisk.incoming_call(app="conference", caller=caller)
    hears(asterisk, phone, "sound:conf-getpin")
    phone.press(pin)
    return phone


def test_conference(asterisk: EmbeddedAsterisk) -> None:
    """An admin who is alone, a guest, a stranger who knows no PIN; the guest talks, the admin sends the guest away."""
    with running(asterisk, example("conference")) as program:
        admin = enter_room(asterisk, "4321", "Ann <100>")
        hears(asterisk, admin, "sound:conf-onlyperson")
        asterisk.advance(10)
        hears(asterisk, admin, "moh:default")
        guest = enter_room(asterisk, "1234", "Bob <200>")
        asterisk.wait_until(lambda: any(len(one.channels) == 2 for one in list(asterisk.machine.bridges.values())), timeout=20)
        guest.talk(2)
        assert program.stdout.readline() == "200 True\n"
        asterisk.advance(5)
        assert program.stdout.readline() == "200 False\n"
        stranger = enter_room(asterisk, "5555", "Eve <300>")
        hears(asterisk, stranger, "sound:conf-invalidpin")
        stranger.hang_up()
        admin.press("3")
        hears(asterisk, guest, "sound:conf-kicked")
        asterisk.advance(10)
        assert program.stdout.readline().startswith("Attended(reason='kicked', seconds=")
        asterisk.wait_until(lambda: guest.ended, timeout=20)
        admin.press("8")
        assert program.stdout.readline().startswith("Attended(reason='left', seconds=")
        asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=20)


def test_the_conference_of_the_page(asterisk: EmbeddedAsterisk) -> None:
    with running(asterisk, *of_page("Conference")) as program:
        first = asterisk.incoming_call(app="rooms")
        hears(asterisk, first, "sound:conf-onlyperson")
        asterisk.advance(10)
        second = asterisk.incoming_call(app="rooms")
        asterisk.wait_until(lambda: any(len(one.channels) == 2 for one in list(asterisk.machine.bridges.values())), timeout=20)
        for phone in (second, first):
            phone.press("8")
            assert program.stdout.readline() == "left\n"
        asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=20)


def test_the_voicemail_of_the_page(asterisk: EmbeddedAsterisk) -> None:
    with running(asterisk, *of_page("Voicemail")) as program:
        phone = asterisk.incoming_call(app="mailbox")
        hears(asterisk, phone, "sound:vm-intro")
        while not asterisk.machine.live_recordings:
            asterisk.advance(0.5)
        phone.talk(6)
        asterisk.advance(5)
        phone.press("#")
        assert program.stdout.readline() == "1 key\n"
        asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=20)


def test_the_ivr_of_the_page(asterisk: EmbeddedAsterisk) -> None:
    with running(asterisk, *of_page("IVR")) as program:
        phone = asterisk.incoming_call(app="menus")
        hears(asterisk, phone, "sound:demo-instruct")
        phone.press("22")
        hears(asterisk, phone, "sound:vm-goodbye")
        asterisk.advance(5)
        hears(asterisk, phone, "sound:vm-options")
        phone.press("*21")
        assert program.stdout.readline() == "PJSIP/bob ('2', '1')\n"
        asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=20)


@contextmanager
def running_to_its_end(asterisk: EmbeddedAsterisk, *program: str) -> Iterator[Any]:
    """A program that ends by itself."""
    address = {"ARI_URL": asterisk.url, "ARI_USERNAME": asterisk.username, "ARI_PASSWORD": asterisk.password}
    command = [sys.executable, "-u", *program]
    with subprocess.Popen(command, env={**os.environ, **address}, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
            assert process.wait(30) == 0
        finally:
            process.kill()
    asterisk.wait_until(lambda: not asterisk.machine.channels)


def test_dialler(asterisk: EmbeddedAsterisk) -> None:
    with running_to_its_end(asterisk, example("dialler"), "PJSIP/alice", "PJSIP/bob") as process:
        alice = called(asterisk, "alice")
        assert process.stdout.readline() == "PJSIP/bob failed  (1 calls)\n"
        alice.answer()
        hears(asterisk, alice, "sound:hello-world")
        alice.press("2")  # keys count from the beginning
        asterisk.advance(2)
        assert process.stdout.readline() == "PJSIP/alice answered does not come (1 calls)\n"


def test_the_dialler_of_the_page(asterisk: EmbeddedAsterisk) -> None:
    with running_to_its_end(asterisk, *of_page("Dialler")) as process:
        alice = called(asterisk, "alice")
        alice.answer()
        hears(asterisk, alice, "sound:hello-world")
        asterisk.advance(2)
        hears(asterisk, alice, "sound:vm-goodbye")
        asterisk.advance(2)
        assert process.stdout.readline() == "PJSIP/alice answered\n"
        assert process.stdout.readline() == "PJSIP/bob failed\n"
