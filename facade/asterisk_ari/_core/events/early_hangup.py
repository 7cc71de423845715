"""A handler that ends because its caller has left: that is the end of the call, not an error. Pure."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from asterisk_ari.errors import AriDisabled, CallEnded, ObjectGone, ResponseError

_NO_CHANNEL = frozenset({"channel not found", "provided channel was not found"})  # the second of snoop and of variables


def channel_of(event: Mapping[str, Any]) -> str | None:
    """Return the channel whose event a handler was called with."""
    channel = event.get("channel")
    channel_id = channel.get("id") if isinstance(channel, dict) else None
    return channel_id if isinstance(channel_id, str) else None


def is_early_hangup(error: BaseException, channel_id: str, *, has_left: bool, has_ended: bool) -> bool:
    """Whether an exception of a handler only means that its own channel has ended.

    Args:
        error: the exception; a group counts if all its members do.
        channel_id: the handler's channel.
        has_left: whether events have reported that it left the app, by ending or by continuing elsewhere.
        has_ended: whether events have reported that it ended.
    """
    if isinstance(error, BaseExceptionGroup):
        return all(is_early_hangup(one, channel_id, has_left=has_left, has_ended=has_ended) for one in error.exceptions)
    if isinstance(error, CallEnded):
        return error.call_id == channel_id
    if isinstance(error, ObjectGone):
        about = channel_of(error.event) if error.event is not None else None
        return about == channel_id or (about is None and (has_left or has_ended))
    if not isinstance(error, ResponseError) or isinstance(error, AriDisabled):
        return False
    names_it = channel_id in map(unquote, error.path.split("/"))
    reason = error.reason.lower()
    if error.status in (400, 404) and reason in _NO_CHANNEL:  # 400 by bridges.addChannel
        return names_it or has_left or has_ended
    # bridges.removeChannel has the channel among its arguments, without saying which one failed.
    is_elsewhere = not names_it and ("not in stasis" in reason or "not in this bridge" in reason) and (has_left or has_ended)
    return error.status in (409, 412, 422) and (is_elsewhere or (names_it and has_ended))
