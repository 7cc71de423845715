"""How the documented methods end: a result, or False/None where the call is simply gone."""

import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from asterisk_ari._async.connection import Connection
from asterisk_ari._core.stasis import channels_of
from asterisk_ari.errors import (
    AllocationFailed,
    AriDisabled,
    AriError,
    BadRequest,
    Conflict,
    EventStreamLost,
    InvalidState,
    NotFound,
    ResponseError,
    Unprocessable,
    WaitError,
)
from asterisk_ari.settings import Settings

log = logging.getLogger("asterisk_ari")

MAX_DIALPLAN_BOUND = 4096

GONE = (NotFound, Conflict, InvalidState, Unprocessable, AllocationFailed)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`done`, and the decoded result; not done: the error is in `last_error`."""

    done: bool
    json: Any = None


def is_gone(error: ResponseError) -> bool:
    """Whether the error only says that the call, bridge or recording is gone or not in a state for it."""
    if isinstance(error, BadRequest):
        # The server says 400 for an unknown channel here, and only here.
        return error.operation in ("bridges.addChannel", "bridges.removeChannel") and "not found" in error.reason.lower()
    return isinstance(error, GONE) and not isinstance(error, AriDisabled)


class Outcomes(Connection):
    """Base of the documented methods: makes a call and tolerates what has just ended."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        super().__init__(settings, **options)
        self.last_error: AriError | None = None
        """Why a documented method returned False or None most recently."""
        self._dialplan_bound: OrderedDict[str, None] = OrderedDict()

    async def _attempt(self, operation: str, /, **parameters: Any) -> Outcome:
        for channel_id in channels_of(operation, parameters):
            await self._wait_for_app(channel_id)
        try:
            return Outcome(True, await self.rest.call(operation, **parameters))
        except ResponseError as error:
            if self.settings.strict or not is_gone(error):
                raise
            self.last_error = error
            log.warning("%s", error)
            return Outcome(False)

    async def _quietly(self, operation: str, /, **parameters: Any) -> Any:
        """The result, or None where there is no such object: no failure, only a question."""
        try:
            return await self.rest.call(operation, **parameters)
        except NotFound as error:
            if isinstance(error, AriDisabled):
                raise
            return None

    async def _wait_for_app(self, channel_id: str) -> None:
        """Let a channel that this client sent into the dialplan reach the app before it is commanded there."""
        if channel_id not in self._dialplan_bound or self.settings.stasis_timeout_seconds <= 0:
            return
        with self.hub.expect("StasisStart", about=("channel", channel_id)) as waiter:
            try:
                if not self.hub.in_stasis(channel_id) and await self._exists(channel_id):
                    await waiter.result(self.settings.stasis_timeout_seconds)
            except (WaitError, EventStreamLost) as error:
                # The call that follows says what is wrong, in the server's words.
                log.warning("channel %s did not reach the app %s: %s", channel_id, self.settings.app_name, error)
                if isinstance(error, EventStreamLost):
                    return  # it may come yet: the next command waits again
            self._dialplan_bound.pop(channel_id, None)

    def _bound_for_dialplan(self, channel_id: str) -> None:
        """Remember a channel whose first command is to wait; most are never commanded, so the oldest are forgotten."""
        self._dialplan_bound[channel_id] = None
        if len(self._dialplan_bound) > MAX_DIALPLAN_BOUND:
            self._dialplan_bound.popitem(last=False)

    async def _exists(self, channel_id: str) -> bool:
        try:
            await self.rest.call("channels.get", channelId=channel_id)
        except NotFound:
            return False
        return True
