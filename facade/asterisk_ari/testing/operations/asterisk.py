"""The server: information, modules, log channels, global variables."""

from typing import Any

from asterisk_ari._core.requests.release import Release
from asterisk_ari.testing.machine.signalling.device_states import set_device_state
from asterisk_ari.testing.machine.signalling.variables import read_global
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.release_features import has_feature
from asterisk_ari.testing.machine.state.timestamps import format_timestamp
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import NO_CONTENT, Reply, RequestRefused, allocation_failed, error_reply

NOT_RUNNING = "Module not found in running modules"
RELOADABLE = frozenset(
    ["res_musiconhold.so", "res_pjsip.so", "pbx_config.so", "chan_pjsip.so", "res_ari.so", "app_queue.so", "cdr.so"]
)

RESOURCES = (
    "applications", "asterisk", "bridges", "channels", "device_states",
    "endpoints", "events", "playbacks", "recordings", "sounds",
)  # fmt: skip
PARTS_OF_STASIS = ("answer", "device_state", "playback", "recording", "snoop")

LOG_CHANNELS: dict[str, dict[str, Any]] = {
    name: {"channel": file, "type": kind, "status": "Enabled", "configuration": levels}
    for name, file, kind, levels in (
        ("console", "", "Console", "VERBOSE "),
        ("messages.log", "/var/log/asterisk/messages.log", "File", "NOTICE WARNING ERROR "),
    )
}
"""The log channels of a freshly started server."""


@operation("asterisk.getInfo")
def get_info(machine: Machine, params: Parameters) -> Reply:
    """Return version, build, configuration and status."""
    system = {"version": machine.version, "entity_id": machine.entity_id}
    parts: dict[str, Any] = {
        "build": {
            "os": "Linux",
            "kernel": "unknown",
            "machine": "embedded",
            "options": "OPTIONAL_API",
            "date": "2026-01-01 00:00:00 UTC",
            "user": "nobody",
        },
        "system": system,
        "config": {"name": "", "default_language": "en", "setid": {"user": "", "group": ""}},
        "status": {"startup_time": format_timestamp(machine.started), "last_reload_time": format_timestamp(machine.started)},
    }
    if params.values.get("only") is not None:
        wanted = params.list("only")
        parts = {name: part for name, part in parts.items() if name in wanted}
    return Reply(200, parts)


@operation("asterisk.ping")
def ping(machine: Machine, params: Parameters) -> Reply:
    """Answer with the time."""
    return Reply(200, {"ping": "pong", "timestamp": format_timestamp(machine.now), "asterisk_id": machine.entity_id})


@operation("asterisk.listModules")
def list_modules(machine: Machine, params: Parameters) -> Reply:
    """List the loaded modules."""
    return Reply(200, [machine.system.modules[name] for name in sorted(machine.system.modules)])


@operation("asterisk.getModule")
def get_module(machine: Machine, params: Parameters) -> Reply:
    """Return one module, by its full name."""
    name = params.values["moduleName"]
    module = machine.system.modules.get(name)
    if module is not None:
        return Reply(200, module)
    if f"{name}.so" in machine.system.modules:
        return error_reply(409, "Module information could not be retrieved")
    return error_reply(404, "Module could not be found in running modules")


@operation("asterisk.loadModule")
def load_module(machine: Machine, params: Parameters) -> Reply:
    """Load a module that was unloaded."""
    name = params.values["moduleName"]
    if name in machine.system.modules:
        return error_reply(409, "Module is already loaded")
    module = known_modules(machine.release).get(name)
    if module is None:
        return error_reply(409, "Module load declined")
    machine.system.modules[name] = dict(module)
    return NO_CONTENT


@operation("asterisk.unloadModule")
def unload_module(machine: Machine, params: Parameters) -> Reply:
    """Unload a module that is not in use."""
    module = machine.system.modules.get(params.values["moduleName"])
    if module is None:
        return error_reply(404, NOT_RUNNING)
    if module["use_count"]:
        return error_reply(409, "Module could not be unloaded")
    del machine.system.modules[module["name"]]
    return NO_CONTENT


@operation("asterisk.reloadModule")
def reload_module(machine: Machine, params: Parameters) -> Reply:
    """Reload the configuration of a module."""
    name = params.values["moduleName"]
    if name not in machine.system.modules:
        return error_reply(404, NOT_RUNNING)
    return NO_CONTENT if name in RELOADABLE else error_reply(409, "Module does not support reloading")


def known_modules(release: Release) -> dict[str, dict[str, Any]]:
    """Return the loadable modules of a release, by name."""
    modules = {
        "app_dial.so": ("Dialing Application", 0),
        "app_echo.so": ("Simple Echo Application", 0),
        "app_milliwatt.so": ("Digital Milliwatt (mu-law) Test Application", 0),
        "app_playback.so": ("Sound File Playback Application", 0),
        "app_queue.so": ("True Call Queueing", 0),
        "app_stasis.so": ("Stasis dialplan application", 1),
        "bridge_holding.so": ("Holding bridge module", 1),
        "bridge_simple.so": ("Simple two channel bridging module", 1),
        "bridge_softmix.so": ("Multi-party software based channel mixing", 1),
        **({"chan_audiosocket.so": ("AudioSocket Channel", 0)} if has_feature(release, "media_over_audiosocket") else {}),
        "chan_pjsip.so": ("PJSIP Channel Driver", 1),
        "chan_rtp.so": ("RTP Media Channel", 0),
        **({"chan_websocket.so": ("WebSocket Media Channel", 0)} if has_feature(release, "media_transports") else {}),
        "codec_ulaw.so": ("mu-Law Coder/Decoder", 0),
        "format_gsm.so": ("Raw GSM data", 0),
        "format_vox.so": ("Dialogic VOX (ADPCM) File Format", 0),
        "format_wav.so": ("Microsoft WAV/WAV16 format (8kHz/16kHz Signed Linear)", 0),
        "func_callerid.so": ("Party ID related dialplan functions", 0),
        "func_channel.so": ("Channel information dialplan functions", 0),
        "pbx_config.so": ("Text Extension Configuration", 0),
        "res_ari.so": ("Asterisk RESTful Interface", 12),
        **{f"res_ari_{name}.so": (f"RESTful API module - {name}", 0) for name in RESOURCES},
        "res_http_websocket.so": ("HTTP WebSocket Support", 3),
        "res_musiconhold.so": ("Music On Hold Resource", 0),
        "res_pjsip.so": ("Basic SIP resource", 40),
        "res_stasis.so": ("Stasis application support", 12),
        **{f"res_stasis_{name}.so": (f"Stasis application {name} support", 1) for name in PARTS_OF_STASIS},
    }
    return {
        name: {"name": name, "description": description, "use_count": use_count, "status": "Running", "support_level": "core"}
        for name, (description, use_count) in modules.items()
    }


@operation("asterisk.listLogChannels")
def list_log_channels(machine: Machine, params: Parameters) -> Reply:
    """List the log channels."""
    return Reply(200, list(machine.system.log_channels.values()))


def _log_channel_name(machine: Machine, params: Parameters) -> str:
    name = params.values["logChannelName"]
    if name not in machine.system.log_channels:
        raise RequestRefused(error_reply(404, "Log channel does not exist"))
    checked: str = name
    return checked


@operation("asterisk.addLog")
def add_log(machine: Machine, params: Parameters) -> Reply:
    """Add a log channel, until the next rotation."""
    levels = params.required_text("configuration", "Configuration levels are required")
    name = params.values["logChannelName"]
    if name in machine.system.log_channels:
        return error_reply(409, "Log channel already exists")
    configuration = "".join(f"{level.strip().upper()} " for level in levels.split(","))
    entry = {"channel": f"/var/log/asterisk/{name}", "type": "File", "status": "Enabled", "configuration": configuration}
    machine.system.log_channels = {name: entry, **machine.system.log_channels}
    return NO_CONTENT


@operation("asterisk.deleteLog")
def delete_log(machine: Machine, params: Parameters) -> Reply:
    """Delete a log channel."""
    del machine.system.log_channels[_log_channel_name(machine, params)]
    return NO_CONTENT


@operation("asterisk.rotateLog")
def rotate_log(machine: Machine, params: Parameters) -> Reply:
    """Rotate the log, which removes log channels added by requests."""
    _log_channel_name(machine, params)
    machine.system.log_channels = {name: entry for name, entry in machine.system.log_channels.items() if name in LOG_CHANNELS}
    return NO_CONTENT


@operation("asterisk.getGlobalVar")
def get_global_var(machine: Machine, params: Parameters) -> Reply:
    """Return the value of a global variable; an unset one is empty."""
    name = params.required_text("variable", "Variable name is required")
    value = read_global(machine, name) or ""
    if "\udcff" in value or any("\udc80" <= character <= "\udcff" for character in value):
        return allocation_failed()
    return Reply(200, {"value": value})


@operation("asterisk.setGlobalVar")
def set_global_var(machine: Machine, params: Parameters) -> Reply:
    """Set a global variable, or a device state of `Custom:`."""
    name = params.required_text("variable", "Variable name is required")
    value = params.text("value") or ""
    if name.endswith(")") and "(" in name:
        if name.startswith("DEVICE_STATE(Custom:"):
            set_device_state(machine, name[13:-1], value)
    elif params.text("value") is not None or name in machine.global_variables:
        machine.set_global_variable(name, value)
        if not value:
            del machine.global_variables[name]
    return NO_CONTENT
