"""Channels and bridges: plain data that refers to each other, and what Asterisk shows of it."""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from asterisk_ari.testing.clock import Timer
from asterisk_ari.testing.machine.state.endpoint import ServerEndpoint
from asterisk_ari.testing.machine.state.media import ServerPlayback, ServerRecording
from asterisk_ari.testing.machine.state.media_leg import MediaLeg
from asterisk_ari.testing.machine.state.timestamps import format_timestamp
from asterisk_ari.testing.sound.tracks import Track, Voice

Json = dict[str, Any]
Place = tuple[str, str, int]
"""Context, extension and priority."""


@dataclass(slots=True)
class StasisSession:
    """A channel's time in a Stasis application."""

    app: str
    args: list[str]
    is_by_dialplan: bool = False


@dataclass(slots=True)
class Broadcast:
    """A call that StasisBroadcast() offers to the applications whose names fit, and the application that claimed it."""

    args: list[str]
    pattern: str = ""
    is_claim_told: bool = False
    claimed_by: str | None = None

    def is_for(self, app: str) -> bool:
        """Whether it is offered to an application."""
        try:
            return not self.pattern or re.search(self.pattern, app) is not None
        except re.error:  # as if there was none
            return True


@dataclass(slots=True)
class OutgoingCall:
    """A call that is being placed, and what to do once it is answered or has failed (with its DIALSTATUS)."""

    dialstring: str
    on_answer: Callable[[], None]
    on_failure: Callable[[str], None]
    repeats_dialstring: bool = True
    caller: "ServerChannel | None" = None
    timeout: Timer | None = None
    on_ringing: Callable[[], None] | None = None
    on_progress: Callable[[], None] | None = None
    tells_answer: bool = True
    """Whether the Dial event of the answer comes at once, and not when whoever has called says so."""


@dataclass(slots=True)
class FarEnd:
    """The device at the far end of a channel: what a test's Phone has received. Without `track` it does not listen."""

    is_caller: bool = False
    rung: bool = False
    answered: bool = False
    ended: bool = False
    digits: str = ""
    is_holding: bool = False
    track: Track | None = None
    notified: list[int] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class ServerChannel:
    """One channel."""

    id: str
    name: str
    technology: str
    state: str
    context: str
    exten: str
    created: float
    priority: int = 1
    app_name: str = ""
    app_data: str = ""
    protocol_id: str = ""
    caller: dict[str, str] = field(default_factory=lambda: {"name": "", "number": ""})
    next_caller: dict[str, str] | None = None
    """The caller ID that it has got from its other half, and shows with its next change."""
    has_new_caller: bool = False
    """Whether it shows one that no event has told of."""
    connected: dict[str, str] = field(default_factory=lambda: {"name": "", "number": ""})
    shown_place: Place | None = None
    accountcode: str = ""
    language: str = "en"
    variables: dict[str, str] = field(default_factory=dict)
    reported_variables: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    headers: list[tuple[str, str]] = field(default_factory=list)
    """Header fields of the INVITE of a phone that calls, and those that were added."""
    endpoint: ServerEndpoint | None = None
    far_end: FarEnd | None = None
    other_half: "ServerChannel | None" = None
    """Of a Local channel."""
    # placing and ending the call
    is_originated: bool = False
    outgoing_call: OutgoingCall | None = None
    hung_up: bool = False
    has_ended: bool = False
    cause: int = 0
    tech_cause: int | None = None
    # in the dialplan: the timer is that of the running application; on_interrupt is called when the call ends meanwhile
    is_in_dialplan: bool = False
    has_pbx: bool = False
    dialplan_timer: Timer | None = None
    on_key: Callable[[str], None] | None = None
    on_ended: Callable[[], None] | None = None
    """Of one that Dial() has called."""
    subroutines: list[tuple[Place, list[str]]] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    on_interrupt: Callable[[], None] | None = None
    is_told_busy: bool = False
    is_asleep: bool = False
    """Whether its thread notices nothing for a moment."""
    is_to_end: bool = False
    """Whether it was hung up meanwhile."""
    ended_without_extension: bool = False
    missing_place: Place | None = None
    """The place that a new call was to begin at, where there is nothing."""
    broadcast: Broadcast | None = None
    # in a Stasis application: commands not yet executed, and the media that keeps the channel's thread busy
    session: StasisSession | None = None
    was_in_stasis: bool = False
    commands: deque[Callable[[], object]] = field(default_factory=deque)
    media: ServerPlayback | ServerRecording | None = None
    queued_playbacks: deque[ServerPlayback] = field(default_factory=deque)
    dtmf_timer: Timer | None = None
    transfer_context: str = ""
    """Where in the dialplan its phone transfers to."""
    transfers: list[Json] = field(default_factory=list)
    """What its phone has asked for by REFER, and has not been told the end of."""
    # in a bridge
    bridge: "ServerBridge | None" = None
    was_bridged: bool = False
    role: str = ""
    absorbs_dtmf: bool = False
    inhibits_connected_line: bool = False
    # audio: what the far end says, what an application of the dialplan plays, and who listens or whispers
    speech: list[Voice] = field(default_factory=list)
    prompt: Voice | None = None
    moh_class: str | None = None
    plays_silence: bool = False
    is_on_hold: bool = False
    muted: set[str] = field(default_factory=set)
    leg: MediaLeg | None = None
    talk_detect: tuple[int, int] | None = None
    talking_since: float | None = None
    silent_since: float | None = None
    is_watched: bool = False
    detected_since: float | None = None
    """Since when TALK_DETECT counts it as talking."""
    always_sends_audio: bool = False
    snoop_target: "ServerChannel | None" = None
    spy: str = "none"
    whisper: str = "none"
    snoops: "list[ServerChannel]" = field(default_factory=list)

    @property
    def is_listened_to(self) -> bool:
        """Whether Asterisk itself hears its audio, which goes through it then."""
        return bool(self.snoops) or self.talk_detect is not None or self.media is not None or bool(self.muted)

    def dialplan_place(self) -> Place | None:
        """Where in the dialplan it executes something: ChannelDialplan tells of another place, not of another application."""
        return (self.context, self.exten, self.priority) if self.app_name else None

    def dialplan_json(self) -> Json:
        """Its place in the dialplan."""
        return {
            "context": self.context,
            "exten": self.exten,
            "priority": self.priority,
            "app_name": self.app_name,
            "app_data": self.app_data,
        }

    def snapshot(self, with_protocol_id: bool = True) -> Json:
        """The channel as responses and events show it."""
        body: Json = {"id": self.id, "name": self.name, "state": self.state}
        if with_protocol_id:
            body["protocol_id"] = self.protocol_id
        body["caller"] = dict(self.caller)
        body["connected"] = dict(self.connected)
        body["accountcode"] = self.accountcode
        body["dialplan"] = self.dialplan_json()
        body["creationtime"] = format_timestamp(self.created)
        body["language"] = self.language
        if self.reported_variables:
            body["channelvars"] = dict(self.reported_variables)
        return body


@dataclass(slots=True, eq=False)
class ServerBridge:
    """One bridge. `internal_channels` are the names of the announcers and recorders that Asterisk itself puts in."""

    id: str
    kind: str
    name: str
    created: float
    features: set[str] = field(default_factory=set)
    creator: str = "Stasis"
    bridge_class: str = "stasis"
    channels: list[ServerChannel] = field(default_factory=list)
    internal_channels: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    """The names of all of them in their order."""
    was_softmix: bool = False
    needs_mixer: bool = False
    are_two_phones: bool = False
    video_source: str | None = None
    lost_video_source: str | None = None
    """That source, when its channel has left."""
    moh_class: str | None = None
    moh_announcer: str = ""
    playback: ServerPlayback | None = None
    queued_playbacks: deque[ServerPlayback] = field(default_factory=deque)
    playback_announcer: str = ""
    recordings: dict[str, ServerRecording] = field(default_factory=dict)
    on_joined: dict[str, Callable[[], None]] = field(default_factory=dict)
    """By recorder: whether there is something to be heard may have changed."""
    on_emptied: dict[str, Callable[[], None]] = field(default_factory=dict)
    """By announcer or recorder: ends what it does."""
    variables: dict[str, str] = field(default_factory=dict)
    reported_variables: dict[str, str] = field(default_factory=dict)
    has_ended: bool = False
    is_over: bool = False
    """Whether nobody is left in it, after it has ended."""

    @property
    def size(self) -> int:
        """How many channels are in it, internal ones included."""
        return len(self.channels) + len(self.internal_channels)

    @property
    def technology(self) -> str:
        """The bridge technology: depends on the type, and on the size when it was chosen last."""
        if self.kind == "holding":
            return "holding_bridge"
        if self.needs_mixer or "video_sfu" in self.features:
            return "softmix"
        is_native = self.are_two_phones and not any(one.is_listened_to for one in self.channels)
        return "native_rtp" if is_native and not self.features & {"dtmf_events", "proxy_media"} else "simple_bridge"

    def choose_technology(self) -> None:
        """Three or more need the mixer, two phones none. Chosen after the event of who entered or left has been sent."""
        self.needs_mixer = self.size > 2
        self.are_two_phones = self.size == 2 and [one.technology for one in self.channels] == ["PJSIP", "PJSIP"]

    @property
    def video_mode(self) -> str:
        """How the video source is chosen."""
        if self.bridge_class == "basic":
            return "none"
        if "video_sfu" in self.features:
            return "sfu"
        return "single" if "video_single" in self.features else "talker"

    def snapshot(self) -> Json:
        """The bridge as responses and events show it."""
        body: Json = {
            "id": self.id,
            "technology": self.technology,
            "bridge_type": self.kind,
            "bridge_class": self.bridge_class,
            "creator": self.creator,
            "name": self.name,
            "channels": sorted(channel.id for channel in self.channels),
            "creationtime": format_timestamp(self.created),
            "video_mode": self.video_mode,
        }
        if self.video_source is not None:
            body["video_source_id"] = self.video_source
        if self.reported_variables:
            body["bridgevars"] = dict(self.reported_variables)
        return body
