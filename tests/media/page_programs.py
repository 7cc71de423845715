"""The programs of docs/media.md that are parts of larger ones, run as they stand there: for a real server and the embedded one."""

import asyncio
import os
import re
import shutil
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import AsyncAsteriskARI, aio
from asterisk_ari.media import Interrupted, SpeechEnded, SpeechStarted
from scripts.media_calls import connected, place
from tests.media.espeak import stand_in
from tests.media.tones import loudness, strength, tone

PAGE = Path(__file__).resolve().parents[2] / "docs/media.md"
LIMIT_SECONDS = 60.0
RATE = 24_000  # of the page's `talk`


@dataclass(frozen=True)
class Server:
    """Where the programs run; `media_port` is where a connection `media` of websocket_client.conf leads to."""

    url: str
    username: str
    password: str
    media_port: int


def program(name: str, **replaced: str) -> Any:
    """A function of the page, with the names that it takes from the package; parts of it may be replaced."""
    code = next(one for one in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL) if f"def {name}(" in one)
    for old, new in replaced.items():
        assert old in code
        code = code.replace(old, new)
    names: dict[str, Any] = {
        **{one.__name__: one for one in (Interrupted, SpeechEnded, SpeechStarted)},
        **{one: getattr(aio, one) for one in ("CachedSpeaker", "EspeakNG", "Spoken")},
    }
    exec(compile(code, str(PAGE), "exec"), names)
    return names[name]


def on(server: Server, what: Any) -> None:
    """Run something with a client of its own, and both halves of a call."""

    async def run() -> None:
        async with asyncio.timeout(LIMIT_SECONDS), connected(server.url, server.username, server.password) as ari:
            near, far = await place(ari, "ulaw")
            await what(ari, near, far)
            assert ari.open_scopes == {}

    asyncio.run(run())


async def hears(media: Any, hertz: int, rate: int) -> None:
    """Wait until a stream hears a tone."""
    while strength((await anext(media)).pcm, hertz, rate) < 2000:
        pass


class Synthesis:
    """Ten seconds of a tone, in pieces."""

    async def stream(self, _text: str) -> AsyncIterator[bytes]:
        whole = tone(400, 10_000, RATE)
        for at in range(0, len(whole), 5000):
            yield whole[at : at + 5000]


class Model:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.truncated: asyncio.Future[tuple[str, int]] = asyncio.get_running_loop().create_future()

    def truncate(self, utterance_id: str, heard_ms: int) -> None:
        if not self.truncated.done():
            self.truncated.set_result((utterance_id, heard_ms))


def test_talk(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """It speaks, is cut off by who speaks, and tells the model how much was heard."""

    async def converse(ari: AsyncAsteriskARI, near: Any, far: Any) -> None:
        model = Model()
        talking = asyncio.create_task(
            program("talk")(ari, near, Synthesis(), lambda pcm: strength(pcm, 1000, RATE) > 2000, model)
        )
        async with ari.media(far, rate=RATE) as media:
            await hears(media, 400, RATE)
            await media.say(tone(1000, 5000, RATE))
            utterance_id, heard_ms = await model.truncated
            assert utterance_id
            assert 0 < heard_ms < 10_000
        await far.hangup()
        await talking

    on(server, converse)
    assert capsys.readouterr().out == "False\n"


def test_converse(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """Each turn is answered; who speaks meanwhile interrupts the answer."""
    said: list[bytes] = []

    async def answers(ari: AsyncAsteriskARI, near: Any, far: Any) -> None:
        async def agent() -> None:
            async with ari.media(near, rate=8000) as media:
                await program("converse")(media, lambda pcm: said.append(pcm), lambda _: tone(400, 20_000, 8000))

        conversing = asyncio.create_task(agent())
        async with ari.media(far, rate=8000) as media:
            for _ in range(20):
                await anext(media)
            for turn in (1, 2):
                await media.say(tone(1000, 600, 8000))
                while len(said) < turn:
                    await anext(media)
                await hears(media, 400, 8000)
        await far.hangup()
        await conversing

    on(server, answers)
    out = capsys.readouterr().out
    assert re.search(r"speaks since \d+\.\d s\n", out)
    assert re.search(r"interrupted after \d+ ms\n", out)
    assert len(said) == 2
    assert all(strength(pcm, 1000, 8000) > 1500 for pcm in said)


def test_welcome(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are said and kept, and a key chooses."""
    if not shutil.which("espeak-ng"):
        monkeypatch.setenv("PATH", f"{Path(stand_in(tmp_path)).parent}{os.pathsep}{os.environ['PATH']}")
    folder = tmp_path / "prompts"

    class Queue:
        def position(self, _call: Any) -> int:
            return 3

    async def is_welcomed(ari: AsyncAsteriskARI, near: Any, far: Any) -> None:
        async with ari.call(near) as call:
            welcoming = asyncio.create_task(
                program("welcome", **{"/var/cache/prompts": str(folder), "en-gb": "en"})(call, Queue())
            )
            async with ari.media(far, rate=8000) as media:
                while loudness((await anext(media)).pcm) < 200:
                    pass
                while not welcoming.done():
                    await far.send_dtmf("1", duration_ms=100)
                    await asyncio.wait([welcoming], timeout=1)
            await welcoming

    on(server, is_welcomed)
    kept = sorted(str(one) for one in folder.rglob("*") if one.is_file())
    assert kept  # of the second text too, unless the key was pressed before it


def test_served(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asterisk connects to the program, and the file is heard."""
    with wave.open(str(tmp_path / "welcome.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(tone(400, 1500))
    monkeypatch.chdir(tmp_path)

    async def is_heard(ari: AsyncAsteriskARI, near: Any, far: Any) -> None:
        async with ari.media(far, rate=8000) as media:
            serving = asyncio.create_task(program("served", **{"9000": str(server.media_port)})(ari, near))
            await hears(media, 400, 8000)
            await serving

    on(server, is_heard)
