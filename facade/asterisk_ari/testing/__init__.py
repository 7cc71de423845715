"""An Asterisk for tests: EmbeddedAsterisk serves ARI from this process, and a Phone is the far end of a call.

from asterisk_ari.testing import EmbeddedAsterisk

with EmbeddedAsterisk() as asterisk:
    phone = asterisk.incoming_call(app="ivr", caller="Ann <1234>")
    phone.press("1")
    assert phone.hears().media == "sound:you-entered"
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asterisk_ari.testing.control.server import ControlServer
    from asterisk_ari.testing.embedded import RELEASE, EmbeddedAsterisk
    from asterisk_ari.testing.faults import Faults
    from asterisk_ari.testing.machine.state.endpoint import ServerEndpoint
    from asterisk_ari.testing.machine.state.outbound import OutboundWebSocket
    from asterisk_ari.testing.phone import Heard, Phone
    from asterisk_ari.testing.recorder import Requests, SentEvents
    from asterisk_ari.testing.replay.report import ReplayDiffers, ReplayReport
    from asterisk_ari.testing.request import Request, User
    from asterisk_ari.testing.sound.listening import HeardAudio
    from asterisk_ari.testing.sound.sources import Clip, Tone, tone
    from asterisk_ari.testing.sound.tracks import Played

__all__ = [
    "RELEASE",
    "Clip",
    "ControlServer",
    "EmbeddedAsterisk",
    "Faults",
    "Heard",
    "HeardAudio",
    "OutboundWebSocket",
    "Phone",
    "Played",
    "ReplayDiffers",
    "ReplayReport",
    "Request",
    "Requests",
    "SentEvents",
    "ServerEndpoint",
    "Tone",
    "User",
    "tone",
]

_MODULES = {
    "RELEASE": "embedded",
    "Clip": "sound.sources",
    "ControlServer": "control.server",
    "EmbeddedAsterisk": "embedded",
    "ServerEndpoint": "machine.state.endpoint",
    "SentEvents": "recorder",
    "Faults": "faults",
    "Heard": "phone",
    "HeardAudio": "sound.listening",
    "OutboundWebSocket": "machine.state.outbound",
    "Phone": "phone",
    "Played": "sound.tracks",
    "ReplayDiffers": "replay.report",
    "ReplayReport": "replay.report",
    "Request": "request",
    "Requests": "recorder",
    "Tone": "sound.sources",
    "User": "request",
    "tone": "sound.sources",
}


def __getattr__(name: str) -> Any:
    """Import a name on first use: because of the plugin, pytest imports this package in every test run."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
