"""Hangs up at every moment of a flow: after each request that the server answers and each event that it sends.

Whatever a program waits for, it is one of these: so every await of it is cut short once.
"""

from collections import Counter
from typing import Any

from asterisk_ari.errors import Conflict, NotFound, Unprocessable, WaitError
from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.machine.calls.hangup import hang_up_by_far_end
from asterisk_ari.testing.machine.media import dtmf
from tests.calls.virtual_time import PassingTime

# Of a leg that hangs up before it is answered, for example.
EXPECTED = (WaitError, NotFound, Conflict, Unprocessable)

Script = dict[str, str]
"""What the caller types when something begins to be played, or recorded: {"sound:menu": "1", "recording": "#"}.

{"bridge": "hold"}: it puts the call on hold when it enters a bridge, and takes it off a moment later.
"""

WHO = ("caller", "first leg", "last leg")


class Moments:
    """Counts the moments of one call after the other; at one of them somebody hangs up.

    Args:
        asterisk: the server.
        script: what the caller does.
        hold_seconds: how long it is on hold.
    """

    def __init__(self, asterisk: EmbeddedAsterisk, script: Script, hold_seconds: float) -> None:
        self._machine = asterisk.machine
        self._script = script
        self._hold_seconds = hold_seconds
        self.count = 0
        self.legs: list[int] = []
        self._first = ""
        self._who = ""
        self._at = 0
        recorder = asterisk._server.recorder
        self._add_request, self._add_event = recorder.add_request, recorder.add_event
        recorder.add_request, recorder.add_event = self._request, self._event  # type: ignore[method-assign]

    def begin(self, who: str = "", at: int = 0) -> None:
        """The next call: who hangs up, and at which moment, counted from 1. Called in the thread of the server."""
        self.count = 0
        self.legs = []  # how many there were, beside the caller, at each moment
        self._first, self._who, self._at = "", who, at

    @property
    def _caller(self) -> str:
        """The channel of the caller, which is there first."""
        self._first = self._first or next(iter(self._machine.channels), "")
        return self._first

    def _request(self, request: Any, status: int, answer: Any = None) -> None:
        self._add_request(request, status, answer)
        self._moment()

    def _event(self, event: dict[str, Any]) -> None:
        self._add_event(event)
        if event["type"] == "PlaybackStarted":
            playback = event["playback"]
            self._act(playback["media_uri"], playback["target_uri"].partition(":")[2])
        elif event["type"] == "RecordingStarted":
            self._act("recording", event["recording"]["target_uri"].partition(":")[2])
        elif event["type"] == "ChannelEnteredBridge" and event["channel"]["id"] == self._caller:
            self._act("bridge", self._caller)
        self._moment()

    def _act(self, what: str, channel_id: str) -> None:
        if keys := self._script.get(what):
            act = self._hold if keys == "hold" else lambda one: self._press(one, keys)
            self._machine.timers.soon(lambda: act(channel_id))

    def _press(self, channel_id: str, keys: str) -> None:
        channel = self._machine.channels.get(channel_id)
        for key in keys:
            if channel is not None:
                dtmf.receive(self._machine, channel, key, 100)

    def _hold(self, channel_id: str, event: str = "ChannelHold") -> None:
        if (channel := self._machine.channels.get(channel_id)) is None or channel.has_ended:
            return
        self._machine.publish_channel_event(event, channel)
        if event == "ChannelHold":
            self._machine.timers.after(self._hold_seconds, lambda: self._hold(channel_id, "ChannelUnhold"))

    def _moment(self) -> None:
        self.count += 1
        caller = self._caller
        self.legs.append(len([one for one in list(self._machine.channels) if one != caller]))
        if self.count == self._at:
            self._machine.timers.soon(self._hang_up)

    def _hang_up(self) -> None:
        caller = self._caller
        legs = [one for one in list(self._machine.channels) if one != caller]
        chosen = {"caller": [caller], "first leg": legs, "last leg": legs[::-1]}[self._who]
        channel = self._machine.channels.get(chosen[0]) if chosen else None
        if channel is not None and not channel.has_ended:
            hang_up_by_far_end(self._machine, channel, 16)


class _Fuzz:
    """Runs the flow of a world again and again; each time somebody hangs up at another moment."""

    def __init__(self, world: Any, script: Script, hold_seconds: float, time: PassingTime) -> None:
        self._world = world
        self._time = time
        self._moments = Moments(world.asterisk, script, hold_seconds)

    def run(self, who: str = "", at: int = 0) -> list[int]:
        """One call, and how many legs there were at each of its moments. Nothing is left of it."""
        world, moments = self._world, self._moments
        world.asterisk.run_in_server(lambda: moments.begin(who, at))
        sent_before = len(world.asterisk.requests)
        self._time.is_running.set()
        phone = world.call_in()
        world.until(lambda: phone.ended)
        world.nothing_left()
        self._time.is_running.clear()
        assert [error for error in world.errors if who == "caller" or not isinstance(error, EXPECTED)] == []
        world.errors.clear()
        ended = Counter(request.path for request in world.asterisk.requests[sent_before:] if request.method == "DELETE")
        assert max(ended.values(), default=0) <= 2, ended  # what is gone is not ended again and again
        return moments.legs


def hang_up_at_every_moment(world: Any, script: Script, hold_seconds: float, time: PassingTime) -> None:
    """Call again and again, with one who hangs up a moment later each time: nothing is left, and nothing fails.

    Args:
        world: a server and a client, which runs a program for the calls.
        script: what callers do.
        hold_seconds: how long they are on hold.
        time: that of both.
    """
    fuzz = _Fuzz(world, script, hold_seconds, time)
    legs = fuzz.run()
    assert len(legs) > 5
    for number, who in enumerate(WHO):
        for at, count in enumerate(legs, 1):
            if count >= number:
                fuzz.run(who, at)
