"""A channel: plain data, and what Asterisk shows of it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .stamp import stamp

if TYPE_CHECKING:
    from ..clock import Timer
    from .bridge import Bridge
    from .endpoint import Endpoint
    from .media import Media

Json = dict[str, Any]
Place = tuple[str, str, int]


@dataclass(slots=True)
class Session:
    """A channel's stay in a Stasis application."""

    app: str
    args: list[str]


@dataclass(slots=True)
class Dialled:
    """A call that is being placed: who waits for its outcome."""

    dialstring: str
    answered: Callable[[], None]
    failed: Callable[[str], None]
    repeats_dialstring: bool = True
    caller: "Channel | None" = None
    timer: "Timer | None" = None


@dataclass(slots=True, eq=False)
class Channel:
    """One channel. `other` is the other half of a Local pair."""

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
    connected: dict[str, str] = field(default_factory=lambda: {"name": "", "number": ""})
    accountcode: str = ""
    language: str = "en"
    variables: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    other: "Channel | None" = None
    is_originated: bool = False
    had_stasis: bool = False
    gone: bool = False
    cause: int = 0
    hung_up: bool = False
    fell_out: bool = False
    reported: dict[str, str] = field(default_factory=dict)
    session: Session | None = None
    dialled: Dialled | None = None
    # where the dialplan is, and what it waits for; None outside the dialplan
    waiting: "Timer | None" = None
    in_dialplan: bool = False
    has_pbx: bool = False
    dialplan_done: Callable[[], None] | None = None
    interrupted: Callable[[], None] | None = None
    # commands not yet carried out, and the media that keeps the channel's thread busy
    commands: deque[Callable[[], object]] = field(default_factory=deque)
    media: "Media | None" = None
    later_media: "deque[Media]" = field(default_factory=deque)
    dtmf: "Timer | None" = None
    bridge: "Bridge | None" = None
    role: str = ""
    absorbs_dtmf: bool = False
    inhibits_connected: bool = False
    music: str | None = None
    silence: bool = False
    held: bool = False
    muted: set[str] = field(default_factory=set)
    talk_detect: tuple[int, int] | None = None
    talking_since: float | None = None
    snooped: "Channel | None" = None
    snoops: "list[Channel]" = field(default_factory=list)
    endpoint: "Endpoint | None" = None
    phone: Any = None
    sends_frames: bool = False
    tech_cause: int | None = None
    broadcast: Json | None = None

    def dialplan(self) -> Json:
        """Where the dialplan is."""
        return {
            "context": self.context,
            "exten": self.exten,
            "priority": self.priority,
            "app_name": self.app_name,
            "app_data": self.app_data,
        }

    def snapshot(self, with_protocol_id: bool = True) -> Json:
        """The channel as requests and events show it."""
        body: Json = {"id": self.id, "name": self.name, "state": self.state}
        if with_protocol_id:
            body["protocol_id"] = self.protocol_id
        body["caller"] = dict(self.caller)
        body["connected"] = dict(self.connected)
        body["accountcode"] = self.accountcode
        body["dialplan"] = self.dialplan()
        body["creationtime"] = stamp(self.created)
        body["language"] = self.language
        if self.reported:
            body["channelvars"] = dict(self.reported)
        return body
