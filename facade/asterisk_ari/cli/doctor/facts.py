"""What is known of a server, as it was gathered: what the checks judge. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asterisk_ari.cli.doctor.conf_files import ConfFile
from asterisk_ari.cli.media_test.figures import MediaFigures
from asterisk_ari.errors import AriError
from asterisk_ari.settings import Settings


@dataclass
class CallFacts:
    """A call of the server to itself, through an app of the doctor's own."""

    error: AriError | None = None
    entered_ms: float | None = None
    is_ended: bool = False


@dataclass
class EventFacts:
    """The event WebSocket, and what came over it."""

    error: AriError | None = None
    user_event_ms: float | None = None
    call: CallFacts | None = None


@dataclass
class ServerFacts:
    """All that is known; None and empty where it could not be asked."""

    settings: Settings
    needs: Sequence[str] = ()
    error: AriError | None = None
    ari_prefix: str | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    round_trip_ms: float | None = None
    clock_ahead_seconds: float | None = None
    may_write: bool | None = None
    modules: Mapping[str, str] | None = None
    app: Mapping[str, Any] | None = None
    endpoints: Sequence[Mapping[str, Any]] = ()
    wanted_endpoints: Sequence[str] = ()
    sounds: Sequence[str] | None = None
    wanted_sounds: Sequence[str] = ()
    origins: Mapping[str, bool] = field(default_factory=dict)
    events: EventFacts | None = None
    files: Mapping[str, ConfFile] = field(default_factory=dict)
    media: Sequence[MediaFigures] = ()

    @property
    def version(self) -> str:
        """What the server calls itself; empty when it is not known."""
        return str(self.info.get("system", {}).get("version", ""))
