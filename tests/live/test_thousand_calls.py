"""A thousand calls through one process: nothing is lost, nothing is left."""

import gc
import threading
import time
from typing import Any

import pytest

from tests.live import leaks
from tests.live.calls import eventually, fresh, into, place
from tests.live.server import Server
from tests.live.variants import Variant

AT_ONCE = 50
LIMIT_SECONDS = 90.0
SLOW_CALL_SECONDS = 0.15


class Traffic:
    """Keeps `AT_ONCE` calls alive until all were made; each is answered, then hung up when both halves are up."""

    def __init__(self, ari: Any, calls: int) -> None:
        self.ari = ari
        self.calls = calls
        self.lives: dict[str, list[str]] = {}
        self.placed = 0
        self.ended = 0
        self.failed = 0
        self.lock = threading.Lock()
        self.room = threading.Semaphore(AT_ONCE)
        self.over = threading.Event()

    def run(self) -> None:
        app = self.ari.settings.app_name
        self.ari.on("StasisStart", lambda event: self.started(event))
        self.ari.on("StasisEnd", lambda event: self.note(event))
        self.ari.on("ChannelDestroyed", lambda event: self.destroyed(event))
        for _ in range(self.calls):
            assert self.room.acquire(timeout=LIMIT_SECONDS), "calls do not end"
            if self.ari.originate_call(into(app)) is None:
                self.failed += 1
            self.placed += 1
        assert self.over.wait(LIMIT_SECONDS), f"{self.ended} channels of {2 * self.calls} ended"

    def note(self, event: Any) -> None:
        with self.lock:
            self.lives.setdefault(event["channel"]["id"], []).append(event.type)

    def started(self, event: Any) -> None:
        self.note(event)
        if event["channel"]["name"].endswith(";2"):
            assert self.ari.answer_channel(event["channel"]["id"])
        else:
            assert self.ari.hangup_channel(event["channel"]["id"])

    def destroyed(self, event: Any) -> None:
        self.note(event)
        with self.lock:
            self.ended += 1
            if self.ended == 2 * self.calls:
                self.over.set()
        if event["channel"]["name"].endswith(";1"):
            self.room.release()


def seconds_of_one_call(ari: Any) -> float:
    """From its placing until it is up."""
    began = time.monotonic()
    near, far = place(ari)
    seconds = time.monotonic() - began
    with near.expect("ChannelDestroyed") as near_gone, far.expect("ChannelDestroyed") as far_gone:
        near.hangup()
        near_gone.result(LIMIT_SECONDS)
        far_gone.result(LIMIT_SECONDS)
    return seconds


@pytest.mark.timeout(2 * LIMIT_SECONDS)
def test_a_thousand_calls(variant: Variant, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """Each call: StasisStart, answer, hang up, StasisEnd; handlers, waiters, threads and files are as before.

    Asterisk 16 takes 200 ms to answer a silent channel: a quarter of the calls on a server that takes so long for one.
    """
    app_name = fresh("thousand")
    with leaks.nothing_left(), variant.client(**server.credentials, app_name=app_name) as ari:
        traffic = Traffic(ari, 1000 if seconds_of_one_call(ari) < SLOW_CALL_SECONDS else 250)
        before_kib, began = leaks.resident_kib(), time.monotonic()
        traffic.run()
        seconds = time.monotonic() - began
        eventually(lambda: ari.stats.waiting == ari.stats.busy_calls == 0, "events are left in queues")
        stats = ari.stats
        gc.collect()
        grown_kib = leaks.resident_kib() - before_kib
        remaining = [channel["name"] for channel in ari.list_channels() if app_name in channel["name"]]
    with capsys.disabled():
        print(
            f"\n{variant.name}: {traffic.calls} calls in {seconds:.1f} s ({traffic.calls / seconds:.0f}/s, {AT_ONCE} at once), "
            f"{stats.received} events, memory +{grown_kib / 1024:.1f} MiB to {leaks.resident_kib() / 1024:.0f} MiB, lost {stats.lost}"
        )
    assert (traffic.placed, traffic.failed, stats.lost, stats.malformed, stats.handler_errors) == (traffic.calls, 0, 0, 0, 0)
    assert stats.received > 6 * traffic.calls
    assert (stats.waiters, stats.registrations) == (0, 3)
    assert len(traffic.lives) == 2 * traffic.calls
    assert {tuple(life) for life in traffic.lives.values()} == {("StasisStart", "StasisEnd", "ChannelDestroyed")}
    assert remaining == []
    assert grown_kib < 64 * 1024
    assert seconds < LIMIT_SECONDS
