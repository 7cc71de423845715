"""A prompt given as text. Pure."""

from dataclasses import dataclass
from typing import Any

from asterisk_ari._core.media.formats import SLIN_RATES
from asterisk_ari.errors import BadArgument


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text and the speaker that synthesizes it: a prompt for `call.say`, `ask`, `menu`, `dial(lost=…)` and `media.say`.

    Args:
        text: the text to speak.
        speaker: a `Speaker`.
        rate: sample rate in Hz when a call plays it; an audio stream uses its own rate.

    Raises:
        BadArgument: the text or speaker is missing, or Asterisk does not support the rate.

    Example:
        >>> await call.say(Spoken("You are number two.", EspeakNG("en")))
    """

    text: str
    speaker: Any
    rate: int = 8000

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not self.text.strip():
            raise BadArgument(f"the text to be spoken is empty: {self.text!r}", parameter="text")
        if not callable(getattr(self.speaker, "speak", None)):
            raise BadArgument(f"{self.speaker!r} has no method speak(text, rate)", parameter="speaker")
        if self.rate not in SLIN_RATES:
            raise BadArgument(f"rate {self.rate!r} is not one of {', '.join(map(str, SLIN_RATES))}", parameter="rate")

    def __str__(self) -> str:
        return f"text:{self.text}"


def piece_of_audio(piece: Any) -> bytes:
    """Check one chunk of the audio that a speaker or a program supplies.

    Raises:
        BadArgument: it is not bytes; `bytes` would turn a number into that many zeros.
    """
    if not isinstance(piece, bytes | bytearray | memoryview):
        raise BadArgument(f"audio comes in pieces of bytes, not of {type(piece).__name__}", parameter="audio")
    return bytes(piece)
