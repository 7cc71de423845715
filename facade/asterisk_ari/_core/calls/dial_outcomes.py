"""How dialling ends: values, one class for each way, and what became of each target. Pure."""

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
    """What became of one target.

    Attributes:
        endpoint: who was called.
        status: "answered" (and accepted), "busy", "no_answer", "declined", "failed" (it could not be reached), "not_accepted"
            (it answered, and `confirm` said no), "gone" (it answered and hung up before it was accepted), "lost" (another one
            was faster), "cancelled" (the dialling ended first) or "not_called".
        cause: of its hang-up, by Q.850; None where it is not known.
        sip_code: the SIP status of the far end; releases from 22 on tell it.
        reason: what Asterisk said where the call could not even be placed; "" otherwise.
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
    """One answered, and was accepted: `leg` is its call."""

    leg: L_co
    targets: tuple[TargetOutcome, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Busy:
    """All that could be reached are busy."""

    targets: tuple[TargetOutcome, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class NoAnswer:
    """At least one rang, and nobody answered in time."""

    targets: tuple[TargetOutcome, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Declined:
    """Nobody took the call, and one did not want it: it refused, did not accept, or hung up at once."""

    targets: tuple[TargetOutcome, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Failed:
    """None could be reached: the cause by Q.850 and the SIP status of the last one, where they are known."""

    cause: int | None
    sip_code: int | None
    targets: tuple[TargetOutcome, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Cancelled:
    """The dialling ended before anybody answered: the caller has hung up, or pressed a key of `cancel_on`."""

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
    """What became of a target whose channel ended before it answered."""
    end = WaitError("", event=event, dial_status=dial_status)
    status = _STATUS_OF_OUTCOME.get(end.outcome, "no_answer" if has_rung and end.outcome is None else "failed")
    return TargetOutcome(endpoint, status, end.cause, end.sip_code, has_rung=has_rung)


def result_without_answer(targets: tuple[TargetOutcome, ...]) -> Unanswered:
    """What dialling comes to when nobody has answered."""
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
