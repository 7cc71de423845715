"""An Asterisk for tests: EmbeddedAsterisk serves ARI from this process, and Phones are the far ends of its calls.

from asterisk_ari.testing import EmbeddedAsterisk

with EmbeddedAsterisk() as asterisk:
    phone = asterisk.incoming_call(app="ivr", caller="Ann <1234>")
    phone.press("1")
    assert phone.hears().media == "sound:you-entered"
"""

from .embedded import RELEASE, EmbeddedAsterisk
from .faults import Faults
from .machine.endpoint import Endpoint
from .phone import Heard, Phone
from .recorder import Events, Requests
from .respond import Request, User

__all__ = ["RELEASE", "EmbeddedAsterisk", "Endpoint", "Events", "Faults", "Heard", "Phone", "Request", "Requests", "User"]
