# Made from _async/flat_bridges.py by scripts/unasync.py: edit that file.
"""The documented bridge methods of the client."""

from typing import Any

from asterisk_ari._core.ids import new_id
from asterisk_ari._core.shapes import with_type
from asterisk_ari._sync.flat_media import FlatMedia


class FlatBridges(FlatMedia):
    """Bridges by id. What is tolerated and what raises is said at `FlatChannels`."""

    def create_bridge(self, bridge_type: str = "mixing") -> str | None:
        """Create a bridge.

        `POST /bridges`, since 13.0.

        Args:
            bridge_type: "mixing", "holding", or a comma list with dtmf_events, proxy_media, video_sfu, video_single,
                sdp_label.

        Returns:
            Its id; None when Asterisk could not create it.

        Emits:
            BridgeCreated.

        Example:
            >>> bridge_id = ari.create_bridge("mixing")
        """
        bridge_id = new_id("bridge")
        outcome = self._attempt("bridges.create", type=bridge_type, bridgeId=bridge_id)
        return bridge_id if outcome.done else None

    def destroy_bridge(self, bridge_id: str) -> bool:
        """Shut down a bridge; channels in it stay in the app.

        `DELETE /bridges/{bridgeId}`, since 13.0.

        Args:
            bridge_id: id of the bridge.

        Returns:
            True when accepted, False when there was none.

        Emits:
            ChannelLeftBridge for each channel, BridgeDestroyed.

        Example:
            >>> ari.destroy_bridge(bridge_id)
            True
        """
        return (self._attempt("bridges.destroy", bridgeId=bridge_id)).done

    def add_channel_to_bridge(self, channel_id: str, bridge_id: str) -> bool:
        """Put a channel into a bridge, out of the one it was in.

        `POST /bridges/{bridgeId}/addChannel`, since 13.0. A channel that this client sent into the dialplan is given
        `stasis_timeout_seconds` to reach the app first.

        Args:
            channel_id: id of a channel in the app.
            bridge_id: id of the bridge.

        Returns:
            True when accepted.

        Emits:
            ChannelEnteredBridge.

        Example:
            >>> ari.add_channel_to_bridge(channel_id, bridge_id)
            True
        """
        return (self._attempt("bridges.addChannel", bridgeId=bridge_id, channel=[channel_id])).done

    def remove_channel_from_bridge(self, channel_id: str, bridge_id: str) -> bool:
        """Take a channel out of a bridge; it stays in the app.

        `POST /bridges/{bridgeId}/removeChannel`, since 13.0.

        Args:
            channel_id: id of the channel.
            bridge_id: id of the bridge it is in.

        Returns:
            True when accepted, False when it is not in that bridge or has ended.

        Emits:
            ChannelLeftBridge.

        Example:
            >>> ari.remove_channel_from_bridge(channel_id, bridge_id)
            True
        """
        return (self._attempt("bridges.removeChannel", bridgeId=bridge_id, channel=[channel_id])).done

    def list_bridges(self) -> list[dict[str, Any]]:
        """All bridges of this Asterisk.

        `GET /bridges`, since 13.0.

        Returns:
            A snapshot of each, with `type` beside Asterisk's `bridge_type`.

        Example:
            >>> [bridge["type"] for bridge in ari.list_bridges()]
            ['mixing']
        """
        return [with_type(bridge) for bridge in self.rest.call("bridges.list")]
