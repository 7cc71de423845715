"""What must not reach a server: calls that crash it, are misread, or land on another resource. Pure."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ari_rest._meta import Operation, Parameter
from asterisk_ari.errors import BadArgument, MissingParameter

MAX_ID_BYTES = 149
MAX_LIST_VALUES = 128
MAX_BODY_BYTES = 40_960
MAX_INT = 2**31 - 1

# Ids that the client may choose; the server cuts or refuses longer ones.
_CHOSEN_IDS = frozenset({"channelId", "otherChannelId", "bridgeId", "playbackId", "snoopId"})

# Paths of the server's own: a channel of such an id could be made, but never be reached.
_CHANNEL_IDS = frozenset({"channelId", "otherChannelId", "snoopId"})
_SHADOWED_IDS = frozenset({"create", "externalMedia"})

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")

# Lowest values the definitions leave out; a negative tone length blocks the channel's command queue for good.
_MINIMUM = {
    "before": 0, "between": 0, "duration": 0, "after": 0, "offsetms": 0, "skipms": 0, "maxDurationSeconds": 0,
    "maxSilenceSeconds": 0, "timeout": -1, "oldMessages": 0, "newMessages": 0,
}  # fmt: skip

# The server counts in milliseconds, with 32 bits: more seconds than these wrap round, and 4 294 968 are over at once.
_MAXIMUM = {"timeout": MAX_INT // 1000}

_BRIDGE_TYPES = frozenset({"mixing", "holding", "dtmf_events", "proxy_media", "video_sfu", "video_single", "sdp_label"})
_EVENT_SOURCES = ("channel:", "bridge:", "endpoint:", "deviceState:")


def check(name: str, facts: Operation, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they may be sent.

    Raises:
        MissingParameter: the server needs a parameter that is not given.
        BadArgument: a value of the wrong type, out of range, or in conflict with another.
    """
    for required in facts.required:
        given = values.get(required)
        if given is None or (given == "" and facts.params[required].location != "path"):
            raise MissingParameter(f"needs {required}", operation=name, parameter=required)
    checked = {key: _value(name, facts.params[key], value) for key, value in values.items()}
    for rule in _RULES.get(name, ()):
        rule(name, checked)
    return checked


def check_body(name: str, body: Any) -> None:
    """Refuse a body that cannot be sent, or that the server would not read.

    Raises:
        BadArgument: no JSON, or too long.
    """
    if len(_as_sent(name, body)) > MAX_BODY_BYTES:
        raise BadArgument(f"a body of more than {MAX_BODY_BYTES} bytes is refused by the server", operation=name)


def _as_sent(name: str, value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadArgument(f"cannot be sent as JSON: {error}", operation=name) from error


def plain(value: str | int) -> str:
    """The text of it; of an enum's member its value, not its name."""
    return str.__str__(value) if isinstance(value, str) else int.__repr__(value)


def _value(name: str, parameter: Parameter, value: Any) -> Any:
    if parameter.location == "body" and parameter.type in ("containers", "object"):
        return _container(name, parameter, value)
    if parameter.multiple:
        return _list(name, parameter, value)
    if parameter.type in ("int", "long"):
        return _integer(name, parameter, value)
    if parameter.type == "boolean":
        if not isinstance(value, bool):
            raise _bad(name, parameter, f"must be True or False, not {value!r}")
        return value
    return _text(name, parameter, value)


def _bad(name: str, parameter: Parameter, problem: str) -> BadArgument:
    return BadArgument(f"{parameter.name} {problem}", operation=name, parameter=parameter.name)


def _text(name: str, parameter: Parameter, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = plain(value)
    if not isinstance(value, str):
        raise _bad(name, parameter, f"must be text, not {type(value).__name__}")
    if "\x00" in value:
        raise _bad(name, parameter, "must not hold a null character")
    if parameter.location == "path" and value in ("", ".", ".."):
        raise _bad(name, parameter, f"must not be {value!r}: the call would reach another resource")
    if parameter.required and not value:
        raise _bad(name, parameter, "must not be empty")
    try:
        length = len(value.encode())
    except UnicodeEncodeError:
        raise _bad(name, parameter, "must be text that UTF-8 can write") from None
    if parameter.name in _CHOSEN_IDS and length > MAX_ID_BYTES:
        raise _bad(name, parameter, f"has {length} bytes; ids have at most {MAX_ID_BYTES}")
    if parameter.name in _CHANNEL_IDS and value in _SHADOWED_IDS:
        raise _bad(name, parameter, f"must not be {value!r}: the server takes it for another operation")
    return plain(value)


def _integer(name: str, parameter: Parameter, value: Any) -> int:
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _bad(name, parameter, f"must be a whole number, not {value!r}")
    minimum = parameter.minimum if parameter.minimum is not None else _MINIMUM.get(parameter.name)
    if minimum is not None and value < minimum:
        raise _bad(name, parameter, f"must be at least {minimum}, not {value}")
    maximum = _MAXIMUM.get(parameter.name, MAX_INT)
    if value > maximum or value < -MAX_INT:
        raise _bad(name, parameter, f"must be at most {maximum}, not {value}")
    return int(value)


def _list(name: str, parameter: Parameter, value: Any) -> list[str]:
    if isinstance(value, str | int):
        value = [value]
    if not isinstance(value, list | tuple | set | frozenset):
        raise _bad(name, parameter, f"must be text or a list of texts, not {type(value).__name__}")
    texts = [_text(name, parameter, item) for item in value]
    if not texts or not all(texts):
        raise _bad(name, parameter, "must not be empty, nor hold an empty text")
    if len(texts) > MAX_LIST_VALUES:
        raise _bad(name, parameter, f"has {len(texts)} values; the server reads at most {MAX_LIST_VALUES}")
    return texts


def _container(name: str, parameter: Parameter, value: Any) -> Any:
    if parameter.name == "variables" and name != "events.userEvent":
        return _variables(name, parameter, value)
    if parameter.name == "fields" and isinstance(value, Mapping):
        value = [{"attribute": key, "value": _written(item)} for key, item in value.items()]
    expected: tuple[type, ...] = (list, tuple) if parameter.name == "fields" else (Mapping,)
    if not isinstance(value, expected):
        raise _bad(name, parameter, f"must be a {'list' if parameter.name == 'fields' else 'dict'}, not {type(value).__name__}")
    if isinstance(value, list | tuple) and not all(_is_field(item) for item in value):
        raise _bad(name, parameter, 'must be a list of {"attribute": text, "value": text}')
    return value


def _written(item: Any) -> Any:
    """Texts and numbers as text; anything else as it is."""
    if isinstance(item, bool | float):
        return str(item)
    return plain(item) if isinstance(item, str | int) else item


def _is_field(item: Any) -> bool:
    return isinstance(item, Mapping) and all(isinstance(item.get(key), str) for key in ("attribute", "value"))


def _variables(name: str, parameter: Parameter, value: Any) -> dict[str, Any]:
    """Variable values are text for the server; numbers are written out, anything else would be a 400."""
    if not isinstance(value, Mapping):
        raise _bad(name, parameter, f"must be a dict of names and values, not {type(value).__name__}")
    sent: dict[str, Any] = {}
    for key, item in value.items():
        if not isinstance(key, str) or not key:
            raise _bad(name, parameter, f"has the name {key!r}: names are text")
        if isinstance(item, Mapping):
            if not isinstance(item.get("value"), str) or not isinstance(item.get("report_events", False), bool):
                raise _bad(
                    name, parameter, f"{key}: a dict value needs the text 'value', and may have True or False as 'report_events'"
                )
            sent[key] = dict(item)
        elif isinstance(item, str | int | float) and not isinstance(item, bool):
            sent[key] = _written(item)
        else:
            raise _bad(name, parameter, f"{key} must be text, not {type(item).__name__}")
    return sent


Rule = Callable[[str, Mapping[str, Any]], None]


def _one_of(first: str, second: str) -> Rule:
    def rule(name: str, values: Mapping[str, Any]) -> None:
        if values.get(first) and values.get(second):
            raise BadArgument(f"{first} and {second} exclude each other", operation=name, parameter=second)

    return rule


def _app_or_extension(name: str, values: Mapping[str, Any]) -> None:
    if not values.get("app") and not values.get("extension"):
        raise MissingParameter("needs app or extension", operation=name, parameter="app")


def _snoops_something(name: str, values: Mapping[str, Any]) -> None:
    if all(values.get(key) in (None, "", "none") for key in ("spy", "whisper")):
        raise MissingParameter("needs spy or whisper to be in, out or both", operation=name, parameter="spy")


def _bridge_type(name: str, values: Mapping[str, Any]) -> None:
    parts = [part.strip() for part in values.get("type", "").split(",") if part.strip()]
    unknown = [part for part in parts if part not in _BRIDGE_TYPES]
    if unknown:
        raise BadArgument(f"type {unknown[0]!r} is none of {', '.join(sorted(_BRIDGE_TYPES))}", operation=name, parameter="type")
    if {"mixing", "holding"} <= set(parts):
        raise BadArgument("type cannot be mixing and holding at once", operation=name, parameter="type")
    if parts == ["dtmf_events"]:
        raise BadArgument("type dtmf_events goes with mixing: 'mixing,dtmf_events'", operation=name, parameter="type")


def _own_device_state(name: str, values: Mapping[str, Any]) -> None:
    if not values["deviceName"].lower().startswith("stasis:"):
        raise BadArgument(
            "deviceName must start with 'Stasis:': others belong to Asterisk", operation=name, parameter="deviceName"
        )


def _event_source(name: str, values: Mapping[str, Any]) -> None:
    for source in values["eventSource"]:
        if not source.startswith(_EVENT_SOURCES):
            schemes = ", ".join(_EVENT_SOURCES)
            raise BadArgument(f"{source!r} starts with none of {schemes}", operation=name, parameter="eventSource")


_ORIGINATE: tuple[Rule, ...] = (_app_or_extension, _one_of("app", "extension"), _one_of("originator", "formats"))

_RULES: Mapping[str, tuple[Rule, ...]] = {
    "channels.originate": _ORIGINATE,
    "channels.originateWithId": _ORIGINATE,
    "channels.create": (_one_of("originator", "formats"),),
    "channels.hangup": (_one_of("reason", "reason_code"),),
    "channels.snoopChannel": (_snoops_something,),
    "channels.snoopChannelWithId": (_snoops_something,),
    "bridges.create": (_bridge_type,),
    "bridges.createWithId": (_bridge_type,),
    "deviceStates.update": (_own_device_state,),
    "deviceStates.delete": (_own_device_state,),
    "applications.subscribe": (_event_source,),
    "applications.unsubscribe": (_event_source,),
}
