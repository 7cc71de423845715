"""Calls as programs on the real server, in both variants: callers are Local channels of another client."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.errors import MediaNotPlayed
from tests.calls.programs import in_variant
from tests.live.calls import LIMIT, eventually, fresh, into
from tests.live.server import Server

HANGUPS = 30
LEFT_SECONDS = 30.0


class Programs:
    """A client whose programs run in the background, and another one whose calls they take."""

    def __init__(self, server: Server, variant: str) -> None:
        self.variant = variant
        self.results: list[Any] = []
        self.errors: list[BaseException] = []
        self.app = fresh("programs")
        self.phones = AsteriskARI(**server.credentials, app_name=fresh("phones"))
        kind: Any = AsteriskARI if variant == "sync" else AsyncAsteriskARI
        self.ari: Any = kind(**server.credentials, app_name=self.app, on_error=lambda error, event: self.errors.append(error))
        self._thread = threading.Thread(target=self._run)

    def start(self, program: Callable[..., Any], **names: Any) -> None:
        self.ari.calls()(in_variant(program, self.variant, ari=self.ari, results=self.results, **names))
        self.phones.connect()
        self._thread.start()
        eventually(lambda: self.ari.stats.connected)

    def _run(self) -> None:
        if self.variant == "sync":
            self.ari.run(drain_seconds=5, on_stop="hangup")
        else:
            asyncio.run(self.ari.run(drain_seconds=5, on_stop="hangup"))

    def call_in(self) -> Any:
        """A caller; its other half enters the app."""
        return self.phones.channels.originate(into(self.app), app=self.phones.settings.app_name)

    def left(self) -> list[str]:
        """What is left of the calls on the server and in the client."""
        stats = self.ari.stats
        channels = [one.json["name"] for one in self.phones.channels.list() if self.app in one.json["name"]]
        return [*channels, *(["a call"] if stats.busy_calls else []), *(["a wait"] if stats.waiters else [])]

    def close(self) -> None:
        self.ari.stop()
        self._thread.join(LIMIT)
        self.phones.disconnect()
        assert not self._thread.is_alive()


@pytest.fixture(params=["sync", "async"])
def programs(server: Server, request: pytest.FixtureRequest) -> Iterator[Programs]:
    made = Programs(server, request.param)
    yield made
    made.close()
    assert made.errors == []


async def desk(call: Any) -> None:
    await call.answer()
    try:
        await call.say("sound:no-such-sound-at-all")
    except MediaNotPlayed as error:
        results.append(error.media)  # type: ignore[name-defined]  # noqa: F821
    answer = await call.ask(["digits:1234567", "sound:demo-congrats"], max_digits=3, first_seconds=20, next_seconds=20)
    results.append(answer.digits)  # type: ignore[name-defined]  # noqa: F821
    results.append(await call.menu("sound:demo-instruct", {"1": "one", "2": "two"}, first_seconds=20))  # type: ignore[name-defined]  # noqa: F821
    await call.say("digits:1", "sound:beep")
    made = await call.record_message(call.id, beep=False, terminate_on="#", max_duration_seconds=30)
    results.append(made.reason)  # type: ignore[name-defined]  # noqa: F821
    await ari.recordings.delete_stored(call.id)  # type: ignore[name-defined]  # noqa: F821


def test_a_desk(programs: Programs) -> None:
    """Prompts that do not exist are told; keys interrupt, type-ahead counts; a key ends a message."""
    programs.start(desk)
    caller = programs.call_in()
    eventually(lambda: len(programs.results) == 1)
    caller.wait_until_up(LIMIT)
    caller.send_dtmf("1232", duration_ms=200, between_ms=50)  # the last one is for the menu
    eventually(lambda: len(programs.results) == 3)
    eventually(lambda: any(live for live in _recording(programs, caller)), seconds=LIMIT)
    caller.send_dtmf("#", duration_ms=200)
    eventually(lambda: len(programs.results) == 4)
    assert programs.results == ["sound:no-such-sound-at-all", "123", "two", "key"]
    eventually(lambda: programs.left() == [], seconds=LEFT_SECONDS)


def _recording(programs: Programs, caller: Any) -> list[Any]:
    """Whether the program records: its other half's id is the name."""
    name = caller.refresh().name.rpartition(";")[0]
    other = [one for one in programs.phones.channels.list() if one.name == f"{name};2"]
    try:
        return [programs.phones.recordings.get_live(one.id) for one in other]
    except Exception:
        return []


async def reception(call: Any) -> None:
    async def accepts(leg: Any) -> Any:
        return await leg.menu("sound:demo-congrats", {"1": True}, first_seconds=20, tries=1)

    await call.answer()
    targets = [phone, "NoSuch/thing"]  # type: ignore[name-defined]  # noqa: F821
    outcome = await call.dial(targets, confirm=accepts, ringback="moh")
    results.append([type(outcome).__name__, *(one.status for one in outcome.targets)])  # type: ignore[name-defined]  # noqa: F821
    ended = await call.talk(outcome.leg, record=f"talk-{call.id}")
    results.append(ended.by is outcome.leg)  # type: ignore[name-defined]  # noqa: F821
    await ari.recordings.delete_stored(f"talk-{call.id}")  # type: ignore[name-defined]  # noqa: F821
    await call.say("sound:beep")


def test_a_reception(programs: Programs) -> None:
    """Who answers is asked whether to accept; an unknown technology fails at once; nothing is left."""
    legs: list[Any] = []

    def far_end(event: Any) -> None:
        if event.channel["name"].endswith(";2"):  # the phone that is called
            leg = programs.phones.channels(event.channel_id)
            legs.append(leg)
            leg.answer()
            leg.send_dtmf("1", before_ms=500, duration_ms=200)

    programs.phones.on("StasisStart", far_end)
    programs.start(reception, phone=into(programs.phones.settings.app_name))
    programs.call_in()
    eventually(lambda: programs.results)
    assert programs.results == [["Answered", "answered", "failed"]]
    eventually(lambda: any(programs.phones.bridges.list()), "they are not connected")
    threading.Event().wait(1.0)
    legs[0].hangup()
    eventually(lambda: programs.results[1:] == [True])
    eventually(lambda: programs.left() == [], seconds=LEFT_SECONDS)


async def anything(call: Any) -> None:
    results.append(call.id)  # type: ignore[name-defined]  # noqa: F821
    await call.answer()
    bridge = await call.bridge()
    await bridge.add_channel(call.channel)
    await bridge.remove_channel(call.channel)
    await call.ask("sound:demo-congrats", max_digits=1, first_seconds=0.1, tries=2)
    await call.record_message(call.id, beep=False, terminate_on="#", if_exists="overwrite")


@pytest.mark.timeout(180)
def test_callers_who_leave_at_any_moment_leave_nothing(programs: Programs) -> None:
    seed = random.randrange(10**6)
    moments = random.Random(seed)
    programs.start(anything)
    before = len(programs.phones.bridges.list())
    for _ in range(HANGUPS):
        caller = programs.call_in()
        threading.Event().wait(moments.uniform(0, 0.6))
        caller.hangup()
    eventually(lambda: programs.left() == [], f"seed {seed}: something is left", seconds=LEFT_SECONDS)
    eventually(lambda: len(programs.phones.bridges.list()) <= before, f"seed {seed}: a bridge is left")
    assert len(programs.results) > HANGUPS // 2, f"seed {seed}: most callers left before their program began"
