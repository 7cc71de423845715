"""Which transport audio uses, by what the release has and what is loaded, and why. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from asterisk_ari._core.media.formats import AudioFormat
from asterisk_ari._core.requests.release import Release
from asterisk_ari.errors import BadArgument

Via = Literal["auto", "websocket", "audiosocket", "rtp"]
Connect = Literal["to_asterisk", "from_asterisk"]
Direction = Literal["both", "in", "out"]
Mode = Literal["speech", "live"]

OPERATION = "channels.externalMedia"
MODULES = {"websocket": "chan_websocket.so", "audiosocket": "chan_audiosocket.so", "rtp": "chan_rtp.so"}
PARAMETERS = {
    "websocket": {"encapsulation": "none", "transport": "websocket"},
    "audiosocket": {"encapsulation": "audiosocket", "transport": "tcp"},
    "rtp": {"encapsulation": "rtp", "transport": "udp"},
}
# Asterisk sends these with payload types of its own; in what it receives it recognizes only the static ones of RFC 3551, which
# are for 8 kHz, since nothing is negotiated.
_RTP_RATES_HEARD = (8000, 16000, 24000, 48000)
_RTP_RATE_SAID = 8000
# Before these releases AudioSocket supports only 8 kHz.
_AUDIOSOCKET_RATES = {"20": "20.17.0", "22": "22.7.0", "23": "23.1.0"}
MAX_AHEAD_MS = 15_000
"""Asterisk's queue is full at 18 s."""


_ALLOWED = {
    "direction": ("both", "in", "out"),
    "via": ("auto", "websocket", "audiosocket", "rtp"),
    "connect": ("to_asterisk", "from_asterisk"),
    "mode": ("speech", "live"),
}
MIN_AHEAD_MS = 100


def check_options(*, ahead_ms: int, **options: str) -> None:
    """Reject values that are invalid for every stream.

    Raises:
        BadArgument: a value is invalid.
    """
    for name, value in options.items():
        if value not in _ALLOWED[name]:
            raise BadArgument(f"{name} {value!r} is not one of {', '.join(_ALLOWED[name])}", parameter=name)
    if not MIN_AHEAD_MS <= ahead_ms <= MAX_AHEAD_MS:
        raise BadArgument(f"ahead_ms must be from {MIN_AHEAD_MS} to {MAX_AHEAD_MS}, not {ahead_ms}", parameter="ahead_ms")


@dataclass(frozen=True, slots=True)
class Choice:
    """One transport, and why it was chosen."""

    via: Literal["websocket", "audiosocket", "rtp"]
    why: str


def ways(
    via: Via, audio: AudioFormat, supports: Callable[..., bool], release: Release | None, *, speaks: bool = True
) -> list[Choice]:
    """Return the transports that this release offers for this format, best first.

    Args:
        via: "auto", or the only one to consider.
        audio: the audio format.
        supports: tells whether the server has an operation, a parameter of it, or a value of that.
        release: the server's release; None for builds that do not report one.
        speaks: whether audio is sent to Asterisk.

    Raises:
        BadArgument: no transport carries this format, or the requested one does not.
    """
    reasons: list[str] = []
    found: list[Choice] = []
    if via in ("auto", "websocket") and (via != "auto" or supports(OPERATION, "transport", "websocket")):
        found.append(Choice("websocket", "this release has chan_websocket, where Asterisk plays and can drop what waits"))
    if via in ("auto", "audiosocket") and (via != "auto" or supports(OPERATION, "encapsulation", "audiosocket")):
        if (problem := _audiosocket_problem(audio, release)) is None:
            found.append(Choice("audiosocket", "this release has AudioSocket"))
        else:
            reasons.append(problem)
    if via in ("auto", "rtp"):
        if (problem := _rtp_problem(audio, speaks=speaks)) is None:
            found.append(Choice("rtp", "RTP is the way that every release has"))
        else:
            reasons.append(problem)
    if not found:
        raise BadArgument("; ".join(reasons), parameter="rate")
    return found


def _audiosocket_problem(audio: AudioFormat, release: Release | None) -> str | None:
    if not audio.name.startswith("slin"):
        return f"AudioSocket carries slin only, not {audio.name}"
    if audio.rate != 8000 and release is not None and not release.has(_AUDIOSOCKET_RATES):
        return f"AudioSocket of this release ({release}) carries 8000 Hz only, not {audio.rate}"
    return None


def _rtp_problem(audio: AudioFormat, *, speaks: bool) -> str | None:
    if speaks and audio.rate != _RTP_RATE_SAID:
        return f"by RTP Asterisk takes audio at {_RTP_RATE_SAID} Hz only, not {audio.rate}: use rate=8000, or direction='in'"
    if audio.rate not in _RTP_RATES_HEARD:
        return f"RTP has no payload type for {audio.rate} Hz: one of {', '.join(map(str, _RTP_RATES_HEARD))}"
    return None


def not_chosen(missing: list[str]) -> str:
    """The text about better transports whose modules are not loaded."""
    return f"; {', '.join(missing)} is not loaded" if missing else ""
