"""Variables and dialplan functions of a channel, and the expansion of `${…}` and `$[…]` in the dialplan."""

import re
from collections.abc import Callable

from asterisk_ari.testing.machine.signalling.channel_events import (
    publish_caller_id,
    publish_connected_line,
    set_variable,
    show_next_caller,
    update_connected_line_of_other_half,
)
from asterisk_ari.testing.machine.signalling.functions import COMPUTED, OF_VARIABLE, UnreadableVariableError
from asterisk_ari.testing.machine.signalling.transfers import set_handling
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine

MAX_EXPANSIONS = 64
_FUNCTION = re.compile(r"([A-Za-z_]\w*)\((.*)\)\Z", re.DOTALL)


def _own_format(channel: ServerChannel) -> str:
    """A Local channel can have any rate of samples, and names the highest."""
    return "slin192" if channel.technology == "Local" else "ulaw" if channel.technology == "PJSIP" else "slin"


CHANNEL_ITEMS: dict[str, Callable[[ServerChannel], str]] = {
    "name": lambda channel: channel.name,
    "state": lambda channel: channel.state,
    "language": lambda channel: channel.language,
    "uniqueid": lambda channel: channel.id,
    "linkedid": lambda channel: channel.functions.get("linkedid", channel.id),
    "channeltype": lambda channel: channel.technology,
    "context": lambda channel: channel.context,
    "exten": lambda channel: channel.exten,
    "priority": lambda channel: str(channel.priority),
    "accountcode": lambda channel: channel.accountcode,
    "musicclass": lambda channel: channel.functions.get("CHANNEL(musicclass)", ""),
    "peeraccount": lambda channel: "",
    "parkinglot": lambda channel: channel.functions.get("CHANNEL(parkinglot)", ""),
    "userfield": lambda channel: channel.functions.get("CHANNEL(userfield)", ""),
    "amaflags": lambda channel: channel.functions.get("CHANNEL(amaflags)", "3"),
    "tonezone": lambda channel: channel.functions.get("CHANNEL(tonezone)", ""),
    "hangupsource": lambda channel: channel.functions.get("CHANNEL(hangupsource)", ""),
    "transfercapability": lambda channel: "SPEECH",
    "audioreadformat": lambda channel: channel.functions.get("format", _own_format(channel)),
    "audiowriteformat": lambda channel: channel.functions.get("format", _own_format(channel)),
    "audionativeformat": lambda channel: f"({channel.functions.get('format', _own_format(channel))})",
    "max_forwards": lambda channel: "20",
    "onhold": lambda channel: "1" if channel.is_on_hold else "0",
    "peer": lambda channel: channel.variables.get("BRIDGEPEER", ""),
    **{
        name: lambda channel: ""
        for name in ("secure_bridge_media", "after_bridge_goto", "dtmf_features", "callgroup", "pickupgroup")
    },
}

_WRITABLE = {"musicclass", "parkinglot", "userfield", "amaflags", "tonezone", "hangupsource"}


def _party(party: dict[str, str], item: str) -> str:
    wanted = item.partition("-")[0].split(",")[0].lower()
    if item.lower().endswith("-valid"):
        return str(int(bool(party["name" if wanted == "name" else "number"])))
    if wanted in {"num", "number", "ani", "dnid", "rdnis"}:
        return party["number"] if wanted in {"num", "number", "ani"} else ""
    if wanted == "name":
        return party["name"]
    if wanted == "all":
        return f'"{party["name"]}" <{party["number"]}>'
    if wanted == "pres":
        return "allowed_not_screened" if party["number"] or party["name"] else "unavailable"
    return "0" if wanted == "ton" else ""


def read(machine: Machine, channel: ServerChannel, name: str) -> str | None:
    """The value of a variable or function; None when it is unset. Raises UnreadableVariableError."""
    call = _FUNCTION.match(name)
    if call is not None:
        return _read_function(machine, channel, call[1], call[2])
    built_in = _BUILT_IN.get(name)
    if built_in is not None:
        return built_in(channel)
    if name in channel.variables:
        return channel.variables[name]
    return read_global(machine, name)


def read_global(machine: Machine, name: str) -> str | None:
    """The value of a global variable; None when it is unset. Functions need a channel."""
    if name == "EPOCH":
        return str(int(machine.now))
    if name == "ENTITYID":
        return machine.entity_id
    return machine.global_variables.get(name)


_BUILT_IN: dict[str, Callable[[ServerChannel], str]] = {
    "CHANNEL": lambda channel: channel.name,
    "UNIQUEID": lambda channel: channel.id,
    "EXTEN": lambda channel: channel.exten,
    "CONTEXT": lambda channel: channel.context,
    "PRIORITY": lambda channel: str(channel.priority),
    "HANGUPCAUSE": lambda channel: str(channel.cause),
}


_STORED_FUNCTIONS = frozenset(["HASH", "ARRAY", "TIMEOUT", "CDR", "PJSIP_HEADER", "VOLUME", "JITTERBUFFER", "DB", "FEATURE"])
_WRITE_ONLY = {"JITTERBUFFER", "ARRAY", "FEATURE"}
_DEFAULTS = {"TIMEOUT": "0"}


def _step(machine: Machine, channel: ServerChannel, name: str, by: int) -> str:
    """INC and DEC write the variable as well."""
    value = read(machine, channel, name)
    if not value or not re.fullmatch(r"-?\d{1,18}", value):
        raise UnreadableVariableError(name)
    stepped = str(int(value) + by)
    set_variable(machine, channel, name, stepped)
    return stepped


def _channel_item(channel: ServerChannel, item: str) -> str:
    if item.lower() == "pjsip,call-id" and channel.technology == "PJSIP":
        return channel.protocol_id
    read_item = CHANNEL_ITEMS.get(item.lower())
    if read_item is None:
        raise UnreadableVariableError(item)
    return read_item(channel)


def _header(_machine: Machine, channel: ServerChannel, item: str) -> str:
    """`PJSIP_HEADER(read,name,number)`: one of the fields of that name."""
    action, name, number = [*item.split(","), "", ""][:3]
    values = [value for key, value in channel.headers if key.lower() == name.lower()]
    if action != "read" or not (number or "1").isdigit() or not 0 < int(number or 1) <= len(values):
        raise UnreadableVariableError(item)
    return values[int(number or 1) - 1]


def _header_names(_machine: Machine, channel: ServerChannel, prefix: str) -> str:
    """`PJSIP_HEADERS(prefix)`: the names of the fields that begin so."""
    if channel.technology != "PJSIP":
        raise UnreadableVariableError(prefix)
    return ",".join(name for name, _ in channel.headers if name.lower().startswith(prefix.lower()))


def _hash(_machine: Machine, channel: ServerChannel, item: str) -> str:
    """`HASH(name,key)` is the value of a key, `HASH(name)` all values."""
    if "," in item:
        return channel.functions.get(f"HASH({item})", "")
    begin = f"HASH({item},"
    return ",".join(value for key, value in channel.functions.items() if key.startswith(begin))


_OF_CHANNEL: dict[str, Callable[[Machine, ServerChannel, str], str]] = {
    "CHANNEL": lambda machine, channel, item: _channel_item(channel, item),
    "CALLERID": lambda machine, channel, item: _party(channel.next_caller or channel.caller, item),
    "CONNECTEDLINE": lambda machine, channel, item: _party(channel.connected, item),
    "INC": lambda machine, channel, item: _step(machine, channel, item, 1),
    "DEC": lambda machine, channel, item: _step(machine, channel, item, -1),
    "HASH": _hash,
    "PJSIP_HEADER": _header,
    "PJSIP_HEADERS": _header_names,
    "HASHKEYS": lambda machine, channel, item: ",".join(
        key.removeprefix(f"HASH({item},").removesuffix(")") for key in channel.functions if key.startswith(f"HASH({item},")
    ),
    "MASTER_CHANNEL": lambda machine, channel, item: read(machine, channel, item) or "",
}


def _read_function(machine: Machine, channel: ServerChannel, name: str, item: str) -> str | None:
    if name in COMPUTED:
        return COMPUTED[name](machine, item)
    if name in _OF_CHANNEL:
        return _OF_CHANNEL[name](machine, channel, item)
    if name in OF_VARIABLE:
        variable, *rest = item.split(",")
        return OF_VARIABLE[name](read(machine, channel, variable) or "", rest)
    value = channel.functions.get(f"{name}({item})", _DEFAULTS.get(name)) if name in _STORED_FUNCTIONS else None
    is_lost = (name == "CDR" and channel.technology == "Local") or (name == "VOLUME" and not machine.has("reads_volume"))
    if value is None or is_lost or name in _WRITE_ONLY:
        raise UnreadableVariableError(name)
    return f"{float(value):.6f}" if name == "VOLUME" and re.fullmatch(r"-?\d+(\.\d+)?", value) else value


def write(machine: Machine, channel: ServerChannel, name: str, value: str | None) -> None:
    """Set a variable (None unsets it), or write to a function; writing to a read-only function does nothing."""
    call = _FUNCTION.match(name)
    if call is None:
        set_variable(machine, channel, name, value)
        return
    function, item, value = call[1], call[2], value or ""
    if function == "CHANNEL":
        _write_channel(channel, item.lower(), value)
        if channel.other_half is not None:
            if item.lower() != "accountcode":
                _write_channel(channel.other_half, item.lower(), value)
            if item.lower() in {"language", "accountcode"}:
                show_next_caller(machine, channel.other_half)
    elif function in {"CALLERID", "CONNECTEDLINE"}:
        _write_party(machine, channel, function, item.partition(",")[0].lower(), value)
    elif function == "TALK_DETECT":
        _write_talk_detect(machine, channel, item.lower(), value)
    elif function == "GLOBAL":
        machine.set_global_variable(item, value)
    elif function == "PJSIP_TRANSFER_HANDLING" and machine.has("transfers_by_app"):
        set_handling(channel, value)
    elif function in _STORED_FUNCTIONS:
        channel.functions[name] = value
        if function == "PJSIP_HEADER" and item.startswith("add,") and channel.technology == "PJSIP":
            channel.headers.append((item.removeprefix("add,"), value))
        if function == "HASH" and "," in item:
            set_variable(machine, channel, f"~HASH~{item.replace(',', '~', 1)}~", value)


def _write_channel(channel: ServerChannel, item: str, value: str) -> None:
    if item == "language":
        channel.language = value
    elif item == "accountcode":
        channel.accountcode = value
    elif item in _WRITABLE:
        channel.functions[f"CHANNEL({item})"] = value


def _write_party(machine: Machine, channel: ServerChannel, function: str, item: str, value: str) -> None:
    party = channel.caller if function == "CALLERID" else channel.connected
    before = dict(party)
    if item in {"name", "num", "number"}:
        party["name" if item == "name" else "number"] = value
    elif item == "all":
        party.update(parse_caller_id(value))
    else:
        return
    if party == before:
        return
    if function == "CALLERID":
        publish_caller_id(machine, channel)
    else:
        publish_connected_line(machine, channel)
        update_connected_line_of_other_half(machine, channel)


def _write_talk_detect(machine: Machine, channel: ServerChannel, item: str, value: str) -> None:
    if item == "remove":
        channel.talk_detect = channel.detected_since = None
    elif item == "set":
        silence, _, threshold = value.partition(",")
        silence_ms, level = (_leading_number(part, default) for part, default in ((silence, 2500), (threshold, 256)))
        if silence_ms is None or level is None:
            return  # Asterisk logs that, and detects nothing
        if channel.talk_detect is None and channel.talking_since is not None:
            channel.detected_since = machine.now
            machine.timers.soon(lambda: machine.publish_channel_event("ChannelTalkingStarted", channel))
        channel.talk_detect = (silence_ms, level)


def _leading_number(text: str, default: int) -> int | None:
    """The number that a text begins with, as C reads it: None where there is none."""
    match = re.match(r"\s*[+-]?\d+", text)
    return default if not text else None if match is None else int(match[0])


def parse_caller_id(text: str) -> dict[str, str]:
    """Name and number of `"Ann" <1234>`, `Ann <1234>`, `1234` or `Ann`."""
    match = re.match(r'\s*"?(.*?)"?\s*<\s*([^<>]*?)\s*>\s*\Z', text)
    if match is not None:
        return {"name": match[1], "number": match[2]}
    bare = text.strip().strip('"')
    compact = bare.replace(" ", "").replace("-", "").replace("(", "").replace(")", "")
    if compact and set(compact) <= set("0123456789*#+."):
        return {"name": "", "number": compact}
    return {"name": bare, "number": ""}


def expand(machine: Machine, channel: ServerChannel, text: str) -> str:
    """Replace `${NAME}`, `${NAME:offset:length}` and `$[a op b]` by their values, inner ones first."""
    for _ in range(MAX_EXPANSIONS):
        match = re.search(r"\$\{([^${}\[\]]*)\}", text)
        if match is not None:
            text = text[: match.start()] + _value(machine, channel, match[1]) + text[match.end() :]
            continue
        match = re.search(r"\$\[([^$\[\]]*)\]", text)
        if match is None:
            return text
        text = text[: match.start()] + _calculate(match[1]) + text[match.end() :]
    return text


def _value(machine: Machine, channel: ServerChannel, inside: str) -> str:
    name, colon, cut = inside, "", ""
    if not inside.endswith(")"):
        name, colon, cut = inside.partition(":")
    try:
        value = read(machine, channel, name) or ""
    except UnreadableVariableError:
        return ""
    if colon:
        start, _, length = cut.partition(":")
        value = value[int(start or 0) :]
        value = value[: int(length)] if length else value
    return value


_OPERATORS: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a // b if b else 0,
    ">": lambda a, b: int(a > b),
    "<": lambda a, b: int(a < b),
    ">=": lambda a, b: int(a >= b),
    "<=": lambda a, b: int(a <= b),
}


def _calculate(text: str) -> str:
    match = re.match(r"\s*(.*?)\s+(=|!=|\+|-|\*|/|>=|<=|>|<|&|\|)\s+(.*?)\s*\Z", text)
    if match is None:
        return text.strip()
    left, operator, right = match[1].strip('"'), match[2], match[3].strip('"')
    if operator in {"=", "!="}:
        return str(int((left == right) == (operator == "=")))
    if operator == "&":
        return left if left not in {"", "0"} and right not in {"", "0"} else "0"
    if operator == "|":
        return left if left not in {"", "0"} else right
    try:
        return str(_OPERATORS[operator](int(left), int(right)))
    except ValueError:
        return "0"
