"""Which tones a phone hears, measured in a recording of it."""

import io
import math
import struct
import threading
import wave
from typing import Any

from tests.live.calls import LIMIT, fresh

SECONDS = 1.5
# A tone of a phone is some thousand loud; what is no tone leaves less than a hundredth of that.
LOUD = 100.0


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


def heard_by(phones: dict[str, Phone]) -> dict[str, set[str]]:
    """Whom each phone hears: all listen for a while, at once."""
    listening = {name: phone.starts_listening() for name, phone in phones.items()}
    threading.Event().wait(SECONDS + 0.3)
    heard = {name: phone.heard(listening[name]) for name, phone in phones.items()}
    return {
        name: {other for other, phone in phones.items() if other != name and measured(phone.hertz) > LOUD}
        for name, measured in heard.items()
    }
