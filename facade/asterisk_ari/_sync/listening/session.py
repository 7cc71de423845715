# Made from listening/session.py by scripts/unasync.py: edit that file.
"""A client over a WebSocket that Asterisk opened, for all calls or for one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from asterisk_ari._core.events.introduction import Introduction, Kind
from asterisk_ari._core.requests.response import version_in
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._sync.client import AsteriskARI
from asterisk_ari._sync.events.hub import EventHub
from asterisk_ari._sync.listening.accepted_streams import AcceptedStreams
from asterisk_ari._sync.rest import Rest, WithoutEvents
from asterisk_ari._transport.websocket.event_stream_sync import EventStream
from asterisk_ari._transport.websocket.rest_sync import OnlyWebSocket
from asterisk_ari.capabilities import Capabilities
from asterisk_ari.errors import BadArgument, NotConnected
from asterisk_ari.policies import Reconnect
from asterisk_ari.settings import Settings

# No growing pauses, since Asterisk opens the WebSocket. A per-call one comes back at once or never.
_POLICIES = {
    "persistent": Reconnect(first_seconds=0.05, max_seconds=0.05),
    "per_call": Reconnect(first_seconds=0.05, max_seconds=0.05, give_up_after_seconds=0.0),
}


@methods_tell_spellings
class AriSession(AsteriskARI):
    """A client over a WebSocket that Asterisk opened; made by `AriListener`.

    It can do everything that `AsteriskARI` can; its apps are those of ari.conf. All requests go over the WebSocket, one
    after the other: one that waits for its channel (such as `answer` while media is playing) holds up the others. Files cannot be
    fetched. A WebSocket that is lost and comes back is the same session: `ConnectionLost`, then `Reconnected`.

    Example:
        >>> for session in listener:
        ...     print(session.kind, session.apps, session.peer)
        persistent ('voicebot',) ('192.0.2.7', 41234)
    """

    def __init__(
        self, stream: EventStream, said: Introduction, *, user: str, peer: tuple[str, int], on_error: Callable[..., Any] | None
    ) -> None:
        self._kind: Kind = said.kind
        self._peer = peer
        self._late_events = 0
        self.user: str = user
        self.asterisk_id: str = said.asterisk_id
        self.streams: AcceptedStreams = AcceptedStreams(said.kind)
        super().__init__(
            peer[0],
            peer[1],
            user,
            "unknown",
            said.apps[0],
            apps=said.apps[1:],
            transport="websocket",
            reconnect=_POLICIES[said.kind],
            on_error=on_error,
        )
        self._version = version_in(said.info, self.settings.named)
        self._resume(stream, said)

    def _check_apps(self, apps: Iterable[str]) -> None:
        """Accept the names as they are: Asterisk chose them, per-call ones after the channel, `;2` included."""

    def _resume(self, stream: EventStream, said: Introduction) -> bool:
        """Continue with another WebSocket; False if the session is over."""
        stream.put_back(said.frames)
        if not self.streams.put(stream):
            return False
        self._late_events += said.queued
        return True

    def _new_hub(self, on_error: Any) -> EventHub:
        def open_rest(settings: Settings) -> Rest:
            return Rest(OnlyWebSocket(settings, self.hub, is_shared=True), WithoutEvents(), settings)

        return EventHub(self.settings, open_rest=open_rest, on_error=on_error, source=self.streams)

    def _open(self) -> None:
        if self.hub.is_closed:
            raise NotConnected("this session has ended: Asterisk will open another one")
        capabilities = Capabilities(self._version, mode=self.settings.version_check)
        rest = Rest(OnlyWebSocket(self.settings, self.hub), self.hub, self.settings, capabilities)
        self._process = os.getpid()
        self._rest = rest  # before the first event: its handler makes calls
        try:
            self.hub.start(rest.capabilities.release)
        except BaseException:
            self._end_connection()
            self.hub.close()
            rest.close()
            raise

    def _change_apps(self, change: Any, added: tuple[str, ...] = ()) -> None:
        raise BadArgument("the apps of this session are defined in its section of ari.conf: change them there, and reload")

    def disconnect(self, drain_seconds: float | None = None) -> None:
        """End the session, as `AsteriskARI.disconnect`; while the listener is open, Asterisk opens another one.

        Programs and scopes end the objects they own before the WebSocket is closed, since there is no other connection to
        Asterisk.

        Args:
            drain_seconds: how long running handlers may continue; None ends all waits at once.

        Raises:
            BadArgument: drain_seconds is not a duration.

        Example:
            >>> session.disconnect(drain_seconds=10)
        """
        self._stop(drain_seconds, "leave")

    def _stop(self, drain_seconds: float | None, on_stop: str) -> None:
        """End the session; `on_stop` says what happens to the remaining channels, as for `start_event_loop`."""
        try:
            if self.is_connected:
                self._drain(drain_seconds or 0.0, on_stop)
                if self.open_scopes:
                    self._end_scopes()
            super().disconnect()
        finally:
            self.streams.ended.set()
            self.streams.release()

    @property
    def kind(self) -> Kind:
        """Whether the WebSocket is for all calls of its apps ("persistent") or for one ("per_call").

        Example:
            >>> session.kind
            'persistent'
        """
        return self._kind

    @property
    def peer(self) -> tuple[str, int]:
        """Address and port from which Asterisk first connected.

        Example:
            >>> session.peer
            ('192.0.2.7', 41234)
        """
        return self._peer

    @property
    def late_events(self) -> int:
        """How many events Asterisk queued while there was no WebSocket; they come first, in order, with `late` set.

        Example:
            >>> session.late_events
            22
        """
        return self._late_events

    def __repr__(self) -> str:
        if "settings" not in vars(self):
            return super().__repr__()
        state = "connected" if self.is_connected else "not connected"
        return f"{type(self).__name__}({self._kind}, app {', '.join(self.apps)}, from {self._peer[0]}:{self._peer[1]}, {state})"
