"""Runs the dialplan: one application after the other on each channel."""

from ..dialplan import Dialplan, Step
from . import ending, stasis
from .channel import Channel, Place
from .core import Machine
from .dialplan_apps import APPLICATIONS, FOREVER, Pause
from .signals import set_app
from .variables import expand

MAX_STEPS = 2000


class Pbx:
    """The dialplan and who is in it."""

    def __init__(self, machine: Machine, dialplan: Dialplan) -> None:
        self.machine = machine
        self.dialplan = dialplan

    def start(self, channel: Channel, place: Place, has_pbx: bool = True) -> None:
        """Run a channel from a place on."""
        if channel.gone:
            return
        channel.in_dialplan = True
        channel.has_pbx = has_pbx
        self.go(channel, place)

    def go(self, channel: Channel, place: Place) -> None:
        """Go to a place and run from there."""
        channel.context, channel.exten, channel.priority = place
        self._run(channel)

    def next(self, channel: Channel) -> None:
        """The present application is done: run the one after it."""
        channel.waiting = None
        channel.priority += 1
        self._run(channel)

    def _run(self, channel: Channel) -> None:
        for _ in range(MAX_STEPS):
            if channel.gone:
                return
            step = self.dialplan.step(channel.context, channel.exten, channel.priority)
            if step is None:
                break
            pause = self._do(channel, step)
            if pause is not None:
                if pause != FOREVER:
                    channel.waiting = self.machine.timers.after(pause, lambda: self.next(channel))
                return
            channel.priority += 1
        ending.end(self.machine, channel)

    def _do(self, channel: Channel, step: Step) -> Pause:
        data = expand(self.machine, channel, step.data)
        set_app(self.machine, channel, step.application, data)
        application = APPLICATIONS.get(step.application.lower())
        return None if application is None else application(self, channel, data)

    def run_hangup_extension(self, channel: Channel) -> None:
        """What the dialplan does for a channel that is over: applications that need the call fail at once."""
        if not self.dialplan.exists(channel.context, "h", 1):
            return
        channel.exten, channel.priority = "h", 1
        while (step := self.dialplan.step(channel.context, channel.exten, channel.priority)) is not None:
            data = expand(self.machine, channel, step.data)
            set_app(self.machine, channel, step.application, data)
            name = step.application.lower()
            if name == "stasis":
                if not self._pass_through(channel, data):
                    break
            elif name in {"set", "userevent"}:
                APPLICATIONS[name](self, channel, data)
            elif name not in {"noop", "verbose"}:
                break
            channel.priority += 1

    def _pass_through(self, channel: Channel, data: str) -> bool:
        stasis.status(self.machine, channel, "")
        name, *args = stasis.split_arguments(data)
        if stasis.enter(self.machine, channel, name, args):
            stasis.leave(self.machine, channel, by_hangup=True)
            stasis.status(self.machine, channel, "SUCCESS")
            return True
        stasis.status(self.machine, channel, "FAILED")
        return False
