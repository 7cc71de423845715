# Made from resources/bridges.py by scripts/unasync.py: edit that file.
"""Bridges: where channels hear each other. The handle `Bridge`, and the collection `ari.bridges`."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, cast

from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._core.requests.naming import operation
from asterisk_ari._core.requests.result_shapes import with_type
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.resources.base import Collection, by_id
from asterisk_ari._sync.resources.channels import AnyChannel, Channel, Variables
from asterisk_ari._sync.resources.observed import Observed
from asterisk_ari._sync.resources.playbacks import Media, Playback
from asterisk_ari._sync.resources.recordings import LiveRecording
from asterisk_ari._transport.runtime.client_clock import monotonic
from asterisk_ari.errors import NotFound, ObjectGone

if TYPE_CHECKING:
    from ari_rest import models
    from ari_rest.json_shapes import BridgeJson


class Bridge(Observed):
    """One bridge: put channels in and out, play, record, destroy it.

    `json` is its last known snapshot, with `type` beside the server's `bridge_type`.
    """

    KIND: ClassVar[str] = "bridge"
    MODEL_OF: ClassVar[str] = "bridges.get"

    __slots__ = ()

    json: "BridgeJson"

    @classmethod
    def of(cls, ari: ClientConnection, json: Mapping[str, Any]) -> "Bridge":
        """The handle of a bridge as the server sent it, as `Handle.of`."""
        return cls(ari, cls._id_in(json), with_type(json))

    @property
    def data(self) -> "models.Bridge":
        """The snapshot as the generated model, as `Handle.data`."""
        return cast("models.Bridge", self._model())

    @property
    def name(self) -> str:
        """Its name for people to read."""
        return self._text("name")

    @property
    def type(self) -> str:
        """What it was created as: "mixing", "holding", or a comma-separated list."""
        return self._text("bridge_type")

    @property
    def channels(self) -> "list[Channel]":
        """Handles of the channels in it."""
        return [Channel(self._ari, channel_id) for channel_id in self.json.get("channels") or ()]

    @operation("bridges.get")
    def refresh(self) -> "Bridge":
        """Ask the server for the bridge's present state.

        `GET /bridges/{bridgeId}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: it is destroyed; just after `destroy` it may still be found.

        Example:
            >>> bridge.refresh().json["channels"]
            ['1735689600.1', '1735689600.2']
        """
        self.json = cast("BridgeJson", with_type(self._call("bridges.get", bridgeId=self.id)))
        return self

    @operation("bridges.destroy")
    def destroy(self) -> None:
        """Destroy the bridge. Its channels are not hung up; they go back to what they did before.

        `DELETE /bridges/{bridgeId}`, since 13.0.

        Raises:
            NotFound: there is no such bridge any more.

        Emits:
            ChannelLeftBridge for each member, BridgeDestroyed.

        Example:
            >>> bridge.destroy()
        """
        self._call("bridges.destroy", bridgeId=self.id)

    @operation("bridges.addChannel")
    def add_channel(
        self,
        channel: "AnyChannel | Sequence[AnyChannel]",
        *,
        role: str | None = None,
        absorb_dtmf: bool | None = None,
        mute: bool | None = None,
        inhibit_connected_line_updates: bool | None = None,
    ) -> None:
        """Put one or several channels of the app into the bridge; they leave the one they were in.

        `POST /bridges/{bridgeId}/addChannel`, since 13.0. Accepted is not done: wait for ChannelEnteredBridge.

        Args:
            channel: the channel (its handle or id), or a list of them.
            role: their role, such as "announcer" in a holding bridge; None means an ordinary member.
            absorb_dtmf: whether their DTMF stays out of the bridge; None means False (since 16.0).
            mute: whether they only listen; None means False (since 16.0).
            inhibit_connected_line_updates: whether the others are not told who joined; None means False (since 18.0).

        Raises:
            BadRequest: there is no such channel.
            NotFound: there is no such bridge.
            Conflict: the channel is being recorded, or the bridge is not under this app's control.
            Unprocessable: the channel is not in a Stasis app.

        Emits:
            ChannelEnteredBridge for each.

        Example:
            >>> bridge.add_channel([caller, agent])
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
    def remove_channel(self, channel: "AnyChannel | Sequence[AnyChannel]") -> None:
        """Take one or several channels out of the bridge, back into the app.

        `POST /bridges/{bridgeId}/removeChannel`, since 13.0.

        Args:
            channel: the channel (its handle or id), or a list of them.

        Raises:
            BadRequest: there is no such channel.
            NotFound: there is no such bridge.
            Conflict: the bridge is not under this app's control.
            Unprocessable: the channel is not in this bridge.

        Emits:
            ChannelLeftBridge for each.

        Example:
            >>> bridge.remove_channel(agent)
        """
        self._call("bridges.removeChannel", bridgeId=self.id, channel=channel)

    def wait_for_leaving(self, timeout_seconds: float | None = None) -> "Channel":
        """Wait until a channel leaves the bridge, from now on.

        Args:
            timeout_seconds: None waits for ever.

        Returns:
            The channel, with the snapshot at its leaving.

        Raises:
            WaitTimeout: none left in time.
            ObjectGone: the bridge was destroyed.
            EventStreamLost: the connection broke meanwhile.

        Example:
            >>> bridge.wait_for_leaving().caller["number"]
            '555'
        """
        event = self.wait_for("ChannelLeftBridge", timeout_seconds=timeout_seconds)
        return Channel.of(self._ari, event["channel"])

    def wait_empty(self, timeout_seconds: float | None = None) -> None:
        """Wait until no channel is in the bridge, or it is destroyed; the server is asked who is in it now.

        Args:
            timeout_seconds: None waits for ever.

        Raises:
            WaitTimeout: somebody is still in it.
            EventStreamLost: the connection broke meanwhile.

        Example:
            >>> bridge.wait_empty(timeout_seconds=3600)
        """
        deadline = None if timeout_seconds is None else monotonic() + timeout_seconds
        with self.expect("ChannelLeftBridge") as left, suppress(NotFound, ObjectGone):
            while self.refresh().json["channels"]:
                left.result(None if deadline is None else max(0.0, deadline - monotonic()))

    @operation("bridges.play")
    def play(
        self,
        media: Media | Sequence[Media],
        *,
        lang: str | None = None,
        offset_ms: int | None = None,
        skip_ms: int | None = None,
        playback_id: str | None = None,
        announcer_format: str | None = None,
    ) -> Playback:
        """Play media to all members.

        `POST /bridges/{bridgeId}/play`, since 13.0. The answer comes before the media begins.

        Args:
            media: one or several URIs, played in order: sound:, recording:, number:, digits:, characters: or tone:;
                recordings without file extension. A text is one URI, or several separated by commas; a URI with commas in
                it (a tone) goes in a list. Handles of recordings and sounds will do.
            lang: language of sound files, such as "en"; None means the server's default.
            offset_ms: milliseconds to skip at the start of the first URI; None means 0.
            skip_ms: milliseconds that one `control("forward")` or `control("reverse")` jumps; None means 3000.
            playback_id: id of the new playback; None makes one up.
            announcer_format: format of the announcing channel, such as "slin16"; None takes that of the member with
                the highest sample rate (since 20.17, 22.7 and 23.1).

        Returns:
            The playback. Media that does not exist is accepted as well and fails later.

        Raises:
            BadArgument: media without a scheme that Asterisk knows; it would accept that, and play nothing.
            NotFound: there is no such bridge.
            Conflict: the bridge is not under this app's control.
            ServerFailure: the announcing channel could not be made.

        Emits:
            PlaybackStarted, PlaybackContinuing between the URIs, PlaybackFinished.

        Example:
            >>> playback = bridge.play("sound:conf-onlyperson")
        """
        json = self._call(
            "bridges.play",
            bridgeId=self.id,
            media=media,
            lang=lang,
            offsetms=offset_ms,
            skipms=skip_ms,
            playbackId=playback_id or new_id("playback"),
            announcer_format=announcer_format,
        )
        return Playback.of(self._ari, json)

    @operation("bridges.playWithId")
    def play_with_id(
        self,
        playback_id: str,
        media: Media | Sequence[Media],
        *,
        lang: str | None = None,
        offset_ms: int | None = None,
        skip_ms: int | None = None,
        announcer_format: str | None = None,
    ) -> Playback:
        """Play media to all members, under an id of your choice.

        `POST /bridges/{bridgeId}/play/{playbackId}`, since 13.0.

        Args:
            playback_id: id of the new playback, at most 149 characters.
            media: as for `play`.
            lang: as for `play`.
            offset_ms: as for `play`.
            skip_ms: as for `play`.
            announcer_format: as for `play` (since 20.17, 22.7 and 23.1).

        Returns:
            The playback.

        Raises:
            BadArgument: media without a scheme that Asterisk knows; it would accept that, and play nothing.
            NotFound: there is no such bridge.
            Conflict: the bridge is not under this app's control.

        Emits:
            As `play`.

        Example:
            >>> playback = bridge.play_with_id("welcome-1", "sound:hello-world")
        """
        json = self._call(
            "bridges.playWithId",
            bridgeId=self.id,
            playbackId=playback_id,
            media=media,
            lang=lang,
            offsetms=offset_ms,
            skipms=skip_ms,
            announcer_format=announcer_format,
        )
        return Playback.of(self._ari, json)

    @operation("bridges.record")
    def record(
        self,
        name: str,
        format: str,
        *,
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        if_exists: Literal["fail", "overwrite", "append"] | None = None,
        beep: bool | None = None,
        terminate_on: Literal["none", "any", "*", "#"] | None = None,
        recorder_format: str | None = None,
    ) -> LiveRecording:
        """Record what all members say, mixed into one file.

        `POST /bridges/{bridgeId}/record`, since 13.0. The answer comes before the recording begins.

        Args:
            name: name without file extension; slashes make subdirectories.
            format: file format and extension, such as "wav", "gsm" or "ulaw".
            max_duration_seconds: seconds after which it ends by itself; 0 and None mean no limit.
            max_silence_seconds: seconds of silence after which it ends; 0 and None mean never.
            if_exists: what to do when the name is taken: fail, overwrite or append; None means fail.
            beep: whether the members hear a beep first; None means False.
            terminate_on: DTMF key that ends it: none, any, * or #; None means "none".
            recorder_format: format of the recording channel in the bridge, such as "slin16"; None means `format`
                (since 20.17, 22.7 and 23.1).

        Returns:
            The recording in progress.

        Raises:
            BadRequest: the name leads out of the recordings' directory.
            NotFound: there is no such bridge.
            Conflict: the name is taken, or the bridge is not under this app's control.
            Unprocessable: the server cannot write this format.
            ServerFailure: a bad name on some releases, or the recording channel could not be made.

        Emits:
            RecordingStarted, then RecordingFinished or RecordingFailed.

        Example:
            >>> recording = bridge.record("conference-7", "wav", if_exists="overwrite")
        """
        json = self._call(
            "bridges.record",
            bridgeId=self.id,
            name=name,
            format=format,
            maxDurationSeconds=max_duration_seconds,
            maxSilenceSeconds=max_silence_seconds,
            ifExists=if_exists,
            beep=beep,
            terminateOn=terminate_on,
            recorder_format=recorder_format,
        )
        return LiveRecording.of(self._ari, json)

    @operation("bridges.startMoh")
    def start_moh(self, moh_class: str | None = None) -> None:
        """Play music on hold to all members, or change to another class.

        `POST /bridges/{bridgeId}/moh`, since 13.0.

        Args:
            moh_class: class of musiconhold.conf; None means the server's default.

        Raises:
            NotFound: there is no such bridge.
            Conflict: the bridge is not under this app's control.

        Example:
            >>> bridge.start_moh("default")
        """
        self._call("bridges.startMoh", bridgeId=self.id, mohClass=moh_class)

    @operation("bridges.stopMoh")
    def stop_moh(self) -> None:
        """Stop the music that `start_moh` began.

        `DELETE /bridges/{bridgeId}/moh`, since 13.0.

        Raises:
            NotFound: there is no such bridge.
            Conflict: no music is playing.

        Example:
            >>> bridge.stop_moh()
        """
        self._call("bridges.stopMoh", bridgeId=self.id)

    @operation("bridges.setVideoSource")
    def set_video_source(self, channel_id: "AnyChannel") -> None:
        """Show one member's video to everybody; of no effect below three members.

        `POST /bridges/{bridgeId}/videoSource/{channelId}`, since 13.13, 14.2 and 15.0.

        Args:
            channel_id: the member to show (its handle or id).

        Raises:
            BadRequest: there is no such channel.
            NotFound: there is no such bridge.
            Conflict: the channel is not in a Stasis app.
            Unprocessable: the channel is not in this bridge.

        Emits:
            BridgeVideoSourceChanged.

        Example:
            >>> bridge.set_video_source(channel)
        """
        self._call("bridges.setVideoSource", bridgeId=self.id, channelId=channel_id)

    @operation("bridges.clearVideoSource")
    def clear_video_source(self) -> None:
        """Let the picture follow whoever talks again; of no effect below three members.

        `DELETE /bridges/{bridgeId}/videoSource`, since 13.13, 14.2 and 15.0.

        Raises:
            NotFound: there is no such bridge.

        Emits:
            BridgeVideoSourceChanged, where a source was set.

        Example:
            >>> bridge.clear_video_source()
        """
        self._call("bridges.clearVideoSource", bridgeId=self.id)

    @operation("bridges.getBridgeVar")
    def get_bridge_var(self, variable: str) -> str:
        """Read one variable or function of the bridge.

        `GET /bridges/{bridgeId}/variable`, since 20.20, 22.10 and 23.4.

        Args:
            variable: its name.

        Returns:
            The value as text.

        Raises:
            NotFound: there is no such bridge, or the variable is not set.
            NotSupportedByServer: the release has no bridge variables.

        Example:
            >>> bridge.get_bridge_var("ROOM")
            '7'
        """
        json = self._call("bridges.getBridgeVar", bridgeId=self.id, variable=variable)
        return cast(str, json["value"])

    @operation("bridges.getBridgeVars")
    def get_bridge_vars(self, variables: list[str]) -> dict[str, Any]:
        """Read several variables or functions of the bridge in one call.

        `GET /bridges/{bridgeId}/variables`, since 20.20, 22.10 and 23.4.

        Args:
            variables: their names, at most 128.

        Returns:
            Name and value of each.

        Raises:
            NotFound: there is no such bridge.
            NotSupportedByServer: the release has no bridge variables.

        Example:
            >>> bridge.get_bridge_vars(["ROOM", "OWNER"])
            {'ROOM': '7', 'OWNER': 'alice'}
        """
        json = self._call("bridges.getBridgeVars", bridgeId=self.id, variables=variables)
        return cast(dict[str, Any], json["variables"])

    @operation("bridges.setBridgeVar")
    def set_bridge_var(self, variable: str, value: str | None = None, *, report_events: bool | None = None) -> None:
        """Set one variable or function of the bridge.

        `POST /bridges/{bridgeId}/variable`, since 20.20, 22.10 and 23.4.

        Args:
            variable: its name.
            value: its new value; None sends no value.
            report_events: whether the events of this bridge carry it from now on; None means False.

        Raises:
            NotFound: there is no such bridge.
            NotSupportedByServer: the release has no bridge variables.

        Example:
            >>> bridge.set_bridge_var("ROOM", "7", report_events=True)
        """
        self._call("bridges.setBridgeVar", bridgeId=self.id, variable=variable, value=value, report_events=report_events)

    @operation("bridges.setBridgeVars")
    def set_bridge_vars(self, variables: Variables) -> None:
        """Set several variables or functions of the bridge in one call.

        `POST /bridges/{bridgeId}/variables`, since 20.20, 22.10 and 23.4.

        Args:
            variables: name and text of each, or name and `{"value": text, "report_events": bool}`.

        Raises:
            BadRequest: a value is neither.
            NotFound: there is no such bridge.
            NotSupportedByServer: the release has no bridge variables.

        Example:
            >>> bridge.set_bridge_vars({"ROOM": "7", "OWNER": {"value": "alice", "report_events": True}})
        """
        self._call("bridges.setBridgeVars", bridgeId=self.id, variables=variables)

    def get_variable(self, variable: str) -> str:
        """Read one variable: short for `get_bridge_var`.

        Example:
            >>> topic = bridge.get_variable("TOPIC")
        """
        return self.get_bridge_var(variable)

    def set_variable(self, variable: str, value: str | None = None, *, report_events: bool | None = None) -> None:
        """Set one variable: short for `set_bridge_var`.

        Example:
            >>> bridge.set_variable("TOPIC", "sales")
        """
        self.set_bridge_var(variable, value, report_events=report_events)


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
        variables: Variables | None = None,
    ) -> Bridge:
        """Create an empty bridge; it lives until it is destroyed.

        `POST /bridges`, since 13.0; with variables `POST /bridges/{bridgeId}`, as servers misread them in the former.

        Args:
            type: comma-separated list of mixing, holding, dtmf_events, proxy_media, video_sfu, video_single and
                sdp_label; None means mixing.
            name: name for people to read; None means empty.
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
        variables: Variables | None = None,
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

    get: Final = by_id(Bridge.refresh)
    destroy: Final = by_id(Bridge.destroy)
    add_channel: Final = by_id(Bridge.add_channel)
    remove_channel: Final = by_id(Bridge.remove_channel)
    play: Final = by_id(Bridge.play)
    play_with_id: Final = by_id(Bridge.play_with_id)
    record: Final = by_id(Bridge.record)
    start_moh: Final = by_id(Bridge.start_moh)
    stop_moh: Final = by_id(Bridge.stop_moh)
    set_video_source: Final = by_id(Bridge.set_video_source)
    clear_video_source: Final = by_id(Bridge.clear_video_source)
    get_bridge_var: Final = by_id(Bridge.get_bridge_var)
    get_bridge_vars: Final = by_id(Bridge.get_bridge_vars)
    set_bridge_var: Final = by_id(Bridge.set_bridge_var)
    set_bridge_vars: Final = by_id(Bridge.set_bridge_vars)

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
