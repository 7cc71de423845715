"""The resources of the definitions, each by its name on the client."""

from functools import cached_property

from asterisk_ari._async.applications import Applications
from asterisk_ari._async.asterisk import Asterisk
from asterisk_ari._async.bridges import Bridges
from asterisk_ari._async.channels import Channels
from asterisk_ari._async.device_states import DeviceStates
from asterisk_ari._async.endpoints import Endpoints
from asterisk_ari._async.flat_system import FlatSystem
from asterisk_ari._async.mailboxes import Mailboxes
from asterisk_ari._async.playbacks import Playbacks
from asterisk_ari._async.recordings import Recordings
from asterisk_ari._async.sounds import Sounds
from asterisk_ari._async.user_events import Events


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
