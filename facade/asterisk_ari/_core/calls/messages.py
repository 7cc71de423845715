"""The message that a caller recorded, and why the recording ended. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

RecordedReason = Literal["key", "silence", "max_duration", "hangup", "stopped"]

# Asterisk reports durations in whole seconds.
_ROUNDING_SECONDS = 1


@dataclass(frozen=True)
class Recorded:
    """A message that was recorded.

    Attributes:
        name: its name among the stored recordings.
        format: its format, which is also the file extension.
        duration_seconds: its length in whole seconds; None if the server does not report it.
        talking_seconds: how much of it is speech; known only with `max_silence_seconds`.
        reason: why it ended: "key" (the caller pressed one that ends it), "silence", "max_duration", "hangup", or "stopped"
            (by a request).
    """

    name: str
    format: str
    duration_seconds: int | None
    talking_seconds: int | None
    reason: RecordedReason


def recorded_of(recording: Mapping[str, Any], *, is_key: bool, max_duration: int | None, max_silence: int | None) -> Recorded:
    """Build a `Recorded` from the last event of a recording, its limits, and whether a terminating key was pressed."""
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
