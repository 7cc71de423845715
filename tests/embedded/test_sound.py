"""The core of sound: tones, WAV files, mixing, who is heard when."""

from __future__ import annotations

import array
from pathlib import Path

import pytest

from asterisk_ari.testing import Clip, tone
from asterisk_ari.testing.sound import pcm as samples
from asterisk_ari.testing.sound.sources import Chain, read_tone
from asterisk_ari.testing.sound.tracks import Track, render, voice
from asterisk_ari.testing.sound.wav import read_wav, write_wav
from tests.media import tones


def numbers(*values: int) -> bytes:
    return tones.samples(array.array("h", values))


@pytest.mark.parametrize(
    ("parts", "sum_"),
    [
        ([(1, -2, 3)], (1, -2, 3)),
        ([(1, -2, 3), (10, 20, -30)], (11, 18, -27)),
        ([(30000, -30000), (30000, -30000)], (32767, -32768)),
        ([(30000,), (30000,), (-30000,)], (30000,)),
    ],
)
def test_audio_is_mixed(parts: list[tuple[int, ...]], sum_: tuple[int, ...]) -> None:
    assert samples.mix([numbers(*part) for part in parts]) == numbers(*sum_)


@pytest.mark.parametrize("rate", [8000, 16_000, 24_000])
@pytest.mark.parametrize("to_rate", [8000, 16_000, 24_000, 48_000])
def test_audio_is_resampled(rate: int, to_rate: int) -> None:
    found = samples.resample(tones.tone(500, 400, rate), rate, to_rate)
    assert len(found) == 2 * to_rate * 400 // 1000
    assert tones.strength(found, 500, to_rate) == pytest.approx(8000, rel=0.05)


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("600", [(600, 1.0), (600, 9.0)]),
        ("350+440", [(350, 0.5), (440, 0.5)]),
        ("400/250,0/250", [(400, 0.1), (0, 0.3), (400, 0.6), (0, 0.8), (400, 60.1)]),
        ("!900/100,!0/100,700", [(900, 0.02), (0, 0.12), (700, 0.25), (700, 5.0)]),
        ("busy;tonezone=us", [(480, 0.1), (620, 0.1), (0, 0.6), (480, 1.1)]),
        ("none such", [(0, 0.1)]),
    ],
)
@pytest.mark.parametrize("rate", [8000, 16_000])
def test_tones(text: str, heard: list[tuple[int, float]], rate: int) -> None:
    """By Asterisk's grammar: what is heard from a time on, for 60 ms."""
    source = read_tone(text)
    assert source.label == f"tone:{text}"
    for hertz, at in heard:
        found = source.samples(round(at * rate), rate * 60 // 1000, rate)
        assert found is not None
        assert len(found) == rate * 120 // 1000
        if hertz:
            assert samples.strength(found, hertz, rate) > 4000
        else:
            assert not any(found)


def test_a_tone_goes_on_without_a_click() -> None:
    source, whole = tone(600), tones.tone(600, 3000, 8000, level=7219)
    pieces = [source.samples(at, 160, 8000) or b"" for at in range(0, 24_000, 160)]
    assert b"".join(pieces) == whole
    assert tone(600, seconds=0.5).samples(3900, 200, 8000) == whole[7800:8000] + bytes(200)
    with pytest.raises(ValueError, match="between 1 and 3999 Hz"):
        tone(0)


def test_wav_files(tmp_path: Path) -> None:
    audio = tones.tone(400, 100, 16_000)
    file = tmp_path / "a.wav"
    file.write_bytes(write_wav(audio, 16_000))
    assert read_wav(file) == read_wav(file.read_bytes()) == (audio, 16_000)
    clip = Clip.of_file("sound:a", str(file))
    assert clip.seconds == 0.1
    assert clip.samples(-2, 4, 16_000) == bytes(4) + audio[:4]
    assert clip.samples(1598, 4, 16_000) == audio[-4:] + bytes(4)
    assert clip.samples(1600, 4, 16_000) is None
    for wrong in (b"RIFF", b"none", audio):
        with pytest.raises(ValueError, match="no WAV file"):
            read_wav(wrong)


def test_sources_one_after_the_other() -> None:
    one, other = Clip("a", numbers(1, 2, 3)), Clip("b", numbers(4, 5))
    chain = Chain("digits:12", [one, other])
    assert chain.seconds == 5 / 8000
    assert chain.samples(-1, 8, 8000) == numbers(0, 1, 2, 3, 4, 5, 0, 0)
    assert chain.samples(2, 2, 8000) == numbers(3, 4)
    assert chain.samples(5, 2, 8000) is None


def test_voices_are_rendered_by_time() -> None:
    """From when each began, cut where it ends, whatever the period; nobody is silence."""
    start = 1_700_000_000.0
    clip, other = Clip("a", numbers(*range(1, 801))), Clip("b", numbers(*[1000] * 160))
    both = (voice(clip, start), voice(other, start + 0.02))
    assert render(both, start, start + 0.01, 8000) == numbers(*range(1, 81))
    assert render(both, start + 0.02, start + 0.03, 8000) == numbers(*range(1161, 1241))
    assert render(both, start + 0.2, start + 0.3, 8000) is None
    assert render((), start, start + 1, 8000) is None


def test_a_track_has_samples_and_a_transcript() -> None:
    start = 1_700_000_000.0
    greeting, caller = voice(Clip("sound:a", numbers(*[5] * 8000)), start + 0.5), voice(tone(600, seconds=0.25), start + 1)
    track = Track()
    for begin, end, voices in [(0.0, 0.5, ()), (0.5, 0.8, (greeting,)), (0.8, 1.0, (greeting,)), (1.0, 1.25, (greeting, caller))]:
        track.add(start + begin, start + end, voices)
    track.add(start + 1.25, start + 1.25, ())
    assert track.seconds == pytest.approx(1.25)
    found = track.pcm(8000)
    assert len(found) == 20_000
    assert found[:8000] == bytes(8000)
    assert found[8000:16_000] == numbers(*[5] * 4000)
    assert samples.strength(found[16_000:], 600, 8000) == pytest.approx(7219, rel=0.01)
    lines = [(line.media, round(line.at, 3), round(line.seconds, 3)) for _, line in track.sources()]
    assert lines == [("sound:a", 0.5, 0.75), ("tone:600", 1.0, 0.25)]


def test_talking_is_found_by_energy() -> None:
    said = bytes(3200) + tones.tone(400, 100, 8000) + bytes(1600) + tones.tone(400, 40, 8000)
    found = [(round(a, 2), round(b, 2)) for a, b in samples.periods_of_talking(said, 8000, 256)]
    assert found == [(0.2, 0.3), (0.4, 0.44)]
