"""Device states, and what changes them.

Requests set those of `Stasis:` and `Custom:`; those of endpoints follow their channels. Both are published when the state
differs from the last one. A Local device is in use or not, and is published whenever one of its channels changes.
"""

from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.endpoint import ServerEndpoint
from asterisk_ari.testing.machine.state.machine import Machine

STASIS_PREFIX = "Stasis:"
SETTABLE_PREFIXES = (STASIS_PREFIX, "Custom:")

_STATE_OF_CHANNEL = {"Down": "NOT_INUSE", "Ringing": "RINGING"}


def device_state(machine: Machine, name: str) -> str:
    """The state of a device, as responses and DEVICE_STATE() show it."""
    if name in machine.device_states:
        return machine.device_states[name]
    if name.startswith(SETTABLE_PREFIXES):
        return "UNKNOWN"
    technology, _, resource = name.partition("/")
    if technology == "Local" and resource:
        return "INUSE" if _local_channels(machine, name) else "NOT_INUSE"
    endpoint = machine.endpoints.get(resource) if technology == "PJSIP" else None
    return "INVALID" if endpoint is None else endpoint.idle_state


def set_device_state(machine: Machine, name: str, state: str) -> None:
    """Set the state of a device of `Stasis:` or `Custom:`, as a request asks."""
    machine.requested_device_states[name] = state
    _publish_change(machine, name, state)


def delete_device_state(machine: Machine, name: str) -> None:
    """Delete a device of `Stasis:`, as a request asks."""
    machine.requested_device_states.pop(name, None)
    if machine.device_states.pop(name, None) is not None and not machine.has("silent_device_deletion"):
        _publish_change(machine, name, "UNKNOWN")


def update_device_of_channel(machine: Machine, channel: ServerChannel) -> None:
    """Derive the state of the device behind a channel that has changed or ended."""
    if channel.endpoint is not None:
        update_device_of_endpoint(machine, channel.endpoint)
    elif channel.technology == "Local":
        pair = channel.name.partition(";")[0]
        name = pair.rpartition("-")[0]
        others = [one for one in _local_channels(machine, name) if not one.startswith(f"{pair};")]
        machine.publish_device_state(name, "INUSE" if channel.id in machine.channels or others else "NOT_INUSE")
    else:
        _update_device_without_states(machine, channel)


def _update_device_without_states(machine: Machine, channel: ServerChannel) -> None:
    """Asterisk goes by the channels of a device that cannot be asked, and has no name for the state of a snoop."""
    name = channel.name.rpartition("-")[0]
    is_there = machine.channels.get(channel.id) is channel
    if channel.technology == "Snoop" and not is_there:
        machine.publish_device_state(name, "INVALID")
    elif channel.technology == "UnicastRTP":
        machine.publish_device_state(name, "INUSE" if is_there else "UNKNOWN")


def _local_channels(machine: Machine, name: str) -> list[str]:
    """The names of the channels of a Local device."""
    return [channel.name for channel in machine.channels.values() if channel.name.startswith(f"{name}-")]


def set_hold(machine: Machine, channel: ServerChannel, *, is_on_hold: bool) -> None:
    """Put the device of a channel on hold, or end that."""
    channel.is_on_hold = is_on_hold
    if channel.endpoint is None:
        return
    if is_on_hold and not machine.has("device_state_of_all_calls"):
        _publish_change(machine, channel.endpoint.topics[0], "ONHOLD")
    else:
        update_device_of_endpoint(machine, channel.endpoint)


def update_device_of_endpoint(machine: Machine, endpoint: ServerEndpoint) -> None:
    """Derive the device state of an endpoint from its channels, and publish it if it is another one."""
    states = {_device_state_of(machine.channels[one]) for one in endpoint.channels if one in machine.channels}
    if "RINGING" in states:
        state = "RINGINUSE" if states & {"INUSE", "ONHOLD"} else "RINGING"
    else:
        state = next((one for one in ("INUSE", "ONHOLD") if one in states), endpoint.idle_state)
    _publish_change(machine, endpoint.topics[0], state)


def _device_state_of(channel: ServerChannel) -> str:
    return "ONHOLD" if channel.is_on_hold else _STATE_OF_CHANNEL.get(channel.state, "INUSE")


def _publish_change(machine: Machine, name: str, state: str) -> None:
    if machine.device_states.get(name) != state:
        machine.device_states[name] = state
        machine.publish_device_state(name, state)
