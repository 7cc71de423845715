"""Playbacks, live recordings and stored recordings: plain data."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from asterisk_ari.testing.clock import Timer
from asterisk_ari.testing.sound.sources import Source
from asterisk_ari.testing.sound.tracks import Track

Json = dict[str, Any]


@dataclass(slots=True, eq=False)
class ServerPlayback:
    """A playback on a channel or a bridge. `on_end` is set while it runs: it frees what it runs on."""

    id: str
    target_uri: str
    uris: list[str]
    language: str
    skip_seconds: float
    offset_seconds: float
    state: str = "queued"
    index: int = 0
    started_at: float = 0.0
    position_seconds: float = 0.0
    length_seconds: float | None = None
    source: Source | None = None
    is_stopped: bool = False
    is_controllable: bool = False
    """Whether a sound, a recording or a tone has begun: what is said from parts, `digits:`, cannot be stopped or paused."""
    timer: Timer | None = None
    on_end: Callable[[], None] | None = None

    def snapshot(self) -> Json:
        """The playback as responses and events show it."""
        body: Json = {"id": self.id, "media_uri": self.uris[min(self.index, len(self.uris) - 1)]}
        if self.index + 1 < len(self.uris):
            body["next_media_uri"] = self.uris[self.index + 1]
        return {**body, "target_uri": self.target_uri, "language": self.language, "state": self.state}


@dataclass(slots=True, eq=False)
class ServerRecording:
    """A live recording of a channel or a bridge. `on_end` is set while it runs: it frees what is recorded.

    Limits of 0 are none. `recorded_seconds` holds what was recorded until `counting_since`, `talked_seconds` what somebody
    talked until `talking_since`.
    """

    name: str
    target_uri: str
    format: str
    max_duration_seconds: int = 0
    max_silence_seconds: int = 0
    beep: bool = False
    terminate_on: str = ""
    appended_to: "RecordingFile | None" = None
    file: "RecordingFile | None" = None
    """What it writes, from its start on; whoever deletes that file leaves a recording without one."""
    state: str = "queued"
    counting_since: float = 0.0
    recorded_seconds: float = 0.0
    talking_since: float | None = None
    talked_seconds: float = 0.0
    receives_audio: bool = False
    beep_ends_at: float = 0.0
    is_stopped: bool = False
    keeps_file: bool = True
    recorder_channel: str = ""
    track: Track = field(default_factory=Track)
    is_muted: bool = False
    stop_listening: Callable[[], None] | None = None
    timer: Timer | None = None
    on_end: Callable[[], None] | None = None

    def snapshot(self, more: Json | None = None) -> Json:
        """The recording as responses and events show it."""
        return {"name": self.name, "format": self.format, "state": self.state, "target_uri": self.target_uri, **(more or {})}


@dataclass(slots=True)
class RecordingFile:
    """A stored recording: the bytes of a file, or what was recorded, of which a file is made when it is asked for.

    `appended_to` is what was there before and comes first.
    """

    name: str
    format: str
    seconds: float
    data: bytes | None = None
    track: Track | None = None
    appended_to: "RecordingFile | None" = None

    def snapshot(self) -> Json:
        """The recording as responses show it."""
        return {"name": self.name, "format": self.format}
