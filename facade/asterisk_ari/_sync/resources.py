# Made from _async/resources.py by scripts/unasync.py: edit that file.
"""The resources of the definitions, each by its name on the client."""

from functools import cached_property
from typing import TYPE_CHECKING

from asterisk_ari._sync.applications import Applications
from asterisk_ari._sync.asterisk import Asterisk
from asterisk_ari._sync.bridges import Bridges
from asterisk_ari._sync.channels import Channels
from asterisk_ari._sync.device_states import DeviceStates
from asterisk_ari._sync.endpoints import Endpoints
from asterisk_ari._sync.flat_system import FlatSystem
from asterisk_ari._sync.mailboxes import Mailboxes
from asterisk_ari._sync.playbacks import Playbacks
from asterisk_ari._sync.recordings import Recordings
from asterisk_ari._sync.sounds import Sounds
from asterisk_ari._sync.user_events import Events

if TYPE_CHECKING:
    from asterisk_ari._sync.client import AsteriskARI


class Resources(FlatSystem):
    """Every operation of the definitions, typed: collections, and handles of their objects."""

    @property
    def _ari(self) -> "AsteriskARI":
        ari: AsteriskARI = self  # type: ignore[assignment]
        return ari

    @cached_property
    def channels(self) -> Channels:
        """Channels: originate, list, and each by its id."""
        return Channels(self._ari)

    @cached_property
    def bridges(self) -> Bridges:
        """Bridges: create, list, and each by its id."""
        return Bridges(self._ari)

    @cached_property
    def playbacks(self) -> Playbacks:
        """Running playbacks by id."""
        return Playbacks(self._ari)

    @cached_property
    def recordings(self) -> Recordings:
        """Live and stored recordings."""
        return Recordings(self._ari)

    @cached_property
    def endpoints(self) -> Endpoints:
        """Endpoints: list, send messages, refer."""
        return Endpoints(self._ari)

    @cached_property
    def device_states(self) -> DeviceStates:
        """Device states owned by ARI (`Stasis:…`), and all others to read."""
        return DeviceStates(self._ari)

    @cached_property
    def mailboxes(self) -> Mailboxes:
        """Mailboxes, where res_mwi_external is loaded."""
        return Mailboxes(self._ari)

    @cached_property
    def sounds(self) -> Sounds:
        """Installed sounds."""
        return Sounds(self._ari)

    @cached_property
    def applications(self) -> Applications:
        """Stasis apps: subscriptions and event filters."""
        return Applications(self._ari)

    @cached_property
    def asterisk(self) -> Asterisk:
        """Asterisk itself: modules, logging, configuration, global variables."""
        return Asterisk(self._ari)

    @cached_property
    def events(self) -> Events:
        """User events, and claiming broadcast channels."""
        return Events(self._ari)
