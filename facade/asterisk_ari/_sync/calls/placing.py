# Made from calls/placing.py by scripts/unasync.py: edit that file.
"""Placing an outgoing call: the endpoint, how long it may ring, and how a failure is reported."""

from collections.abc import Callable
from typing import Any, TypedDict

from asterisk_ari._core.calls.attempt import CallAttempt
from asterisk_ari._core.requests.handles import in_request
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._sync.calls.owned_objects import Owned, OwnedObjects
from asterisk_ari._sync.connection import ClientConnection, check_listening
from asterisk_ari._sync.resources.applications import Application
from asterisk_ari._sync.resources.channels import AnyChannel, Channel, Channels, Variables
from asterisk_ari._sync.resources.endpoints import Endpoint
from asterisk_ari.errors import ObjectGone, WaitTimeout


class OriginateOptions(TypedDict, total=False):
    """Arguments of `Channels.originate` besides the endpoint, as `ari.call` takes them."""

    app: Application | str | None
    app_args: str | None
    extension: str | None
    context: str | None
    priority: int | None
    label: str | None
    caller_id: str | None
    timeout_seconds: int | None
    variables: Variables | None
    channel_id: str | None
    other_channel_id: str | None
    originator: AnyChannel | None
    formats: str | None


def place(
    ari: ClientConnection,
    owns: OwnedObjects,
    endpoint: Endpoint | str,
    options: dict[str, Any],
    *,
    answer_timeout_seconds: float,
    own: Callable[[Channel], Owned],
) -> Channel:
    """Call an endpoint, own the channel from before the request on, and wait until it is in the app.

    Raises:
        WaitTimeout: it was not answered within `answer_timeout_seconds`.
        ObjectGone: it was refused, not answered within `timeout_seconds`, or hung up.
        NotConnected: without events its progress could not be seen.
    """
    check_listening(ari)
    channels = Channels(ari)
    channel_id = str(options.pop("channel_id", None) or new_id("channel"))
    if not options.keys() & {"app", "context", "extension"}:
        options["app"] = ari.settings.app_name
    called = in_request("channels.originate", "endpoint", endpoint)
    attempt = CallAttempt(called, channel_id, answer_timeout_seconds, options.get("timeout_seconds"))
    options["timeout_seconds"] = attempt.timeout_seconds
    channel = channels(channel_id)
    types = ("StasisStart", "Dial")
    with ari.hub.expect(types, about=("channel", channel_id), match=attempt.has_entered) as entered:

        def originate() -> None:
            channel.json = channels.originate(endpoint, channel_id=channel_id, **options).json

        owns.create(own(channel), originate)
        try:
            event = entered.result(attempt.patience_seconds)
        except (WaitTimeout, ObjectGone) as error:
            raise attempt.failure(error) from None
        channel.json = event["channel"]
    return channel
