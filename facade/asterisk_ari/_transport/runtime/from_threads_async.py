"""Access to the event loop of an asynchronous client from threads."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari.errors import WrongEventLoop

if TYPE_CHECKING:
    import asyncio

    from asterisk_ari._transport.runtime.runtime_async import EventLoopBinding

T = TypeVar("T")


class _Bound(Protocol):
    """An object that is bound to an event loop once it is connected."""

    @property
    def loop(self) -> EventLoopBinding:
        """The event loop."""


class _Client(Protocol):
    """The client that these methods are part of."""

    @property
    def rest(self) -> _Bound:
        """The object that sends the requests."""


@methods_tell_spellings
class FromThreads:
    """Access to the event loop for handlers that are plain functions: they run in threads."""

    @property
    def loop(self: _Client) -> asyncio.AbstractEventLoop:
        """The event loop in which the client is connected, for `loop.call_soon_threadsafe(…)` from threads.

        Raises:
            NotConnected: before `connect()` and after `disconnect()`.

        Example:
            >>> ari.loop.call_soon_threadsafe(queue.put_nowait, event)
        """
        return self.rest.loop.event_loop

    def from_thread(self: _Client, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the client's event loop and wait for its result: for use in a plain handler, which runs in a thread.

        Args:
            coroutine: the coroutine to run, such as `channel.answer()`.

        Returns:
            Its result.

        Raises:
            WrongEventLoop: called in the event loop itself, where the coroutine must be awaited instead.
            NotConnected: before `connect()` and after `disconnect()`.

        Example:
            >>> def typed(event: ChannelDtmfReceived) -> None:
            ...     ari.from_thread(ari.channels(event.channel_id).hangup())
            >>> ari.on(ChannelDtmfReceived, typed)
        """
        import asyncio  # imported only when needed: `import asterisk_ari` must stay cheap

        try:
            loop = self.rest.loop.event_loop
            if asyncio._get_running_loop() is loop:
                raise WrongEventLoop(
                    "from_thread() was called in the event loop itself, which cannot go on while it waits",
                    remedy="await the coroutine",
                )
        except BaseException:
            coroutine.close()  # it was never started, which Python would warn about
            raise
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()
