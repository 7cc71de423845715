"""What a gateway has to publish, until NATS has stored it. Pure."""

from collections import deque
from itertools import islice

from asterisk_ari.cluster._core.messages import join_frames

MAX_MESSAGE_BYTES = 32 * 1024
"""The largest message of several events; a larger event has a message of its own."""


class OutboxMessage:
    """Events for one worker, under the subject of one of them; numbers of messages go up by one."""

    __slots__ = ("frames", "introduces", "number", "size", "subject")

    def __init__(self, number: int, subject: str, frame: bytes, *, introduces: bool) -> None:
        self.number = number
        self.subject = subject
        self.frames = [frame]
        self.size = len(frame)
        self.introduces = introduces

    @property
    def payload(self) -> bytes:
        """The events as they are published."""
        return join_frames(self.frames)


class Outbox:
    """Events in their order, of so many bytes at most; what is too much is counted, and nothing after it taken.

    So whoever reads the stream finds one gap, and is told where: `overflowed` until `restart`.

    Events for the same worker that wait share a message, which is cheaper than one message for each. The stream must nevertheless
    list a subject for each channel, since a restarted gateway learns from the subjects whose channels they are: so at most one
    channel of a message has not been named by the subject of an earlier one since `name_subjects_again`.
    """

    def __init__(self, max_bytes: int, first_number: int = 1) -> None:
        self._max_bytes = max_bytes
        self._messages: deque[OutboxMessage] = deque()
        self._open: dict[str, OutboxMessage] = {}
        self._named: set[str] = set()
        self._sent = 0
        self._count = 0
        self._last_message = 0
        self.next_number: int = first_number
        self.waiting_bytes: int = 0
        self.lost: int = 0
        self.overflowed: bool = False

    def __len__(self) -> int:
        return self._count

    @property
    def unacknowledged(self) -> int:
        """How many messages were sent, and are not known to be stored."""
        return self._sent

    def add(self, subject: str, worker: str, frame: bytes) -> bool:
        """Take an event; False when there is no room."""
        if self.overflowed or self.waiting_bytes + len(frame) > self._max_bytes:
            self.overflowed = True
            self.lost += 1
            return False
        introduces = subject not in self._named
        message = self._open.get(worker)
        if message is None or message.size + len(frame) > MAX_MESSAGE_BYTES or (introduces and message.introduces):
            self._last_message += 1
            message = self._open[worker] = OutboxMessage(self._last_message, subject, frame, introduces=introduces)
            self._messages.append(message)
        else:
            message.frames.append(frame)
            message.size += len(frame)
            if introduces:
                message.subject, message.introduces = subject, True
        self._named.add(subject)
        self.next_number += 1
        self._count += 1
        self.waiting_bytes += len(frame)
        return True

    def name_subjects_again(self) -> None:
        """Have the next event of each channel name it: NATS may have deleted, or never stored, what named it before."""
        self._named.clear()

    def take(self, count: int) -> list[OutboxMessage]:
        """The next messages to be sent; nothing is added to them any more."""
        batch = list(islice(self._messages, self._sent, self._sent + count)) if self._sent < len(self._messages) else []
        self._sent += len(batch)
        self._open.clear()
        return batch

    def stored(self, number: int) -> None:
        """NATS has stored this message, and so all before it: it stores what one connection brings in order."""
        messages = self._messages
        while messages and messages[0].number <= number:
            message = messages.popleft()
            self.waiting_bytes -= message.size
            self._count -= len(message.frames)
            self._sent = max(0, self._sent - 1)

    def send_again(self) -> None:
        """Whatever is not known to be stored is to be sent once more: workers know what they have had."""
        self._sent = 0

    def restart(self) -> int:
        """Take events again after an overflow; how many were lost."""
        lost, self.lost, self.overflowed = self.lost, 0, False
        return lost
