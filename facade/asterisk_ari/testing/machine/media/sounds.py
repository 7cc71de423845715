"""Sounds of the English core set: how long each lasts, and which of them speak numbers, digits and characters."""

import json
import re
from functools import cache
from pathlib import Path

from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.sound.sources import Clip, Loop, Source, Tone, ToneStep
from asterisk_ari.testing.sound.tracks import Voice


@cache
def core_sounds() -> dict[str, int]:
    """The length of each sound in milliseconds, by id."""
    sounds: dict[str, int] = json.loads(Path(__file__).with_name("sounds.json").read_text(encoding="utf-8"))
    return sounds


def _spoken_number(text: str) -> list[str] | None:
    if not re.fullmatch(r"-?\d{1,9}", text):
        return None
    number, words = int(text), []
    if number < 0:
        words.append("digits/minus")
        number = -number
    for size, word in ((1_000_000, "digits/million"), (1000, "digits/thousand"), (100, "digits/hundred")):
        if number >= size:
            words += [*(_spoken_number(str(number // size)) or []), word]
            number %= size
    if number > 20 and number % 10:
        words.append(f"digits/{number // 10 * 10}")
        number %= 10
    if number or not words:
        words.append(f"digits/{number}")
    return words


_PUNCTUATION = {"*": "digits/star", "#": "digits/pound", "-": "digits/minus"}
_CHARACTERS = {**_PUNCTUATION, " ": "letters/space", ".": "letters/dot", "!": "letters/exclaimation-point", "@": "letters/at"}


def spoken_sounds(scheme: str, text: str) -> list[str] | None:
    """The sounds that speak a number, digits or characters; None when there are none for it."""
    if scheme == "number":
        return _spoken_number(text)
    if scheme == "digits":
        return [_PUNCTUATION.get(c, f"digits/{c}") for c in text if c.isdigit() or c in _PUNCTUATION]
    spoken = [c.lower() for c in text]
    return [f"digits/{c}" if c.isdigit() else _CHARACTERS.get(c, f"letters/{c}") for c in spoken]


SUBSTITUTE = (440,)
"""A sound of which there is no file is a tone of this frequency, as long as the sound."""
SUBSTITUTE_OF_MUSIC = (523, 659)
SUBSTITUTE_LEVEL = 4000


def source_of_sound(machine: Machine, name: str, seconds: float) -> Source:
    """The audio of a sound that was given, else a tone; `silence/N` is silent."""
    clip = machine.sounds.get(name)
    if isinstance(clip, Clip):
        return clip
    hertz = () if name.startswith("silence/") else SUBSTITUTE
    return Tone((ToneStep(hertz),), level=SUBSTITUTE_LEVEL, label=f"sound:{name}", seconds=seconds)


def music_on_hold(machine: Machine, music_class: str) -> Voice:
    """The music of a class, from its beginning when the server started: two notes, or `moh/CLASS` of the given sounds."""
    clip = machine.sounds.get(f"moh/{music_class}")
    label = f"moh:{music_class}"
    if isinstance(clip, Clip):
        return Voice(Loop(label, clip), machine.started)
    return Voice(Tone((ToneStep(SUBSTITUTE_OF_MUSIC),), level=SUBSTITUTE_LEVEL, label=label), machine.started)
