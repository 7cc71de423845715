# Made from resources/device_states.py by scripts/unasync.py: edit that file.
"""Device states: those of phones and lines, and those of devices that an app defines."""

from typing import TYPE_CHECKING, ClassVar, Final, Literal, cast

from asterisk_ari._core.requests.naming import operation
from asterisk_ari._sync.resources.base import Collection, by_id
from asterisk_ari._sync.resources.observed import Observed

if TYPE_CHECKING:
    from ari_rest import models
    from ari_rest.json_shapes import DeviceStateJson


class DeviceState(Observed):
    """One device by its name, such as "Stasis:desk1" or "PJSIP/alice". Only those of Stasis: can be set."""

    KIND: ClassVar[str] = "device_state"
    ID_FIELD: ClassVar[str] = "name"
    MODEL_OF: ClassVar[str] = "deviceStates.get"

    __slots__ = ()

    json: "DeviceStateJson"

    @property
    def data(self) -> "models.DeviceState":
        """The snapshot as the generated model, as `Handle.data`."""
        return cast("models.DeviceState", self._model())

    @property
    def state(self) -> str:
        """Its state, such as NOT_INUSE, INUSE, RINGING or UNAVAILABLE."""
        return self._text("state")

    @operation("deviceStates.get")
    def refresh(self) -> "DeviceState":
        """Ask the server for the device's present state.

        `GET /deviceStates/{deviceName}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle; `json["state"]` of an unknown device is "UNKNOWN" or "INVALID".

        Example:
            >>> device.refresh().json["state"]
            'NOT_INUSE'
        """
        self.json = self._call("deviceStates.get", deviceName=self.id)
        return self

    @operation("deviceStates.update")
    def update(
        self,
        device_state: Literal["NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD"],
    ) -> None:
        """Set the state of an app's own device, which exists from then on. Hints and queues follow it.

        `PUT /deviceStates/{deviceName}`, since 13.0.

        Args:
            device_state: NOT_INUSE, INUSE, BUSY, INVALID, UNAVAILABLE, RINGING, RINGINUSE or ONHOLD.

        Raises:
            BadArgument: the name does not begin with "Stasis:".
            Conflict: the device cannot be set through ARI.
            ServerFailure: there is no such state.

        Emits:
            DeviceStateChanged, to apps subscribed to the device.

        Example:
            >>> ari.device_states("Stasis:desk1").update("INUSE")
        """
        self._call("deviceStates.update", deviceName=self.id, deviceState=device_state)

    @operation("deviceStates.delete")
    def delete(self) -> None:
        """Remove an app's own device.

        `DELETE /deviceStates/{deviceName}`, since 13.0.

        Raises:
            BadArgument: the name does not begin with "Stasis:".
            NotFound: there is no such device (most releases accept that).

        Emits:
            DeviceStateChanged, to apps subscribed to the device.

        Example:
            >>> ari.device_states("Stasis:desk1").delete()
        """
        self._call("deviceStates.delete", deviceName=self.id)


class DeviceStates(Collection[DeviceState]):
    """Device states by name: `ari.device_states`."""

    HANDLE = DeviceState

    get: Final = by_id(DeviceState.refresh)
    update: Final = by_id(DeviceState.update)
    delete: Final = by_id(DeviceState.delete)

    @operation("deviceStates.list")
    def list(self) -> list[DeviceState]:
        """List the devices that were set through ARI; those of phones are not among them.

        `GET /deviceStates`, since 13.0.

        Returns:
            A handle with a snapshot for each.

        Example:
            >>> {device.id: device.json["state"] for device in ari.device_states.list()}
            {'Stasis:desk1': 'INUSE'}
        """
        return self._handles(self._call("deviceStates.list"))
