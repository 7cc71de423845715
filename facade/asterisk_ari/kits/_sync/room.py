# Made from _async/room.py by scripts/unasync.py: edit that file.
"""The bridge of a conference: it exists while there are members, with music for a lone one."""

from collections.abc import Sequence
from contextlib import suppress

from asterisk_ari.building_blocks.sync import Owned, OwnedObjects, new_id, new_lock, owned_playback, uninterrupted
from asterisk_ari.errors import AriError, BadArgument, MediaNotPlayed, ObjectGone, ResponseError
from asterisk_ari.sync import AsteriskARI, Bridge, Channel

# In a plain mixing bridge of two SIP phones Asterisk passes DTMF on without an event.
_BRIDGE_TYPE = "mixing,dtmf_events"


class Room:
    """The current bridge: created for the first member, destroyed after the last one has left.

    Args:
        ari: the client.
        name: human-readable name of the bridges.
        music: whether a lone member hears music on hold.
        moh_class: class of the music on hold; None means the server's default.
        record: name of a recording of each bridge, with {id} for its id; None: no recording.
    """

    def __init__(self, ari: AsteriskARI, *, name: str | None, music: bool, moh_class: str | None, record: str | None) -> None:
        self._ari = ari
        self._name = name
        self._music = music
        self._moh_class = moh_class
        self._record = record
        # Commands to the bridge are sent one after the other, except those that may wait for a channel's playback.
        self._lock = new_lock()
        self._owns = OwnedObjects()
        self._inside: set[str] = set()
        self._bridge: Bridge | None = None
        self._recording: Owned | None = None
        self._announcements = 0
        self._has_music = False

    @property
    def bridge(self) -> Bridge | None:
        """The current bridge; None while there are no members."""
        return self._bridge

    def enter(self, channel: Channel) -> None:
        """Put a channel into the bridge."""
        with self._lock:
            bridge = self._bridge or self._open()
            self._inside.add(channel.id)
        bridge.add_channel(channel)
        with self._lock:
            self._update_music()

    def leave(self, channel: Channel, *, is_gone: bool) -> None:
        """Take a channel out of the bridge, unless it is already gone; the bridge is destroyed after the last one."""
        if self._bridge is not None and not is_gone:
            with suppress(AriError):  # it is in another bridge, or is hanging up
                self._bridge.remove_channel(channel)
        with self._lock:
            self._inside.discard(channel.id)
            if self._inside:
                self._update_music()
            else:
                self._close()

    def _open(self) -> Bridge:
        bridge = self._bridge = self._ari.bridges(new_id("bridge"))
        owned = Owned("bridge", bridge.id, bridge.destroy)
        try:
            self._owns.create(owned, lambda: self._ari.bridges.create(_BRIDGE_TYPE, name=self._name, bridge_id=bridge.id))
            if self._record is not None:
                self._begin_recording(bridge, self._record.replace("{id}", bridge.id), "wav")
        except Exception:
            self._close()
            raise
        return bridge

    def _close(self) -> None:
        self._bridge = self._recording = None
        self._has_music = False
        self._owns.end_all()

    def _update_music(self) -> None:
        """Start or stop the music as required. Asterisk itself stops it when the last member leaves, so there is nothing to stop
        then."""
        bridge = self._bridge
        wanted = self._music and len(self._inside) == 1 and not self._announcements
        if bridge is None or wanted == self._has_music:
            return
        self._has_music = wanted
        with suppress(ResponseError):
            (bridge.start_moh(self._moh_class) if wanted else bridge.stop_moh())

    # -- audio for all --

    def play(self, media: Sequence[str], *, least: int = 1) -> bool:
        """Play to all, and return when it has been heard; False if there are fewer than `least` members.

        Raises:
            MediaNotPlayed: Asterisk could not play one of them.
        """
        with self._lock:
            bridge = self._bridge
            if bridge is None or len(self._inside) < least:
                return False
            self._announcements += 1
            self._update_music()
        try:
            for one in media:
                self._play(bridge, one)
        except (ObjectGone, ResponseError):
            if bridge is self._bridge:
                raise
        finally:
            uninterrupted(self._end_announcement)
        return True

    def _play(self, bridge: Bridge, media: str) -> None:
        playback_id = new_id("playback")
        owned = owned_playback(self._ari, playback_id)
        try:
            playback = self._owns.create(owned, lambda: bridge.play([media], playback_id=playback_id))
            event = playback.wait()
        except BaseException:
            self._owns.end(owned)
            raise
        self._owns.disown(owned)
        if event["playback"]["state"] == "failed" and bridge is self._bridge:
            raise MediaNotPlayed(f"{media} was not played to bridge {bridge.id}", media=media)

    def _end_announcement(self) -> None:
        with self._lock:
            self._announcements -= 1
            self._update_music()

    # -- recording --

    def record(self, name: str, format: str) -> None:
        """Record all members from now on, until `stop_recording` or until the last one leaves.

        Raises:
            BadArgument: there are no members, or they are already being recorded.
        """
        with self._lock:
            if self._bridge is None:
                raise BadArgument("nobody is in the conference: there is nothing to record")
            if self._recording is not None:
                raise BadArgument(f"the conference is already being recorded, as {self._recording.name}")
            self._begin_recording(self._bridge, name, format)

    def _begin_recording(self, bridge: Bridge, name: str, format: str) -> None:
        owned = Owned("recording", name, self._ari.recordings.live(name).stop)
        self._owns.create(owned, lambda: bridge.record(name, format))
        self._recording = owned

    def stop_recording(self) -> str | None:
        """Stop the recording and keep it; return its name, or None if there is none."""
        with self._lock:
            owned, self._recording = self._recording, None
            if owned is None:
                return None
            self._owns.end(owned)
            return owned.name
