"""`play`, `say`, `bridge`, `snoop` and `media-test`: on channels that a program has in its app; nothing is left."""

import threading
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.cli.media_test.figures import is_loud, jitter_ms, loss_percent, tone
from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing import tone as heard_tone
from tests.cli.running import Run
from tests.media.espeak import stand_in


@pytest.fixture
def ivr(asterisk: EmbeddedAsterisk) -> Iterator[AsteriskARI]:
    """A program that has calls in its app."""
    with AsteriskARI(url=asterisk.url, username="asterisk", password="asterisk", app_name="ivr") as ari:
        yield ari


@pytest.fixture
def phone(asterisk: EmbeddedAsterisk, ivr: AsteriskARI) -> Any:
    return caller(asterisk, ivr)


def caller(asterisk: EmbeddedAsterisk, ivr: AsteriskARI) -> Any:
    with ivr.expect("StasisStart") as entered:
        phone = asterisk.incoming_call(app="ivr", listens=True)
        channel = ivr.channels(entered.result(60)["channel"]["id"])
    channel.answer()
    asterisk.wait_until(lambda: phone.answered, timeout=60)
    return phone


def only_phones_are_left(asterisk: EmbeddedAsterisk, *phones: Any) -> None:
    machine = asterisk.machine
    asterisk.wait_until(lambda: set(machine.channels) == {phone.channel_id for phone in phones}, timeout=60)
    asterisk.wait_until(lambda: not machine.bridges, timeout=60)


def test_play(run: Run, asterisk: EmbeddedAsterisk, phone: Any) -> None:
    ran = run("play", phone.name, "sound:beep", "sound:beep", "--url", asterisk.url)
    assert (ran.status, ran.out, ran.err) == (0, "played sound:beep\n" * 2, "")
    assert {event["playback"]["state"] for event in asterisk.events.of("PlaybackFinished")} == {"done"}
    assert len(asterisk.requests.to("/play", "POST")) == 2
    only_phones_are_left(asterisk, phone)


def test_what_cannot_be_played(run: Run, asterisk: EmbeddedAsterisk, phone: Any) -> None:
    ran = run("play", phone.channel_id, "sound:nope", "--url", asterisk.url)
    assert (ran.status, ran.out) == (1, "")
    assert "sound:nope was not played" in ran.err
    ran = run("play", "nobody", "sound:beep", "--url", asterisk.url)
    assert (ran.status, ran.err) == (
        2,
        "asterisk-ari: there is no channel nobody; `asterisk-ari calls` shows those that there are\n",
    )


def test_say(run: Run, asterisk: EmbeddedAsterisk, phone: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A speaker of this machine is heard by the phone."""
    stand_in(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    ran = run("say", phone.name, "Hello!", "--url", asterisk.url)
    assert (ran.status, ran.out, ran.err) == (0, "said Hello!\n", "")
    only_phones_are_left(asterisk, phone)


def test_bridge(run: Run, asterisk: EmbeddedAsterisk, ivr: AsteriskARI, phone: Any) -> None:
    """Two are connected until one hangs up."""
    other = caller(asterisk, ivr)

    def hang_up() -> None:
        asterisk.wait_until(lambda: any(len(one.channels) == 2 for one in list(asterisk.machine.bridges.values())), timeout=60)
        other.hang_up()

    meanwhile = threading.Thread(target=hang_up)
    meanwhile.start()
    ran = run("bridge", phone.name, other.name, "--url", asterisk.url)
    meanwhile.join()
    connected, left = ran.out.splitlines()
    assert ran.status == 0
    assert connected.startswith(f"{phone.name}, {other.name} are connected in ")
    assert left == f"{other.name} has left"
    only_phones_are_left(asterisk, phone)
    assert run("bridge", phone.name, "--url", asterisk.url).status == 2


def test_snoop(run: Run, asterisk: EmbeddedAsterisk, phone: Any, tmp_path: Path) -> None:
    """What the phone says is in the file, and the phone notices nothing."""
    file = tmp_path / "call.wav"

    def speak() -> None:
        asterisk.wait_until(lambda: len(asterisk.machine.channels) == 3, timeout=60)
        phone.says(heard_tone(600, seconds=30))

    meanwhile = threading.Thread(target=speak)
    meanwhile.start()
    ran = run("snoop", phone.name, str(file), "--spy", "in", "--seconds", "4", "--url", asterisk.url)
    meanwhile.join()
    assert (ran.status, ran.out) == (0, "")
    with wave.open(str(file)) as heard:
        assert heard.getparams()[:3] == (1, 2, 8000)
        assert heard.getnframes() >= 4 * 8000
        pcm = heard.readframes(heard.getnframes())
    assert any(is_loud(pcm[at : at + 320]) for at in range(0, len(pcm), 320))
    only_phones_are_left(asterisk, phone)
    assert run("snoop", phone.name, str(file), "--url", asterisk.url).status == 2


def test_media_test(run: Run, asterisk: EmbeddedAsterisk) -> None:
    """Every way is measured, and nothing is left; how fast it is, a busy machine says."""
    ran = run("media-test", "--json", "--rounds", "1", "--url", asterisk.url)
    assert [one["via"] for one in ran.json] == ["websocket", "audiosocket", "rtp"]
    assert (ran.status, [one["problem"] for one in ran.json]) == (0, ["", "", ""])
    assert all(one["round_trip_ms"] > 0 for one in ran.json)
    only_phones_are_left(asterisk)


def test_media_test_where_there_is_no_way(run: Run) -> None:
    """Of a release without external media, as a table."""
    with EmbeddedAsterisk("13.38.3") as old:
        ran = run("media-test", "--via", "rtp", "--url", old.url)
    assert (ran.status, ran.out.startswith("rtp ")) == (1, True)
    assert "16.6" in ran.out


def test_figures() -> None:
    """A sound is loud, silence is not; frames each 20 ms have no jitter; what was not heard is lost."""
    sound = tone(8000, 0.02)
    assert (len(sound), is_loud(sound), is_loud(bytes(320)), is_loud(b"")) == (320, True, False, False)
    assert jitter_ms([0.0, 0.02, 0.04]) == pytest.approx(0)
    assert jitter_ms([0.0, 0.03, 0.04]) == pytest.approx(10)
    assert jitter_ms([0.0]) is None
    assert loss_percent(150, 3.0) == 0
    assert loss_percent(74, 3.0) == pytest.approx(50)
