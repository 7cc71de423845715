"""The channels in our apps, derived from events: which are in, which left recently, and on which connection that was learned."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from asterisk_ari.events import Event

MAX_AWAITED_CHANNELS = 4096
MAX_PLACED_CHANNELS = 65536
MAX_ENDED_PLACED_CHANNELS = 4096
MAX_TYPED_DIGITS = 64


@dataclass(slots=True)
class StasisChannel:
    """A channel in our apps: its last JSON, the apps it is in, and the connection of its last StasisStart.

    `typed` has the first digit events that nothing has consumed yet, in order; `taken` the last ones that a wait has returned.
    """

    json: dict[str, Any]
    apps: set[str]
    connection: int
    typed: list[Event | bytes] | None = None
    taken: list[Event] | None = None


class ChannelsInStasis:
    """The channels in our apps; a channel may be in two of them, and may be announced twice.

    `connection` counts the connections of the event WebSocket. From `begin_listing` to `end_listing`, while the server is asked
    for live channels, `left_during_listing` has the channels that left, so that an older listing does not bring them back.

    A channel that left our apps loses its subscription: its ChannelDestroyed may follow at once, or never arrive. `left_at` has
        the time of the last event about each of them.

    `hangups` has the ChannelHangupRequest of channels that were hung up in our apps; their ChannelDestroyed may never arrive.

    `awaited` has the channels on their way and the app that each will enter, from before its creation until it enters or ends.
    The most recent `MAX_AWAITED_CHANNELS` are remembered.

    Channels that this client created itself are not new calls (`is_placed`). The most recent `MAX_ENDED_PLACED_CHANNELS` are
    remembered beyond their end, since handlers of their StasisStart may run after it.

    Args:
        forget_after_seconds: how long after its last event a channel that left counts as gone.
    """

    def __init__(self, forget_after_seconds: float) -> None:
        self.known: dict[str, StasisChannel] = {}
        self.connection: int = 0
        self.left_during_listing: set[str] = set()
        self.left_at: dict[str, float] = {}
        self.hangups: dict[str, Event | bytes] = {}
        self.awaited: OrderedDict[str, str] = OrderedDict()
        self._placed: OrderedDict[str, None] = OrderedDict()
        self._placed_and_ended: OrderedDict[str, None] = OrderedDict()
        self._is_listing = False
        self._forget_after_seconds = forget_after_seconds

    def __contains__(self, channel_id: str) -> bool:
        return channel_id in self.known

    def __len__(self) -> int:
        return len(self.known)

    def begin_listing(self) -> None:
        """Count a new connection: its events are newer than the listing that is made now."""
        self.connection += 1
        self._is_listing = True
        self.left_during_listing.clear()

    def end_listing(self) -> None:
        """Forget what left during the listing, after the comparison."""
        self._is_listing = False
        self.left_during_listing.clear()

    def place(self, channel_id: str) -> None:
        """Record a channel that this client is creating."""
        self._placed[channel_id] = None
        if len(self._placed) > MAX_PLACED_CHANNELS:
            self._placed.popitem(last=False)

    def is_placed(self, channel_id: str) -> bool:
        """Whether this client has created a channel, which may have ended recently."""
        return channel_id in self._placed or channel_id in self._placed_and_ended

    def not_placed(self, channel_id: str) -> None:
        """Record that the server refused to create a channel."""
        self._placed.pop(channel_id, None)
        self.awaited.pop(channel_id, None)

    def _end_placed(self, channel_id: str) -> None:
        if channel_id in self._placed:
            del self._placed[channel_id]
            self._placed_and_ended[channel_id] = None
            if len(self._placed_and_ended) > MAX_ENDED_PLACED_CHANNELS:
                self._placed_and_ended.popitem(last=False)

    def expect(self, channel_id: str, app: str) -> None:
        """Expect a channel that is about to be created in an app of ours."""
        self.awaited[channel_id] = app
        if len(self.awaited) > MAX_AWAITED_CHANNELS:
            self.awaited.popitem(last=False)

    def expect_unless_known(self, channel_id: str, app: str) -> None:
        """Expect an existing channel, unless it has already entered."""
        if channel_id not in self.known and channel_id not in self.left_at:
            self.expect(channel_id, app)

    def entered(self, channel: dict[str, Any], app: str) -> None:
        """Record a StasisStart."""
        channel_id = channel["id"]
        known = self.known.get(channel_id)
        if known is None:
            self.known[channel_id] = StasisChannel(channel, {app}, self.connection)
        else:
            known.json = channel
            known.connection = self.connection
            known.apps.add(app)
        self.left_at.pop(channel_id, None)
        self.hangups.pop(channel_id, None)
        self.awaited.pop(channel_id, None)

    def hung_up(self, channel_id: str, event: Event | bytes) -> None:
        """Record a ChannelHangupRequest."""
        if channel_id in self.known:
            self.hangups[channel_id] = event

    def left(self, channel_id: str, app: str, now: float) -> None:
        """Record a StasisEnd."""
        if self._is_listing:
            self.left_during_listing.add(channel_id)
        known = self.known.get(channel_id)
        if known is not None:
            known.apps.discard(app)
            if known.apps:
                return
            del self.known[channel_id]
        self.left_at[channel_id] = now

    def forget_apps(self, apps: Collection[str]) -> list[str]:
        """Forget apps that no longer receive events, and return the channels that are, or were about to be, in no other app of
        ours."""
        awaited = [channel_id for channel_id, app in self.awaited.items() if app in apps]
        for channel_id in awaited:
            del self.awaited[channel_id]
        forgotten = [channel_id for channel_id, known in self.known.items() if known.apps <= set(apps)]
        for channel_id in forgotten:
            del self.known[channel_id]
        for known in self.known.values():
            known.apps.difference_update(apps)
        return list(dict.fromkeys([*forgotten, *(one for one in awaited if one not in self.known)]))

    def destroyed(self, channel_id: str) -> None:
        """Record a ChannelDestroyed."""
        if self._is_listing:
            self.left_during_listing.add(channel_id)
        self.known.pop(channel_id, None)
        self.left_at.pop(channel_id, None)
        self.hangups.pop(channel_id, None)
        self._end_placed(channel_id)
        self.awaited.pop(channel_id, None)

    def keep_typed(self, channel_id: str, event: Event | bytes) -> None:
        """Keep a digit for the next collection; at most `MAX_TYPED_DIGITS`."""
        if (known := self.known.get(channel_id)) is None:
            return
        if known.typed is None:
            known.typed = [event]
        elif len(known.typed) < MAX_TYPED_DIGITS:
            known.typed.append(event)

    def take_typed(self, channel_id: str) -> list[Event | bytes]:
        """Return the kept digits, and stop keeping them."""
        if (known := self.known.get(channel_id)) is None or known.typed is None:
            return []
        typed, known.typed = known.typed, None
        return typed

    def digit_taken(self, channel_id: str, event: Event) -> None:
        """Record that a digit was consumed, so that another wait that also received it does not put it back."""
        if (known := self.known.get(channel_id)) is not None:
            known.taken = [*(known.taken or ()), event][-MAX_TYPED_DIGITS:]

    def put_back_typed(self, channel_id: str, taken: list[Event], left: list[Event]) -> None:
        """Put back digits that a wait took but did not use, and those left over, ahead of later ones."""
        if (known := self.known.get(channel_id)) is None or not (taken or left):
            return
        others = {id(event) for event in known.taken or ()}
        back = [*taken, *(event for event in left if id(event) not in others)]
        known.typed = [*back, *(known.typed or ())][:MAX_TYPED_DIGITS]

    def heard_of(self, channel_id: str, now: float) -> None:
        """Record an event about a channel that may have left: an app is still subscribed to it."""
        if channel_id in self.left_at:
            self.left_at[channel_id] = now

    def forget_silent(self, now: float) -> list[str]:
        """Forget the channels that left and had no further event in time, and return their ids."""
        silent = [channel_id for channel_id, at in self.left_at.items() if now - at >= self._forget_after_seconds]
        for channel_id in silent:
            del self.left_at[channel_id]
            self.hangups.pop(channel_id, None)
            self._end_placed(channel_id)
        return silent
