"""Device states: those of `Stasis:` are for requests to set."""

from ..machine.core import Machine
from .registry import NO_CONTENT, Parameters, Reply, error, operation

STATES = {"NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD"}
OURS = "Stasis:"


def state_of(machine: Machine, name: str) -> str:
    """The state of a device."""
    if name in machine.devices:
        return machine.devices[name]
    if name.startswith((OURS, "Custom:")):
        return "UNKNOWN"
    technology, _, resource = name.partition("/")
    if technology == "Local" and resource:
        used = any(channel.name.startswith(f"{name}-") for channel in machine.channels.values())
        return "INUSE" if used else "NOT_INUSE"
    endpoint = machine.endpoints.get(resource) if technology == "PJSIP" else None
    return "INVALID" if endpoint is None else endpoint.device_state


@operation("deviceStates.list")
def list_(machine: Machine, p: Parameters) -> Reply:
    """Those that requests have set."""
    return Reply(200, [{"name": name, "state": machine.devices[name]} for name in machine.devices if name.startswith(OURS)])


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
    machine.devices[name] = state
    machine.about_device(name, state)
    return NO_CONTENT


@operation("deviceStates.delete")
def delete(machine: Machine, p: Parameters) -> Reply:
    """Forget one of ours."""
    name = p.values["deviceName"]
    if not name.startswith(OURS):
        return error(409, "Uncontrolled device specified")
    if machine.devices.pop(name, None) is not None and not machine.has("silent_device_deletion"):
        machine.about_device(name, "UNKNOWN")
    return NO_CONTENT
