"""How much live audio may be sent to a server that plays by its own clock and reports its queue only on request. Pure."""

from collections import deque

from asterisk_ari._core.media.formats import FRAME_SECONDS

LIVE_FRAMES = 3
"""How many frames of live audio may be queued."""
_MAX_ON_THE_WAY_SECONDS = 1.0
_ANSWERS = 3
"""How many answers it takes to know the round-trip time without delays."""


class LiveWindow:
    """Tracks the upper bound of the server's queue: what it reported, plus all that was sent since it was asked.

    A busy server plays late and never catches up, so audio paced by this machine's clock alone would pile up there.
    """

    def __init__(self) -> None:
        self._may_wait = 0
        self._sent = 0
        self._asked: deque[tuple[int, float]] = deque()  # frames sent up to each question, and its time
        self._fastest_seconds = _MAX_ON_THE_WAY_SECONDS
        self._answers = 0
        self.there_and_back_seconds: float = 0.0
        """The round-trip time of a question without delays."""
        self._on_the_way = 0

    @property
    def room(self) -> int:
        """How many frames may be sent. Frames in flight when the server answers are not in its queue yet."""
        return LIVE_FRAMES + self._on_the_way - self._may_wait

    @property
    def is_waiting(self) -> bool:
        """Whether nothing may be sent before a requested answer arrives."""
        return bool(self._asked) and self.room < 1

    @property
    def wants_answer(self) -> bool:
        """Whether it is time to ask."""
        return self._may_wait >= LIVE_FRAMES and len(self._asked) <= self._on_the_way

    def sent(self, frames: int) -> None:
        """Record that frames were sent."""
        self._sent += frames
        self._may_wait += frames

    def asked(self, now: float) -> None:
        """Record that the server was asked, after all that was sent."""
        self._asked.append((self._sent, now))

    def answered(self, queued_frames: int, now: float) -> None:
        """Record the server's answer to the oldest question: the number of queued frames."""
        sent, asked_at = self._asked.popleft()
        self._may_wait = min(self._may_wait, queued_frames + self._sent - sent)
        self._fastest_seconds = min(self._fastest_seconds, now - asked_at)
        self._answers += 1
        if self._answers >= _ANSWERS:
            self.there_and_back_seconds = self._fastest_seconds
            self._on_the_way = int(self._fastest_seconds / FRAME_SECONDS)

    def emptied(self) -> None:
        """Record that the server was told to drop its queue."""
        self._may_wait = 0
