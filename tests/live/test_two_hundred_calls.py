"""Two hundred callers at once, over SIP: each chooses in a menu, two phones are called for it, it talks, and it is hung up on."""

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.aio import Answered
from scripts.live import LiveAsterisk
from tests.calls.programs import in_variant
from tests.live import leaks
from tests.live.calls import eventually, fresh
from tests.live.server import series
from tests.live.sip_phone import SipCall, SipPhones

CALLERS = 200
LIMIT_SECONDS = 60.0
# Callers of different numbers get different targets; each number's outcome.
TARGETS: dict[str, tuple[list[str], str]] = {
    "1": (["PJSIP/rings@uas", "PJSIP/bob@uas"], "Answered"),
    "2": (["PJSIP/486@uas", "PJSIP/bob@uas"], "Answered"),
    "3": (["PJSIP/486@uas", "PJSIP/486@uas"], "Busy"),
    "4": (["PJSIP/603@uas", "PJSIP/480@uas"], "NoAnswer"),
}
# Of ten callers eight talk, all at the same time; the others are turned away.
KEYS = "1112111234"


@pytest.fixture(scope="module")
def wide(packaged: LiveAsterisk) -> Iterator[LiveAsterisk]:
    """A server with RTP ports for all legs at once, two for each, above those that the kernel takes for others."""
    with LiveAsterisk(series(), settings={"LIVE_RTP_START": "61000", "LIVE_RTP_COUNT": "4000"}) as live:
        yield live


async def reception(call: Any) -> None:
    await call.answer()
    key = await call.menu("sound:demo-instruct", {key: key for key in TARGETS}, first_seconds=LIMIT_SECONDS)
    outcome = await call.dial(TARGETS[key][0], ringback=None)
    by = None
    if isinstance(outcome, Answered):
        ended = await call.talk(outcome.leg)
        by = ended.by is outcome.leg
    results.append((key, type(outcome).__name__, by))  # type: ignore[name-defined]  # noqa: F821


class Rush:
    """All callers of one round, and the phones that are called for them."""

    def __init__(self, phones: SipPhones, app: str, results: list[Any]) -> None:
        self._phones = phones
        self._results = results
        self._app = app

    def run(self) -> None:
        """Everybody calls, chooses, talks while all talk, and has ended."""
        phones = self._phones
        phones.forget_ended()
        callers = [phones.begin(f"app-{self._app}", caller=f"caller-{number}") for number in range(CALLERS)]
        keys = [KEYS[number % len(KEYS)] for number in range(CALLERS)]
        for caller, key in zip(callers, keys, strict=True):
            eventually(lambda caller=caller: caller.is_up, "a caller was not answered", LIMIT_SECONDS)  # type: ignore[misc]
            caller.press(key)
        talking = [key for key in keys if TARGETS[key][1] == "Answered"]
        eventually(lambda: len(self._agents()) == len(talking), "not all agents were reached", LIMIT_SECONDS)
        eventually(lambda: len(self._results) == len(keys) - len(talking), "not all refusals were told", LIMIT_SECONDS)
        for agent in self._agents():
            agent.hang_up()
        eventually(lambda: all(one.has_ended for one in callers), "a caller was lost", LIMIT_SECONDS)
        expected = Counter((key, TARGETS[key][1], True if TARGETS[key][1] == "Answered" else None) for key in keys)
        eventually(lambda: Counter(self._results) == expected, f"{Counter(self._results)}, not {expected}", LIMIT_SECONDS)
        self._results.clear()

    def _agents(self) -> list[SipCall]:
        return [one for one in list(self._phones.calls.values()) if one.user == "bob" and one.is_up and not one.has_ended]


@pytest.mark.parametrize("variant", ["sync", "async"])
@pytest.mark.timeout(4 * LIMIT_SECONDS)
def test_two_hundred_calls_at_once(wide: LiveAsterisk, variant: str, capsys: pytest.CaptureFixture[str]) -> None:
    """None is lost, each has its outcome, memory and the server are as before. A second round, for there is no first time then."""
    kind: Any = AsteriskARI if variant == "sync" else AsyncAsteriskARI
    env, results, errors = wide.env, list[Any](), list[BaseException]()
    app = fresh("rush")
    credentials = {"url": wide.url, "username": wide.username, "password": wide.password}
    with (
        leaks.nothing_left(),
        SipPhones(int(env["UAS_PORT"]), int(env["SIP_PORT"]), send_audio=False) as phones,
        AsteriskARI(**credentials, app_name=fresh("watch")) as watch,
    ):
        ari = kind(**credentials, app_name=app, on_error=lambda error, event: errors.append(error))
        ari.calls()(in_variant(reception, variant, results=results))
        run = (lambda: ari.run(drain_seconds=5)) if variant == "sync" else (lambda: asyncio.run(ari.run(drain_seconds=5)))
        serving = Thread(target=run)
        serving.start()
        try:
            eventually(lambda: ari.stats.connected)
            rush = Rush(phones, app, results)
            seconds, kib = [], []
            for _ in range(2):
                began = time.monotonic()
                rush.run()
                seconds.append(time.monotonic() - began)
                eventually(lambda: watch.channels.list() == [] and watch.bridges.list() == [], "something is left")
                eventually(lambda: ari.stats.busy_calls == ari.stats.waiters == ari.stats.waiting == 0, "calls are left")
                gc.collect()
                kib.append(leaks.resident_kib())
        finally:
            ari.stop()
            serving.join(LIMIT_SECONDS)
    took = " and ".join(f"{one:.1f} s" for one in seconds)
    with capsys.disabled():
        print(
            f"\n{variant}: {CALLERS} calls at once, twice, in {took}; memory +{(kib[1] - kib[0]) / 1024:.1f} MiB the second time"
        )
    assert errors == []
    assert ari.stats.lost == 0
    assert kib[1] - kib[0] < 16 * 1024
