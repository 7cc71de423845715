"""The base class of the asyncio protocols: bytes are received into a buffer that is allocated once."""

import asyncio
from abc import ABC, abstractmethod

_READ_BYTES = 64 * 1024


class BufferedReceiver(asyncio.BufferedProtocol, ABC):
    """Receives into a buffer of its own, and passes received bytes to `data_received`.

    With a plain `asyncio.Protocol`, 256 KiB are allocated for every read, however small, which costs more than everything else
    about a response.
    """

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(_READ_BYTES))

    def get_buffer(self, sizehint: int) -> memoryview:
        """Called by the event loop."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Called by the event loop."""
        self.data_received(bytes(self._buffer[:nbytes]))

    @abstractmethod
    def data_received(self, data: bytes) -> None:
        """Process received bytes."""
