"""A call as a scope: what was created in it is ended with it, in the right order, whatever is gone already."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from asterisk_ari._async.bridges import Bridge
from asterisk_ari._async.channels import Channel, Snoop
from asterisk_ari._async.playbacks import Playback
from asterisk_ari._async.recordings import LiveRecording
from asterisk_ari._core.ids import new_id
from asterisk_ari.errors import AriError, Conflict, NotConnected, NotFound, OutcomeUnknown

if TYPE_CHECKING:
    from asterisk_ari._async.resources import Resources

log = logging.getLogger("asterisk_ari")

ANSWER_TIMEOUT_SECONDS = 30.0

# Media first, so that nothing plays into a bridge that is being taken down; then bridges, then channels.
ORDER = ("playback", "recording", "bridge", "channel")


class CallScope:
    """Owns a channel and what is created through it; leaving the scope ends all of it.

    Playbacks are stopped, recordings stopped and kept, bridges destroyed, channels hung up, in this order and the
    youngest first. What has ended by itself is no error. `channel` is the call itself.

    Example:
        >>> async with ari.call("PJSIP/alice") as call:
        ...     bridge = await call.bridge()
        ...     await bridge.add_channel(call.channel.id)
    """

    def __init__(
        self,
        ari: "Resources",
        target: "str | Channel",
        *,
        answer_timeout_seconds: float = ANSWER_TIMEOUT_SECONDS,
        **originate: Any,
    ) -> None:
        self._ari = ari
        self._target = target
        self._timeout_seconds = answer_timeout_seconds
        self._originate = originate
        self._owned: list[tuple[str, str, Callable[[], Awaitable[None]]]] = []
        self._channel: Channel | None = None

    @property
    def channel(self) -> Channel:
        """The call itself."""
        if self._channel is None:
            raise NotConnected("the scope is not entered yet: use it in `with`")
        return self._channel

    async def __aenter__(self) -> Self:
        try:
            self._channel = (
                self._adopt(self._target)
                if isinstance(self._target, Channel)
                else await self.originate(self._target, **self._originate)
            )
        except BaseException:
            await self.end()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.end()

    async def originate(self, endpoint: str, **options: Any) -> Channel:
        """Call an endpoint, wait until it is in the app, and own the channel.

        Args:
            endpoint: `PJSIP/alice`.
            options: further arguments of `channels.originate`.

        Raises:
            WaitTimeout: nobody answered in time; the channel is hung up when the scope is left.
            ObjectGone: it was refused or hung up.

        Example:
            >>> async with ari.call("PJSIP/alice") as call:
            ...     bob = await call.originate("PJSIP/bob")
        """
        channel_id = str(options.pop("channel_id", None) or options.pop("channelId", None) or new_id("channel"))
        if not options.keys() & {"app", "context", "extension"}:
            options["app"] = self._ari.settings.app_name
        channel = self._ari.channels(channel_id)
        with self._ari.hub.expect("StasisStart", about=("channel", channel_id)) as entered:
            with self._owning("channel", channel_id, channel.hangup):
                channel.json = (await self._ari.channels.originate(endpoint, channel_id=channel_id, **options)).json
            channel.json = (await entered.result(self._timeout_seconds))["channel"]
        return channel

    async def bridge(self, **options: Any) -> Bridge:
        """Create a bridge and own it; arguments as for `Bridges.create`."""
        bridge_id = str(options.pop("bridge_id", None) or options.pop("bridgeId", None) or new_id("bridge"))
        with self._owning("bridge", bridge_id, self._ari.bridges(bridge_id).destroy):
            return await self._ari.bridges.create(bridge_id=bridge_id, **options)

    async def play(self, **options: Any) -> Playback:
        """Play to the call and own the playback; arguments as for `Channel.play`."""
        playback = await self.channel.play(**options)
        self._own("playback", playback.id, playback.stop)
        return playback

    async def record(self, **options: Any) -> LiveRecording:
        """Record the call and own the recording; arguments as for `Channel.record`."""
        recording = await self.channel.record(**options)
        self._own("recording", recording.id, recording.stop)
        return recording

    async def snoop(self, **options: Any) -> Snoop:
        """Snoop on the call and own the snoop channel; arguments as for `Channel.snoop`."""
        snoop = await self.channel.snoop(**options)
        self._own("channel", snoop.id, snoop.hangup)
        return snoop

    async def end(self) -> None:
        """End everything that is owned; called when the scope is left.

        Example:
            >>> await call.end()
        """
        owned, self._owned = self._owned, []
        for kind in ORDER:
            for _, name, finish in [item for item in reversed(owned) if item[0] == kind]:
                try:
                    await finish()
                except (NotFound, Conflict):
                    continue  # ended already, or about to
                except AriError as error:
                    log.warning("%s %s was not ended: %s", kind, name, error)

    def _adopt(self, channel: Channel) -> Channel:
        self._own("channel", channel.id, channel.hangup)
        return channel

    @contextmanager
    def _owning(self, kind: str, name: str, finish: Callable[[], Awaitable[None]]) -> Iterator[None]:
        """Own what is about to be created: a call that is cancelled or unanswered may have created it all the same."""
        mine = (kind, name, finish)
        self._owned.append(mine)
        try:
            yield
        except OutcomeUnknown:
            raise
        except Exception:
            self._owned.remove(mine)  # it did not: whatever has this id belongs to somebody else
            raise

    def _own(self, kind: str, name: str, finish: Callable[[], Awaitable[None]]) -> None:
        self._owned.append((kind, name, finish))
