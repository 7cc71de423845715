"""Device states: those of `Stasis:` are for requests to set."""

from ..machine.core import Machine
from ..machine.devices import OURS, forget, set_by_request, state_of
from .registry import NO_CONTENT, Parameters, Reply, error, operation

STATES = {"NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD"}


@operation("deviceStates.list")
def list_(machine: Machine, p: Parameters) -> Reply:
    """Those that requests have set."""
    return Reply(200, [{"name": name, "state": state} for name, state in machine.set_devices.items() if name.startswith(OURS)])


@operation("deviceStates.get")
def get(machine: Machine, p: Parameters) -> Reply:
    """One device; there is none that has no state."""
    name = p.values["deviceName"]
    return Reply(200, {"name": name, "state": state_of(machine, name)})


@operation("deviceStates.update")
def update(machine: Machine, p: Parameters) -> Reply:
    """Set one of ours."""
    name = p.values["deviceName"]
    state = (p.text("deviceState") or "").upper()
    if not name.startswith(OURS):
        return error(409, "Uncontrolled device specified")
    if state not in STATES:
        return error(500, "Unknown device")
    set_by_request(machine, name, state)
    return NO_CONTENT


@operation("deviceStates.delete")
def delete(machine: Machine, p: Parameters) -> Reply:
    """Forget one of ours."""
    name = p.values["deviceName"]
    if not name.startswith(OURS):
        return error(409, "Uncontrolled device specified")
    forget(machine, name)
    return NO_CONTENT
