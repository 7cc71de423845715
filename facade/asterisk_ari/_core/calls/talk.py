"""How a talk ends. Pure."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

P_co = TypeVar("P_co", covariant=True)

EndedReason = Literal["hangup", "until", "max_duration"]


@dataclass(frozen=True)
class Ended(Generic[P_co]):
    """A talk is over.

    Attributes:
        by: who has hung up or left the app; None where neither has.
        reason: "hangup", "until" (what it was to last until has come) or "max_duration".
    """

    by: P_co | None
    reason: EndedReason
