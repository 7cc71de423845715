# Made from _async/bridges.py by scripts/unasync.py: edit that file.
"""Bridges: where channels hear each other."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from asterisk_ari._core.ids import new_id
from asterisk_ari._core.naming import operation
from asterisk_ari._core.shapes import with_type
from asterisk_ari._sync.bridge_media import BridgeMedia
from asterisk_ari._sync.bridge_variables import BridgeVariables
from asterisk_ari._sync.observed import Observed
from asterisk_ari._sync.resource import Collection, by_id

if TYPE_CHECKING:
    from asterisk_ari._sync.connection import Connection


class Bridge(BridgeMedia, BridgeVariables, Observed):
    """One bridge: put channels in and out, play, record, destroy it.

    `json` is its last known snapshot, with `type` beside the server's `bridge_type`.
    """

    KIND: ClassVar[str] = "bridge"
    MODEL_OF: ClassVar[str] = "bridges.get"

    __slots__ = ()

    @classmethod
    def of(cls, ari: "Connection", json: dict[str, Any]) -> "Bridge":
        """The handle of a bridge as the server sent it, as `Handle.of`."""
        return cls(ari, json["id"], with_type(json))

    @operation("bridges.get")
    def refresh(self) -> "Bridge":
        """Ask the server for the bridge's present state.

        `GET /bridges/{bridgeId}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: it is destroyed; just after `destroy` it may still be found.

        Example:
            >>> (bridge.refresh()).json["channels"]
            ['1735689600.1', '1735689600.2']
        """
        self._know(with_type(self._call("bridges.get", bridgeId=self.id)))
        return self

    @operation("bridges.destroy")
    def destroy(self) -> None:
        """Destroy the bridge. Its channels are not hung up; they go back to what they did before.

        `DELETE /bridges/{bridgeId}`, since 13.0.

        Raises:
            NotFound: it is gone already.

        Emits:
            ChannelLeftBridge for each member, BridgeDestroyed.

        Example:
            >>> bridge.destroy()
        """
        self._call("bridges.destroy", bridgeId=self.id)

    @operation("bridges.addChannel")
    def add_channel(
        self,
        channel: str | list[str],
        *,
        role: str | None = None,
        absorb_dtmf: bool | None = None,
        mute: bool | None = None,
        inhibit_connected_line_updates: bool | None = None,
    ) -> None:
        """Put one or several channels of the app into the bridge; they leave the one they were in.

        `POST /bridges/{bridgeId}/addChannel`, since 13.0. Accepted is not done: wait for ChannelEnteredBridge.

        Args:
            channel: id of the channel, or a list of ids.
            role: their role, such as "announcer" in a holding bridge; None is an ordinary member.
            absorb_dtmf: whether their DTMF stays out of the bridge; None is False (since 16.0).
            mute: whether they only listen; None is False (since 16.0).
            inhibit_connected_line_updates: whether the others are not told who joined; None is False (since 18.0).

        Raises:
            BadRequest: there is no such channel.
            NotFound: the bridge is gone.
            Conflict: the channel is being recorded, or the bridge is not under this app's control.
            Unprocessable: the channel is not in a Stasis app.

        Emits:
            ChannelEnteredBridge for each.

        Example:
            >>> bridge.add_channel([caller.id, agent.id])
        """
        self._call(
            "bridges.addChannel",
            bridgeId=self.id,
            channel=channel,
            role=role,
            absorbDTMF=absorb_dtmf,
            mute=mute,
            inhibitConnectedLineUpdates=inhibit_connected_line_updates,
        )

    @operation("bridges.removeChannel")
    def remove_channel(self, channel: str | list[str]) -> None:
        """Take one or several channels out of the bridge, back into the app.

        `POST /bridges/{bridgeId}/removeChannel`, since 13.0.

        Args:
            channel: id of the channel, or a list of ids.

        Raises:
            BadRequest: there is no such channel.
            NotFound: the bridge is gone.
            Conflict: the bridge is not under this app's control.
            Unprocessable: the channel is not in this bridge.

        Emits:
            ChannelLeftBridge for each.

        Example:
            >>> bridge.remove_channel(agent.id)
        """
        self._call("bridges.removeChannel", bridgeId=self.id, channel=channel)


class Bridges(Collection[Bridge]):
    """All bridges: `ari.bridges`."""

    HANDLE = Bridge

    @operation("bridges.create")
    def create(
        self,
        type: str | None = None,
        *,
        name: str | None = None,
        bridge_id: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Bridge:
        """Create an empty bridge; it lives until it is destroyed.

        `POST /bridges`, since 13.0; with variables `POST /bridges/{bridgeId}`, as servers misread them in the former.

        Args:
            type: comma-separated list of mixing, holding, dtmf_events, proxy_media, video_sfu, video_single and
                sdp_label; None is mixing.
            name: name for people to read; None is empty.
            bridge_id: id of the new bridge, at most 149 characters; None makes one up.
            variables: name and text of each variable, or name and `{"value": text, "report_events": bool}`
                (since 20.20, 22.10 and 23.4).

        Returns:
            The bridge.

        Raises:
            BadArgument: a type that does not exist, or types that exclude each other.
            Conflict: the id is taken by a bridge of another type (ServerFailure on 16).

        Emits:
            BridgeCreated, to apps subscribed to it.

        Example:
            >>> bridge = ari.bridges.create("mixing", name="support")
        """
        bridge_id = bridge_id or new_id("bridge")
        if variables is not None:
            return self.create_with_id(bridge_id, type, name=name, variables=variables)
        return Bridge.of(self._ari, self._call("bridges.create", type=type, bridgeId=bridge_id, name=name))

    @operation("bridges.createWithId")
    def create_with_id(
        self,
        bridge_id: str,
        type: str | None = None,
        *,
        name: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Bridge:
        """Create an empty bridge under an id of your choice.

        `POST /bridges/{bridgeId}`, since 13.0.

        Args:
            bridge_id: id of the new bridge, at most 149 characters.
            type: as for `create`.
            name: as for `create`.
            variables: as for `create` (since 20.20, 22.10 and 23.4).

        Returns:
            The bridge.

        Raises:
            BadArgument: a type that does not exist, or types that exclude each other.
            Conflict: the id is taken by a bridge of another type (ServerFailure on 16).

        Emits:
            As `create`.

        Example:
            >>> bridge = ari.bridges.create_with_id("room-7", "mixing", variables={"ROOM": "7"})
        """
        json = self._call("bridges.createWithId", bridgeId=bridge_id, type=type, name=name, variables=variables)
        return Bridge.of(self._ari, json)

    @by_id(Bridge.refresh)
    def get(self) -> None:
        """The bridge with this id, as `Bridge.refresh`."""

    @by_id(Bridge.destroy)
    def destroy(self) -> None:
        """Destroy the bridge with this id, as `Bridge.destroy`."""

    @by_id(Bridge.add_channel)
    def add_channel(self) -> None:
        """Put channels into the bridge with this id, as `Bridge.add_channel`."""

    @by_id(Bridge.remove_channel)
    def remove_channel(self) -> None:
        """Take channels out of the bridge with this id, as `Bridge.remove_channel`."""

    @by_id(Bridge.play)
    def play(self) -> None:
        """Play to the bridge with this id, as `Bridge.play`."""

    @by_id(Bridge.play_with_id)
    def play_with_id(self) -> None:
        """Play to the bridge with this id, as `Bridge.play_with_id`."""

    @by_id(Bridge.record)
    def record(self) -> None:
        """Record the bridge with this id, as `Bridge.record`."""

    @by_id(Bridge.start_moh)
    def start_moh(self) -> None:
        """Play music to the bridge with this id, as `Bridge.start_moh`."""

    @by_id(Bridge.stop_moh)
    def stop_moh(self) -> None:
        """Stop the music of the bridge with this id, as `Bridge.stop_moh`."""

    @by_id(Bridge.set_video_source)
    def set_video_source(self) -> None:
        """Show a member's video in the bridge with this id, as `Bridge.set_video_source`."""

    @by_id(Bridge.clear_video_source)
    def clear_video_source(self) -> None:
        """Let the picture follow the talker in the bridge with this id, as `Bridge.clear_video_source`."""

    @by_id(Bridge.get_bridge_var)
    def get_bridge_var(self) -> None:
        """Read a variable of the bridge with this id, as `Bridge.get_bridge_var`."""

    @by_id(Bridge.get_bridge_vars)
    def get_bridge_vars(self) -> None:
        """Read variables of the bridge with this id, as `Bridge.get_bridge_vars`."""

    @by_id(Bridge.set_bridge_var)
    def set_bridge_var(self) -> None:
        """Set a variable of the bridge with this id, as `Bridge.set_bridge_var`."""

    @by_id(Bridge.set_bridge_vars)
    def set_bridge_vars(self) -> None:
        """Set variables of the bridge with this id, as `Bridge.set_bridge_vars`."""

    @operation("bridges.list")
    def list(self) -> list[Bridge]:
        """List all bridges of the server, those of the dialplan included.

        `GET /bridges`, since 13.0.

        Returns:
            A handle with a snapshot for each.

        Example:
            >>> [bridge.json["type"] for bridge in ari.bridges.list()]
            ['mixing']
        """
        return self._handles(self._call("bridges.list"))
