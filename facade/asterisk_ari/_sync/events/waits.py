# Made from events/waits.py by scripts/unasync.py: edit that file.
"""Waits that need more than one event, as functions of a hub; called by the handles.

If a request causes the event, create the waiter first (`hub.expect(…)`), then send the request, then wait: an event that arrives
before the response is not missed. `waiter=None` is for waits that start later; the ends of objects are remembered.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from asterisk_ari._core.calls.digits import DigitCollector, Digits
from asterisk_ari._core.events.event_types import DIGIT
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._sync.events.hub import EventHub
from asterisk_ari._sync.events.waiters import Waiter
from asterisk_ari._transport.runtime.client_clock import monotonic
from asterisk_ari.errors import EventStreamLost, ObjectGone, WaitTimeout
from asterisk_ari.events import Event

if TYPE_CHECKING:
    from ari_rest.json_shapes import ChannelJson
    from asterisk_ari.events import ChannelDestroyed, PlaybackFinished, RecordingFailed, RecordingFinished

Fetch = Callable[[], "ChannelJson | None"]
"""Asks the server for a channel's JSON; None when the channel does not exist."""

Keep = Callable[[Event], None]
"""Called with each event that a wait gives, or that ended it."""

# The server may report nothing of a channel that is not in our apps: then it is asked, ever more rarely. After StasisEnd,
# ChannelDestroyed follows at once or not at all.
_ASK_AFTER_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 8.0

PLAYBACK_ENDS = ("PlaybackFinished",)
RECORDING_ENDS = ("RecordingFinished", "RecordingFailed")


class _ChannelEvents:
    """Waits for the events of a channel, with an overall time limit; `awaited` describes what did not arrive in time."""

    def __init__(self, hub: EventHub, channel_id: str, waiter: Waiter[Any], timeout_seconds: float | None, awaited: str) -> None:
        self._hub = hub
        self._channel_id = channel_id
        self._waiter = waiter
        self._deadline = None if timeout_seconds is None else monotonic() + timeout_seconds
        self._too_late = WaitTimeout(f"channel {channel_id} {awaited} within {timeout_seconds or 0:g} s")
        self._pause = _ASK_AFTER_SECONDS
        self._is_over = False

    def next(self) -> Event | None:
        """Wait for the next event; None when the server is to be asked instead, since it may report none.

        Raises:
            WaitTimeout: the time is over, and the server has been asked once more.
            ObjectGone: the channel ended first.
            EventStreamLost: the connection was lost in the meantime.
        """
        if self._is_over:
            raise self._too_late
        left = None if self._deadline is None else self._deadline - monotonic()
        is_told = self._hub.in_stasis(self._channel_id)
        is_last = left is not None and (is_told or left <= self._pause)
        try:
            return cast(Event, self._waiter.result(left if is_told or is_last else self._pause))
        except WaitTimeout:
            self._is_over = is_last
            self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
            return None


def _gone(hub: EventHub, channel_id: str) -> ObjectGone:
    """The error for a wait on a channel the server no longer knows; if it was in one of our apps, its end event is on the way."""
    with hub.expect("StasisEnd", about=("channel", channel_id)) as left:
        if hub.in_stasis(channel_id):
            with suppress(WaitTimeout, ObjectGone, EventStreamLost):
                left.result(_ASK_AFTER_SECONDS)
    return hub.gone(channel_id)


def wait_until_in_stasis(
    hub: EventHub, channel_id: str, timeout_seconds: float | None, fetch: Fetch, keep: Keep | None = None
) -> "ChannelJson":
    """Wait until a channel is in one of our apps, and return its JSON. The channel may be created after the wait has started.

    Raises:
        WaitTimeout: it did not enter in time.
        ObjectGone: it ended first.
        EventStreamLost: the connection was lost in the meantime.
    """
    with hub.expect("StasisStart", about=("channel", channel_id), keep=keep) as waiter:
        events = _ChannelEvents(hub, channel_id, waiter, timeout_seconds, "did not enter the app")
        was_there = False
        while not hub.in_stasis(channel_id):
            if hub.hangup_of(channel_id) is not None:
                raise _gone(hub, channel_id)
            if (event := events.next()) is not None:
                return cast("ChannelJson", event["channel"])
            if fetch() is not None:
                was_there = True
            elif was_there or hub.has_left(channel_id):
                raise _gone(hub, channel_id)
        if (channel := fetch()) is None:
            raise _gone(hub, channel_id)
        return channel


def wait_until_up(
    hub: EventHub, channel_id: str, timeout_seconds: float | None, fetch: Fetch, keep: Keep | None = None
) -> "ChannelJson":
    """Wait until a channel is up (answered), and return its JSON.

    Raises:
        WaitTimeout: it was not answered in time.
        ObjectGone: it ended first.
        EventStreamLost: the connection was lost in the meantime.
    """
    types = ("ChannelStateChange", "StasisStart", "StasisEnd")
    with hub.expect(types, about=("channel", channel_id), keep=keep) as waiter:
        events = _ChannelEvents(hub, channel_id, waiter, timeout_seconds, "was not answered")
        channel = fetch()
        while channel is not None and channel.get("state") != "Up":
            if hub.hangup_of(channel_id) is not None and not hub.in_stasis(channel_id):
                raise _gone(hub, channel_id)
            event = events.next()
            # It may be answered outside of our apps, too.
            channel = fetch() if event is None or event.type == "StasisEnd" else event["channel"]
        if channel is None:
            raise _gone(hub, channel_id)
        return channel


def wait_until_gone(
    hub: EventHub, channel_id: str, timeout_seconds: float | None, fetch: Fetch, keep: Keep | None = None
) -> "ChannelDestroyed | None":
    """Wait until a channel has ended, and return the event that said so; None if no event did.

    Raises:
        WaitTimeout: it has not ended in time.
        EventStreamLost: the connection was lost in the meantime.
    """
    with hub.expect(("ChannelDestroyed", "StasisEnd"), about=("channel", channel_id), keep=keep) as waiter:
        events = _ChannelEvents(hub, channel_id, waiter, timeout_seconds, "has not ended")
        event: Event | None = None
        while event is not None or fetch() is not None or hub.has_ended(("channel", channel_id)):
            try:
                event = events.next()
            except ObjectGone as gone:
                return cast("ChannelDestroyed | None", gone.event)
            if event is not None and event.type == "ChannelDestroyed":
                return cast("ChannelDestroyed", event)
        return None


def wait_playback(
    hub: EventHub,
    playback_id: str,
    timeout_seconds: float | None,
    *,
    waiter: "Waiter[PlaybackFinished] | None" = None,
    owner: Subject | None = None,
    keep: Keep | None = None,
) -> "PlaybackFinished":
    """Wait for PlaybackFinished, and return it: its `playback["state"]` says "done" or "failed".

    Some servers never report the end of media they could not play: set a time limit.

    Raises:
        WaitTimeout: nothing was reported in time.
        ObjectGone: the channel ended without a PlaybackFinished.
        EventStreamLost: the connection was lost in the meantime.
    """
    with waiter or hub.expect(PLAYBACK_ENDS, about=("playback", playback_id), owner=owner, keep=keep) as listening:
        return listening.result(timeout_seconds)


def wait_recording(
    hub: EventHub,
    name: str,
    timeout_seconds: float | None,
    *,
    waiter: "Waiter[RecordingFinished | RecordingFailed] | None" = None,
    owner: Subject | None = None,
    keep: Keep | None = None,
) -> "RecordingFinished | RecordingFailed":
    """Wait for RecordingFinished or RecordingFailed, and return it.

    Names may be used again: `hub.forget_end(("recording", name))` before a new recording.

    Raises:
        WaitTimeout: nothing was reported in time.
        ObjectGone: the channel ended, and neither came.
        EventStreamLost: the connection was lost in the meantime.
    """
    with waiter or hub.expect(RECORDING_ENDS, about=("recording", name), owner=owner, keep=keep) as listening:
        return listening.result(timeout_seconds)


def collect_digits(
    hub: EventHub,
    channel_id: str,
    fetch: Fetch,
    *,
    max_digits: int | None = None,
    first_seconds: float = 10.0,
    next_seconds: float = 5.0,
    terminator: str = "#",
    type_ahead: bool = True,
    waiter: Waiter[Any] | None = None,
    keep: Keep | None = None,
    clock: Callable[[], float] = monotonic,
) -> Digits:
    """Collect what a caller types, from the moment of the call (or since `waiter` for ChannelDtmfReceived was made).

    Args:
        max_digits: done after so many; None: no limit.
        first_seconds: how long to wait for the first digit.
        next_seconds: how long to wait for each further one.
        terminator: digits that end the entry, "" for none.
        type_ahead: begin with the digits that were typed before and nobody took; False forgets them.

    One that is cancelled, or interrupted, gives back what it has taken: the next collection begins with it.

    Returns:
        The digits, and why there are no more. A caller who hangs up is a result as well: reason "gone".

    Raises:
        ObjectGone: nothing is known of such a channel, here or on the server.
        EventStreamLost: the connection was lost in the meantime.
    """
    if not type_ahead:
        hub.clear_digits(channel_id)
    listening = waiter or hub.expect(DIGIT, about=("channel", channel_id), typed_ahead=type_ahead, keep=keep)
    taken: list[Any] = []
    try:
        if not (hub.in_stasis(channel_id) or hub.has_left(channel_id)) and fetch() is None:
            raise _gone(hub, channel_id)
        collector = DigitCollector(max_digits, first_seconds, next_seconds, terminator, clock())
        while True:
            try:
                event = listening.result(max(0.0, collector.deadline - clock()))
            except WaitTimeout:
                digits: Digits | None = collector.timed_out()
            except ObjectGone:
                digits = collector.gone()
            else:
                taken.append(event)
                digits = collector.add(event["digit"], clock())
            if digits is not None:
                taken.clear()
                return digits
    finally:
        hub.end_digits(listening, channel_id, taken)
