"""A call placed by a scope: how long it may ring, its events, and the error that reports its failure. Pure."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from asterisk_ari._core.events.ends import end_of_channel
from asterisk_ari.errors import ObjectGone, WaitError, WaitTimeout

_FOR_EVER = -1
_LONGEST_SECONDS = 2**31 - 1
_NO_ANSWER = "no answer"

# Asterisk ends a call whose ring time is over, and reports it within this time.
_GRACE_SECONDS = 2.0
# Tolerance: a call that rang out lasted its full ring time, less at most this.
_TOLERANCE_SECONDS = 0.5


class CallAttempt:
    """The state of a call that was placed.

    `timeout_seconds` is the ring timeout given to Asterisk, -1 for none; `patience_seconds` is how long to wait for its
    StasisStart. If both are the same, Asterisk ends the call and reports why.

    Args:
        endpoint: the endpoint it calls.
        channel_id: its channel.
        answer_timeout_seconds: how long to wait for the answer; None: forever.
        timeout_seconds: how long Asterisk lets it ring, if the program sets it.
    """

    def __init__(
        self, endpoint: str, channel_id: str, answer_timeout_seconds: float | None, timeout_seconds: int | None = None
    ) -> None:
        self._endpoint = endpoint
        self._channel_id = channel_id
        self._limit_seconds = answer_timeout_seconds
        self._dial_status: str | None = None
        self._is_limit_asterisks = False
        self.patience_seconds: float | None = answer_timeout_seconds
        if timeout_seconds is not None:
            self.timeout_seconds: int = timeout_seconds
        elif answer_timeout_seconds is None or answer_timeout_seconds >= _LONGEST_SECONDS:
            self.timeout_seconds = _FOR_EVER
        else:
            self.timeout_seconds = max(1, math.ceil(answer_timeout_seconds))
            if self.timeout_seconds == answer_timeout_seconds:
                self._is_limit_asterisks = True
                self.patience_seconds = answer_timeout_seconds + _GRACE_SECONDS

    def has_entered(self, event: Mapping[str, Any]) -> bool:
        """Take an event about the channel, and return whether it has entered the app. A Dial event has the status of the call."""
        if event["type"] != "Dial":
            return True
        peer, status = event.get("peer"), event.get("dialstatus")
        if isinstance(peer, dict) and peer.get("id") == self._channel_id and isinstance(status, str) and status:
            self._dial_status = status
        return False

    def failure(self, error: WaitTimeout | ObjectGone) -> WaitError:
        """Return the error that names the endpoint called, and what is known about why there was no answer."""
        event, status = error.event, self._dial_status
        known = end_of_channel(event, status)
        channel = f"; channel {self._channel_id}"
        outcome = WaitError("", event=event, dial_status=status).outcome
        has_rung_out = outcome in (_NO_ANSWER, None) and _lasted_seconds(event) > self.timeout_seconds - _TOLERANCE_SECONDS
        if isinstance(error, WaitTimeout) or (has_rung_out and self._is_limit_asterisks):
            what = f"was not answered within {self._limit_seconds:g} s (answer_timeout_seconds)" + (f": {known}" if known else "")
            return WaitTimeout(f"{self._endpoint} {what}{channel}", event=event, dial_status=status, outcome=_NO_ANSWER)
        if status == "ANSWER":
            what = "was answered, and ended before it entered the app"
        elif has_rung_out:
            what = f"was not answered within {self.timeout_seconds} s (timeout_seconds)"
        else:
            what = "was not answered" + (f": {outcome}" if outcome else "")
        return ObjectGone(
            f"{self._endpoint} {what}" + (f" ({known})" if known else "") + channel,
            event=event,
            dial_status=status,
            outcome=_NO_ANSWER if has_rung_out else None,
        )


def _lasted_seconds(event: Mapping[str, Any] | None) -> float:
    """How long a channel existed, by its ChannelDestroyed event; 0 if unknown."""
    channel = event.get("channel") if event is not None else None
    try:
        begun, ended = (datetime.fromisoformat(text) for text in (channel["creationtime"], event["timestamp"]))  # type: ignore[index]
        return (ended - begun).total_seconds()
    except (KeyError, TypeError, ValueError):
        return 0.0
