"""How the event WebSocket comes back after it broke."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Reconnect:
    """Exponential back-off with full jitter: each pause is a random part of a growing limit.

    Args:
        enabled: False ends the event stream with the first break.
        first_seconds: limit of the first pause.
        max_seconds: no pause is longer.
        give_up_after_seconds: None tries for ever.
        on_replaced: what to do when another client takes the app over: "yield" to it (the stream ends and the
            program is told) or "take_back" (connect again, once a second at most).
    """

    enabled: bool = True
    first_seconds: float = 0.5
    max_seconds: float = 30.0
    give_up_after_seconds: float | None = None
    on_replaced: Literal["yield", "take_back"] = "yield"
