# Made from _async/waits.py by scripts/unasync.py: edit that file.
"""Waits that take more than one event, as functions of a hub: handles call them.

Wherever a request causes the event, make the waiter first (`hub.expect(…)`), then send the request, then wait: what
comes before the answer is not missed. `waiter=None` is for waits that begin later; ends that were seen are remembered.
"""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from asterisk_ari._core.digits import DigitCollector, Digits
from asterisk_ari._core.matching import Subject
from asterisk_ari._sync.event_hub import EventHub
from asterisk_ari._sync.waiters import Waiter
from asterisk_ari.errors import ObjectGone, WaitTimeout
from asterisk_ari.events import Event

Fetch = Callable[[], Mapping[str, Any] | None]
"""Asks the server for a channel's JSON; None when it has none."""

# After StasisEnd, ChannelDestroyed follows at once or not at all: then the server is asked, ever more rarely.
_DESTROYED_SECONDS = 0.5
_ASKING_SECONDS = 8.0

PLAYBACK_ENDS = ("PlaybackFinished",)
RECORDING_ENDS = ("RecordingFinished", "RecordingFailed")


def wait_until_in_stasis(hub: EventHub, channel_id: str, timeout_seconds: float | None) -> None:
    """Wait until a channel is in one of our apps.

    Raises:
        WaitTimeout: it did not come in time.
        ObjectGone: it was destroyed first.
        EventStreamLost: the connection broke meanwhile.
    """
    with hub.expect("StasisStart", about=("channel", channel_id)) as waiter:
        if not hub.in_stasis(channel_id):
            waiter.result(timeout_seconds)


def wait_until_up(hub: EventHub, channel_id: str, timeout_seconds: float | None, fetch: Fetch) -> None:
    """Wait until a channel is up (answered).

    Raises:
        WaitTimeout: it was not answered in time.
        ObjectGone: it ended first.
        EventStreamLost: the connection broke meanwhile.
    """

    def is_up(event: Event) -> bool:
        state: object = event["channel"].get("state")
        return state == "Up"

    types = ("ChannelStateChange", "StasisStart")
    with hub.expect(types, about=("channel", channel_id), match=is_up) as waiter:
        channel = fetch()
        if channel is None:
            raise ObjectGone(f"channel {channel_id} has ended")
        if channel.get("state") != "Up":
            waiter.result(timeout_seconds)


def wait_until_gone(hub: EventHub, channel_id: str, timeout_seconds: float | None, fetch: Fetch) -> Event | None:
    """Wait until a channel has ended, and give the event that said so, where one did.

    A channel that is not in our apps may end unheard, so the server is asked now and then.

    Raises:
        WaitTimeout: it lives on.
        EventStreamLost: the connection broke meanwhile.
    """
    deadline = None if timeout_seconds is None else monotonic() + timeout_seconds
    pause = _DESTROYED_SECONDS
    with hub.expect(("ChannelDestroyed", "StasisEnd"), about=("channel", channel_id)) as waiter:
        if fetch() is None and not hub.has_ended(channel_id):
            return None
        while True:
            left = None if deadline is None else deadline - monotonic()
            asking = not hub.in_stasis(channel_id)
            paused = asking and (left is None or pause < left)
            try:
                event = waiter.result(pause if paused else left)
            except ObjectGone as gone:
                return gone.event if isinstance(gone.event, Event) else None
            except WaitTimeout:
                if asking and fetch() is None and not hub.has_ended(channel_id):
                    return None
                if not paused:
                    raise
                pause = min(2 * pause, _ASKING_SECONDS)
                continue
            if event.type == "ChannelDestroyed":
                return event


def wait_playback(
    hub: EventHub,
    playback_id: str,
    timeout_seconds: float | None,
    *,
    waiter: Waiter | None = None,
    owner: Subject | None = None,
) -> Event:
    """Wait for PlaybackFinished, and give it: its `playback["state"]` says "done" or "failed".

    Some servers never report the end of what they could not play: give a time limit.

    Raises:
        WaitTimeout: nothing was reported in time.
        ObjectGone: the channel ended, and no PlaybackFinished came.
        EventStreamLost: the connection broke meanwhile.
    """
    with waiter or hub.expect(PLAYBACK_ENDS, about=("playback", playback_id), owner=owner) as listening:
        return listening.result(timeout_seconds)


def wait_recording(
    hub: EventHub,
    name: str,
    timeout_seconds: float | None,
    *,
    waiter: Waiter | None = None,
    owner: Subject | None = None,
) -> Event:
    """Wait for RecordingFinished or RecordingFailed, and give it.

    Names may be used again: `hub.forget(("recording", name))` before a new recording.

    Raises:
        WaitTimeout: nothing was reported in time.
        ObjectGone: the channel ended, and neither came.
        EventStreamLost: the connection broke meanwhile.
    """
    with waiter or hub.expect(RECORDING_ENDS, about=("recording", name), owner=owner) as listening:
        return listening.result(timeout_seconds)


def collect_digits(
    hub: EventHub,
    channel_id: str,
    *,
    max_digits: int | None = None,
    first_seconds: float = 10.0,
    next_seconds: float = 5.0,
    terminator: str = "#",
    waiter: Waiter | None = None,
    clock: Callable[[], float] = monotonic,
) -> Digits:
    """Collect what a caller types, from the moment of the call (or since `waiter` for ChannelDtmfReceived was made).

    Args:
        max_digits: done after so many; None: no limit.
        first_seconds: how long to wait for the first digit.
        next_seconds: how long to wait for each further one.
        terminator: digits that end the entry, "" for none.

    Returns:
        The digits, and why there are no more. A caller who hangs up is a result as well: reason "gone".

    Raises:
        EventStreamLost: the connection broke meanwhile.
    """
    with waiter or hub.expect("ChannelDtmfReceived", about=("channel", channel_id)) as listening:
        collector = DigitCollector(max_digits, first_seconds, next_seconds, terminator, clock())
        while True:
            try:
                event = listening.result(max(0.0, collector.deadline - clock()))
            except WaitTimeout:
                return collector.timed_out()
            except ObjectGone:
                return collector.gone()
            if (digits := collector.add(event["digit"], clock())) is not None:
                return digits
