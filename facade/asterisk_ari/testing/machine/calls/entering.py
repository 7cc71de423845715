"""Calls enter applications: those of programs that are connected, or over a WebSocket that is opened for the call."""

from collections.abc import Callable

from asterisk_ari.testing.machine.calls import hangup
from asterisk_ari.testing.machine.stasis import applications, outbound
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.outbound import OutboundSession

LOOK_SECONDS = 0.5
"""How often a call looks for the WebSocket that is opened for it."""


def enter(
    machine: Machine,
    channel: ServerChannel,
    name: str,
    args: list[str],
    on_failure: Callable[[], None],
    *,
    is_by_dialplan: bool = False,
) -> bool:
    """Put a call into an application, now or once its WebSocket is open.

    Args:
        machine: the server.
        channel: the call.
        name: of the application.
        args: those of Stasis().
        on_failure: called where its WebSocket is not opened, or is lost for good later.
        is_by_dialplan: whether the dialplan goes on afterwards.

    Returns:
        False when it cannot enter.
    """
    applications.set_status(machine, channel, "")
    if applications.enter(machine, channel, name, args, is_by_dialplan=is_by_dialplan):
        return True
    config = machine.outbound.for_each_call(name)
    if config is None:
        applications.set_status(machine, channel, "FAILED")
        return False
    session = OutboundSession(config, (f"{name}:{channel.name}",), channel, on_lost=on_failure)
    machine.outbound.of_calls[channel.id] = session
    outbound.start(machine, session)

    def look() -> None:
        if session.link is None and not session.is_over:
            sleep(machine, channel, LOOK_SECONDS, look)
        elif session.is_over:
            applications.set_status(machine, channel, "FAILED")
            if not _end_if_hung_up(machine, channel):
                on_failure()
        else:
            applications.enter(machine, channel, session.apps[0], args, is_by_dialplan=is_by_dialplan)
            _end_if_hung_up(machine, channel)

    sleep(machine, channel, LOOK_SECONDS, look)
    return True


def sleep(machine: Machine, channel: ServerChannel, seconds: float, then: Callable[[], None]) -> None:
    """Let the thread of a call sleep: it notices only then that it was hung up."""

    def wake() -> None:
        channel.is_asleep = False
        then()

    channel.is_asleep = True
    channel.dialplan_timer = machine.timers.after(seconds, wake)


def _end_if_hung_up(machine: Machine, channel: ServerChannel) -> bool:
    if channel.is_to_end:
        hangup.end(machine, channel)
    return channel.is_to_end
