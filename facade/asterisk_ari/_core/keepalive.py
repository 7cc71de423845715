"""When to ping, and when silence means that nobody is there."""


class Keepalive:
    """Deadlines of one connection, in the seconds of a clock that is passed in.

    After `interval` seconds without a byte a ping is due; after `patience` more without a byte the peer is gone.
    So a silent network is noticed after `interval + patience` seconds at the latest.
    """

    def __init__(self, interval: float, patience: float, now: float) -> None:
        self._interval = interval
        self._patience = patience
        self._heard = now
        self._pinged: float | None = None

    def heard(self, now: float) -> None:
        """Note that something was received, a pong or anything else."""
        self._heard = now
        self._pinged = None

    def ping_due(self, now: float) -> bool:
        """Tell whether to ping now, and take it as done."""
        if self._pinged is None and now - self._heard >= self._interval:
            self._pinged = now
            return True
        return False

    def is_dead(self, now: float) -> bool:
        """Tell whether a ping went unanswered for too long."""
        return self._pinged is not None and now - self._pinged >= self._patience

    def seconds_left(self, now: float) -> float:
        """Give the time until there is something to do."""
        due = self._heard + self._interval if self._pinged is None else self._pinged + self._patience
        return max(0.0, due - now)
