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
    from .embedded import RELEASE, EmbeddedAsterisk
    from .faults import Faults
    from .machine.endpoint import Endpoint
    from .phone import Heard, Phone
    from .recorder import Events, Requests
    from .respond import Request, User

__all__ = ["RELEASE", "EmbeddedAsterisk", "Endpoint", "Events", "Faults", "Heard", "Phone", "Request", "Requests", "User"]

_HOMES = {
    "RELEASE": "embedded",
    "EmbeddedAsterisk": "embedded",
    "Endpoint": "machine.endpoint",
    "Events": "recorder",
    "Faults": "faults",
    "Heard": "phone",
    "Phone": "phone",
    "Request": "respond",
    "Requests": "recorder",
    "User": "respond",
}


def __getattr__(name: str) -> Any:
    """Import the part that is asked for: pytest loads this package in every test run, used or not."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
