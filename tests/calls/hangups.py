"""Hangs up at every moment of a flow: after each request that the server answers and each event that it sends.

Whatever a program waits for, it is one of these: so every await of it is cut short once.
"""

from collections.abc import Callable
from typing import Any

from asterisk_ari.errors import Conflict, NotFound, Unprocessable, WaitError
from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.machine.calls.hangup import hang_up_by_far_end
from asterisk_ari.testing.machine.media import dtmf

MOST_MOMENTS = 150
# Of a leg that hangs up before it is answered, for example.
EXPECTED = (WaitError, NotFound, Conflict, Unprocessable)

Script = dict[str, str]
"""What the caller types when something begins to be played, or to be recorded: {"sound:menu": "1", "recording": "#"}."""


class Moments:
    """Counts the moments of one call after the other; at one of them somebody hangs up.

    Args:
        asterisk: the server.
        script: what callers type.
    """

    def __init__(self, asterisk: EmbeddedAsterisk, script: Script) -> None:
        self._machine = asterisk.machine
        self._script = script
        self.count = 0
        self.victim: Callable[[], str | None] = lambda: None
        self.at = 0
        recorder = asterisk._server.recorder
        self._add_request, self._add_event = recorder.add_request, recorder.add_event
        recorder.add_request, recorder.add_event = self._request, self._event  # type: ignore[method-assign]

    def _request(self, request: Any, status: int) -> None:
        self._add_request(request, status)
        self._moment()

    def _event(self, event: dict[str, Any]) -> None:
        self._add_event(event)
        playback = event.get("playback", {})
        if event["type"] == "PlaybackStarted" and (keys := self._script.get(playback["media_uri"])):
            self._machine.timers.soon(lambda: self._press(playback["target_uri"].partition(":")[2], keys))
        if event["type"] == "RecordingStarted" and (keys := self._script.get("recording")):
            target = event["recording"]["target_uri"]
            self._machine.timers.soon(lambda: self._press(target.partition(":")[2], keys))
        self._moment()

    def _press(self, channel_id: str, keys: str) -> None:
        channel = self._machine.channels.get(channel_id)
        for key in keys if channel is not None else "":
            dtmf.receive(self._machine, channel, key, 100)

    def _moment(self) -> None:
        self.count += 1
        if self.count == self.at:
            self._machine.timers.soon(self._hang_up)

    def _hang_up(self) -> None:
        channel = self._machine.channels.get(self.victim() or "")
        if channel is not None and not channel.has_ended:
            hang_up_by_far_end(self._machine, channel, 16)


def hang_up_at_every_moment(world: Any, script: Script, who: str) -> int:
    """Call again and again, with one who hangs up a moment later each time: nothing is left, and nothing fails.

    Args:
        world: a server and a client, which runs a program for the calls.
        script: what callers type.
        who: "caller", "first leg" or "last leg".

    Returns:
        How many legs there were at once, as far as was seen.
    """
    moments = Moments(world.asterisk, script)
    machine = world.asterisk.machine
    at = ends = most = 0
    while at <= MOST_MOMENTS:
        caller: list[str] = []

        def victim(caller: list[str] = caller) -> str | None:
            nonlocal most
            first = caller or list(machine.channels)[:1]  # at the first moments `call_in` has not returned yet
            legs = [one for one in machine.channels if one not in first]
            most = max(most, len(legs))
            chosen = first if who == "caller" else legs if who == "first leg" else legs[::-1]
            return next(iter(chosen), None)

        world.asterisk.run_in_server(lambda at=at: (setattr(moments, "count", 0), setattr(moments, "at", at + 1)))
        moments.victim = victim
        phone = world.call_in()
        caller.append(phone.channel_id)
        world.until(lambda phone=phone: phone.ended)
        world.nothing_left()
        assert [error for error in world.errors if who == "caller" or not isinstance(error, EXPECTED)] == []
        world.errors.clear()
        ends += 1
        if moments.count <= at:
            break
        at += 1
    assert ends > 5
    return most
