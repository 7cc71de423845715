"""How a conversation ends. Pure."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

P_co = TypeVar("P_co", covariant=True)

EndedReason = Literal["hangup", "until", "max_duration", "transferred"]


@dataclass(frozen=True)
class Ended(Generic[P_co]):
    """The end of a conversation.

    Attributes:
        by: the party that hung up, left the app or was transferred; None if neither did.
        reason: "hangup", "until" (the condition it was to last until was met), "max_duration", or "transferred": the phone of
            `by` has connected the other party to someone else.
    """

    by: P_co | None
    reason: EndedReason
