"""The embedded Asterisk for the scenarios: an address, and time that passes on demand."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from asterisk_ari.testing import EmbeddedAsterisk


class Embedded:
    """An embedded server of one release with virtual time; users and dialplan are those of the packaged servers by default."""

    def __init__(self, release: str) -> None:
        self.release = release
        # No entry delay: on the real servers a channel enters its app before the next request of a scenario comes.
        self._asterisk = EmbeddedAsterisk(release, virtual_time=True, entry_delay_seconds=0)

    def __enter__(self) -> Self:
        self._asterisk.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._asterisk.stop()

    @property
    def url(self) -> str:
        return self._asterisk.url

    def pass_time(self, seconds: float) -> None:
        self._asterisk.advance(seconds, quiet=0)
