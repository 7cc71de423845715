"""The facts gathered from a server, which the checks judge. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asterisk_ari.cli.doctor.conf_files import ConfFile
from asterisk_ari.cli.media_test.figures import MediaFigures
from asterisk_ari.errors import AriError
from asterisk_ari.settings import Settings


@dataclass
class CallFacts:
    """A test call from the server to itself, through an app of the doctor's own."""

    error: AriError | None = None
    entered_ms: float | None = None
    is_ended: bool = False


@dataclass
class EventFacts:
    """The event WebSocket and what arrived over it."""

    error: AriError | None = None
    user_event_ms: float | None = None
    call: CallFacts | None = None


@dataclass
class ServerFacts:
    """Everything that was gathered; None or empty where the server could not be asked."""

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
        """The version the server reports; empty when it is unknown."""
        system = self.info.get("system")
        version = system.get("version") if isinstance(system, Mapping) else None
        return version if isinstance(version, str) else ""
