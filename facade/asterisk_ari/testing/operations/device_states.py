"""Device states: requests may set those of `Stasis:`."""

from asterisk_ari.testing.machine.signalling.device_states import (
    STASIS_PREFIX,
    delete_device_state,
    device_state,
    set_device_state,
)
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import NO_CONTENT, Reply, error_reply

STATES = {"NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD"}


@operation("deviceStates.list")
def list_(machine: Machine, params: Parameters) -> Reply:
    """List the devices of `Stasis:`."""
    states = machine.requested_device_states.items()
    return Reply(200, [{"name": name, "state": state} for name, state in states if name.startswith(STASIS_PREFIX)])


@operation("deviceStates.get")
def get(machine: Machine, params: Parameters) -> Reply:
    """Return one device; every name has a state."""
    name = params.values["deviceName"]
    return Reply(200, {"name": name, "state": device_state(machine, name)})


@operation("deviceStates.update")
def update(machine: Machine, params: Parameters) -> Reply:
    """Set a device of `Stasis:`."""
    name = params.values["deviceName"]
    state = (params.text("deviceState") or "").upper()
    if not name.startswith(STASIS_PREFIX):
        return error_reply(409, "Uncontrolled device specified")
    if state not in STATES:
        return error_reply(500, "Unknown device")
    set_device_state(machine, name, state)
    return NO_CONTENT


@operation("deviceStates.delete")
def delete(machine: Machine, params: Parameters) -> Reply:
    """Delete a device of `Stasis:`."""
    name = params.values["deviceName"]
    if not name.startswith(STASIS_PREFIX):
        return error_reply(409, "Uncontrolled device specified")
    delete_device_state(machine, name)
    return NO_CONTENT
