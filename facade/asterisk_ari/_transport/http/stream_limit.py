"""Limits on how long a streamed file may keep its reader waiting, and on its size. Pure."""

from asterisk_ari._transport.transport_errors import FileTooLarge

MIN_BYTES_PER_SECOND = 1024
MAX_FILE_BYTES = 4 * 1024**3
"""The maximum size of a WAV file; larger than the limit of other bodies, since files are streamed."""


class StreamLimit:
    """Waiting uses up the seconds and arriving bytes restore them: 1024 bytes per second are enough to continue forever.

    Thus a server that falls silent is given up on after `seconds`, as is one that sends a byte now and then. The time that
    the reader spends on processing data does not count.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._left = seconds
        self._size = 0

    @property
    def seconds_left(self) -> float:
        """Return how long the next wait may take.

        Raises:
            TimeoutError: no time is left.
        """
        if self._left <= 0:
            raise TimeoutError
        return self._left

    def waited(self, seconds: float) -> None:
        """Record that the reader has waited for bytes."""
        self._left -= seconds

    def received(self, count: int) -> None:
        """Record that bytes of the file have arrived.

        Raises:
            FileTooLarge: the file is too large.
        """
        self._size += count
        if self._size > MAX_FILE_BYTES:
            raise FileTooLarge(f"more than {MAX_FILE_BYTES} bytes")
        self._left = min(self._seconds, self._left + count / MIN_BYTES_PER_SECOND)
