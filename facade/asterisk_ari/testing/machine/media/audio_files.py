"""The content of stored recordings."""

from asterisk_ari.testing.machine.state.media import RecordingFile

FRAMES_PER_SECOND = 50
GSM_SILENCE = (b"\xd8\x20\xa2\xe1\x5a\x50" + bytes.fromhex("0049249249245000" * 3) + b"\x49\x24\x92")[:33]
SILENCE = {"ulaw": b"\xff", "alaw": b"\xd5"}


def file_content(recording: RecordingFile) -> bytes:
    """As long as the recording lasted: in a WAV file a tone for the time somebody talked, then silence."""
    if recording.data is not None:
        return recording.data
    frames = int(recording.seconds * FRAMES_PER_SECOND)
    if recording.format in {"wav", "wav16"}:
        rate = 16000 if recording.format == "wav16" else 8000
        return _wav(rate, frames * rate // FRAMES_PER_SECOND, int(min(recording.talked_seconds, recording.seconds) * rate))
    if recording.format == "gsm":
        return GSM_SILENCE * frames
    return SILENCE.get(recording.format, b"\0\0") * (frames * 160)


def _wav(rate: int, samples: int, tone_samples: int) -> bytes:
    """Mono, 16 bits: a square wave, then silence."""
    size = samples * 2
    fields = ((1, 2), (1, 2), (rate, 4), (rate * 2, 4), (2, 2), (16, 2))
    header = (b"RIFF", (36 + size).to_bytes(4, "little"), b"WAVEfmt ", (16).to_bytes(4, "little"))
    wave = b"\x00\x10" * 10 + b"\x00\xf0" * 10
    tone = (wave * (tone_samples // 20 + 1))[: min(tone_samples * 2, size)]
    return b"".join(
        (
            *header,
            *(number.to_bytes(width, "little") for number, width in fields),
            b"data",
            size.to_bytes(4, "little"),
            tone,
            bytes(size - len(tone)),
        )
    )
