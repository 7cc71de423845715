"""Collecting DTMF digits: the result after each digit, and the deadline for the next one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Reason = Literal["terminator", "max_digits", "first_timeout", "next_timeout", "gone"]


@dataclass(frozen=True)
class Digits:
    """What a caller entered; `digits` has the text without the terminator.

    `reason`: "terminator", "max_digits", "first_timeout" (no digit), "next_timeout" (no further digit) or "gone" (the caller
    left).
    """

    digits: str
    reason: Reason

    def __str__(self) -> str:
        return self.digits


class DigitCollector:
    """State of one collection. Times are passed in, as seconds of any clock.

    Args:
        max_digits: complete after this many digits; None: no limit.
        first_seconds: how long to wait for the first digit.
        next_seconds: how long to wait for each further one.
        terminator: digits that end the entry, such as "#" or "#*"; "" for none.
        now: when the collection begins.
        is_complete: tells whether an entry is complete, so that no further digit is needed.
    """

    def __init__(
        self,
        max_digits: int | None,
        first_seconds: float,
        next_seconds: float,
        terminator: str,
        now: float,
        *,
        is_complete: Callable[[str], bool] | None = None,
    ) -> None:
        self._max_digits = max_digits
        self._next_seconds = next_seconds
        self._terminator = terminator
        self._digits = ""
        self._is_complete = is_complete
        self.deadline = now + first_seconds

    def add(self, digit: str, now: float) -> Digits | None:
        """Add a digit; return the result once the entry is complete."""
        if digit and digit in self._terminator:
            return Digits(self._digits, "terminator")
        self._digits += digit
        self.deadline = now + self._next_seconds
        if self._max_digits is not None and len(self._digits) >= self._max_digits:
            return Digits(self._digits, "max_digits")
        if self._is_complete is not None and self._is_complete(self._digits):
            return Digits(self._digits, "max_digits")
        return None

    def timed_out(self) -> Digits:
        """Return the result after the deadline has passed."""
        return Digits(self._digits, "next_timeout" if self._digits else "first_timeout")

    def gone(self) -> Digits:
        """Return the result after the channel has ended."""
        return Digits(self._digits, "gone")
