"""Control Asterisk over ARI: calls, bridges, media and events, sync and async, checked against the server's release.

`AsteriskARI` is the synchronous client, `AsyncAsteriskARI` the asynchronous one; both have the same methods.
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

# Loaded when first used: a program of one colour does not pay for the other.
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
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
