"""How an asyncio protocol gets its bytes here."""

import asyncio
from abc import ABC, abstractmethod

_READ_BYTES = 64 * 1024


class Receiving(asyncio.BufferedProtocol, ABC):
    """Reads into a buffer of its own, and hands over what came as `data_received` of other protocols.

    Those have 256 KiB made for every piece, however small it is, which costs more than all else about an answer.
    """

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(_READ_BYTES))

    def get_buffer(self, sizehint: int) -> memoryview:
        """Called by the loop."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Called by the loop."""
        self.data_received(bytes(self._buffer[:nbytes]))

    @abstractmethod
    def data_received(self, data: bytes) -> None:
        """Take what came."""
