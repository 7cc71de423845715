"""How the event WebSocket is reopened after it was lost."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Reconnect:
    """Exponential back-off with full jitter: each pause is a random fraction of a growing limit.

    Args:
        enabled: False ends the event stream with the first loss.
        first_seconds: limit of the first pause.
        max_seconds: the longest pause.
        give_up_after_seconds: how long to try; None means no limit.
        on_replaced: what to do when another client takes over the app: "yield" to it (the stream ends and the program is
            informed) or "take_back" (connect again, at most once a second).
    """

    enabled: bool = True
    first_seconds: float = 0.5
    max_seconds: float = 30.0
    give_up_after_seconds: float | None = None
    on_replaced: Literal["yield", "take_back"] = "yield"
