"""Asterisk itself: what it is, its modules, logs and global variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from asterisk_ari._async.asterisk_config import AsteriskConfig
from asterisk_ari._core.naming import operation

if TYPE_CHECKING:
    from ari_rest.json_shapes import AsteriskInfoJson, AsteriskPingJson, LogChannelJson, ModuleJson

Section = Literal["build", "system", "config", "status"]


class Asterisk(AsteriskConfig):
    """The server as a whole: `ari.asterisk`."""

    __slots__ = ()

    @operation("asterisk.getInfo")
    async def get_info(self, only: Section | list[Section] | None = None) -> AsteriskInfoJson:
        """Read version, build, limits and start times of the server.

        `GET /asterisk/info`, since 13.0.

        Args:
            only: one or several of build, system, config and status; None is all of them.

        Returns:
            A dict with a dict for each section.

        Example:
            >>> (await ari.asterisk.get_info(only="system"))["system"]["version"]
            '22.10.1'
        """
        return cast("AsteriskInfoJson", await self._call("asterisk.getInfo", only=only))

    async def info(self, only: Section | list[Section] | None = None) -> AsteriskInfoJson:
        """Read version, build, limits and start times: short for `get_info`."""
        return await self.get_info(only)

    @operation("asterisk.ping")
    async def ping(self) -> AsteriskPingJson:
        """Check that the server answers; no app needs to be running.

        `GET /asterisk/ping`, since 13.25, 16.2 and 17.0.

        Returns:
            A dict with the server's id and time, and "pong".

        Example:
            >>> (await ari.asterisk.ping())["ping"]
            'pong'
        """
        return cast("AsteriskPingJson", await self._call("asterisk.ping"))

    @operation("asterisk.listModules")
    async def list_modules(self) -> list[ModuleJson]:
        """List all modules the server knows.

        `GET /asterisk/modules`, since 13.5 and 14.0.

        Returns:
            A dict with name, use count, status and support level for each.

        Example:
            >>> len(await ari.asterisk.list_modules())
            231
        """
        return cast("list[ModuleJson]", await self._call("asterisk.listModules"))

    @operation("asterisk.getModule")
    async def get_module(self, module_name: str) -> ModuleJson:
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
            >>> (await ari.asterisk.get_module("res_pjsip.so"))["status"]
            'Running'
        """
        return cast("ModuleJson", await self._call("asterisk.getModule", moduleName=module_name))

    @operation("asterisk.loadModule")
    async def load_module(self, module_name: str) -> None:
        """Load a module into the running server.

        `POST /asterisk/modules/{moduleName}`, since 13.5 and 14.0.

        Args:
            module_name: its file name, such as "res_mwi_external.so".

        Raises:
            Conflict: it is loaded already, or cannot be.

        Example:
            >>> await ari.asterisk.load_module("res_mwi_external.so")
        """
        await self._call("asterisk.loadModule", moduleName=module_name)

    @operation("asterisk.unloadModule")
    async def unload_module(self, module_name: str) -> None:
        """Unload a module from the running server.

        `DELETE /asterisk/modules/{moduleName}`, since 13.5 and 14.0.

        Args:
            module_name: its file name.

        Raises:
            NotFound: it is not loaded.
            Conflict: it is in use.

        Example:
            >>> await ari.asterisk.unload_module("res_mwi_external.so")
        """
        await self._call("asterisk.unloadModule", moduleName=module_name)

    @operation("asterisk.reloadModule")
    async def reload_module(self, module_name: str) -> None:
        """Have a module read its configuration again; the server may do so later.

        `PUT /asterisk/modules/{moduleName}`, since 13.5 and 14.0.

        Args:
            module_name: its file name.

        Raises:
            NotFound: there is no such module.
            Conflict: it cannot be reloaded.

        Example:
            >>> await ari.asterisk.reload_module("res_pjsip.so")
        """
        await self._call("asterisk.reloadModule", moduleName=module_name)

    @operation("asterisk.listLogChannels")
    async def list_log_channels(self) -> list[LogChannelJson]:
        """List the log channels.

        `GET /asterisk/logging`, since 13.6 and 14.0.

        Returns:
            A dict with name, type, status and levels for each.

        Example:
            >>> [log["channel"] for log in await ari.asterisk.list_log_channels()]
            ['/var/log/asterisk/messages.log']
        """
        return cast("list[LogChannelJson]", await self._call("asterisk.listLogChannels"))

    @operation("asterisk.addLog")
    async def add_log(self, log_channel_name: str, configuration: str) -> None:
        """Open a further log channel, until the logger is reloaded.

        `POST /asterisk/logging/{logChannelName}`, since 13.6 and 14.0.

        Args:
            log_channel_name: its name: a file in the log directory.
            configuration: comma-separated list of notice, warning, error, debug, verbose, dtmf and fax; * is all.

        Raises:
            BadRequest: none of these levels.
            Conflict: there is such a log channel.

        Example:
            >>> await ari.asterisk.add_log("calls", "notice,warning,error")
        """
        await self._call("asterisk.addLog", logChannelName=log_channel_name, configuration=configuration)

    @operation("asterisk.deleteLog")
    async def delete_log(self, log_channel_name: str) -> None:
        """Close a log channel; its file stays.

        `DELETE /asterisk/logging/{logChannelName}`, since 13.6 and 14.0.

        Args:
            log_channel_name: its name as `list_log_channels` gives it.

        Raises:
            NotFound: there is no such log channel.

        Example:
            >>> await ari.asterisk.delete_log("/var/log/asterisk/calls")
        """
        await self._call("asterisk.deleteLog", logChannelName=log_channel_name)

    @operation("asterisk.rotateLog")
    async def rotate_log(self, log_channel_name: str) -> None:
        """Go on with the log in a fresh file.

        `PUT /asterisk/logging/{logChannelName}/rotate`, since 13.6 and 14.0.

        Args:
            log_channel_name: its name as `list_log_channels` gives it.

        Raises:
            NotFound: there is no such log channel.

        Example:
            >>> await ari.asterisk.rotate_log("/var/log/asterisk/calls")
        """
        await self._call("asterisk.rotateLog", logChannelName=log_channel_name)

    @operation("asterisk.getGlobalVar")
    async def get_global_var(self, variable: str) -> str:
        """Read a global variable, or a dialplan function that needs no channel.

        `GET /asterisk/variable`, since 13.0.

        Args:
            variable: its name, or a call such as "DB(family/key)".

        Returns:
            The value as text; "" when it is not set.

        Raises:
            ServerFailure: there is no such function.

        Example:
            >>> await ari.asterisk.get_global_var("TRUNK")
            'PJSIP/provider'
        """
        answer: dict[str, Any] = await self._call("asterisk.getGlobalVar", variable=variable)
        return cast(str, answer["value"])

    @operation("asterisk.setGlobalVar")
    async def set_global_var(self, variable: str, value: str | None = None) -> None:
        """Set a global variable, or write through a dialplan function that needs no channel.

        `POST /asterisk/variable`, since 13.0.

        Args:
            variable: its name, or a call such as "DB(family/key)".
            value: its new value; None unsets it.

        Raises:
            BadRequest: it cannot be written.

        Example:
            >>> await ari.asterisk.set_global_var("TRUNK", "PJSIP/provider")
        """
        await self._call("asterisk.setGlobalVar", variable=variable, value=value)

    async def get_variable(self, variable: str) -> str:
        """Read a global variable: short for `get_global_var`."""
        return await self.get_global_var(variable)

    async def set_variable(self, variable: str, value: str | None = None) -> None:
        """Set a global variable: short for `set_global_var`."""
        await self.set_global_var(variable, value)
