"""Programs for incoming calls: one task (or thread) per call, which ends with it."""

import logging
import weakref
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from asterisk_ari._async.calls.call import Call
from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.resources.channels import Channel
from asterisk_ari._core.calls.programs import Entrance, read_entrance, takes
from asterisk_ari._core.media.legs import MEDIA_LEGS
from asterisk_ari._text import printable
from asterisk_ari._transport.runtime.interruptible_async import Interruptible, check_program
from asterisk_ari.errors import CallEnded, NotConnected
from asterisk_ari.events import StasisStart

_log = logging.getLogger("asterisk_ari")

F = TypeVar("F", bound=Callable[[Call], Awaitable[Any]])
"""A function that is called for each call, with the call."""

Run = Callable[[ClientConnection, Callable[[Call], Awaitable[Any]], StasisStart], Awaitable[None]]
"""Runs a program for a call that has entered."""


class Programs:
    """The programs of one client, to which it keeps only a weak reference."""

    def __init__(self, ari: ClientConnection) -> None:
        self._client = weakref.ref(ari)
        self._entrances: list[Entrance] = []

    def add(self, app: Any, args: Any, body: Callable[[Call], Awaitable[Any]], run: Run | None = None) -> None:
        """Run a program for each call that enters from now on, or that entered before any program was registered.

        Args:
            app, args: which calls it takes.
            body: the program.
            run: runs it for one call; None means `run_program`.

        Raises:
            BadArgument: it is not a program, or another one already takes these calls.
        """
        ari = self._client()
        if ari is None:
            return
        check_program(body)
        entrance = read_entrance(app, args, ari.settings.all_apps, self._entrances)
        self._entrances.append(entrance)
        registration = ari.hub.register(
            "StasisStart", body, ordered=False, call=partial(self._enter, entrance, run or run_program)
        )
        ari.hub.replay_unhandled_starts(registration, lambda start: takes(entrance, self._entrances, start))

    async def _enter(self, entrance: Entrance, run: Run, body: Callable[[Call], Awaitable[Any]], event: StasisStart) -> None:
        """Run the program for a call that has entered, if it takes the call."""
        if event.channel_id.startswith(MEDIA_LEGS):
            return  # not a call but the leg of an audio stream
        ari = self._client()
        if ari is None or ari.hub.is_placed(event.channel_id):
            return
        if takes(entrance, self._entrances, event):
            await run(ari, body, event)
        elif entrance is self._entrances[0] and self._is_lost(ari, event):
            place = f"app {event['application']} with arguments {event.get('args')}"
            _log.warning("call %s has entered %s, but no program is registered for it", event.channel_id, printable(place))

    def _is_lost(self, ari: ClientConnection, event: StasisStart) -> bool:
        """Whether no program and no handler takes a call."""
        no_handler = ari.hub.handlers_of("StasisStart") <= len(self._entrances)
        return no_handler and not any(entrance.fits(event) for entrance in self._entrances)


async def run_program(
    ari: ClientConnection, body: Callable[[Call], Awaitable[Any]], event: StasisStart, call: Call | None = None
) -> None:
    """Run a program for one call, and hang it up afterwards, unless it is gone or the client stops.

    Args:
        ari: the client.
        body: the program.
        event: the call's StasisStart.
        call: passed to the program; None makes a `Call` of the channel.
    """
    channel = Channel.of(ari, event["channel"])
    work = Interruptible()
    call = call or Call(ari, channel)
    watch = ari.hub.watch_end(channel.id, work.interrupt, app=event["application"])
    call._enter_program(event, work, watch)
    async with call:
        try:
            await work.run(partial(body, call))
        except BaseException as error:
            if isinstance(error, NotConnected) or not isinstance(error, Exception):
                call.release()  # the client is stopping and decides what happens to the channel
            if not _is_end(error, channel.id):
                raise
            end = ari.hub.end_of_call(channel.id)
            _log.info("%s, during %s", end.message if end is not None else error, getattr(body, "__qualname__", repr(body)))
        finally:
            watch.close()
            if ari.hub.end_of_call(channel.id) is not None:
                call.release()


def _is_end(error: BaseException, call_id: str) -> bool:
    """Whether an exception of a program only means that its call has ended."""
    if isinstance(error, BaseExceptionGroup):
        return all(_is_end(one, call_id) for one in error.exceptions)
    return isinstance(error, CallEnded) and error.call_id == call_id
