"""The clocks and the random numbers of a client, passed in so that tests can set them, and how long leaving may take."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

LEAVE_SECONDS = 10.0
"""How long a call, an audio stream or a kit that is being left, or something that is being created in a call, holds up a
cancellation or Ctrl-C."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Timing:
    """The clocks and the source of random numbers (0 to 1) of one client."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    random: Callable[[], float] = random.random
