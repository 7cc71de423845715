# Made from _async/flat_system.py by scripts/unasync.py: edit that file.
"""The documented system and event methods of the client."""

from collections.abc import Callable
from typing import Any

from asterisk_ari._core.shapes import asterisk_info
from asterisk_ari._sync.channels import Channel
from asterisk_ari._sync.flat_advanced import FlatAdvanced
from asterisk_ari.errors import NotConnected
from asterisk_ari.events import Event

StasisHandler = Callable[[Channel, Event], Any]


class FlatSystem(FlatAdvanced):
    """Asterisk itself, and the event loop."""

    def get_asterisk_info(self) -> dict[str, Any]:
        """What Asterisk says of itself.

        `GET /asterisk/info`, since 13.0.

        Returns:
            Asterisk's own keys (`build`, `system`, `config`, `status`), with `version` and `system_info` beside them.

        Example:
            >>> (ari.get_asterisk_info())["version"]
            '20.15.2'
        """
        return asterisk_info(self.rest.call("asterisk.getInfo"))

    def start_event_loop(self, on_stasis_start: StasisHandler | None = None, on_stasis_end: StasisHandler | None = None) -> None:
        """Handle events until `stop()`, `disconnect()`, Ctrl-C or SIGTERM; then return.

        Handlers run in the order of each call's events, those of different calls at the same time. They may do
        everything: play, wait, hang up, stop. One that raises is logged and reported to `on_error`; the loop goes on.

        Args:
            on_stasis_start: called with a `Channel` and the StasisStart when a channel enters the app, and for those
                that are in it already, having entered since `connect()` while nothing listened for it.
            on_stasis_end: called with a `Channel` and the StasisEnd when it leaves.

        Raises:
            NotConnected: `connect()` was not called.
            EventStreamRefused: the server refuses the event WebSocket for good.

        Example:
            >>> def on_stasis_start(channel, event):
            ...     channel.answer()
            >>> ari.start_event_loop(on_stasis_start=on_stasis_start)
        """
        registrations = [
            self.hub.register(name, handler, call=self._with_channel)
            for name, handler in (("StasisStart", on_stasis_start), ("StasisEnd", on_stasis_end))
            if handler is not None
        ]
        try:
            if not self.is_connected:
                raise NotConnected("not connected: call connect() first")
            if on_stasis_start is not None:
                self.hub.catch_up(registrations[0])
            self.hub.run_forever()
        finally:
            for registration in registrations:
                registration.close()

    def _with_channel(self, handler: StasisHandler, event: Event) -> Any:
        return handler(Channel.of(self, event["channel"]), event)
