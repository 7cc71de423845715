"""Channels on their way into this client's apps: requests that need them there wait.

The server responds that it has created a channel before the channel enters its app (StasisStart). Until then it refuses in-app
requests about it with 409 or 422.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from asterisk_ari._async.events.waiters import Waiter
from asterisk_ari._core.events.effects import NewChannel
from asterisk_ari._core.events.ends import end_of_channel
from asterisk_ari._core.events.router import Router
from asterisk_ari._core.reconnect.subscriptions import Subscriptions
from asterisk_ari._transport.runtime.client_clock import monotonic
from asterisk_ari.errors import EventStreamLost, ObjectGone, WaitTimeout
from asterisk_ari.events import StasisStart
from asterisk_ari.settings import Settings

log = logging.getLogger("asterisk_ari")

Exists = Callable[[str], Awaitable[bool]]
"""Asks the server whether a channel exists."""

# How long to wait for an event before asking the server whether the channel still exists, and the longest such pause.
_ASK_AFTER_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 8.0


class NewChannels:
    """Keeps track of the channels on their way into our apps, and waits for them.

    Args:
        settings: how long to wait.
        subscriptions: knows which apps are ours.
        router: tracks the channels by their events.
        expect: starts a wait for the StasisStart of a channel.
    """

    def __init__(
        self,
        settings: Settings,
        router: Router,
        subscriptions: Subscriptions,
        expect: Callable[[str], Waiter[StasisStart]],
    ) -> None:
        self._settings = settings
        self._router = router
        self._expect = expect
        self._subscriptions = subscriptions
        self._is_listening = False
        self.awaited: Mapping[str, str] = router.channels.awaited

    def start(self) -> None:
        """Track channels from now on: the event WebSocket is about to be opened."""
        self._is_listening = True

    def stop(self) -> None:
        """Stop tracking channels: the event WebSocket could not be opened."""
        self._is_listening = False

    def begin(self, new: NewChannel) -> bool:
        """Called before the request that creates a channel: note it as ours and, if it goes into one of our apps, as awaited.

        Returns:
            Whether it was not awaited already.
        """
        channel_id = new.channel_id
        if channel_id is None or not self._is_listening or channel_id in self.awaited:
            return False
        with self._router.lock:
            self._router.channels.place(channel_id)
            if self._is_ours(new):
                self._router.channels.expect(channel_id, new.app)
        return True

    def created(self, new: NewChannel, channel_id: object) -> None:
        """Called after the response that names a channel: await it, unless it has already entered."""
        if isinstance(channel_id, str) and new.channel_id is None:
            with self._router.lock:
                self._router.channels.place(channel_id)
            if self._is_ours(new):
                self.sent_into_dialplan(channel_id, new.app)

    def sent_into_dialplan(self, channel_id: str, app: str) -> None:
        """Await an existing channel, unless it has already entered."""
        if self._settings.stasis_timeout_seconds > 0:
            with self._router.lock:
                self._router.channels.expect_unless_known(channel_id, app)

    def not_created(self, new: NewChannel) -> None:
        """Forget a channel that the server refused to create."""
        with self._router.lock:
            self._router.channels.not_placed(new.channel_id or "")

    def take_over(self, channel_id: str) -> None:
        """Note a channel that another client created for this one: it is not a new call when it enters an app."""
        with self._router.lock:
            self._router.channels.place(channel_id)

    @property
    def are_turned_away(self) -> bool:
        """Whether the program is stopping: calls that enter our apps from now on are sent elsewhere."""
        return self._router.turns_away

    def _is_ours(self, new: NewChannel) -> bool:
        return self._is_listening and new.app in self._subscriptions.apps and self._settings.stasis_timeout_seconds > 0

    async def wait_until_entered(self, channel_ids: Sequence[str], exists: Exists) -> None:
        """Wait until those of these channels that are awaited have entered their apps.

        When the time limit is reached or the event stream is lost, the wait ends without an error: the server then decides.

        Raises:
            ObjectGone: a channel ended before it entered.
        """
        deadline = monotonic() + self._settings.stasis_timeout_seconds
        for channel_id in channel_ids:
            if channel_id in self.awaited:
                await self._wait(channel_id, deadline, exists)

    async def _wait(self, channel_id: str, deadline: float, exists: Exists) -> None:
        app = self.awaited.get(channel_id, "")
        with self._expect(channel_id) as entered:
            try:
                if channel_id in self.awaited:  # otherwise it has just entered
                    await self._entered(entered, channel_id, deadline, exists)
            except ObjectGone as gone:
                why = end_of_channel(gone.event)
                message = f"channel {channel_id} ended before it entered the app {app}" + (f": {why}" if why else "")
                raise ObjectGone(message, event=gone.event) from None
            except EventStreamLost as error:
                log.warning("it is unknown whether channel %s has entered the app %s: %s", channel_id, app, error)
                return  # the next request waits again
            except WaitTimeout:
                seconds = self._settings.stasis_timeout_seconds
                log.warning("channel %s did not enter the app %s within %g s", channel_id, app, seconds)
        self._router.channels.awaited.pop(channel_id, None)

    async def _entered(self, entered: Waiter[StasisStart], channel_id: str, deadline: float, exists: Exists) -> None:
        pause = _ASK_AFTER_SECONDS
        while True:
            left = deadline - monotonic()
            try:
                await entered.result(min(pause, left))
            except WaitTimeout:
                if left <= pause:
                    raise
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                if not await exists(channel_id):
                    raise ObjectGone(f"channel {channel_id} does not exist") from None
            else:
                return
