"""What phones hear and recordings hold: playbacks, bridges, mute, hold, snoops. Measured by tones; who hears whom is as on Asterisk 22."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari.testing import Clip, EmbeddedAsterisk, Phone, tone
from asterisk_ari.testing.sound.wav import read_wav, write_wav
from tests.embedded.support import Client
from tests.media import tones

GREETING = write_wav(tones.tone(900, 500, 8000), 8000)
ANN, BOB = 600, 800
LOUD = 4000


class Pair:
    """Ann and Bob, both answered and listening; each says a tone for a minute."""

    def __init__(self, asterisk: EmbeddedAsterisk, client: Client) -> None:
        self.asterisk, self.client = asterisk, client
        client.listen("app")
        self.ann, self.bob = (asterisk.incoming_call(app="app", listens=True) for _ in range(2))
        for phone, hertz in ((self.ann, ANN), (self.bob, BOB)):
            self.post(phone, "answer")
            phone.says(tone(hertz, seconds=60))

    def post(self, phone: Phone, command: str, **parameters: str) -> Any:
        response = self.client("POST", f"channels/{phone.channel_id}/{command}", parameters)
        assert response.status < 300, response
        return response.body

    def bridge(self, kind: str = "mixing", **parameters: str) -> None:
        self.client("POST", f"bridges/b?type={kind}")
        channels = f"{self.ann.channel_id},{self.bob.channel_id}"
        assert self.client("POST", f"bridges/b/addChannel?channel={channels}", parameters).status == 204

    def hears(self, phone: Phone) -> set[int]:
        """Which of the tones it hears from now on."""
        before = len(phone.heard.pcm)
        self.asterisk.advance(0.5)
        return loud(phone.heard.pcm[before:])

    def recorded(self, channel_id: str, kind: str = "channels") -> set[int]:
        """Which of the tones a recording has from now on."""
        name = f"r{len(self.asterisk.requests)}"
        assert self.client("POST", f"{kind}/{channel_id}/record?name={name}&format=wav").status == 201
        self.asterisk.advance(0.5)
        assert self.client("POST", f"recordings/live/{name}/stop").status == 204
        self.asterisk.advance(0)
        return loud(read_wav(self.client("GET", f"recordings/stored/{name}/file").body)[0])


def loud(pcm: bytes) -> set[int]:
    return {hertz for hertz in (ANN, BOB, 440, 900, 1500, 523) if tones.strength(pcm, hertz, 8000) > LOUD / 2}


@pytest.fixture
def pair(asterisk: EmbeddedAsterisk, client: Client) -> Pair:
    return Pair(asterisk, client)


@pytest.fixture
def sounding(tmp_path: Path) -> Iterator[Client]:
    file = tmp_path / "menu.wav"
    file.write_bytes(write_wav(tones.tone(1500, 300, 16_000), 16_000))
    sounds = {"greeting": GREETING, "menu": file, "length": 2.0}
    with EmbeddedAsterisk(virtual_time=True, sounds=sounds, recordings={"old": GREETING}) as asterisk:
        client = Client(asterisk)
        client.listen("app")
        yield client
        client.close()


def test_a_phone_hears_what_is_played(sounding: Client) -> None:
    """Given files as they are, as long as they are; a tone stands for other sounds."""
    asterisk = sounding.asterisk
    phone = asterisk.incoming_call(app="app", listens=True)
    sounding("POST", f"channels/{phone.channel_id}/answer")
    asterisk.advance(1)
    media = "sound:greeting,sound:menu,sound:length,recording:old,sound:hello-world,number:12"
    sounding("POST", f"channels/{phone.channel_id}/play?media={media}")
    asterisk.advance(10)
    lines = [(line.media, round(line.at, 2), round(line.seconds, 2)) for line in phone.heard.transcript]
    assert lines[:5] == [
        ("sound:greeting", 1.0, 0.5),
        ("sound:menu", 1.5, 0.3),
        ("sound:length", 1.8, 2.0),
        ("recording:old", 3.8, 0.5),
        ("sound:hello-world", 4.3, 1.4),
    ]
    assert lines[5][0] == "number:12"
    assert phone.heard.pcm[16_000:24_000] == tones.tone(900, 500, 8000)
    assert phone.heard.pcm[60_800:68_800] == tones.tone(900, 500, 8000)
    phone.assert_heard("sound:greeting")
    phone.assert_heard(Clip.of_file("greeting", GREETING))
    phone.assert_heard(tone(1500), seconds=0.25)
    phone.assert_heard(tone(440), seconds=3)
    with pytest.raises(AssertionError, match=r"tone:600 was heard for 0.00 s, not 0.10 s(.|\n)*1.50 s  sound:menu for 0.30 s"):
        phone.assert_heard(tone(600))
    assert read_wav(phone.heard.wav) == (phone.heard.pcm, 8000)


def test_a_playback_is_controlled(sounding: Client) -> None:
    """Nothing is heard while it is paused; what was skipped is not heard, what is stopped ends at once."""
    asterisk = sounding.asterisk
    phone = asterisk.incoming_call(app="app", listens=True)
    sounding("POST", f"channels/{phone.channel_id}/answer")
    sounding("POST", f"channels/{phone.channel_id}/play/p?media=sound:length&skipms=1000")
    asterisk.advance(0.25)
    sounding("POST", "playbacks/p/control?operation=pause")
    asterisk.advance(0.5)
    sounding("POST", "playbacks/p/control?operation=unpause")
    asterisk.advance(0.25)
    sounding("POST", "playbacks/p/control?operation=forward")
    asterisk.advance(0.25)
    sounding("DELETE", "playbacks/p")
    asterisk.advance(1)
    assert phone.heard.seconds_of("sound:length") == pytest.approx(0.75, abs=0.001)
    assert not any(phone.heard.pcm[4000:12_000])


def test_a_phone_says_what_it_is_given(asterisk: EmbeddedAsterisk, client: Client, tmp_path: Path) -> None:
    """One after the other; the recording has it, and downloads as a WAV file."""
    client.listen("app")
    phone = asterisk.incoming_call(app="app")
    client("POST", f"channels/{phone.channel_id}/answer")
    asterisk.advance(0.2)
    client("POST", f"channels/{phone.channel_id}/record?name=r&format=wav")
    asterisk.advance(0.1)
    file = tmp_path / "said.wav"
    file.write_bytes(GREETING)
    assert phone.says(file) == pytest.approx(0.5)
    assert phone.says(GREETING) == pytest.approx(1.0)
    assert phone.says(tones.tone(400, 100, 16_000), rate=16_000) == pytest.approx(1.1)
    assert phone.says(tone(1500, seconds=0.2)) == pytest.approx(1.3)
    asterisk.advance(2)
    client("POST", "recordings/live/r/stop")
    asterisk.advance(0)
    pcm, rate = read_wav(client("GET", "recordings/stored/r/file").body)
    assert (rate, len(pcm)) == (8000, 2 * 8000 * 21 // 10)
    said = tones.tone(900, 500, 8000)
    assert pcm[:17_600] == bytes(1600) + said + said
    assert tones.strength(pcm[17_600:19_200], 400, 8000) == pytest.approx(8000, rel=0.05)
    assert tones.strength(pcm[19_200:22_400], 1500, 8000) == pytest.approx(7219, rel=0.01)
    assert not any(pcm[22_400:])
    with pytest.raises(ValueError, match="has no end"):
        phone.says(tone(600))
    with pytest.raises(ValueError, match="no WAV file"):
        phone.says(b"RIFF")


def test_a_recording_in_other_formats(pair: Pair) -> None:
    """Appended, paused, muted: as long as it says, with what was heard."""
    client, ann = pair.client, f"channels/{pair.ann.channel_id}"
    for name, milliseconds, more in (("a", 500, ""), ("a", 240, "&ifExists=append"), ("w", 200, "")):
        format_ = "wav16" if name == "w" else "sln"
        assert client("POST", f"{ann}/record?name={name}&format={format_}{more}").status == 201
        pair.asterisk.advance(milliseconds / 1000)
        client("POST", f"recordings/live/{name}/pause")
        pair.asterisk.advance(1)
        client("DELETE", f"recordings/live/{name}/pause")
        client("POST", f"recordings/live/{name}/mute")
        pair.asterisk.advance(0.1)
        client("POST", f"recordings/live/{name}/stop")
        pair.asterisk.advance(0)
    raw = client("GET", "recordings/stored/a/file").body
    assert len(raw) == 16 * 940
    assert loud(raw[:8000]) == loud(raw[9600:13_600]) == {ANN}
    assert not any(raw[8000:9600])
    pcm, rate = read_wav(client("GET", "recordings/stored/w/file").body)
    assert (rate, len(pcm)) == (16_000, 32 * 300)
    assert tones.strength(pcm[:6400], ANN, 16_000) == pytest.approx(7219, rel=0.01)


def test_a_bridge_mixes(pair: Pair) -> None:
    assert (pair.hears(pair.ann), pair.hears(pair.bob)) == (set(), set())
    pair.bridge()
    assert (pair.hears(pair.ann), pair.hears(pair.bob)) == ({BOB}, {ANN})
    assert pair.recorded("b", "bridges") == {ANN, BOB}
    pair.client("POST", "bridges/b/play?media=tone:1500")
    assert (pair.hears(pair.ann), pair.hears(pair.bob)) == ({BOB, 1500}, {ANN, 1500})
    assert pair.recorded("b", "bridges") == {ANN, BOB, 1500}


@pytest.mark.parametrize(
    ("command", "parameters", "ann_hears", "bob_hears"),
    [
        ("mute", {"direction": "in"}, {BOB}, set()),
        ("mute", {"direction": "out"}, set(), {ANN}),
        ("mute", {"direction": "both"}, set(), set()),
        ("hold", {}, {523}, {ANN}),
        ("moh", {}, {523}, {ANN}),
        ("silence", {}, set(), {ANN}),
        ("play", {"media": "tone:1500"}, {1500}, set()),
    ],
)
def test_commands_in_a_bridge(
    pair: Pair, command: str, parameters: dict[str, str], ann_hears: set[int], bob_hears: set[int]
) -> None:
    """To Ann's channel: what she hears then, and what Bob does."""
    pair.bridge()
    pair.post(pair.ann, command, **parameters)
    assert (pair.hears(pair.ann), pair.hears(pair.bob)) == (ann_hears, bob_hears)


@pytest.mark.parametrize(
    ("spy", "muted", "heard"),
    [
        ("in", "", {ANN}),
        ("out", "", {BOB}),
        ("both", "", {ANN, BOB}),
        ("none", "", set()),
        ("both", "in", {BOB}),
        ("both", "out", {ANN}),
    ],
)
def test_what_a_snoop_hears(pair: Pair, spy: str, muted: str, heard: set[int]) -> None:
    pair.bridge()
    if muted:
        pair.post(pair.ann, "mute", direction=muted)
    pair.post(pair.ann, "snoop/s", app="app", spy=spy, whisper="out")
    pair.asterisk.advance(0.1)
    assert pair.recorded("s") == heard


@pytest.mark.parametrize(
    ("whisper", "muted", "ann_hears", "bob_hears"),
    [
        ("out", "", {BOB, 1500}, {ANN}),
        ("in", "", {BOB}, {ANN, 1500}),
        ("both", "", {BOB, 1500}, {ANN, 1500}),
        ("in", "in", {BOB}, set()),
        ("out", "out", set(), {ANN}),
    ],
)
def test_who_hears_a_whisper(pair: Pair, whisper: str, muted: str, ann_hears: set[int], bob_hears: set[int]) -> None:
    """What is played on a snoop of Ann's channel."""
    pair.bridge()
    pair.post(pair.ann, "snoop/s", app="app", spy="none", whisper=whisper)
    pair.asterisk.advance(0.1)
    assert pair.client("POST", "channels/s/play?media=tone:1500").status == 201
    if muted:
        pair.post(pair.ann, "mute", direction=muted)
    assert (pair.hears(pair.ann), pair.hears(pair.bob)) == (ann_hears, bob_hears)


def test_a_holding_bridge(pair: Pair) -> None:
    """Nobody hears anybody, but all the announcer, who hears nobody."""
    pair.bridge("holding")
    assert (pair.hears(pair.ann), pair.hears(pair.bob)) == (set(), set())
    pair.client("POST", "bridges/b/moh")
    assert (pair.hears(pair.ann), pair.hears(pair.bob)) == ({523}, {523})
    pair.client("DELETE", "bridges/b/moh")
    pair.client("POST", "bridges/b/removeChannel", {"channel": pair.bob.channel_id})
    pair.client("POST", "bridges/b/addChannel", {"channel": pair.bob.channel_id, "role": "announcer"})
    assert (pair.hears(pair.ann), pair.hears(pair.bob)) == ({BOB}, set())


def test_a_phone_on_hold(pair: Pair) -> None:
    """It is silent and hears nothing; the other hears music."""
    pair.bridge()
    pair.ann.hold()
    assert (pair.hears(pair.ann), pair.hears(pair.bob)) == (set(), {523})
    pair.ann.unhold()
    assert (pair.hears(pair.ann), pair.hears(pair.bob)) == ({BOB}, {ANN})


def test_local_channels_carry_audio(pair: Pair) -> None:
    """Through both halves, and back from Echo(); the dialplan's Milliwatt() and Playback() are heard."""
    for exten, hertz in (("echo", ANN), ("tone", 1004), ("play", 440)):
        pair.client("POST", f"channels?endpoint=Local/{exten}@plain&app=app&channelId={exten}")
        pair.asterisk.advance(1)
        pair.client("POST", f"bridges/to-{exten}")
        pair.client("POST", f"bridges/to-{exten}/addChannel?channel={pair.ann.channel_id},{exten}")
        before = len(pair.ann.heard.pcm)
        pair.asterisk.advance(0.5)
        assert tones.strength(pair.ann.heard.pcm[before:], hertz, 8000) > 3000, exten
        pair.client("DELETE", f"bridges/to-{exten}")


def test_talking_is_detected_by_energy(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """Pauses shorter than the limit of silence do not end it; what is below the threshold does not count."""
    client.listen("app")
    phone = asterisk.incoming_call(app="app")
    client("POST", f"channels/{phone.channel_id}/answer")
    client("POST", f"channels/{phone.channel_id}/variable", {"variable": "TALK_DETECT(set)", "value": "500,300"})
    speech = tones.tone(400, 200, 8000)
    phone.says(tones.tone(400, 400, 8000, level=200) + speech + bytes(4800) + speech + bytes(16_000) + speech)
    asterisk.advance(4)
    assert [event["duration"] for event in asterisk.events.of("ChannelTalkingFinished")] == [700, 200]
    assert len(asterisk.events.of("ChannelTalkingStarted")) == 2


def test_talking_is_detected_on_channels_without_a_phone(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """By what is received, whoever says it: here a playback on the other half of a Local channel."""
    client.listen("app")
    client("POST", "channels?endpoint=Local/x@stasis-app/n&app=app&channelId=near&otherChannelId=far")
    asterisk.advance(0.1)
    client("POST", "channels/far/answer")
    asterisk.settle()
    client("POST", "channels/near/variable", {"variable": "TALK_DETECT(set)", "value": "300,100"})
    client("POST", "channels/far/play?media=sound:hello-world")
    asterisk.advance(2)
    (finished,) = asterisk.events.of("ChannelTalkingFinished")
    assert finished["duration"] == pytest.approx(1404, abs=125)
    client("POST", "channels/near/variable", {"variable": "TALK_DETECT(remove)", "value": ""})
    asterisk.advance(1)
    assert asterisk.machine.timers.due() is None


def test_a_phone_that_does_not_listen_costs_nothing_and_says_so(asterisk: EmbeddedAsterisk, client: Client) -> None:
    client.listen("app")
    phone = asterisk.incoming_call(app="app")
    assert asterisk.machine.timers.on_pass is None
    with pytest.raises(RuntimeError, match=r"phone.listen\(\) first"):
        _ = phone.heard
    assert phone.listen() is phone
    assert asterisk.machine.timers.on_pass is not None
    phone.hang_up()
    asterisk.advance(1)
    assert asterisk.machine.timers.on_pass is None
    assert phone.heard.transcript == []


def test_an_hour_of_audio_passes_at_once(pair: Pair) -> None:
    pair.bridge()
    threads = threading.active_count()
    name = pair.client("POST", "bridges/b/record?name=hour&format=wav").body["name"]
    pair.client("POST", "bridges/b/play?media=tone:1500/250,0/250")
    pair.asterisk.advance(3600)
    pair.client("POST", f"recordings/live/{name}/stop")
    assert len(pair.ann.heard.transcript) == 2
    assert pair.ann.heard.seconds == pytest.approx(3600)
    assert threading.active_count() <= threads
