# Made from _async/bridge_variables.py by scripts/unasync.py: edit that file.
"""Variables of a bridge."""

from collections.abc import Mapping
from typing import Any, cast

from asterisk_ari._core.naming import operation
from asterisk_ari._sync.resource import Handle


class BridgeVariables(Handle):
    """The variables side of `Bridge`."""

    __slots__ = ()

    @operation("bridges.getBridgeVar")
    def get_bridge_var(self, variable: str) -> str:
        """Read one variable or function of the bridge.

        `GET /bridges/{bridgeId}/variable`, since 20.20, 22.10 and 23.4.

        Args:
            variable: its name.

        Returns:
            The value as text.

        Raises:
            NotFound: the bridge is gone, or the variable is not set.
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
            NotFound: the bridge is gone.
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
            value: its new value; None sends none.
            report_events: whether the events of this bridge carry it from now on; None is False.

        Raises:
            NotFound: the bridge is gone.
            NotSupportedByServer: the release has no bridge variables.

        Example:
            >>> bridge.set_bridge_var("ROOM", "7", report_events=True)
        """
        self._call("bridges.setBridgeVar", bridgeId=self.id, variable=variable, value=value, report_events=report_events)

    @operation("bridges.setBridgeVars")
    def set_bridge_vars(self, variables: Mapping[str, Any]) -> None:
        """Set several variables or functions of the bridge in one call.

        `POST /bridges/{bridgeId}/variables`, since 20.20, 22.10 and 23.4.

        Args:
            variables: name and text of each, or name and `{"value": text, "report_events": bool}`.

        Raises:
            BadRequest: a value is neither.
            NotFound: the bridge is gone.
            NotSupportedByServer: the release has no bridge variables.

        Example:
            >>> bridge.set_bridge_vars({"ROOM": "7", "OWNER": {"value": "alice", "report_events": True}})
        """
        self._call("bridges.setBridgeVars", bridgeId=self.id, variables=variables)

    def get_variable(self, variable: str) -> str:
        """Read one variable: short for `get_bridge_var`."""
        return self.get_bridge_var(variable)

    def set_variable(self, variable: str, value: str | None = None, *, report_events: bool | None = None) -> None:
        """Set one variable: short for `set_bridge_var`."""
        self.set_bridge_var(variable, value, report_events=report_events)
