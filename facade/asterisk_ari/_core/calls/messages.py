"""What a caller has recorded, and why the recording ended. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

RecordedReason = Literal["key", "silence", "max_duration", "hangup", "stopped"]

# Asterisk tells durations in whole seconds.
_ROUNDING_SECONDS = 1


@dataclass(frozen=True)
class Recorded:
    """A message that was recorded.

    Attributes:
        name: its name among the stored recordings.
        format: its format, and the extension of its file.
        duration_seconds: how long it is, in whole seconds; None where the server does not tell.
        talking_seconds: how long somebody talked in it; known with `max_silence_seconds` only.
        reason: why it ended: "key" (the caller pressed one that ends it), "silence", "max_duration", "hangup", or "stopped"
            (by a request).
    """

    name: str
    format: str
    duration_seconds: int | None
    talking_seconds: int | None
    reason: RecordedReason


def recorded_of(recording: Mapping[str, Any], *, is_key: bool, max_duration: int | None, max_silence: int | None) -> Recorded:
    """What the last event of a recording says, with the limits that it had, and whether a key was pressed that ends it."""
    duration, silence = _whole(recording, "duration"), _whole(recording, "silence_duration")
    reason: RecordedReason = "stopped"
    if is_key:
        reason = "key"
    elif max_duration and duration is not None and duration >= max_duration - _ROUNDING_SECONDS:
        reason = "max_duration"
    elif max_silence and silence is not None and silence >= max_silence:
        reason = "silence"
    return Recorded(
        str(recording.get("name", "")), str(recording.get("format", "")), duration, _whole(recording, "talking_duration"), reason
    )


def _whole(recording: Mapping[str, Any], name: str) -> int | None:
    value = recording.get(name)
    return value if isinstance(value, int) else None
