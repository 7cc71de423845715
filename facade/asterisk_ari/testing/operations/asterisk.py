"""The server itself: information, modules, logging, global variables, dynamic configuration."""

from typing import Any

from ..machine.core import Machine
from ..machine.devices import set_by_request
from ..machine.stamp import stamp
from ..machine.variables import read_global
from .found import Refused, require
from .registry import NO_CONTENT, Parameters, Reply, allocation_failed, error, operation

NOT_RUNNING = "Module not found in running modules"
RELOADABLE = frozenset(
    ["res_musiconhold.so", "res_pjsip.so", "pbx_config.so", "chan_pjsip.so", "res_ari.so", "app_queue.so", "cdr.so"]
)


@operation("asterisk.getInfo")
def get_info(machine: Machine, p: Parameters) -> Reply:
    """What it is, how it is built, how it is configured, since when it runs."""
    system = {"version": machine.version, "entity_id": machine.entity_id}
    parts: dict[str, Any] = {
        "build": {
            "os": "Linux",
            "kernel": "unknown",
            "machine": "unknown",
            "options": "OPTIONAL_API",
            "date": "2026-01-01 00:00:00 UTC",
            "user": "nobody",
        },
        "system": system,
        "config": {"name": "", "default_language": "en", "setid": {"user": "", "group": ""}},
        "status": {"startup_time": stamp(machine.started), "last_reload_time": stamp(machine.started)},
    }
    if p.values.get("only") is not None:
        wanted = p.list("only")
        parts = {name: part for name, part in parts.items() if name in wanted}
    return Reply(200, parts)


@operation("asterisk.ping")
def ping(machine: Machine, p: Parameters) -> Reply:
    """It is there."""
    return Reply(200, {"ping": "pong", "timestamp": stamp(machine.now), "asterisk_id": machine.entity_id})


@operation("asterisk.listModules")
def list_modules(machine: Machine, p: Parameters) -> Reply:
    """Every loaded module."""
    return Reply(200, [machine.modules[name] for name in sorted(machine.modules)])


@operation("asterisk.getModule")
def get_module(machine: Machine, p: Parameters) -> Reply:
    """One module, by its full name."""
    name = p.values["moduleName"]
    module = machine.modules.get(name)
    if module is not None:
        return Reply(200, module)
    if f"{name}.so" in machine.modules:
        return error(409, "Module information could not be retrieved")
    return error(404, "Module could not be found in running modules")


@operation("asterisk.loadModule")
def load_module(machine: Machine, p: Parameters) -> Reply:
    """Load one that was unloaded."""
    name = p.values["moduleName"]
    if name in machine.modules:
        return error(409, "Module is already loaded")
    if name not in known_modules():
        return error(409, "Module load declined")
    machine.modules[name] = dict(known_modules()[name])
    return NO_CONTENT


@operation("asterisk.unloadModule")
def unload_module(machine: Machine, p: Parameters) -> Reply:
    """Unload one that nobody uses."""
    module = machine.modules.get(p.values["moduleName"])
    if module is None:
        return error(404, NOT_RUNNING)
    if module["use_count"]:
        return error(409, "Module could not be unloaded")
    del machine.modules[module["name"]]
    return NO_CONTENT


@operation("asterisk.reloadModule")
def reload_module(machine: Machine, p: Parameters) -> Reply:
    """Let one read its configuration again."""
    name = p.values["moduleName"]
    if name not in machine.modules:
        return error(404, NOT_RUNNING)
    return NO_CONTENT if name in RELOADABLE else error(409, "Module does not support reloading")


def known_modules() -> dict[str, dict[str, Any]]:
    """Modules that it can load."""
    described = {
        "app_dial.so": ("Dialing Application", 0),
        "app_echo.so": ("Simple Echo Application", 0),
        "app_milliwatt.so": ("Digital Milliwatt (mu-law) Test Application", 0),
        "app_playback.so": ("Sound File Playback Application", 0),
        "app_queue.so": ("True Call Queueing", 0),
        "app_stasis.so": ("Stasis dialplan application", 1),
        "bridge_holding.so": ("Holding bridge module", 1),
        "bridge_simple.so": ("Simple two channel bridging module", 1),
        "bridge_softmix.so": ("Multi-party software based channel mixing", 1),
        "chan_pjsip.so": ("PJSIP Channel Driver", 1),
        "chan_rtp.so": ("RTP Media Channel", 0),
        "codec_ulaw.so": ("mu-Law Coder/Decoder", 0),
        "format_gsm.so": ("Raw GSM data", 0),
        "format_vox.so": ("Dialogic VOX (ADPCM) File Format", 0),
        "format_wav.so": ("Microsoft WAV/WAV16 format (8kHz/16kHz Signed Linear)", 0),
        "func_callerid.so": ("Party ID related dialplan functions", 0),
        "func_channel.so": ("Channel information dialplan functions", 0),
        "pbx_config.so": ("Text Extension Configuration", 0),
        "res_ari.so": ("Asterisk RESTful Interface", 12),
        "res_ari_channels.so": ("RESTful API module - Channel resources", 0),
        "res_http_websocket.so": ("HTTP WebSocket Support", 3),
        "res_musiconhold.so": ("Music On Hold Resource", 0),
        "res_pjsip.so": ("Basic SIP resource", 40),
        "res_stasis.so": ("Stasis application support", 12),
        "res_stasis_snoop.so": ("Stasis application snoop support", 1),
    }
    return {
        name: {"name": name, "description": words, "use_count": used, "status": "Running", "support_level": "core"}
        for name, (words, used) in described.items()
    }


@operation("asterisk.listLogChannels")
def list_log_channels(machine: Machine, p: Parameters) -> Reply:
    """Where it logs to."""
    return Reply(200, list(machine.logs.values()))


def _log_key(machine: Machine, p: Parameters) -> str:
    name = p.values["logChannelName"]
    if name not in machine.logs:
        raise Refused(error(404, "Log channel does not exist"))
    key: str = name
    return key


@operation("asterisk.addLog")
def add_log(machine: Machine, p: Parameters) -> Reply:
    """Log to one place more, until the next rotation."""
    levels = require(p, "configuration", "Configuration levels are required")
    name = p.values["logChannelName"]
    if name in machine.logs:
        return error(409, "Log channel already exists")
    shown = "".join(f"{level.strip().upper()} " for level in levels.split(","))
    entry = {"channel": f"/var/log/asterisk/{name}", "type": "File", "status": "Enabled", "configuration": shown}
    machine.logs = {name: entry, **machine.logs}
    return NO_CONTENT


@operation("asterisk.deleteLog")
def delete_log(machine: Machine, p: Parameters) -> Reply:
    """No longer log there."""
    del machine.logs[_log_key(machine, p)]
    return NO_CONTENT


@operation("asterisk.rotateLog")
def rotate_log(machine: Machine, p: Parameters) -> Reply:
    """Begin a new file; what was added by request goes with the old one."""
    _log_key(machine, p)
    machine.logs = {name: entry for name, entry in machine.logs.items() if name in {"console", "messages.log"}}
    return NO_CONTENT


@operation("asterisk.getGlobalVar")
def get_global_var(machine: Machine, p: Parameters) -> Reply:
    """A global variable; an unset one is empty."""
    name = require(p, "variable", "Variable name is required")
    value = read_global(machine, name) or ""
    if "\udcff" in value or any("\udc80" <= character <= "\udcff" for character in value):
        return allocation_failed()
    return Reply(200, {"value": value})


@operation("asterisk.setGlobalVar")
def set_global_var(machine: Machine, p: Parameters) -> Reply:
    """Set one."""
    name = require(p, "variable", "Variable name is required")
    value = p.text("value") or ""
    if name.endswith(")") and "(" in name:
        if name.startswith("DEVICE_STATE(Custom:"):
            set_by_request(machine, name[13:-1], value)
    elif value:
        machine.globals[name] = value
    else:
        machine.globals.pop(name, None)
    return NO_CONTENT
