# Made from _async/asterisk_config.py by scripts/unasync.py: edit that file.
"""Asterisk's dynamic configuration: objects kept in sorcery, such as PJSIP endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from asterisk_ari._core.naming import operation

if TYPE_CHECKING:
    from ari_rest.json_shapes import ConfigTupleJson

if TYPE_CHECKING:
    from asterisk_ari._sync.connection import Connection


class AsteriskConfig:
    """The configuration side of `Asterisk`."""

    __slots__ = ("_ari",)

    def __init__(self, ari: Connection) -> None:
        self._ari = ari

    def _call(self, operation: str, /, **parameters: Any) -> Any:
        return self._ari.rest.call(operation, **parameters)

    @operation("asterisk.getObject")
    def get_object(self, config_class: str, object_type: str, id: str) -> list[ConfigTupleJson]:
        """Read the fields of a configuration object.

        `GET /asterisk/config/dynamic/{configClass}/{objectType}/{id}`, since 13.5 and 14.0.

        Args:
            config_class: the module it belongs to, such as "res_pjsip".
            object_type: its type, such as "endpoint", "aor" or "auth".
            id: its id.

        Returns:
            A dict with attribute and value for each field.

        Raises:
            NotFound: there is no such object, type or class.

        Example:
            >>> fields = ari.asterisk.get_object("res_pjsip", "endpoint", "alice")
            >>> {field["attribute"]: field["value"] for field in fields}["context"]
            'phones'
        """
        fields = self._call("asterisk.getObject", configClass=config_class, objectType=object_type, id=id)
        return cast("list[ConfigTupleJson]", fields)

    @operation("asterisk.updateObject")
    def update_object(
        self,
        config_class: str,
        object_type: str,
        id: str,
        fields: Mapping[str, str] | list[ConfigTupleJson] | None = None,
    ) -> list[ConfigTupleJson]:
        """Set fields of a configuration object; it is created where there is none.

        `PUT /asterisk/config/dynamic/{configClass}/{objectType}/{id}`, since 13.5 and 14.0.

        Args:
            config_class: the module it belongs to, such as "res_pjsip".
            object_type: its type, such as "endpoint", "aor" or "auth".
            id: its id.
            fields: attribute and value of each field, or a list of `{"attribute": name, "value": text}`; None sets none.

        Returns:
            A dict with attribute and value for each field, as it is now.

        Raises:
            BadRequest: a field or value it cannot have.
            PermissionDenied: its storage cannot be written, or the user is read-only.
            NotFound: there is no such type or class.

        Example:
            >>> ari.asterisk.update_object("res_pjsip", "aor", "alice", {"max_contacts": "2"})
        """
        now = self._call("asterisk.updateObject", configClass=config_class, objectType=object_type, id=id, fields=fields)
        return cast("list[ConfigTupleJson]", now)

    @operation("asterisk.deleteObject")
    def delete_object(self, config_class: str, object_type: str, id: str) -> None:
        """Remove a configuration object.

        `DELETE /asterisk/config/dynamic/{configClass}/{objectType}/{id}`, since 13.5 and 14.0.

        Args:
            config_class: the module it belongs to, such as "res_pjsip".
            object_type: its type, such as "endpoint", "aor" or "auth".
            id: its id.

        Raises:
            PermissionDenied: its storage cannot be written (a plain configuration file), or the user is read-only.
            NotFound: there is no such object, type or class.

        Example:
            >>> ari.asterisk.delete_object("res_pjsip", "aor", "alice")
        """
        self._call("asterisk.deleteObject", configClass=config_class, objectType=object_type, id=id)
