"""A program that Asterisk connects to is ended and started again under load: what it has seen, beside an independent recorder."""

import contextlib
import itertools
import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import websocket

from asterisk_ari import AsteriskARI
from scripts.live import LiveAsterisk
from tests.live.outbound_server import OpeningAsterisk, needs_outbound_websockets, opening_websockets

SECONDS = 30.0
LIVES = 4
PROGRAM = Path(__file__).with_name("outbound_program.py")

pytestmark = needs_outbound_websockets


@pytest.fixture(scope="module")
def asterisk(release: str) -> Iterator[LiveAsterisk | OpeningAsterisk]:
    with opening_websockets(release) as server:
        yield server


class Recorder:
    """An event WebSocket of another app that hears of everything, without this package."""

    def __init__(self, asterisk: LiveAsterisk | OpeningAsterisk) -> None:
        self.values: list[int] = []
        self._changed = threading.Condition()
        address = f"{asterisk.url.replace('http', 'ws', 1)}/ari/events?app=recorder&subscribeAll=true"
        self._socket = websocket.create_connection(f"{address}&api_key={asterisk.username}:{asterisk.password}", timeout=SECONDS)
        self._thread = threading.Thread(target=self._record)
        self._thread.start()

    def _record(self) -> None:
        while True:
            event = json.loads(self._socket.recv())
            if event["type"] == "ChannelVarset" and event["variable"] == "n":
                with self._changed:
                    self.values.append(int(event["value"]))
                    self._changed.notify_all()
            elif event["type"] == "ChannelUserevent":
                return

    def wait_beyond(self, value: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self.values) and self.values[-1] >= value, SECONDS)

    def wait_for_more(self, events: int) -> None:
        with self._changed:
            last = self.values[-1] if self.values else 0
        self.wait_beyond(last + events)

    def end(self, ari: AsteriskARI) -> None:
        ari.operation("events.userEvent", eventName="end", application="recorder")
        self._thread.join(SECONDS)
        self._socket.close()


@contextlib.contextmanager
def recording(asterisk: LiveAsterisk | OpeningAsterisk, ari: AsteriskARI) -> Iterator[Recorder]:
    recorder = Recorder(asterisk)
    try:
        yield recorder
    finally:
        recorder.end(ari)


def live_through(
    asterisk: LiveAsterisk | OpeningAsterisk, seen: Path, end: Callable[[subprocess.Popen[str]], None]
) -> tuple[list[int], list[tuple[str, int, bool]]]:
    """Set a variable again and again while a program lives several lives; what the recorder has heard, and the lives have seen."""

    lives: list[subprocess.Popen[str]] = []

    def born() -> None:
        command = [sys.executable, str(PROGRAM), asterisk.env["ARI_OUT_PORT"], str(seen)]
        lives.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert lives[-1].stdout is not None
        assert lives[-1].stdout.readline() == "connected\n"

    with (
        AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="aiagc") as ari,
        recording(asterisk, ari) as recorder,
    ):
        try:
            born()
            ari.channels.originate("Local/out-app@stasis", app="aiagc")
            (channel_id,) = in_app(ari)
            with load(ari, channel_id) as numbers:
                for _ in range(LIVES):
                    recorder.wait_for_more(random.randint(1, 60))
                    end(lives[-1])
                    recorder.wait_for_more(random.randint(1, 30))
                    born()
                recorder.wait_for_more(20)
            last = next(numbers) - 1
            recorder.wait_beyond(last)
            wait_for(seen, last)
            ari.channels(channel_id).hangup()
            drain(lives[-1])
        finally:
            for life in lives:
                kill(life)
                if life.stdout is not None:
                    life.stdout.close()
    return recorder.values, lines(seen)


@contextlib.contextmanager
def load(ari: AsteriskARI, channel_id: str) -> Iterator[Iterator[int]]:
    """Set a variable of a channel to one number after the other, a hundred times a second; the numbers that are left."""
    numbers, stopping = itertools.count(1), threading.Event()

    def set_it() -> None:
        while not stopping.wait(0.01):
            ari.operation("channels.setChannelVar", channelId=channel_id, variable="n", value=str(next(numbers)))

    loading = threading.Thread(target=set_it)
    loading.start()
    try:
        yield numbers
    finally:
        stopping.set()
        loading.join(SECONDS)


def in_app(ari: AsteriskARI) -> list[str]:
    """The channels in the app of the program, once there is one; those that call are answered."""
    for _ in range(1000):
        if ids := ari.operation("applications.get", raw=True, applicationName="out-app")["channel_ids"]:
            for one in ids:
                ari.operation("channels.answer", channelId=one)
            return list(ids)
    raise AssertionError("nobody has entered out-app")


def lines(seen: Path) -> list[tuple[str, int, bool]]:
    found = (line.split() for line in seen.read_text().splitlines())
    return [(pid, int(value), late == "1") for pid, value, late in found]


def wait_for(seen: Path, value: int) -> None:
    """Wait until a life has written the last value; no event says so, for it is the program that is tested."""
    looks = threading.Event()
    for _ in range(int(SECONDS * 20)):
        if seen.exists() and (found := lines(seen)) and found[-1][1] == value:
            return
        looks.wait(0.05)
    raise AssertionError(f"{value} was not seen")


def drain(life: subprocess.Popen[str]) -> None:
    life.send_signal(signal.SIGTERM)
    assert life.wait(SECONDS) == 0


def kill(life: subprocess.Popen[str]) -> None:
    life.kill()
    life.wait(SECONDS)


def test_a_program_that_drains_loses_nothing_over_all_its_lives(asterisk: LiveAsterisk | OpeningAsterisk, tmp_path: Path) -> None:
    recorded, seen = live_through(asterisk, tmp_path / "seen", drain)

    assert [value for _, value, _ in seen] == recorded
    assert any(late for _, _, late in seen)
    assert len({life for life, _, _ in seen}) == LIVES + 1


def test_a_program_that_is_killed_loses_what_it_had_been_sent_and_nothing_else(
    asterisk: LiveAsterisk | OpeningAsterisk, tmp_path: Path
) -> None:
    """What Asterisk has written is gone with the process; what happens while there is none waits, and comes once."""
    recorded, seen = live_through(asterisk, tmp_path / "seen", kill)

    values = [value for _, value, _ in seen]
    assert values == sorted(set(values)), "doubled, or out of order"
    assert set(values) <= set(recorded)
    for life in {life for life, _, _ in seen}:
        own = [value for one, value, _ in seen if one == life]
        assert own == list(range(own[0], own[-1] + 1)), "a hole within a life"
    assert values[-1] == recorded[-1]
