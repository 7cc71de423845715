"""The embedded Asterisk as the scenarios see it: an address, and time that passes when it is told to."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from asterisk_ari.testing import EmbeddedAsterisk
from tests.contract.driver import READER, USER

USERS = {USER[0]: USER[1], READER[0]: READER[1]}


class Embedded:
    """An embedded server of one release, with the users of the real servers' configuration, and virtual time."""

    def __init__(self, release: str) -> None:
        self.release = release
        self._asterisk = EmbeddedAsterisk(release=release)

    def __enter__(self) -> Self:
        self._asterisk.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._asterisk.stop()

    @property
    def url(self) -> str:
        return self._asterisk.url

    def pass_time(self, seconds: float) -> None:
        self._asterisk.advance(seconds)
