# Made from _async/resources.py by scripts/unasync.py: edit that file.
"""The resources of the definitions, each by its name on the client."""

from functools import cached_property

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


class Resources(FlatSystem):
    """Every operation of the definitions, typed: collections, and handles of their objects."""

    @cached_property
    def channels(self) -> Channels:
        """Channels: originate, list, and each by its id."""
        return Channels(self)

    @cached_property
    def bridges(self) -> Bridges:
        """Bridges: create, list, and each by its id."""
        return Bridges(self)

    @cached_property
    def playbacks(self) -> Playbacks:
        """Running playbacks by id."""
        return Playbacks(self)

    @cached_property
    def recordings(self) -> Recordings:
        """Live and stored recordings."""
        return Recordings(self)

    @cached_property
    def endpoints(self) -> Endpoints:
        """Endpoints: list, send messages, refer."""
        return Endpoints(self)

    @cached_property
    def device_states(self) -> DeviceStates:
        """Device states owned by ARI (`Stasis:…`), and all others to read."""
        return DeviceStates(self)

    @cached_property
    def mailboxes(self) -> Mailboxes:
        """Mailboxes, where res_mwi_external is loaded."""
        return Mailboxes(self)

    @cached_property
    def sounds(self) -> Sounds:
        """Installed sounds."""
        return Sounds(self)

    @cached_property
    def applications(self) -> Applications:
        """Stasis apps: subscriptions and event filters."""
        return Applications(self)

    @cached_property
    def asterisk(self) -> Asterisk:
        """Asterisk itself: modules, logging, configuration, global variables."""
        return Asterisk(self)

    @cached_property
    def events(self) -> Events:
        """User events, and claiming broadcast channels."""
        return Events(self)
