# Made from _async/channel_waits.py by scripts/unasync.py: edit that file.
"""Channels: waiting for what happens to a call."""

from collections.abc import Mapping
from typing import Any

from asterisk_ari._core.digits import Digits
from asterisk_ari._sync import waits
from asterisk_ari._sync.observed import Observed
from asterisk_ari.errors import NotFound
from asterisk_ari.events import Event


class ChannelWaits(Observed):
    """Waits that end when the channel does."""

    __slots__ = ()

    def wait_until_in_stasis(self, timeout_seconds: float | None = 30.0) -> None:
        """Wait until the channel is in one of this client's apps and can be commanded.

        Args:
            timeout_seconds: None waits for ever.

        Raises:
            WaitTimeout: it did not come in time.
            ObjectGone: it was destroyed first.
            EventStreamLost: the connection broke meanwhile.

        Example:
            >>> channel.wait_until_in_stasis(timeout_seconds=10)
        """
        waits.wait_until_in_stasis(self._ari.hub, self.id, timeout_seconds)

    def wait_until_up(self, timeout_seconds: float | None = 30.0) -> None:
        """Wait until the channel is answered.

        Args:
            timeout_seconds: None waits for ever.

        Raises:
            WaitTimeout: it was not answered in time.
            ObjectGone: it ended first.
            EventStreamLost: the connection broke meanwhile.

        Example:
            >>> channel.wait_until_up(timeout_seconds=30)
        """
        waits.wait_until_up(self._ari.hub, self.id, timeout_seconds, self._fetch)

    def wait_until_gone(self, timeout_seconds: float | None = None) -> Event | None:
        """Wait until the channel has ended.

        Args:
            timeout_seconds: None waits for ever.

        Returns:
            ChannelDestroyed with its `cause`; None where it ended unheard.

        Raises:
            WaitTimeout: it lives on.
            EventStreamLost: the connection broke meanwhile.

        Example:
            >>> (channel.wait_until_gone())["cause_txt"]
            'Normal Clearing'
        """
        return waits.wait_until_gone(self._ari.hub, self.id, timeout_seconds, self._fetch)

    def collect_digits(
        self,
        max_digits: int | None = None,
        first_seconds: float = 10.0,
        next_seconds: float = 5.0,
        terminator: str = "#",
    ) -> Digits:
        """Collect what the caller types from now on.

        Args:
            max_digits: done after so many; None sets no limit.
            first_seconds: how long to wait for the first digit.
            next_seconds: how long to wait for each further one.
            terminator: digits that end the entry and are not part of it; "" for none.

        Returns:
            The digits, and why there are no more; a caller who hangs up is a result as well.

        Raises:
            EventStreamLost: the connection broke meanwhile.

        Example:
            >>> (channel.collect_digits(max_digits=4)).digits
            '1234'
        """
        return waits.collect_digits(
            self._ari.hub,
            self.id,
            max_digits=max_digits,
            first_seconds=first_seconds,
            next_seconds=next_seconds,
            terminator=terminator,
        )

    def _fetch(self) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self._call("channels.get", channelId=self.id)
        except NotFound:
            return None
        return found
