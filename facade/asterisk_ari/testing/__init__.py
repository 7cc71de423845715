"""An Asterisk for tests: EmbeddedAsterisk serves ARI from this process, and Phones are the far ends of its calls.

from asterisk_ari.testing import EmbeddedAsterisk

with EmbeddedAsterisk() as asterisk:
    phone = asterisk.incoming_call(app="ivr", caller="Ann <1234>")
    phone.press("1")
    assert phone.hears().media == "sound:you-entered"
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asterisk_ari.testing.embedded import RELEASE, EmbeddedAsterisk
    from asterisk_ari.testing.faults import Faults
    from asterisk_ari.testing.machine.state.endpoint import Endpoint
    from asterisk_ari.testing.phone import Heard, Phone
    from asterisk_ari.testing.recorder import Events, Requests
    from asterisk_ari.testing.request import Request, User

__all__ = ["RELEASE", "EmbeddedAsterisk", "Endpoint", "Events", "Faults", "Heard", "Phone", "Request", "Requests", "User"]

_MODULES = {
    "RELEASE": "embedded",
    "EmbeddedAsterisk": "embedded",
    "Endpoint": "machine.state.endpoint",
    "Events": "recorder",
    "Faults": "faults",
    "Heard": "phone",
    "Phone": "phone",
    "Request": "request",
    "Requests": "recorder",
    "User": "request",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used: pytest imports this package in every test run, because of the plugin."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
