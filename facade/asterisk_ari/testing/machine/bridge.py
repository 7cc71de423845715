"""A bridge: plain data, and what Asterisk shows of it."""

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .stamp import stamp

if TYPE_CHECKING:
    from .channel import Channel
    from .media import Media

Json = dict[str, Any]


@dataclass(slots=True, eq=False)
class Bridge:
    """One bridge. `guests` are the announcers and recorders that Asterisk puts in beside the channels."""

    id: str
    kind: str
    name: str
    created: float
    features: set[str] = field(default_factory=set)
    creator: str = "Stasis"
    bridge_class: str = "stasis"
    channels: "list[Channel]" = field(default_factory=list)
    guests: list[str] = field(default_factory=list)
    was_softmix: bool = False
    crowded: bool = False
    video_source: str | None = None
    music: str | None = None
    music_guest: str = ""
    media: "Media | None" = None
    later_media: "deque[Media]" = field(default_factory=deque)
    announcer: str = ""
    recordings: "dict[str, Media]" = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    reported: dict[str, str] = field(default_factory=dict)
    gone: bool = False

    @property
    def technology(self) -> str:
        """What mixes: depends on the type and on how many were in when it was last chosen."""
        if self.kind == "holding":
            return "holding_bridge"
        return "softmix" if self.crowded or "video_sfu" in self.features else "simple_bridge"

    def choose_technology(self) -> None:
        """Three or more need the mixer. It is chosen once the events of who entered or left are out."""
        self.crowded = len(self.channels) + len(self.guests) > 2

    @property
    def video_mode(self) -> str:
        """How the video source is chosen."""
        if "video_sfu" in self.features:
            return "sfu"
        return "single" if "video_single" in self.features else "talker"

    def snapshot(self) -> Json:
        """The bridge as requests and events show it."""
        body: Json = {
            "id": self.id,
            "technology": self.technology,
            "bridge_type": self.kind,
            "bridge_class": self.bridge_class,
            "creator": self.creator,
            "name": self.name,
            "channels": sorted(channel.id for channel in self.channels),
            "creationtime": stamp(self.created),
            "video_mode": self.video_mode,
        }
        if self.video_source is not None:
            body["video_source_id"] = self.video_source
        if self.reported:
            body["bridgevars"] = dict(self.reported)
        return body
