"""Programs of calls with SIP phones, in both variants: what cannot be, what goes wrong, and what callers do meanwhile."""

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.aio import Answered, Target
from asterisk_ari.errors import BadArgument, MediaNotPlayed
from scripts.live import LiveAsterisk
from tests.calls.programs import in_variant
from tests.live.calls import LIMIT, eventually, fresh
from tests.live.server import Server
from tests.live.sip_phone import SipCall, SipPhones
from tests.live.tones import SipVoice, heard_by

EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/ivr.py"


class Exchange:
    """A client whose program takes the calls of SIP phones, in the background."""

    def __init__(self, server: Server, phones: SipPhones, variant: str) -> None:
        self.phones, self.variant = phones, variant
        self.app = fresh("exchange")
        self.results: list[Any] = []
        self.errors: list[BaseException] = []
        kind: Any = AsteriskARI if variant == "sync" else AsyncAsteriskARI
        self.ari: Any = kind(**server.credentials, app_name=self.app, on_error=lambda error, event: self.errors.append(error))
        self.watch = AsteriskARI(**server.credentials, app_name=fresh("watch"))
        self.watch.connect()
        self._before = self._objects()
        self._thread = threading.Thread(target=self._run)

    def start(self, program: Callable[..., Any], **names: Any) -> None:
        self.ari.calls()(in_variant(program, self.variant, ari=self.ari, results=self.results, **names))
        self._thread.start()
        eventually(lambda: self.ari.stats.connected)

    def _run(self) -> None:
        if self.variant == "sync":
            self.ari.run(drain_seconds=5)
        else:
            asyncio.run(self.ari.run(drain_seconds=5))

    def call_in(self) -> SipCall:
        """A phone calls the program."""
        return self.phones.begin(f"app-{self.app}", caller="caller")

    def _objects(self) -> set[str]:
        return {one.id for one in (*self.watch.channels.list(), *self.watch.bridges.list())}

    def channels(self) -> int:
        """How many there are, but for those that were there before."""
        return len({one.id for one in self.watch.channels.list()} - self._before)

    def nothing_left(self) -> None:
        """Neither on the server nor in the client."""
        eventually(lambda: not self._objects() - self._before, "channels or bridges are left")
        eventually(lambda: self.ari.stats.busy_calls == self.ari.stats.waiters == 0, "calls or waits are left")
        assert self.errors == []

    def close(self) -> None:
        self.ari.stop()
        if self._thread.ident is not None:
            self._thread.join(LIMIT)
        self.watch.disconnect()
        assert not self._thread.is_alive()


@pytest.fixture
def phones(packaged: LiveAsterisk) -> Iterator[SipPhones]:
    env = packaged.env
    with SipPhones(int(env["UAS_PORT"]), int(env["SIP_PORT"])) as made:
        yield made


@pytest.fixture(params=["sync", "async"])
def exchange(server: Server, phones: SipPhones, request: pytest.FixtureRequest) -> Iterator[Exchange]:
    made = Exchange(server, phones, request.param)
    yield made
    made.close()


async def tries_what_cannot_be(call: Any) -> None:
    await call.answer()
    for target in ("PJSIP/no-such-endpoint", "NoTech/x", "PJSIP/404@uas", "PJSIP/gone@uas"):
        outcome = await call.dial(target, ringback=None)
        results.append([type(outcome).__name__, *(one.status for one in outcome.targets)])  # type: ignore[name-defined]  # noqa: F821
        if isinstance(outcome, Answered):  # it was faster than its hanging up
            ended = await call.talk(outcome.leg)
            results[-1] = ["Declined", "gone"] if ended.by is outcome.leg else ended  # type: ignore[name-defined]  # noqa: F821
    for refused in (lambda: call.dial([]), lambda: call.menu("sound:beep", {})):
        try:
            await refused()
        except BadArgument:
            results.append("refused")  # type: ignore[name-defined]  # noqa: F821
    try:
        await call.say("sound:there-is-no-such-sound")
    except MediaNotPlayed as error:
        results.append(error.media)  # type: ignore[name-defined]  # noqa: F821


def test_what_cannot_be(exchange: Exchange) -> None:
    """A clear outcome or error each, and the call goes on."""
    exchange.start(tries_what_cannot_be)
    exchange.call_in().wait_ended()
    assert exchange.results == [
        ["Failed", "failed"], ["Failed", "failed"], ["Failed", "failed"], ["Declined", "gone"], "refused", "refused",
        "sound:there-is-no-such-sound",
    ]  # fmt: skip
    exchange.nothing_left()


async def talks_with_one_who_has_left(call: Any) -> None:
    await call.answer()
    outcome = await call.dial("PJSIP/bob@uas", ringback=None)
    results.append("answered")  # type: ignore[name-defined]  # noqa: F821
    await call.menu("sound:demo-instruct", {"1": True}, first_seconds=30)
    ended = await call.talk(outcome.leg)
    results.append((ended.by is outcome.leg, ended.reason))  # type: ignore[name-defined]  # noqa: F821
    await call.say("sound:beep")


def test_a_leg_that_leaves_before_the_talk(exchange: Exchange) -> None:
    exchange.start(talks_with_one_who_has_left)
    caller = exchange.call_in()
    eventually(lambda: exchange.results)
    bob = exchange.phones.rung("bob")
    bob.hang_up()
    eventually(lambda: exchange.channels() == 1)
    caller.press("1")
    caller.wait_ended()
    assert exchange.results == ["answered", (True, "hangup")]
    exchange.nothing_left()


async def asks_who_answers(call: Any) -> None:
    async def accepts(leg: Any) -> Any:
        results.append("asked")  # type: ignore[name-defined]  # noqa: F821
        return await leg.menu("sound:demo-instruct", {"1": True}, first_seconds=30)

    try:
        await call.dial("PJSIP/bob@uas", confirm=accepts, ringback="moh")
    finally:
        results.append("over")  # type: ignore[name-defined]  # noqa: F821


def test_the_caller_leaves_while_one_is_asked(exchange: Exchange) -> None:
    exchange.start(asks_who_answers)
    caller = exchange.call_in()
    eventually(lambda: exchange.results == ["asked"])
    # It rings only: what a caller cancels is no hanging up of an answered call.
    caller.cancel()
    exchange.phones.rung("bob").wait_ended()
    eventually(lambda: exchange.results == ["asked", "over"])
    exchange.nothing_left()


async def hunts(call: Any) -> None:
    targets = ["PJSIP/486@uas", "PJSIP/603@uas", Target("PJSIP/rings@uas", ring_seconds=1), "PJSIP/bob@uas"]
    outcome = await call.dial(targets, strategy="in_turn", ringback=["sound:beep"])
    results.append([one.status for one in outcome.targets])  # type: ignore[name-defined]  # noqa: F821
    await call.answer()
    ended = await call.talk(outcome.leg, max_duration_seconds=0.5)
    await outcome.leg.say("sound:beep")
    results.append(ended.reason)  # type: ignore[name-defined]  # noqa: F821


def test_one_after_the_other_is_tried(exchange: Exchange) -> None:
    exchange.start(hunts)
    exchange.call_in().wait_ended()
    assert exchange.results == [["busy", "declined", "no_answer", "answered"], "max_duration"]
    exchange.nothing_left()


async def calls_back(call: Any) -> None:
    await call.answer()
    await call.say("sound:beep")
    await call.hangup()
    async with ari.call("PJSIP/bob@uas") as back:  # type: ignore[name-defined]  # noqa: F821
        results.append(await back.menu("digits:123456", {"1": "reached"}, first_seconds=30))  # type: ignore[name-defined]  # noqa: F821


def test_a_program_hangs_up_and_calls_back(exchange: Exchange) -> None:
    exchange.start(calls_back)
    exchange.call_in().wait_ended()
    bob = exchange.phones.rung("bob")
    eventually(lambda: exchange.watch.channels.list()[0].state == "Up")
    bob.press_until("1", lambda: exchange.results == ["reached"])
    bob.wait_ended()
    exchange.nothing_left()


async def lets_ask_first(call: Any) -> None:
    await call.answer()
    outcome = await call.dial("PJSIP/bob@uas", ringback=None)
    leg = outcome.leg
    async with call.transfer_attended("PJSIP/carol@uas", by=leg) as transfer:
        results.append("consults")  # type: ignore[name-defined]  # noqa: F821
        await transfer.consult(until=lambda: leg.channel.wait_for("ChannelDtmfReceived"))
        ended = await transfer.complete()
        results.append(ended.reason)  # type: ignore[name-defined]  # noqa: F821
    await call.say("sound:beep")


def test_who_hears_whom_in_an_attended_transfer(exchange: Exchange) -> None:
    """Each phone speaks a tone: first the two who consult hear each other, then the caller and the target."""
    exchange.start(lets_ask_first)
    caller = exchange.call_in()
    eventually(lambda: exchange.results == ["consults"])
    bob, carol = exchange.phones.rung("bob"), exchange.phones.rung("carol")
    voices = {"caller": SipVoice(caller, 500), "bob": SipVoice(bob, 800), "carol": SipVoice(carol, 1300)}
    eventually(lambda: heard_by(voices) == {"caller": set(), "bob": {"carol"}, "carol": {"bob"}}, "they do not consult")
    bob.press("1")
    bob.wait_ended()
    eventually(lambda: heard_by(voices) == {"caller": {"carol"}, "bob": set(), "carol": {"caller"}}, "they do not talk")
    carol.hang_up()
    caller.wait_ended()
    assert exchange.results == ["consults", "hangup"]
    exchange.nothing_left()


async def says_what_is_on_the_web(call: Any) -> None:
    await call.answer()
    await call.say(f"sound:{address}")  # type: ignore[name-defined]  # noqa: F821
    try:
        await call.say(f"sound:{address}-missing.wav")  # type: ignore[name-defined]  # noqa: F821
    except MediaNotPlayed as error:
        results.append(error.media)  # type: ignore[name-defined]  # noqa: F821


def test_a_prompt_by_its_url(exchange: Exchange, packaged: LiveAsterisk, tmp_path: Path) -> None:
    """Asterisk fetches it. Its URL has to be longer than the path of the file that it keeps: it takes no more of the path."""
    name = f"{'long-' * 20}greeting.wav"
    shutil.copy(packaged.run_dir / "data/sounds/en/welcome.wav", tmp_path / name)
    handler = partial(_Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{web.server_port}/{name}"
        exchange.start(says_what_is_on_the_web, address=address)
        exchange.call_in().wait_ended()
        web.shutdown()
    assert exchange.results == [f"sound:{address}-missing.wav"]
    exchange.nothing_left()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def test_the_ivr_of_the_examples(packaged: LiveAsterisk, phones: SipPhones, server: Server) -> None:
    """Unchanged, in a process of its own: an account, a menu, two phones, of which one accepts; a talk, and a good-bye."""
    settings = {"ARI_URL": packaged.url, "ARI_USERNAME": packaged.username, "ARI_PASSWORD": packaged.password}
    for name in ("alice", "bob"):
        phones.register(name, name)
    with (
        AsteriskARI(**server.credentials, app_name=fresh("watch")) as watch,
        subprocess.Popen([sys.executable, "-u", "-W", "error", str(EXAMPLE)], env={**os.environ, **settings}) as program,
    ):
        try:
            eventually(lambda: any(one.id == "ivr" for one in watch.applications.list()), seconds=60.0)
            others = {one.id for one in watch.channels.list()}
            caller = phones.dial("app-ivr", caller="ann")
            for key in "12341":  # the account, and the choice, typed ahead
                caller.press(key)
            alice, bob = phones.rung("alice"), phones.rung("bob")
            alice.press_until("1", lambda: bob.has_ended)
            eventually(lambda: any(len(one.json["channels"]) == 2 for one in watch.bridges.list()), "nobody talks")
            alice.hang_up()
            caller.wait_ended()
            eventually(lambda: {one.id for one in watch.channels.list()} <= others, "a channel is left")
        finally:
            program.terminate()
            status = program.wait(LIMIT)
        assert status == 0
