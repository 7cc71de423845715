"""The messages a gateway has to publish, until NATS has stored them. Pure."""

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
        """The events in the form in which they are published."""
        return join_frames(self.frames)


class Outbox:
    """Events in order, limited to a number of bytes.

    After an overflow further events are only counted, so that readers of the stream find a single gap, whose position is
    reported: `overflowed` until `restart`.

    Waiting events for the same worker share a message, which is cheaper than one message each. The stream must nevertheless
    contain a subject for each channel, since a restarted gateway learns the owners of channels from the subjects: so at most one
    channel of a message has not been named by an earlier subject since `name_subjects_again`.
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
        """The number of messages that were sent but are not known to be stored."""
        return self._sent

    def add(self, subject: str, worker: str, frame: bytes) -> bool:
        """Take an event; return False if there is no room."""
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
        """Name each channel again in the subject of its next event: NATS may have deleted, or never stored, the messages that
        named it."""
        self._named.clear()

    def take(self, count: int) -> list[OutboxMessage]:
        """Return the next messages to send; no further events are added to them."""
        batch = list(islice(self._messages, self._sent, self._sent + count)) if self._sent < len(self._messages) else []
        self._sent += len(batch)
        self._open.clear()
        return batch

    def stored(self, number: int) -> None:
        """Note that NATS has stored this message and thus all before it, since it stores the messages of one connection in
        order."""
        messages = self._messages
        while messages and messages[0].number <= number:
            message = messages.popleft()
            self.waiting_bytes -= message.size
            self._count -= len(message.frames)
            self._sent = max(0, self._sent - 1)

    def send_again(self) -> None:
        """Mark everything that is not known to be stored to be sent again; workers recognize what they already have."""
        self._sent = 0

    def restart(self) -> int:
        """Take events again after an overflow; return how many were lost."""
        lost, self.lost, self.overflowed = self.lost, 0, False
        return lost
