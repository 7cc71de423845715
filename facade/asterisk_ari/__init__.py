"""Control Asterisk over ARI: calls, bridges, media and events, sync and async, checked against the server's release.

`AsteriskARI` is the synchronous client, `AsyncAsteriskARI` the asynchronous one; both have the same methods. Their other
classes (`Channel`, `Bridge`, `Call`, …) are in `asterisk_ari.sync` and `asterisk_ari.aio`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asterisk_ari._async.client import AsyncAsteriskARI
    from asterisk_ari._sync.client import AsteriskARI
    from asterisk_ari.capabilities import Capabilities
    from asterisk_ari.errors import AriError
    from asterisk_ari.events import ConnectionLost, Event, EventsLost, Reconnected, UnknownEvent
    from asterisk_ari.policies import Reconnect
    from asterisk_ari.settings import Settings

    __version__: str
    """Version of this package."""

__all__ = (
    "AriError",
    "AsteriskARI",
    "AsyncAsteriskARI",
    "Capabilities",
    "ConnectionLost",
    "Event",
    "EventsLost",
    "Reconnect",
    "Reconnected",
    "Settings",
    "UnknownEvent",
)

# Loaded when first used: a program of one variant does not pay for the other.
_MODULES = {
    "AriError": "errors",
    "AsteriskARI": "_sync.client",
    "AsyncAsteriskARI": "_async.client",
    "Capabilities": "capabilities",
    "ConnectionLost": "events",
    "Event": "events",
    "EventsLost": "events",
    "Reconnect": "policies",
    "Reconnected": "events",
    "Settings": "settings",
    "UnknownEvent": "events",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        found = _version()
    elif name in _MODULES:
        found = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("asterisk-ari")
    except metadata.PackageNotFoundError:  # used from a checkout that is not installed
        import tomllib
        from pathlib import Path

        project = Path(__file__).resolve().parents[2] / "pyproject.toml"
        version: str = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]
        return version


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
