"""New channels: Local pairs and endpoints; dialling them and what becomes of it."""

from collections.abc import Callable

from . import causes, stasis
from .application import add
from .bridge import Bridge
from .channel import Channel, Dialled
from .core import Machine
from .ending import end, hang_up
from .endpoint import Endpoint
from .signals import (
    caller_changed,
    connected_changed,
    created,
    destroyed,
    dial,
    hangup_requested,
    set_app,
    set_state,
    set_variable,
)

OUTGOING = "(Outgoing Line)"


def make(machine: Machine, technology: str, resource: str, identity: str, other_identity: str = "") -> Channel | None:
    """A channel to an endpoint, not dialled yet; None when Asterisk cannot allocate one."""
    if technology == "Local":
        return _make_local(machine, resource, identity, other_identity)
    if technology == "PJSIP":
        return _make_pjsip(machine, resource, identity)
    return None


def _make_local(machine: Machine, resource: str, identity: str, other_identity: str) -> Channel:
    exten, _, context = resource.partition("@")
    context = context.partition("/")[0] or "default"
    exten = exten or "s"
    name = f"Local/{exten}@{context}-{machine.count('name'):08x}"
    first_id = identity or machine.new_unique_id()
    if other_identity in machine.channels:
        other_identity = machine.new_unique_id()
    second_id = other_identity or (f"{identity};2" if identity else machine.new_unique_id())
    first = Channel(first_id, f"{name};1", "Local", "Down", context, exten, machine.now)
    second = Channel(second_id, f"{name};2", "Local", "Ring", context, exten, machine.now)
    first.other, second.other = second, first
    created(machine, first)
    created(machine, second)
    return first


def _make_pjsip(machine: Machine, resource: str, identity: str) -> Channel | None:
    name, _, _uri = resource.partition("/")
    endpoint = machine.endpoints.get(name)
    if "@" in name:  # PJSIP/number@trunk
        endpoint = machine.endpoints.get(name.partition("@")[2])
    if endpoint is None or (not endpoint.is_reachable and "/" not in resource):
        return None
    channel = Channel(
        identity or machine.new_unique_id(),
        f"PJSIP/{endpoint.resource}-{machine.count('PJSIP'):08x}",
        "PJSIP",
        "Down",
        endpoint.context,
        "s",
        machine.now,
        endpoint=endpoint,
    )
    created(machine, channel)
    channel.protocol_id = machine.new_uuid()  # its session begins only now
    return channel


def exists(machine: Machine, *identities: str) -> bool:
    """Whether a channel has one of these ids already."""
    return any(identity in machine.channels for identity in identities if identity)


def set_up(machine: Machine, channel: Channel, caller: dict[str, str] | None, variables: dict[str, str], app: str) -> None:
    """What originate gives a new channel before it is dialled."""
    channel.is_originated = True
    set_app(machine, channel, app, OUTGOING)
    if caller is not None:
        channel.caller.update(caller)
        caller_changed(machine, channel)
        channel.connected.update(caller)
        connected_changed(machine, channel)
    for name, value in variables.items():
        _preset(machine, channel, name, value)


def _preset(machine: Machine, channel: Channel, name: str, value: str) -> None:
    from .variables import write

    write(machine, channel, name, value)


def start(machine: Machine, channel: Channel, dialled: Dialled, timeout: float | None) -> None:
    """Dial it: the far half enters the dialplan, or the endpoint's script begins."""
    if channel.gone:
        return
    channel.dialled = dialled
    if channel.technology == "Local":
        if not _start_local(machine, channel):
            return
    elif channel.endpoint is not None:
        dial(machine, channel, "", dialled.dialstring, dialled.caller)
        _play_script(machine, channel, channel.endpoint)
    else:
        dial(machine, channel, "", dialled.dialstring, dialled.caller)
    if timeout is not None and channel.dialled is dialled:
        dialled.timer = machine.timers.after(timeout, lambda: _timed_out(machine, channel, dialled))


def _start_local(machine: Machine, first: Channel) -> bool:
    second, dialled = first.other, first.dialled
    if second is None or second.gone or dialled is None:
        return False
    if not machine.pbx.dialplan.exists(second.context, second.exten, 1):
        cause = 16 if first.session is not None else 0
        second.gone = True
        second.cause = first.cause = cause
        destroyed(machine, second)
        end(machine, first)
        return False
    for name, value in reversed(first.variables.items()):
        if name not in {"STASISSTATUS", "DIALEDPEERNUMBER"}:
            set_variable(machine, second, name, value)
    if any(first.caller.values()) or any(first.connected.values()):
        second.caller.update(first.connected)
        second.connected.update(first.caller)
        if any(first.connected.values()):
            caller_changed(machine, second)
        if any(first.caller.values()):
            connected_changed(machine, second)
    second.language = first.language
    dial(machine, first, "", dialled.dialstring, dialled.caller)
    place = (second.context, second.exten, 1)
    machine.timers.soon(lambda: machine.pbx.start(second, place))
    return True


def _play_script(machine: Machine, channel: Channel, endpoint: Endpoint) -> None:
    behaviour = endpoint.behaviour
    if behaviour in {"silent", "unreachable"}:
        return
    later = machine.timers.after

    def unless_over(action: Callable[[], None]) -> Callable[[], None]:
        return lambda: None if channel.gone or channel.dialled is None else action()

    later(endpoint.rings_after, unless_over(lambda: ringing(machine, channel)))
    if behaviour == "answers":
        later(endpoint.answers_after, unless_over(lambda: far_answers(machine, channel)))
    elif behaviour in {"busy", "refuses"}:
        cause = 17 if behaviour == "busy" else endpoint.cause
        later(endpoint.answers_after, unless_over(lambda: refused(machine, channel, cause)))


def refused(machine: Machine, channel: Channel, cause: int) -> None:
    """The far device says no."""
    channel.tech_cause = causes.SIP.get(cause, 603 if cause == 21 else 500)
    channel.cause = cause
    hangup_requested(machine, channel, cause)
    status = {17: "BUSY", 34: "CONGESTION", 42: "CONGESTION"}.get(cause, "NOANSWER")
    _told(machine, channel, status)
    machine.timers.soon(lambda: end(machine, channel))


def _told(machine: Machine, channel: Channel, status: str) -> None:
    dialled = channel.dialled
    if dialled is not None:
        dial(machine, channel, status, dialled.dialstring if dialled.repeats_dialstring else "", dialled.caller)


def ringing(machine: Machine, channel: Channel) -> None:
    """The far side rings."""
    if channel.state == "Down":
        set_state(machine, channel, "Ringing")
    _told(machine, channel, "RINGING")


def unavailable(machine: Machine, channel: Channel, status: str) -> None:
    """The far side is busy or congested; what that means is for who dials to say."""
    dialled = channel.dialled
    if dialled is not None:
        _told(machine, channel, status)
        dialled.failed(status)


def far_answers(machine: Machine, channel: Channel) -> None:
    """The far side answers."""
    dialled = channel.dialled
    set_state(machine, channel, "Up")
    if dialled is None:
        return
    if dialled.timer is not None:
        dialled.timer.cancel()
    _told(machine, channel, "ANSWER")
    channel.dialled = None
    if channel.endpoint is not None and channel.endpoint.says:
        from .talking import talk

        machine.timers.soon(lambda: talk(machine, channel, channel.endpoint.says if channel.endpoint else 0.0))
    machine.timers.soon(dialled.answered)


def _timed_out(machine: Machine, channel: Channel, dialled: Dialled) -> None:
    if channel.gone or channel.dialled is not dialled:
        return
    if channel.technology == "PJSIP":
        channel.tech_cause = 480
    if channel.session is not None:
        hang_up(machine, channel, 19 if machine.has("dial_timeout_is_19") else 16)
        return
    channel.cause = 19 if machine.has("no_answer_is_19") else 0
    dialled.failed("NOANSWER")


def answer(machine: Machine, channel: Channel) -> None:
    """We answer a call that came in; through a Local pair this reaches who dialled it."""
    if channel.state == "Up":
        return
    set_state(machine, channel, "Up")
    if channel.phone is not None:
        channel.phone.was_answered()
    other = channel.other
    if other is not None and not other.gone and other.state != "Up":
        far_answers(machine, other)


def ring(machine: Machine, channel: Channel) -> None:
    """We let a caller hear that it rings."""
    if channel.phone is not None:
        channel.phone.was_rung()
    other = channel.other
    if channel.state == "Ring" and other is not None and not other.gone and other.dialled is not None:
        ringing(machine, other)


def into_app(machine: Machine, channel: Channel, app: str, data: str, tells: bool) -> None:
    """A channel that originate or create made goes straight into an application."""
    if channel.gone:
        return
    set_app(machine, channel, "Stasis", data, tells)
    stasis.status(machine, channel, "")
    args = stasis.split_arguments(data)[1:]
    if not stasis.enter(machine, channel, app, args):
        stasis.status(machine, channel, "FAILED")
        channel.had_stasis = False
        channel.session = None
        end(machine, channel)


def new_basic_bridge(machine: Machine) -> Bridge:
    """The bridge of two channels that Dial() connects."""
    bridge = Bridge(machine.new_uuid(), "mixing", "", machine.now, creator="", bridge_class="basic")
    machine.bridges[bridge.id] = bridge
    machine.about_bridge("BridgeCreated", bridge)
    return bridge


def subscribe_to(machine: Machine, name: str, channel: Channel) -> None:
    """The application hears of the channel from now on, and until it is destroyed."""
    app = machine.apps.get(name)
    if app is not None:
        add(app.channels, channel.id)


def subscribe_to_pair(machine: Machine, name: str, channel: Channel) -> None:
    """The application hears of the channel and of its other half."""
    subscribe_to(machine, name, channel)
    if channel.other is not None:
        subscribe_to(machine, name, channel.other)
