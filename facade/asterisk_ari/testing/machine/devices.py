"""Device states: what was last said of each device, and what changes it.

Requests set those of `Stasis:` and `Custom:`; the channels of an endpoint make its own. Of these a change is told, not that
something stays as it was. Local devices are in use or not, and told of whenever a half of theirs changes.
"""

from .channel import Channel
from .core import Machine
from .endpoint import Endpoint

OURS = "Stasis:"
BY_REQUEST = (OURS, "Custom:")

_OF_CHANNEL = {"Down": "NOT_INUSE", "Ringing": "RINGING"}


def state_of(machine: Machine, name: str) -> str:
    """The state of a device, as requests and DEVICE_STATE() show it."""
    if name in machine.known_devices:
        return machine.known_devices[name]
    if name.startswith(BY_REQUEST):
        return "UNKNOWN"
    technology, _, resource = name.partition("/")
    if technology == "Local" and resource:
        return "INUSE" if _halves(machine, name) else "NOT_INUSE"
    endpoint = machine.endpoints.get(resource) if technology == "PJSIP" else None
    return "INVALID" if endpoint is None else endpoint.idle_state


def set_by_request(machine: Machine, name: str, state: str) -> None:
    """A request sets one of `Stasis:` or `Custom:`."""
    machine.set_devices[name] = state
    _is_now(machine, name, state)


def forget(machine: Machine, name: str) -> None:
    """A request deletes one of `Stasis:`."""
    machine.set_devices.pop(name, None)
    if machine.known_devices.pop(name, None) is not None and not machine.has("silent_device_deletion"):
        _is_now(machine, name, "UNKNOWN")


def channel_changed(machine: Machine, channel: Channel) -> None:
    """A channel has another state, or is gone: the device behind it may be in another."""
    if channel.endpoint is not None:
        endpoint_changed(machine, channel.endpoint)
    elif channel.technology == "Local":
        pair = channel.name.partition(";")[0]
        name = pair.rpartition("-")[0]
        used = channel.id in machine.channels or any(not one.startswith(f"{pair};") for one in _halves(machine, name))
        machine.about_device(name, "INUSE" if used else "NOT_INUSE")


def _halves(machine: Machine, name: str) -> list[str]:
    """The channels of a Local device."""
    return [channel.name for channel in machine.channels.values() if channel.name.startswith(f"{name}-")]


def held(machine: Machine, channel: Channel, *, is_held: bool) -> None:
    """A channel is put on hold, or taken back."""
    channel.held = is_held
    if channel.endpoint is None:
        return
    if is_held and not machine.has("device_state_of_all_calls"):
        _is_now(machine, channel.endpoint.names[0], "ONHOLD")
    else:
        endpoint_changed(machine, channel.endpoint)


def endpoint_changed(machine: Machine, endpoint: Endpoint) -> None:
    """Something about an endpoint or its channels is different: tell its state if that is."""
    states = {_state_of_channel(machine.channels[one]) for one in endpoint.channels if one in machine.channels}
    if "RINGING" in states:
        state = "RINGINUSE" if states & {"INUSE", "ONHOLD"} else "RINGING"
    else:
        state = next((one for one in ("INUSE", "ONHOLD") if one in states), endpoint.idle_state)
    _is_now(machine, endpoint.names[0], state)


def _state_of_channel(channel: Channel) -> str:
    return "ONHOLD" if channel.held else _OF_CHANNEL.get(channel.state, "INUSE")


def _is_now(machine: Machine, name: str, state: str) -> None:
    if machine.known_devices.get(name) != state:
        machine.known_devices[name] = state
        machine.about_device(name, state)
