"""Which tones a phone hears: in a recording of a channel within the server (`Phone`), or in its own RTP (`SipVoice`).

Each phone speaks a tone of its own; `heard_by` tells whom each of them hears.
"""

import io
import math
import struct
import threading
import wave
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from tests.live.calls import LIMIT, fresh

if TYPE_CHECKING:
    from tests.live.sip_phone import SipCall

FRAME_SAMPLES = 160
SILENCE = b"\xff" * FRAME_SAMPLES
SPOKEN_AMPLITUDE = 4000
SECONDS = 1.5
# A tone of a phone is some thousand loud; what is no tone leaves less than a hundredth of that.
LOUD = 100.0


class Listener(Protocol):
    """A phone that speaks a tone of its own, and tells how loud others are."""

    hertz: int

    def starts_listening(self) -> Any: ...
    def heard(self, listening: Any) -> Callable[[int], float]: ...


class SipVoice:
    """A SIP phone in a call, which speaks a tone of its own; what it hears is measured in the RTP that arrives at it."""

    def __init__(self, call: "SipCall", hertz: int) -> None:
        self._call = call
        self.hertz = hertz
        call.speak(hertz)

    def starts_listening(self) -> None:
        """Forget what has arrived until now."""
        self._call.forget_audio()

    def heard(self, listening: None) -> Callable[[int], float]:
        """How loud each frequency was in what has arrived: a function of hertz. No packet is silence."""
        samples = self._call.heard()
        samples += [0] * (int(8000 * SECONDS) - len(samples))
        return lambda hertz: amplitude(samples, hertz)

    def close(self) -> None:
        """Be silent."""
        self._call.speak(None)


class Phone:
    """The far half of a call that stays (`place`), which speaks a tone of its own for as long as it is there."""

    def __init__(self, ari: Any, far: Any, hertz: int) -> None:
        self._ari = ari
        self._far = far
        self.hertz = hertz
        # What arrives at a channel that plays a tone itself is dropped: so a bridge plays it.
        mouth = ari.bridges.create("mixing")
        mouth.add_channel(far.id)
        mouth.play([f"tone:{hertz}/1000"])
        self._mouth = mouth

    def close(self) -> None:
        """End its bridge."""
        self._mouth.destroy()

    def starts_listening(self) -> Any:
        """Record what arrives at the phone from now on."""
        ear = self._far.snoop(spy="in", snoop_id=fresh("ear"))
        return ear, ear.record(fresh("heard"), "wav")

    def heard(self, listening: Any) -> Any:
        """How loud each frequency was in what has arrived: a function of hertz."""
        ear, recording = listening
        with recording.expect("RecordingFinished") as finished:
            recording.stop()
            finished.result(LIMIT)
        ear.hangup()
        stored = self._ari.recordings(recording.id)
        samples = samples_of(stored.read())
        stored.delete()
        assert len(samples) > 8000 * SECONDS / 2, "the phone has heard too little to measure"
        return lambda hertz: amplitude(samples, hertz)


def samples_of(content: bytes) -> list[int]:
    """The samples of a WAV file, 16 bits each, 8000 a second."""
    with wave.open(io.BytesIO(content)) as audio:
        assert (audio.getframerate(), audio.getsampwidth(), audio.getnchannels()) == (8000, 2, 1)
        frames = audio.readframes(audio.getnframes())
    return list(struct.unpack(f"<{len(frames) // 2}h", frames))


def amplitude(samples: list[int], hertz: int, rate: int = 8000) -> float:
    """The amplitude of one frequency (Goertzel)."""
    factor = 2 * math.cos(2 * math.pi * hertz / rate)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    power = before * before + last * last - factor * before * last
    return 2 * math.sqrt(max(0.0, power)) / len(samples)


def frame_of(hertz: int) -> bytes:
    """20 ms of a tone as G.711 μ-law, to be repeated: whole periods of it."""
    assert hertz % 50 == 0, "a frame holds whole periods of multiples of 50 Hz"
    step = 2 * math.pi * hertz / 8000
    return bytes(_to_ulaw(round(SPOKEN_AMPLITUDE * math.sin(step * number))) for number in range(FRAME_SAMPLES))


def _to_ulaw(sample: int) -> int:
    """G.711: sign, the position of the highest bit, and the four bits that follow it, all inverted."""
    magnitude = min(abs(sample), 32_635) + 132
    exponent = magnitude.bit_length() - 8
    return ~((0x80 if sample < 0 else 0) | exponent << 4 | magnitude >> (exponent + 3) & 0x0F) & 0xFF


def from_ulaw(content: bytes) -> list[int]:
    """The samples of G.711 μ-law."""
    return [_SAMPLES[byte] for byte in content]


def _sample_of(byte: int) -> int:
    bits = ~byte & 0xFF
    magnitude = (((bits & 0x0F) << 3) + 132 << (bits >> 4 & 7)) - 132
    return -magnitude if bits & 0x80 else magnitude


_SAMPLES = [_sample_of(byte) for byte in range(256)]


def heard_by(phones: Mapping[str, Listener]) -> dict[str, set[str]]:
    """Whom each phone hears: all listen for a while, at once."""
    listening = {name: phone.starts_listening() for name, phone in phones.items()}
    threading.Event().wait(SECONDS + 0.3)
    heard = {name: phone.heard(listening[name]) for name, phone in phones.items()}
    return {
        name: {other for other, phone in phones.items() if other != name and measured(phone.hertz) > LOUD}
        for name, measured in heard.items()
    }
