# Made from resources/asterisk.py by scripts/unasync.py: edit that file.
"""Asterisk itself: modules, logging, configuration, global variables: `ari.asterisk`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._core.requests.naming import operation
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._sync.connection import ClientConnection

if TYPE_CHECKING:
    from ari_rest.json_shapes import AsteriskInfoJson, AsteriskPingJson, ConfigTupleJson, LogChannelJson, ModuleJson

InfoSection = Literal["build", "system", "config", "status"]


@methods_tell_spellings
class Asterisk(ProcessBound):
    """The server as a whole: `ari.asterisk`."""

    __slots__ = ("_ari",)

    def __init__(self, ari: ClientConnection) -> None:
        self._ari = ari

    @property
    def _call(self) -> Callable[..., Any]:
        return self._ari.rest.call

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

    @operation("asterisk.getInfo")
    def get_info(self, only: InfoSection | list[InfoSection] | None = None) -> AsteriskInfoJson:
        """Read version, build, limits and start times of the server.

        `GET /asterisk/info`, since 13.0.

        Args:
            only: one or several of build, system, config and status; None means all of them.

        Returns:
            A dict with a dict for each section.

        Example:
            >>> ari.asterisk.get_info(only="system")["system"]["version"]
            '22.10.1'
        """
        return cast("AsteriskInfoJson", self._call("asterisk.getInfo", only=only))

    def info(self, only: InfoSection | list[InfoSection] | None = None) -> AsteriskInfoJson:
        """Read version, build, limits and start times: short for `get_info`.

        Example:
            >>> version = ari.asterisk.info()["system"]["version"]
        """
        return self.get_info(only)

    @operation("asterisk.ping")
    def ping(self) -> AsteriskPingJson:
        """Check that the server answers; no app needs to be running.

        `GET /asterisk/ping`, since 13.25, 16.2 and 17.0.

        Returns:
            A dict with the server's id and time, and "pong".

        Example:
            >>> ari.asterisk.ping()["ping"]
            'pong'
        """
        return cast("AsteriskPingJson", self._call("asterisk.ping"))

    @operation("asterisk.listModules")
    def list_modules(self) -> list[ModuleJson]:
        """List all modules the server knows.

        `GET /asterisk/modules`, since 13.5 and 14.0.

        Returns:
            A dict with name, use count, status and support level for each.

        Example:
            >>> len(ari.asterisk.list_modules())
            231
        """
        return cast("list[ModuleJson]", self._call("asterisk.listModules"))

    @operation("asterisk.getModule")
    def get_module(self, module_name: str) -> ModuleJson:
        """Read the state of one module.

        `GET /asterisk/modules/{moduleName}`, since 13.5 and 14.0.

        Args:
            module_name: its file name, such as "res_pjsip.so".

        Returns:
            A dict with name, use count, status and support level.

        Raises:
            NotFound: there is no such module.
            Conflict: its state could not be read.

        Example:
            >>> ari.asterisk.get_module("res_pjsip.so")["status"]
            'Running'
        """
        return cast("ModuleJson", self._call("asterisk.getModule", moduleName=module_name))

    @operation("asterisk.loadModule")
    def load_module(self, module_name: str) -> None:
        """Load a module into the running server.

        `POST /asterisk/modules/{moduleName}`, since 13.5 and 14.0.

        Args:
            module_name: its file name, such as "res_mwi_external.so".

        Raises:
            Conflict: it is loaded already, or cannot be.

        Example:
            >>> ari.asterisk.load_module("res_mwi_external.so")
        """
        self._call("asterisk.loadModule", moduleName=module_name)

    @operation("asterisk.unloadModule")
    def unload_module(self, module_name: str) -> None:
        """Unload a module from the running server.

        `DELETE /asterisk/modules/{moduleName}`, since 13.5 and 14.0.

        Args:
            module_name: its file name.

        Raises:
            NotFound: it is not loaded.
            Conflict: it is in use.

        Example:
            >>> ari.asterisk.unload_module("res_mwi_external.so")
        """
        self._call("asterisk.unloadModule", moduleName=module_name)

    @operation("asterisk.reloadModule")
    def reload_module(self, module_name: str) -> None:
        """Reload the configuration of a module; the server may do so later.

        `PUT /asterisk/modules/{moduleName}`, since 13.5 and 14.0.

        Args:
            module_name: its file name.

        Raises:
            NotFound: there is no such module.
            Conflict: it cannot be reloaded.

        Example:
            >>> ari.asterisk.reload_module("res_pjsip.so")
        """
        self._call("asterisk.reloadModule", moduleName=module_name)

    @operation("asterisk.listLogChannels")
    def list_log_channels(self) -> list[LogChannelJson]:
        """List the log channels.

        `GET /asterisk/logging`, since 13.6 and 14.0.

        Returns:
            A dict with name, type, status and levels for each.

        Example:
            >>> [log["channel"] for log in ari.asterisk.list_log_channels()]
            ['/var/log/asterisk/messages.log']
        """
        return cast("list[LogChannelJson]", self._call("asterisk.listLogChannels"))

    @operation("asterisk.addLog")
    def add_log(self, log_channel_name: str, configuration: str) -> None:
        """Open a further log channel, until the logger is reloaded.

        `POST /asterisk/logging/{logChannelName}`, since 13.6 and 14.0.

        Args:
            log_channel_name: its name: a file in the log directory.
            configuration: comma-separated list of notice, warning, error, debug, verbose, dtmf and fax; * is all.

        Raises:
            BadRequest: none of these levels.
            Conflict: there is such a log channel.

        Example:
            >>> ari.asterisk.add_log("calls", "notice,warning,error")
        """
        self._call("asterisk.addLog", logChannelName=log_channel_name, configuration=configuration)

    @operation("asterisk.deleteLog")
    def delete_log(self, log_channel_name: str) -> None:
        """Close a log channel; its file stays.

        `DELETE /asterisk/logging/{logChannelName}`, since 13.6 and 14.0.

        Args:
            log_channel_name: its name as `list_log_channels` gives it.

        Raises:
            NotFound: there is no such log channel.

        Example:
            >>> ari.asterisk.delete_log("/var/log/asterisk/calls")
        """
        self._call("asterisk.deleteLog", logChannelName=log_channel_name)

    @operation("asterisk.rotateLog")
    def rotate_log(self, log_channel_name: str) -> None:
        """Continue the log in a new file.

        `PUT /asterisk/logging/{logChannelName}/rotate`, since 13.6 and 14.0.

        Args:
            log_channel_name: its name as `list_log_channels` gives it.

        Raises:
            NotFound: there is no such log channel.

        Example:
            >>> ari.asterisk.rotate_log("/var/log/asterisk/calls")
        """
        self._call("asterisk.rotateLog", logChannelName=log_channel_name)

    @operation("asterisk.getGlobalVar")
    def get_global_var(self, variable: str) -> str:
        """Read a global variable, or a dialplan function that needs no channel.

        `GET /asterisk/variable`, since 13.0.

        Args:
            variable: its name, or a call such as "DB(family/key)".

        Returns:
            The value as text; "" when it is not set.

        Raises:
            ServerFailure: there is no such function.

        Example:
            >>> ari.asterisk.get_global_var("TRUNK")
            'PJSIP/provider'
        """
        answer: dict[str, Any] = self._call("asterisk.getGlobalVar", variable=variable)
        return cast(str, answer["value"])

    @operation("asterisk.setGlobalVar")
    def set_global_var(self, variable: str, value: str | None = None) -> None:
        """Set a global variable, or write through a dialplan function that needs no channel.

        `POST /asterisk/variable`, since 13.0.

        Args:
            variable: its name, or a call such as "DB(family/key)".
            value: its new value; None unsets it.

        Raises:
            BadRequest: it cannot be written.

        Example:
            >>> ari.asterisk.set_global_var("TRUNK", "PJSIP/provider")
        """
        self._call("asterisk.setGlobalVar", variable=variable, value=value)

    def get_variable(self, variable: str) -> str:
        """Read a global variable: short for `get_global_var`.

        Example:
            >>> trunk = ari.asterisk.get_variable("TRUNK")
        """
        return self.get_global_var(variable)

    def set_variable(self, variable: str, value: str | None = None) -> None:
        """Set a global variable: short for `set_global_var`.

        Example:
            >>> ari.asterisk.set_variable("TRUNK", "PJSIP/trunk")
        """
        self.set_global_var(variable, value)
