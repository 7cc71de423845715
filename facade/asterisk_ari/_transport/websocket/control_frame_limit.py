"""A limit on the pings and pongs that a server may send. Pure."""

from asterisk_ari._transport.websocket.frame_rules import POLICY_VIOLATION, ProtocolViolation

MAX_CONTROL_FRAMES_PER_SECOND = 1000


class ControlFrameLimit:
    """Counts pings and pongs per second: a client flooded with pings would do nothing but answer them."""

    def __init__(self) -> None:
        self._second = 0
        self._count = 0

    def count(self, now: float) -> None:
        """Count one ping or pong.

        Raises:
            ProtocolViolation: there are too many.
        """
        second = int(now)
        self._count = self._count + 1 if second == self._second else 1
        self._second = second
        if self._count > MAX_CONTROL_FRAMES_PER_SECOND:
            raise ProtocolViolation(POLICY_VIOLATION, f"more than {MAX_CONTROL_FRAMES_PER_SECOND} pings and pongs in a second")
