"""A call that a scope places: how long it may ring, what is heard of it, and what its failure is told as. Pure."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from asterisk_ari._core.events.ends import end_of_channel
from asterisk_ari.errors import ObjectGone, WaitError, WaitTimeout

_FOR_EVER = -1
_LONGEST_SECONDS = 2**31 - 1
_NO_ANSWER = "no answer"

# Asterisk ends a call that rang long enough, and says so within this time.
_GRACE_SECONDS = 2.0
# A call that rang out lasted its time, but for so much.
_TOLERANCE_SECONDS = 0.5


class CallAttempt:
    """What is known of a call that was placed.

    `timeout_seconds` is how long Asterisk is told to let it ring, -1 for ever; `patience_seconds` how long to wait for its
    StasisStart. Where both are the same, Asterisk ends the call, and says why.

    Args:
        endpoint: whom it calls.
        channel_id: its channel.
        answer_timeout_seconds: how long to wait for the answer; None is for ever.
        timeout_seconds: how long Asterisk lets it ring, where the program says it.
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
        """Take an event about the channel: whether it has entered the app. A Dial event has the status of the call."""
        if event["type"] != "Dial":
            return True
        peer, status = event.get("peer"), event.get("dialstatus")
        if isinstance(peer, dict) and peer.get("id") == self._channel_id and isinstance(status, str) and status:
            self._dial_status = status
        return False

    def failure(self, error: WaitTimeout | ObjectGone) -> WaitError:
        """The error that says who was called, and what is known of why there is no answer."""
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
    """How long a channel existed, by the event that says that it is destroyed; 0 where that cannot be told."""
    channel = event.get("channel") if event is not None else None
    try:
        begun, ended = (datetime.fromisoformat(text) for text in (channel["creationtime"], event["timestamp"]))  # type: ignore[index]
        return (ended - begun).total_seconds()
    except (KeyError, TypeError, ValueError):
        return 0.0
