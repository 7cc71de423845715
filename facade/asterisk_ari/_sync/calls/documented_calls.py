# Made from calls/documented_calls.py by scripts/unasync.py: edit that file.
"""REST calls with the results of the documented methods: an object that does not exist or is in the wrong state raises
nothing."""

import logging
from typing import Any

from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.rest import Rest
from asterisk_ari.errors import (
    AllocationFailed,
    AriDisabled,
    AriError,
    BadRequest,
    Conflict,
    InvalidState,
    NotFound,
    ObjectGone,
    ResponseError,
    TransportError,
    Unprocessable,
)

log = logging.getLogger("asterisk_ari")

NOT_ACCEPTED = object()
"""Stands for the result of a command that Asterisk did not accept."""


class DocumentedCalls:
    """Makes REST calls and returns expected failures as results, since a call may end at any moment."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.last_error: AriError | None = None

    @property
    def rest(self) -> Rest:
        """REST calls that raise on every failure."""
        return self._connection.rest

    @property
    def app_name(self) -> str:
        """The Stasis app of this client."""
        return self._connection.settings.app_name

    def accepted(self, operation: str, /, **parameters: Any) -> bool:
        """Make a call and tell whether Asterisk accepted it.

        Raises:
            AriError: any failure other than that the object does not exist or is in the wrong state.
        """
        return self._call(operation, parameters, "False") is not NOT_ACCEPTED

    def id_if_accepted(self, operation: str, id: str, /, **parameters: Any) -> str | None:
        """Make a call that creates an object, and return the object's id; None if Asterisk did not accept it.

        Raises:
            AriError: as `accepted`.
        """
        return None if self._call(operation, parameters, "None") is NOT_ACCEPTED else id

    def result(self, operation: str, /, **parameters: Any) -> Any:
        """Make a call and return its decoded result; None if Asterisk did not accept it.

        Raises:
            AriError: as `accepted`.
        """
        result = self._call(operation, parameters, "None")
        return None if result is NOT_ACCEPTED else result

    def result_if_found(self, operation: str, /, **parameters: Any) -> Any:
        """Make a call and return its decoded result; None, without a warning, if there is no such object."""
        try:
            return self.rest.call(operation, **parameters)
        except NotFound as error:
            if isinstance(error, AriDisabled):
                raise
            return None

    def expect_in_app(self, channel_id: str) -> None:
        """Make in-app commands for a channel wait: it was sent into the dialplan and is on its way to the app.

        The app is subscribed to the channel, so a wait also ends if the channel ends before it reaches the app.
        """
        if not self._connection.receives_events:
            return
        try:
            self.rest.call("applications.subscribe", applicationName=self.app_name, eventSource=[f"channel:{channel_id}"])
        except (ResponseError, TransportError):
            return  # the call is placed nevertheless: its channel has already ended (422), or the app is not connected (404)
        self._connection.hub.new_channels.sent_into_dialplan(channel_id, self.app_name)

    def _call(self, operation: str, parameters: dict[str, Any], returned: str) -> Any:
        try:
            return self.rest.call(operation, **parameters)
        except (ResponseError, ObjectGone) as error:
            if self._connection.settings.strict or not is_absent_or_in_wrong_state(error):
                raise
            self.last_error = error
            log.warning("%s; returned %s, see ari.last_error (strict=True raises it instead)", error, returned)
            return NOT_ACCEPTED


def is_absent_or_in_wrong_state(error: AriError) -> bool:
    """Whether an error only means that a channel, bridge or recording does not exist or is in the wrong state."""
    if isinstance(error, BadRequest):
        # For these two operations alone the server answers 400 when it does not know the channel.
        return error.operation in ("bridges.addChannel", "bridges.removeChannel") and "not found" in error.reason.lower()
    states = (NotFound, Conflict, InvalidState, Unprocessable, AllocationFailed, ObjectGone)
    return isinstance(error, states) and not isinstance(error, AriDisabled)
