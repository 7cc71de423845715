"""How dialling ends: one class for each result, and the outcome of each target. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from asterisk_ari.errors import WaitError

L_co = TypeVar("L_co", covariant=True)

TargetStatus = Literal[
    "answered", "busy", "no_answer", "declined", "failed", "not_accepted", "gone", "lost", "cancelled", "not_called"
]


@dataclass(frozen=True)
class TargetOutcome:
    """The outcome of one target.

    Attributes:
        endpoint: the endpoint that was called.
        status: "answered" (and accepted), "busy", "no_answer", "declined", "failed" (it could not be reached), "not_accepted"
            (it answered, but `confirm` rejected it), "gone" (it answered and hung up before it was accepted), "lost" (another
            target was faster), "cancelled" (the dialling ended first) or "not_called".
        cause: Q.850 cause of its hang-up; None if unknown.
        sip_code: the SIP status of the far end; reported by releases from 22 on.
        reason: Asterisk's reason if the call could not even be placed; "" otherwise.
        has_rung: whether it rang.
    """

    endpoint: str
    status: TargetStatus
    cause: int | None = None
    sip_code: int | None = None
    reason: str = ""
    has_rung: bool = False


@dataclass(frozen=True)
class Answered(Generic[L_co]):
    """A target answered and was accepted; `leg` is its call."""

    leg: L_co
    targets: tuple[TargetOutcome, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Busy:
    """All targets that could be reached are busy."""

    targets: tuple[TargetOutcome, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class NoAnswer:
    """At least one target rang, and none answered in time."""

    targets: tuple[TargetOutcome, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Declined:
    """No target took the call, and at least one declined it: it refused, did not accept, or hung up at once."""

    targets: tuple[TargetOutcome, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Failed:
    """No target could be reached; has the Q.850 cause and the SIP status of the last one, where known."""

    cause: int | None
    sip_code: int | None
    targets: tuple[TargetOutcome, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Cancelled:
    """Dialling ended before any target answered: the caller hung up, or pressed a key of `cancel_on`."""

    targets: tuple[TargetOutcome, ...] = field(default=(), compare=False)


Unanswered = Busy | NoAnswer | Declined | Failed | Cancelled

_STATUS_OF_OUTCOME: Mapping[str | None, TargetStatus] = {
    "busy": "busy",
    "no answer": "no_answer",
    "cancelled": "no_answer",
    "rejected": "declined",
    "hung up": "declined",
}


def outcome_of_end(endpoint: str, event: Mapping[str, Any] | None, dial_status: str | None, *, has_rung: bool) -> TargetOutcome:
    """Return the outcome of a target whose channel ended before it answered."""
    end = WaitError("", event=event, dial_status=dial_status)
    status = _STATUS_OF_OUTCOME.get(end.outcome, "no_answer" if has_rung and end.outcome is None else "failed")
    return TargetOutcome(endpoint, status, end.cause, end.sip_code, has_rung=has_rung)


def result_without_answer(targets: tuple[TargetOutcome, ...]) -> Unanswered:
    """Return the result of dialling when no target answered."""
    statuses = {target.status for target in targets}
    if "no_answer" in statuses:
        return NoAnswer(targets)
    if statuses & {"declined", "not_accepted", "gone"}:
        return Declined(targets)
    if "busy" in statuses:
        return Busy(targets)
    failed = [target for target in targets if target.status == "failed"]
    last = failed[-1] if failed else None
    return Failed(last.cause if last else None, last.sip_code if last else None, targets)
