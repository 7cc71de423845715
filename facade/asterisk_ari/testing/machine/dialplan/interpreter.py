"""Executes the dialplan: one application after the other on each channel."""

import logging

from asterisk_ari.testing.machine.calls import hangup
from asterisk_ari.testing.machine.dialplan.applications import APPLICATIONS
from asterisk_ari.testing.machine.dialplan.places import UNTIL_CONTINUED, Pause
from asterisk_ari.testing.machine.signalling.channel_events import set_dialplan_application
from asterisk_ari.testing.machine.signalling.variables import expand
from asterisk_ari.testing.machine.stasis import applications
from asterisk_ari.testing.machine.stasis.arguments import split_arguments
from asterisk_ari.testing.machine.state.channels import Place, ServerChannel
from asterisk_ari.testing.machine.state.dialplan import DialplanStep
from asterisk_ari.testing.machine.state.machine import Machine

_log = logging.getLogger("asterisk_ari.testing")
MAX_STEPS = 2000
"""A dialplan without waits in a loop ends the call after so many steps."""


class DialplanInterpreter:
    """Executes the dialplan of a machine; it has no state of its own."""

    def start(self, machine: Machine, channel: ServerChannel, place: Place, has_pbx: bool = True) -> None:
        """Execute the dialplan from a place on."""
        if channel.has_ended:
            return
        channel.is_in_dialplan = True
        channel.has_pbx = has_pbx
        channel.context, channel.exten, channel.priority = place
        self._run(machine, channel)

    def next(self, machine: Machine, channel: ServerChannel) -> None:
        """The current application is done: execute the next priority."""
        channel.dialplan_timer = None
        channel.priority += 1
        self._run(machine, channel)

    def _run(self, machine: Machine, channel: ServerChannel) -> None:
        for _ in range(MAX_STEPS):
            if channel.has_ended:
                return
            step = machine.dialplan.step(channel.context, channel.exten, channel.priority)
            if step is None:
                break
            pause_seconds = self._execute(machine, channel, step)
            if pause_seconds is not None:
                if pause_seconds != UNTIL_CONTINUED:
                    channel.dialplan_timer = machine.timers.after(pause_seconds, lambda: self.next(machine, channel))
                return
            channel.priority += 1
        if machine.has("stasis_end_at_old_place") and channel.shown_place is not None:
            channel.missing_place = (channel.context, channel.exten, channel.priority)
            channel.context, channel.exten, channel.priority = channel.shown_place
        hangup.end(machine, channel)

    def _execute(self, machine: Machine, channel: ServerChannel, step: DialplanStep) -> Pause:
        data = expand(machine, channel, step.data)
        set_dialplan_application(machine, channel, step.application, data)
        application = APPLICATIONS.get(step.application.lower())
        if application is None:
            where = f"line {step.line}, " if step.line else ""
            place = f"{channel.context},{channel.exten},{channel.priority}"
            _log.warning("the dialplan application %s does nothing here (%s%s): %s", step.application, where, place, step)
            return None
        return application(machine, channel, data)

    def run_hangup_extension(self, machine: Machine, channel: ServerChannel) -> None:
        """Execute extension `h` for a channel that has ended: applications that need a call fail at once."""
        if not machine.dialplan.exists(channel.context, "h", 1):
            return
        channel.exten, channel.priority = "h", 1
        while (step := machine.dialplan.step(channel.context, channel.exten, channel.priority)) is not None:
            data = expand(machine, channel, step.data)
            set_dialplan_application(machine, channel, step.application, data)
            name = step.application.lower()
            if name == "stasis":
                if not self._enter_and_leave(machine, channel, data):
                    break
            elif name in {"set", "userevent"}:
                APPLICATIONS[name](machine, channel, data)
            elif name == "hangup":
                channel.cause = int(data) if data.isdigit() else channel.cause or 16
                break
            elif name not in {"noop", "verbose"}:
                break
            channel.priority += 1

    def _enter_and_leave(self, machine: Machine, channel: ServerChannel, data: str) -> bool:
        applications.set_status(machine, channel, "")
        name, *args = split_arguments(data)
        if applications.enter(machine, channel, name, args):
            applications.leave(machine, channel, by_hangup=True)
            applications.set_status(machine, channel, "SUCCESS")
            return True
        applications.set_status(machine, channel, "FAILED")
        return False
