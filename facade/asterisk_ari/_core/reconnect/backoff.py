"""How long to pause before the next attempt, and which rejections are final."""

from collections.abc import Callable

from asterisk_ari.errors import EventStreamRefused
from asterisk_ari.policies import Reconnect

FINAL_STATUSES = frozenset({401, 403})
STABLE_SECONDS = 10.0
FIRST_REPORT_SECONDS = 1.0
MAX_REPORT_SECONDS = 3600.0
TAKE_BACK_SECONDS = 1.0

_REMEDIES = {
    400: "did the server understand the app names?",
    401: "check username and password against ari.conf",
    403: "this user may not open an event WebSocket",
    404: "is ARI enabled in ari.conf, res_ari loaded, and the prefix of http.conf right? A booting server says 404 too",
    426: "a proxy between the program and Asterisk drops the Upgrade header",
    503: "Asterisk is still starting: try again in a moment",
}


class Backoff:
    """Exponential backoff with full jitter: each pause is a random part of a limit that doubles.

    Args:
        policy: the first and the longest limit.
        random: returns numbers from 0 to 1.
    """

    def __init__(self, policy: Reconnect, random: Callable[[], float]) -> None:
        self._policy = policy
        self._random = random
        self.attempts = 0

    def pause(self) -> float:
        """Return the seconds to wait before the next attempt, and count the attempt."""
        # 2 ** 64 seconds exceeds every limit; in a long outage a larger exponent would overflow.
        limit = min(self._policy.max_seconds, self._policy.first_seconds * 2.0 ** min(self.attempts, 64))
        self.attempts += 1
        return self._random() * limit

    def connected_for(self, seconds: float) -> None:
        """Start over after a connection that lasted; one that broke at once counts as a failed attempt."""
        if seconds >= STABLE_SECONDS:
            self.attempts = 0

    def gives_up(self, gap_seconds: float) -> bool:
        """Whether the policy gives up after a gap of this many seconds."""
        limit = self._policy.give_up_after_seconds
        return limit is not None and gap_seconds >= limit


class OutageReports:
    """When to report again that the server is unreachable: at the first failure, then after 1, 2, 4, … seconds, finally
    hourly."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def outage_begins(self) -> None:
        """Record that an outage begins."""
        self._next_at = 0.0

    def is_due(self, gap_seconds: float) -> bool:
        """Whether a report is due after a gap of this many seconds; it then counts as made."""
        if gap_seconds < self._next_at:
            return False
        self._next_at = min(max(FIRST_REPORT_SECONDS, 2 * gap_seconds), gap_seconds + MAX_REPORT_SECONDS)
        return True


def refused(status: int, server: str) -> EventStreamRefused:
    """Return the error for a handshake that the named server answered with a status other than 101."""
    return EventStreamRefused(f"event WebSocket refused: {status}; {server}", status=status, remedy=_REMEDIES.get(status))
