"""Audio streams, on a call whose two halves are both in the app: a stream on each, and each hears what the other says."""

import array
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import aio, sync
from asterisk_ari.errors import BadArgument, CallEnded, ModuleNotLoaded, NotFound, NotSupportedByServer
from asterisk_ari.media import Interrupted, SpeechEnded, SpeechStarted, Spoken
from tests.live.calls import LIMIT, eventually, fresh
from tests.live.calls import place as place_any
from tests.live.variants import Variant
from tests.media.espeak import stand_in
from tests.media.tones import loudness, strength, tone
from tests.media.voice_agent import the_voice_agent_works

VIAS = ("websocket", "audiosocket", "rtp")
NEEDS = {
    "websocket": ("transport", "websocket"),
    "audiosocket": ("encapsulation", "audiosocket"),
    "rtp": ("encapsulation", "rtp"),
}
QUIET = 300


@dataclass
class Way:
    """One way that audio takes, and its rate."""

    via: str
    rate: int

    @property
    def options(self) -> dict[str, Any]:
        return {"via": self.via, "rate": self.rate}

    def tone(self, hz: float, milliseconds: int) -> bytes:
        return tone(hz, milliseconds, self.rate)

    def strength(self, pcm: bytes, hz: float) -> float:
        return strength(pcm, hz, self.rate)

    def comes_through(self, media: Any, hz: float, *, without: float) -> bool:
        """Whether a tone is heard at its full level, soon, and not the other one; a busy machine may leave gaps in it."""
        for _ in range(100):
            pcm = heard(media, 100)
            if self.strength(pcm, hz) == pytest.approx(8000, rel=0.15):
                return self.strength(pcm, without) < 200
        return False

    def spoken(self, pcm: bytes) -> int:
        """How many milliseconds of it are not silent."""
        size = self.rate // 25
        return 20 * sum(loudness(pcm[at : at + size]) > QUIET for at in range(0, len(pcm), size))


@pytest.fixture(params=VIAS)
def way(request: pytest.FixtureRequest, ari: Any) -> Way:
    """Each way; one that the release lacks is refused in words that help, and that is all there is to see."""
    if not ari.capabilities.supports("channels.externalMedia", *NEEDS[request.param]):
        near, _ = place(ari)
        with pytest.raises(NotSupportedByServer, match="channels.externalMedia needs"):
            ari.media(near, via=request.param).__enter__()
        pytest.skip(f"this release has no {request.param}: that it says so was checked")
    return Way(request.param, 8000 if request.param == "rtp" else 16_000)


def place(ari: Any) -> tuple[Any, Any]:
    """A call in one format: a Local channel without takes 192 kHz, and Asterisk loses half of the level on the way there."""
    return place_any(ari, formats="ulaw")


def heard(media: Any, milliseconds: int) -> bytes:
    """What a stream hears for a time, from now on."""
    return b"".join(frame.pcm for frame in itertools.islice(media, milliseconds // 20))


def sound_heard(media: Any) -> bytes:
    """What a stream hears until somebody has spoken and been silent for 200 ms, however late it comes."""
    frames: list[bytes] = []
    silent_frames: int | None = None
    while silent_frames is None or silent_frames < 10:
        frames.append(next(iter(media)).pcm)
        assert len(frames) < 1000
        if loudness(frames[-1]) > QUIET:
            silent_frames = 0
        elif silent_frames is not None:
            silent_frames += 1
    return b"".join(frames)


def has_no_media(ari: Any) -> bool:
    """Whether no leg and no bridge of a stream is left."""
    return not [one for one in (*ari.channels.list(), *ari.bridges.list()) if one.id.startswith("media-")]


def test_each_side_hears_the_other_and_not_itself(ari: Any, way: Way) -> None:
    near, far = place(ari)
    with ari.media(near, **way.options) as one, ari.media(far, **way.options) as other:
        one.say(way.tone(400, 30_000))
        other.say(way.tone(1000, 30_000))
        assert way.comes_through(one, 1000, without=400)
        assert way.comes_through(other, 400, without=1000)
        assert one.channel.id.startswith("media-")
        assert {near.id, one.channel.id} == set(one.bridge.refresh().json["channels"])
    eventually(lambda: has_no_media(ari), "a leg or a bridge is left")
    assert near.refresh().state == "Up"


def test_an_utterance_is_heard_to_its_end_and_told_so_then(ari: Any, way: Way) -> None:
    near, far = place(ari)
    with ari.media(near, **way.options) as one, ari.media(far, **way.options) as other:
        begun = time.monotonic()
        utterance = one.say(way.tone(400, 610))
        assert utterance.was_heard is None
        assert one.speaking
        assert utterance.wait()
        assert 0.5 < time.monotonic() - begun < 2.0
        assert (610, True) == (utterance.heard_ms, utterance.was_heard)
        assert one.mark()
        assert not one.speaking
        assert 600 <= way.spoken(heard(other, 900)) <= 660


def test_a_flush_cuts_off_and_tells_how_much_was_heard(ari: Any, way: Way) -> None:
    """Within 60 ms of what the far end has recorded, on a machine that does other things too."""
    near, far = place(ari)
    with ari.media(near, **way.options) as one, ari.media(far, **way.options) as other:
        for milliseconds in (400, 1100):
            utterance = one.say(way.tone(400, 8000))
            later = one.say(way.tone(700, 500))
            while utterance.heard_ms < milliseconds:
                next(iter(other))
            cut = one.flush()
            assert (False, False) == (utterance.wait(), later.wait())
            assert cut.utterance_id == utterance.id
            assert cut.heard_ms == utterance.heard_ms
            assert cut.heard_ms + cut.lost_ms == pytest.approx(8500, abs=40)
            assert 0 == later.heard_ms
            one.say(way.tone(1000, 200)).wait()  # what is said now follows at once
            assert cut.heard_ms == pytest.approx(milliseconds, abs=150)
        recorded = heard(other, 400)
        assert way.strength(recorded, 700) < 200
        assert 2 == one.stats.flushes


def test_what_was_heard_is_what_the_far_end_has(ari: Any, way: Way) -> None:
    near, far = place(ari)
    with ari.media(near, **way.options) as one, ari.media(far, **way.options, silence=False) as other:
        one.say(way.tone(400, 5000))
        recorded = heard(other, 700)
        cut = one.flush()
        one.channel.hangup()
        far.hangup()
        recorded += b"".join(frame.pcm for frame in other)
        assert way.spoken(recorded) == pytest.approx(cut.heard_ms, abs=60)


def test_a_recording_has_both_sides_apart(ari: Any, way: Way, tmp_path: Path) -> None:
    """Left what the other side says, right what it was told, without what was cut off."""
    near, far = place(ari)
    with ari.media(near, **way.options) as one, ari.media(far, **way.options) as other:
        with one.record(tmp_path / "call.wav") as recording:
            one.say(way.tone(400, 600)).wait()
            other.say(way.tone(1000, 3000))
            utterance = one.say(way.tone(700, 3000))
            while utterance.heard_ms < 400:
                next(iter(one))
            cut = one.flush()
            heard(one, 300)
        with wave.open(str(tmp_path / "call.wav")) as file:
            assert (2, 2, way.rate) == (file.getnchannels(), file.getsampwidth(), file.getframerate())
            both = array.array("h", file.readframes(file.getnframes()))
    left, right = (both[side::2].tobytes() for side in (0, 1))
    assert len(both) == 2 * round(recording.seconds * way.rate)
    assert way.spoken(right) == pytest.approx(600 + cut.heard_ms, abs=60)
    told = right[: 2 * way.rate * 1100 // 1000]
    assert way.strength(told, 400) > 1500
    assert way.strength(told, 1000) < 200
    assert way.strength(left, 1000) > 1500
    assert max(way.strength(left, 400), way.strength(left, 700)) < 200


def test_speech_interrupts_and_turns_are_heard(ari: Any, way: Way) -> None:
    """What is said is cut off when the other side has spoken for a while, and its turn is what it has said."""
    near, far = place(ari)
    with ari.media(near, **way.options) as one, ari.media(far, **way.options) as other:
        turns = iter(one.turns(end_ms=700, barge_in="immediate"))
        utterance = one.say(way.tone(400, 15_000))
        while utterance.heard_ms < 300:
            next(iter(other))
        other.say(way.tone(1000, 800)).wait()
        found = [next(turns) for _ in range(3)]
        assert not utterance.wait()
        started = next(turn for turn in found if isinstance(turn, SpeechStarted))
        cut = next(turn for turn in found if isinstance(turn, Interrupted))
        ended = next(turn for turn in found if isinstance(turn, SpeechEnded))
        assert found.index(started) == 0
        assert (cut.utterance_id, cut.heard_ms) == (utterance.id, utterance.heard_ms)
        assert 200 < cut.heard_ms < 14_000
        assert ended.at == started.at
        assert 500 < ended.duration_ms < 1200
        assert 500 < way.spoken(ended.pcm) < 1200
        assert way.strength(ended.pcm, 1000) > 2500
        assert way.strength(ended.pcm, 400) < 200
        assert 0 == one.stats.frames_dropped


def test_a_pause_holds_back(ari: Any, way: Way) -> None:
    near, far = place(ari)
    with ari.media(near, **way.options) as one, ari.media(far, **way.options) as other:
        utterance = one.say(way.tone(400, 1000))
        heard(other, 300)
        one.pause()
        heard(other, 100)
        before = utterance.heard_ms
        assert way.spoken(heard(other, 400)) <= 40
        assert before == utterance.heard_ms
        assert one.status().is_paused
        one.resume()
        assert utterance.wait()
        one.pause()
        one.say(way.tone(400, 400))
        one.flush()
        assert one.say(way.tone(1000, 200)).wait()  # a flush ends a pause


def test_the_stream_ends_with_the_call(ari: Any, way: Way) -> None:
    """Whichever side hangs up; what is being said ends as cut off."""
    for who in (0, 1):
        halves = place(ari)
        with ari.media(halves[0], **way.options) as media:
            utterance = media.say(way.tone(400, 5000))
            heard(media, 100)
            halves[who].hangup()
            for _ in media:
                pass
            assert media.is_over
            assert not utterance.wait()
            media.wait_ended()
    eventually(lambda: has_no_media(ari), "a leg or a bridge is left")


def test_the_stream_of_a_call_ends_with_it(ari: Any, way: Way) -> None:
    """It is the call's own: left with the call, and before its channel is hung up. After the call's end there is none."""
    near, far = place(ari)
    with ari.call(near) as call:
        one = call.media(**way.options).__enter__()
        with ari.media(far, **way.options) as other:
            one.say(way.tone(400, 30_000))
            assert way.comes_through(other, 400, without=1000)
    assert one.is_over
    eventually(lambda: has_no_media(ari), "a leg or a bridge is left")
    near.wait_until_gone(LIMIT)
    with pytest.raises(CallEnded):
        call.media(**way.options).__enter__()


def test_a_tap_hears_both_parties_apart(ari: Any, way: Way) -> None:
    """Caller and agent, each with its own tone, in a bridge of theirs; neither hears of it."""
    near, far = place(ari)
    with ari.media(far, **way.options) as caller, ari.media(near, **way.options) as agent, ari.call(near) as call:
        caller.say(way.tone(1000, 30_000))
        agent.say(way.tone(400, 30_000))
        with call.tap(**way.options) as tap:
            for stream, hertz, other in ((tap.caller, 1000, 400), (tap.agent, 400, 1000)):
                assert any(way.strength(frame.pcm, hertz) > 4000 for frame in itertools.islice(stream, 500))
                recorded = heard(stream, 400)
                assert way.strength(recorded, hertz) > 2000
                assert way.strength(recorded, other) < 200
        eventually(lambda: not [one for one in ari.channels.list() if one.id.startswith("snoop-")], "a snoop is left")
        assert near.refresh().state == "Up"
        caller.flush(), agent.flush()


class Tones:
    """A speaker: 1000 Hz for as long as the text says."""

    def speak(self, text: str, rate: int) -> bytes:
        return tone(1000, int(text), rate)


def test_a_text_is_a_prompt(ari: Any) -> None:
    """Over a stream of its own, whichever way that goes; a key interrupts it, and the call is in no bridge afterwards."""
    near, far = place(ari)
    with ari.call(near) as call, ari.media(far, rate=8000) as other:
        call.say(Spoken("600", Tones()))
        assert any(strength(frame.pcm, 1000, 8000) > 4000 for frame in itertools.islice(other, 500))
        eventually(lambda: has_one_media(ari), "a leg or a bridge is left")
        far.send_dtmf("7", before_ms=1500)
        answer = call.ask(Spoken("60000", Tones()), max_digits=1)
        assert ("7", "max_digits") == (answer.digits, answer.reason)
        eventually(lambda: has_one_media(ari), "a leg or a bridge is left")


def has_one_media(ari: Any) -> bool:
    """Whether one leg and one bridge of streams are there."""
    return len([one for one in (*ari.channels.list(), *ari.bridges.list()) if one.id.startswith("media-")]) == 2


def test_espeak_is_heard(ari: Any, variant: Variant, tmp_path: Path) -> None:
    """The program of that name where it is installed; `.ci/run` installs it. Elsewhere one that stands in for it."""
    speaker = (sync if variant.name == "sync" else aio).EspeakNG("en", program=shutil.which("espeak-ng") or stand_in(tmp_path))
    near, far = place(ari)
    with ari.media(near, rate=8000) as one, ari.media(far, rate=8000) as other:
        utterance = one.say(Spoken("Hello, this is a test of some length.", speaker))
        assert any(loudness(frame.pcm) > 200 for frame in itertools.islice(other, 500))
        assert utterance.wait()


def in_pieces(variant: Variant, audio: bytes) -> Any:
    """An iterable as a speech synthesis is one, of the variant's kind."""
    pieces = [audio[at : at + 1001] for at in range(0, len(audio), 1001)]

    async def asynchronous() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return iter(pieces) if variant.name == "sync" else asynchronous()


def test_a_file_and_pieces_of_any_size_are_said(ari: Any, way: Way, variant: Variant, tmp_path: Path) -> None:
    near, far = place(ari)
    file = tmp_path / "tone.wav"
    with wave.open(str(file), "wb") as writing:
        writing.setparams((1, 2, way.rate, 0, "NONE", ""))
        writing.writeframes(way.tone(400, 300))
    with ari.media(near, **way.options) as one, ari.media(far, **way.options) as other:
        assert one.say(file).wait()
        assert way.spoken(sound_heard(other)) == pytest.approx(300, abs=40)
        assert one.say(in_pieces(variant, way.tone(400, 500))).wait()
        assert way.spoken(sound_heard(other)) == pytest.approx(500, abs=40)
        whole = way.tone(1000, 400)
        for at in range(0, len(whole), 333):
            one.write(whole[at : at + 333])
        assert way.spoken(sound_heard(other)) == pytest.approx(400, abs=40)
        with pytest.raises(BadArgument, match="mono, 16 bits"):
            one.say(_wrong(tmp_path))
        with pytest.raises(BadArgument, match="must be bytes"):
            one.say(5)


def _wrong(folder: Path) -> Path:
    file = folder / "wrong.wav"
    with wave.open(str(file), "wb") as writing:
        writing.setparams((2, 2, 44_100, 0, "NONE", ""))
        writing.writeframes(b"\0" * 400)
    return file


def test_a_bridge_a_snoop_and_ids(ari: Any, way: Way) -> None:
    """The leg joins a bridge that is there; a snoop hears one side; ids stand for both."""
    near, far = place(ari)
    with ari.media(far.id, **way.options) as other:
        bridge = ari.bridges.create(type="mixing")
        bridge.add_channel(near)
        with ari.media(bridge.id, **way.options) as one:
            assert bridge.id == one.bridge.id
            snoop = far.snoop_channel(spy="in")
            with ari.media(snoop, **way.options, direction="in") as spy:
                other.say(way.tone(1000, 30_000))
                one.say(way.tone(400, 30_000))
                frames = (frame.pcm for frame in itertools.islice(spy, 500))
                assert any(way.strength(pcm, 400) + way.strength(pcm, 1000) > 4000 for pcm in frames)
                with pytest.raises(BadArgument, match="cannot send audio"):
                    spy.say(b"")
        assert [near.id] == bridge.refresh().json["channels"]
        bridge.destroy()
    with pytest.raises(NotFound, match="neither a channel nor a bridge"):
        ari.media(fresh("nothing"), **way.options).__enter__()


def test_legs_are_no_calls(ari: Any, way: Way) -> None:
    """A leg has no stream of its own; handlers of start_event_loop are not called with it (see docs/media.md)."""
    seen: list[str] = []
    looping = threading.Thread(
        target=ari.start_event_loop, kwargs={"on_stasis_start": lambda channel, _: seen.append(channel.id)}
    )
    looping.start()
    try:
        near, _ = place(ari)
        with ari.media(near, **way.options) as media:
            with pytest.raises(BadArgument, match="itself the leg of an audio stream"):
                ari.media(media.channel, **way.options).__enter__()
            other, _ = place(ari)
        eventually(lambda: other.id in seen and near.id in seen, "no call was told")
        assert [] == [one for one in seen if one.startswith("media-")]
    finally:
        ari.stop()
        looping.join(LIMIT)


def test_digits_come_with_the_audio(ari: Any, way: Way) -> None:
    near, far = place(ari)
    with ari.media(near, **way.options) as media:
        far.send_dtmf("4", duration_ms=200)
        near_digits = iter(media.digits)
        assert next(near_digits) == "4"


def test_gaps_are_filled_with_silence(ari: Any, way: Way) -> None:
    """Where nobody speaks the server sends nothing; frames come all the same, in time."""
    near, _ = place(ari)
    with ari.media(near, **way.options) as media:
        begun = time.monotonic()
        frames = list(itertools.islice(media, 50))
        assert 0.8 < time.monotonic() - begun < 2.0
        assert {way.rate // 25} == {len(frame.pcm) for frame in frames}
        assert 0 == loudness(b"".join(frame.pcm for frame in frames))


def test_asterisk_connects_to_us(connect: Any, packaged: Any) -> None:
    """By the connection `media` of websocket_client.conf; nobody else is admitted, and each token once."""
    import socket

    ari = connect()
    near, far = place(ari)
    if not ari.capabilities.supports("channels.externalMedia", "transport_data"):
        with ari.media_server("127.0.0.1", 0, websocket_client="media") as server:
            with pytest.raises(NotSupportedByServer):
                ari.media(near, via="websocket", connect="from_asterisk", server=server).__enter__()
        return
    with ari.media_server("127.0.0.1", packaged.port + 5, websocket_client="media") as server:
        with ari.media(near, connect="from_asterisk", server=server) as one, ari.media(far) as other:
            one.say(tone(400, 600))
            assert strength(heard(other, 400)[6400:], 400) > 4000
            for request in (
                b"GET /media?leg=0 HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
                b"GET / HTTP/1.1\r\n\r\n",
            ):
                with socket.create_connection(server.address, 5) as raw:
                    raw.sendall(request)
                    assert raw.recv(100).startswith((b"HTTP/1.1 403", b"HTTP/1.1 400"))
                    assert raw.recv(100) == b""
            far.hangup()
            for _ in one:
                pass
        assert 1 == server.refused
    with pytest.raises(BadArgument, match="needs a media server"):
        ari.media(near, connect="from_asterisk").__enter__()


def test_a_module_that_is_not_loaded(connect: Any, own: Any, variant: Any) -> None:
    """The next way is taken; where it was asked for, the error says what to load."""
    ari = connect(url=own.url)
    if not ari.capabilities.supports("channels.externalMedia", "transport", "websocket"):
        return
    near, _ = place(ari)
    own.cli("module unload chan_websocket.so")
    try:
        with pytest.raises(ModuleNotLoaded, match=r"chan_websocket.so must be loaded.*module load chan_websocket.so"):
            ari.media(near, via="websocket").__enter__()
    finally:
        own.cli("module load chan_websocket.so")


PAGE = (Path(__file__).resolve().parents[2] / "docs/media.md").read_text(encoding="utf-8")


def test_the_echo_bot_of_the_page(connect: Any, packaged: Any) -> None:
    """The program runs as it stands there: who calls it hears themselves; SIGTERM ends it cleanly."""
    program = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]
    if not connect().capabilities.supports("channels.externalMedia", "transport", "websocket"):
        program = program.replace("16_000", "8_000")  # by RTP Asterisk takes no more
    settings = {"ARI_URL": packaged.url, "ARI_USERNAME": packaged.username, "ARI_PASSWORD": packaged.password}
    ari = connect()
    command = [sys.executable, "-W", "error", "-c", program]
    with subprocess.Popen(command, env={**os.environ, **settings}, stderr=subprocess.PIPE, text=True) as bot:
        try:
            eventually(lambda: any(app.id == "echo-bot" for app in ari.applications.list()), "the program never connected")
            near = ari.channels.originate("Local/echo-bot@stasis", app=ari.settings.app_name, formats="ulaw")
            with ari.media(near, rate=8000) as media:
                media.say(tone(400, 30_000, 8000))
                assert any(strength(frame.pcm, 400, 8000) > 4000 for frame in itertools.islice(media, 500))
            near.hangup()
            eventually(lambda: has_no_media(ari), "the bot has left a leg or a bridge")
        finally:
            bot.send_signal(signal.SIGTERM)
        _, errors = bot.communicate(timeout=30)
    assert (0, "") == (bot.returncode, errors)


def test_the_voice_agent(connect: Any, packaged: Any, tmp_path: Path) -> None:
    the_voice_agent_works(connect(), packaged, tmp_path)
