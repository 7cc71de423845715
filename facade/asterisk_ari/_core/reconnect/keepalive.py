"""When to ping, when silence means that the connection is dead, and when it was last known to be alive."""

CHECK_SECONDS = 1.0
"""The longest pause between two calls of `next_check`."""
MIN_PAUSE_SECONDS = 0.01
LATE_SECONDS = 0.5
"""A check later than this means that the program was blocked, and what it reads next may have been waiting in the socket."""


class Keepalive:
    """Deadlines of one connection. Times are passed in, as seconds of a clock.

    After `interval_seconds` without a byte a ping is due; after another `timeout_seconds` without a byte the connection is dead.
    A silent network is therefore detected after at most the sum of both.

    Data read after the program was blocked may be old: the server may have dropped the connection long ago. From then on only the
        answer to a new ping counts as a sign of life.
    """

    def __init__(self, interval_seconds: float, timeout_seconds: float, now: float) -> None:
        self._interval_seconds = interval_seconds
        self._timeout_seconds = timeout_seconds
        self._received_at = now
        self._pinged_at: float | None = None
        self._check_due_at = now + CHECK_SECONDS
        self._alive_before_block: float | None = None
        self._confirming_ping = b""
        self._pings = 0

    @property
    def last_sign_of_life(self) -> float:
        """When the server was last known to be alive: whatever it sent after that may have been missed."""
        return self._received_at if self._alive_before_block is None else self._alive_before_block

    def received(self, now: float) -> None:
        """Record that something was received, a pong or anything else."""
        if now > self._check_due_at + LATE_SECONDS and self._alive_before_block is None:
            self._alive_before_block, self._confirming_ping = self._received_at, b""
        self._received_at = now
        self._pinged_at = None

    def pong_received(self, payload: bytes) -> None:
        """Record the answer to a ping: everything sent before it has been received."""
        if payload == self._confirming_ping != b"":
            self._alive_before_block = None

    def ping_due(self, now: float) -> bytes | None:
        """Return the payload of the ping to send now and count it as sent; None if none is due."""
        is_confirming = self._alive_before_block is not None and not self._confirming_ping
        is_silent = self._pinged_at is None and now - self._received_at >= self._interval_seconds
        if not (is_confirming or is_silent):
            return None
        self._pings += 1
        payload = str(self._pings).encode()
        self._pinged_at = now
        if is_confirming:
            self._confirming_ping = payload
        return payload

    def is_dead(self, now: float, *, is_serving: bool = False) -> bool:
        """Whether a ping went unanswered for too long.

        Args:
            now: the current time.
            is_serving: whether the server is serving a request of this connection, and answers no ping before that is done.
        """
        return not is_serving and self._pinged_at is not None and now - self._pinged_at >= self._timeout_seconds

    def next_check(self, now: float, at_most: float) -> float:
        """Return the time until the next check; the caller returns by then, unless the program is blocked."""
        left = self.seconds_left(now)
        is_overdue = self._pinged_at is not None and left == 0  # what was to be done then is not done: the server is busy
        pause = at_most if is_overdue else max(MIN_PAUSE_SECONDS, min(at_most, left))
        self._check_due_at = now + pause
        return pause

    def seconds_left(self, now: float) -> float:
        """Return the time until a ping or its answer is due."""
        if self._pinged_at is None:
            return max(0.0, self._received_at + self._interval_seconds - now)
        return max(0.0, self._pinged_at + self._timeout_seconds - now)
