"""Audio sent by a program but not heard yet: frames of 20 ms, and the marks between them, by chan_websocket's rules. Pure.

As in Asterisk 22.10: at most 1000 frames are queued and further ones are dropped; MEDIA_XOFF is sent when 900 are queued,
MEDIA_XON at the first tick with fewer than 800. A flush drops frames and marks without further reports; it does not end a pause.
A partial frame waits for the rest.
"""

from collections import deque
from dataclasses import dataclass

MAX_FRAMES, XOFF_FRAMES, XON_FRAMES = 1000, 900, 800


@dataclass(frozen=True, slots=True)
class Mark:
    """A position between two frames, and what is sent when it is passed."""

    name: str
    correlation_id: str = ""


class FrameQueue:
    """The queue of one leg. `passed_marks` collects what Asterisk has to send: take them after each call.

    Args:
        frame_bytes: the size of a frame.
    """

    def __init__(self, frame_bytes: int) -> None:
        self.frame_bytes: int = frame_bytes
        self.length: int = 0
        """How many frames are queued."""
        self.is_full: bool = False
        self.is_buffering: bool = False
        self.is_paused: bool = False
        self.passed_marks: list[Mark] = []
        self._items: deque[bytes | Mark] = deque()
        self._rest = b""
        self._reports_drained = False

    def take_passed_marks(self) -> list[Mark]:
        """Return the marks passed since the last time."""
        passed_marks, self.passed_marks = self.passed_marks, []
        return passed_marks

    def add(self, audio: bytes) -> None:
        """Add audio of any length."""
        audio, size = self._rest + audio, self.frame_bytes
        whole = len(audio) // size * size
        for at in range(0, whole, size):
            self._add_frame(audio[at : at + size])
        self._rest = audio[whole:]

    def _add_frame(self, frame: bytes) -> None:
        if self.length >= MAX_FRAMES:
            return
        self._items.append(frame)
        self.length += 1
        if self.length >= XOFF_FRAMES and not self.is_full:
            self.is_full = True
            self.passed_marks.append(Mark("MEDIA_XOFF"))

    def start_buffering(self) -> None:
        """Start buffering: a partial frame waits for the next audio."""
        self.is_buffering = True

    def stop_buffering(self, correlation_id: str = "") -> None:
        """Stop buffering: a partial frame is played, too; then MEDIA_BUFFERING_COMPLETED is sent."""
        self.is_buffering = False
        rest, self._rest = self._rest, b""
        if rest:
            self._add_frame(rest)
        self._items.append(Mark("MEDIA_BUFFERING_COMPLETED", correlation_id))

    def mark(self, correlation_id: str = "") -> None:
        """Send MEDIA_MARK_PROCESSED when everything queued has been heard."""
        self._items.append(Mark("MEDIA_MARK_PROCESSED", correlation_id))

    def report_drained(self) -> None:
        """Send QUEUE_DRAINED once the queue is empty, a single time."""
        self._reports_drained = True

    def flush(self) -> None:
        """Drop everything queued."""
        self._items.clear()
        self._rest, self.length, self.is_buffering = b"", 0, False

    def tick(self) -> bytes | None:
        """Return the next frame, every 20 ms; None if there is none, or the queue is paused."""
        if self.is_full and self.length < XON_FRAMES:
            self.is_full = False
            self.passed_marks.append(Mark("MEDIA_XON"))
        if self.is_paused:
            return None
        while self._items:
            item = self._items.popleft()
            if isinstance(item, bytes):
                self.length -= 1
                return item
            self.passed_marks.append(item)
        if self._reports_drained:
            self._reports_drained = False
            self.passed_marks.append(Mark("QUEUE_DRAINED"))
        return None
