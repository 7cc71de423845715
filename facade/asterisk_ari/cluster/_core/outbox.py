"""What a gateway has to publish, until NATS has stored it. Pure."""

from collections import deque
from itertools import islice
from typing import NamedTuple


class OutboxEvent(NamedTuple):
    """One event for one worker; numbers go up by one."""

    number: int
    subject: str
    payload: bytes


class Outbox:
    """Messages in their order, of so many bytes at most; what is too much is counted, and nothing after it taken.

    So whoever reads the stream finds one gap, and is told where: `overflowed` until `restart`.
    """

    def __init__(self, max_bytes: int, first_number: int = 1) -> None:
        self._max_bytes = max_bytes
        self._messages: deque[OutboxEvent] = deque()
        self._sent = 0
        self.next_number: int = first_number
        self.waiting_bytes: int = 0
        self.lost: int = 0
        self.overflowed: bool = False

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def unacknowledged(self) -> int:
        """How many were sent, and are not known to be stored."""
        return self._sent

    def add(self, subject: str, payload: bytes) -> bool:
        """Take a message; False when there is no room."""
        size = len(subject) + len(payload)
        if self.overflowed or self.waiting_bytes + size > self._max_bytes:
            self.overflowed = True
            self.lost += 1
            return False
        self._messages.append(OutboxEvent(self.next_number, subject, payload))
        self.next_number += 1
        self.waiting_bytes += size
        return True

    def take(self, count: int) -> list[OutboxEvent]:
        """The next to be sent."""
        batch = list(islice(self._messages, self._sent, self._sent + count)) if self._sent < len(self._messages) else []
        self._sent += len(batch)
        return batch

    def stored(self, number: int) -> None:
        """NATS has stored this one, and so all before it: it stores what one connection brings in order."""
        messages = self._messages
        while messages and messages[0].number <= number:
            message = messages.popleft()
            self.waiting_bytes -= len(message.subject) + len(message.payload)
            self._sent = max(0, self._sent - 1)

    def send_again(self) -> None:
        """Whatever is not known to be stored is to be sent once more: workers know what they have had."""
        self._sent = 0

    def restart(self) -> int:
        """Take messages again after an overflow; how many were lost."""
        lost, self.lost, self.overflowed = self.lost, 0, False
        return lost
