"""How a talk ends. Pure."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

P_co = TypeVar("P_co", covariant=True)

EndedReason = Literal["hangup", "until", "max_duration", "transferred"]


@dataclass(frozen=True)
class Ended(Generic[P_co]):
    """A talk is over.

    Attributes:
        by: who has hung up, left the app or was transferred; None where neither has.
        reason: "hangup", "until" (what it was to last until has come), "max_duration", or "transferred": the phone of `by` has
            connected the other one with somebody else.
    """

    by: P_co | None
    reason: EndedReason
