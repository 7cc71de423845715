"""Playbacks and recordings: plain data, and how long sounds last."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..clock import Timer

Json = dict[str, Any]

UNKNOWN_SECONDS = 1.0
"""How long a sound lasts that only the test's author knows, when nothing is said about it."""


@dataclass(slots=True, eq=False)
class Media:
    """A playback or a recording: what a channel's thread, or a bridge's announcer, is busy with."""

    id: str
    target_uri: str
    kind: str
    state: str = "queued"
    start: Callable[[], None] | None = None
    timer: "Timer | None" = None
    # playback
    uris: list[str] = field(default_factory=list)
    index: int = 0
    language: str = "en"
    skip: float = 3.0
    offset: float = 0.0
    began: float = 0.0
    position: float = 0.0
    length: float | None = None
    stopped: bool = False
    # recording
    format: str = "wav"
    options: Json = field(default_factory=dict)
    recorded: float = 0.0
    talked: float = 0.0
    appends_to: float = 0.0
    guest: str = ""
    on_end: Callable[[], None] | None = None

    def playback(self) -> Json:
        """The playback as requests and events show it."""
        body: Json = {"id": self.id, "media_uri": self.uris[min(self.index, len(self.uris) - 1)]}
        if self.index + 1 < len(self.uris):
            body["next_media_uri"] = self.uris[self.index + 1]
        return {**body, "target_uri": self.target_uri, "language": self.language, "state": self.state}

    def recording(self, more: Json | None = None) -> Json:
        """The recording as requests and events show it."""
        return {"name": self.id, "format": self.format, "state": self.state, "target_uri": self.target_uri, **(more or {})}


@dataclass(slots=True)
class Stored:
    """A recording on disk."""

    name: str
    format: str
    seconds: float
    data: bytes | None = None
    talked: float = 0.0

    def snapshot(self) -> Json:
        """The recording as requests show it."""
        return {"name": self.name, "format": self.format}

    def file(self) -> bytes:
        """The bytes of the file, as long as the recording lasted: a tone for what was said, where it is a WAV, then silence."""
        return self.data if self.data is not None else _audio(self.format, self.seconds, min(self.talked, self.seconds))


def _audio(format_: str, seconds: float, talked: float) -> bytes:
    frames = int(seconds * 50)
    if format_ in {"wav", "wav16"}:
        rate = 16000 if format_ == "wav16" else 8000
        size = frames * rate // 50 * 2
        head = (b"RIFF", (36 + size).to_bytes(4, "little"), b"WAVEfmt ", (16).to_bytes(4, "little"))
        shape = b"".join(n.to_bytes(w, "little") for n, w in ((1, 2), (1, 2), (rate, 4), (rate * 2, 4), (2, 2), (16, 2)))
        wave = b"\x00\x10" * 10 + b"\x00\xf0" * 10
        tone = (wave * (int(talked * rate) // 20 + 1))[: min(int(talked * rate) * 2, size)]
        return b"".join((*head, shape, b"data", size.to_bytes(4, "little"), tone, bytes(size - len(tone))))
    if format_ == "gsm":
        return (b"\xd8\x20\xa2\xe1\x5a\x50" + bytes.fromhex("0049249249245000" * 3) + b"\x49\x24\x92")[:33] * frames
    return (b"\xff" if format_ == "ulaw" else b"\xd5" if format_ == "alaw" else b"\0\0") * (frames * 160)


FORMATS = frozenset(
    [
        "wav",
        "WAV",
        "wav49",
        "wav16",
        "gsm",
        "ulaw",
        "ul",
        "mu",
        "pcm",
        "alaw",
        "al",
        "alw",
        "sln",
        "raw",
        "sln16",
        "sln8",
        "sln12",
        "sln24",
        "sln32",
        "sln44",
        "sln48",
        "sln96",
        "sln192",
        "g722",
        "g729",
        "g723",
        "g723sf",
        "g726-40",
        "g726-32",
        "g726-24",
        "g726-16",
        "vox",
        "ilbc",
        "siren7",
        "siren14",
        "au",
        "ogg",
    ]
)
CODECS = frozenset(
    [
        "ulaw",
        "alaw",
        "gsm",
        "g722",
        "g729",
        "g723",
        "g726",
        "g726aal2",
        "slin",
        "slin8",
        "slin12",
        "slin16",
        "slin24",
        "slin32",
        "slin44",
        "slin48",
        "slin96",
        "slin192",
        "adpcm",
        "lpc10",
        "ilbc",
        "speex",
        "speex16",
        "speex32",
        "opus",
        "siren7",
        "siren14",
        "codec2",
        "silk8",
        "silk12",
        "silk16",
        "silk24",
        "testlaw",
        "jpeg",
        "png",
        "h261",
        "h263",
        "h263p",
        "h264",
        "h265",
        "mpeg4",
        "vp8",
        "vp9",
        "red",
        "t140",
        "none",
    ]
)


@cache
def sounds() -> dict[str, int]:
    """Sounds that come with Asterisk (English, core): milliseconds by id."""
    found: dict[str, int] = json.loads(files("asterisk_ari.testing").joinpath("sounds.json").read_text())
    return found


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


def words_of(scheme: str, rest: str) -> list[str] | None:
    """The sounds that say a number, digits or characters; None when they cannot be said."""
    if scheme == "number":
        return _spoken_number(rest)
    if scheme == "digits":
        return [_PUNCTUATION.get(c, f"digits/{c}") for c in rest if c.isdigit() or c in _PUNCTUATION]
    spoken = [c.lower() for c in rest]
    return [f"digits/{c}" if c.isdigit() else _CHARACTERS.get(c, f"letters/{c}") for c in spoken]
