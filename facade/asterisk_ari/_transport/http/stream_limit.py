"""How long a streamed file may keep its reader waiting, and how large it may be. Pure."""

from asterisk_ari._transport.transport_errors import FileTooLarge

MIN_BYTES_PER_SECOND = 1024
MAX_FILE_BYTES = 4 * 1024**3
"""What a WAV file can hold; a file is streamed, so that this is more than other bodies may have."""


class StreamLimit:
    """Waiting uses up the seconds, bytes that arrive give them back: 1024 bytes a second are enough to go on for ever.

    So a server that falls silent is gave up after `seconds`, as is one that sends a byte now and then. The time that
    the reader takes for what it got does not count.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._left = seconds
        self._size = 0

    @property
    def seconds_left(self) -> float:
        """How long the next wait may be.

        Raises:
            TimeoutError: it is over.
        """
        if self._left <= 0:
            raise TimeoutError
        return self._left

    def waited(self, seconds: float) -> None:
        """The reader has waited for bytes."""
        self._left -= seconds

    def received(self, count: int) -> None:
        """Bytes of the file have arrived.

        Raises:
            FileTooLarge: it is too large.
        """
        self._size += count
        if self._size > MAX_FILE_BYTES:
            raise FileTooLarge(f"more than {MAX_FILE_BYTES} bytes")
        self._left = min(self._seconds, self._left + count / MIN_BYTES_PER_SECOND)
