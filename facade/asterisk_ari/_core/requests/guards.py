"""Checks that keep requests from the server that would crash it, be misread, or address another resource. Pure."""

import json
import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ari_rest._records import Parameter
from asterisk_ari._core.requests.list_text import LIST_SYNTAX, split_list
from asterisk_ari._core.requests.names import NAMED_BY, problem_with
from asterisk_ari.errors import BadArgument, MissingParameter

# Returns a value as it is sent, or raises BadArgument.
Guard = Callable[[Any], Any]

# Checks the values of one call against each other.
Rule = Callable[[str, Mapping[str, Any]], None]

MAX_ID_BYTES = 149
MAX_LIST_VALUES = 128
MAX_BODY_BYTES = 40_960
MAX_INT = 2**31 - 1

# Ids that the client may choose; the server truncates or rejects longer ones.
_CHOSEN_IDS = frozenset({"channelId", "otherChannelId", "bridgeId", "playbackId", "snoopId"})

# The server's own paths: a channel with such an id could be created, but never addressed.
_CHANNEL_IDS = frozenset({"channelId", "otherChannelId", "snoopId"})
_SHADOWED_IDS = frozenset({"create", "externalMedia"})

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

_DECIMAL = re.compile(r"[-+]?([0-9]{1,18}(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")

# Minimum values missing from the definitions; a negative tone length blocks the channel's command queue for good.
_MINIMUM = {
    "before": 0, "between": 0, "duration": 0, "after": 0, "offsetms": 0, "skipms": 0, "maxDurationSeconds": 0,
    "maxSilenceSeconds": 0, "timeout": -1, "oldMessages": 0, "newMessages": 0,
}  # fmt: skip

# The server counts milliseconds in 32 bits: more seconds than this wrap around, and 4 294 968 expire at once.
_MAXIMUM = {"timeout": MAX_INT // 1000}

_BRIDGE_TYPES = frozenset({"mixing", "holding", "dtmf_events", "proxy_media", "video_sfu", "video_single", "sdp_label"})
_MEDIA_SCHEMES = ("sound:", "recording:", "number:", "digits:", "characters:", "tone:")
_EVENT_SOURCES = ("channel:", "bridge:", "endpoint:", "deviceState:")


def guard_of(operation: str, parameter: Parameter) -> Guard:
    """Return the function that converts a value of this parameter for sending, or raises BadArgument: wrong type or out of
    range."""
    if parameter.location == "body" and parameter.type in ("containers", "object"):
        guard = _container
    elif parameter.multiple:
        guard = _list
    elif parameter.type in ("int", "long"):
        guard = _integer
    elif parameter.type in ("double", "float"):
        guard = _number
    elif parameter.type == "boolean":
        guard = _boolean
    else:
        guard = _text
    return partial(guard, operation, parameter)


def check_body(name: str, body: Any) -> None:
    """Reject a body that cannot be sent, or that the server would not read.

    Raises:
        BadArgument: it is not JSON, or too long.
    """
    encoded = _encode_json(name, body)
    if len(encoded) > MAX_BODY_BYTES:
        raise BadArgument(f"a body of more than {MAX_BODY_BYTES} bytes is refused by the server", operation=name)
    if b"\\u0000" in encoded and _holds_null_character(body):
        raise BadArgument("the body must not contain a null character: the server would read none of it", operation=name)


def _encode_json(name: str, value: Any) -> bytes:
    try:
        return _encode(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadArgument(f"cannot be sent as JSON: {error}", operation=name) from error


def _holds_null_character(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_null_character(item) for pair in value.items() for item in pair)
    if isinstance(value, list | tuple):
        return any(map(_holds_null_character, value))
    return isinstance(value, str) and "\x00" in value


def check_names(name: str, values: Mapping[str, Any]) -> None:
    """Reject names that later calls or the dialplan could not use, in the call that assigns them.

    Raises:
        BadArgument: with the reason.
    """
    for parameter, kind in NAMED_BY.get(name, {}).items():
        if (given := values.get(parameter)) and (problem := problem_with(kind, given)):
            raise BadArgument(f"{parameter} {problem}", operation=name, parameter=parameter)
    variables = values.get("variables")
    if isinstance(variables, Mapping) and name != "events.userEvent":
        for variable in variables:
            if problem := problem_with("variable", variable):
                raise BadArgument(f"variables: a name {problem}", operation=name, parameter="variables")


def text_of(value: str | int) -> str:
    """Return a value as text; for an enum member its value, not its name."""
    return str.__str__(value) if isinstance(value, str) else int.__repr__(value)


def _bad(name: str, parameter: Parameter, problem: str) -> BadArgument:
    return BadArgument(f"{parameter.name} {problem}", operation=name, parameter=parameter.name)


def _boolean(name: str, parameter: Parameter, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _bad(name, parameter, f"must be True or False, not {value!r}")
    return value


def _text(name: str, parameter: Parameter, value: Any) -> str:
    text = value if type(value) is str else _as_text(name, parameter, value)
    if not text and parameter.required and parameter.location != "path":
        raise _bad(name, parameter, "must not be empty")
    if "\x00" in text:
        raise _bad(name, parameter, "must not hold a null character")
    if parameter.location == "path" and text in ("", ".", ".."):
        raise _bad(name, parameter, f"must not be {text!r}: the call would reach another resource")
    try:
        length_bytes = len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError:
        raise _bad(name, parameter, "must be encodable as UTF-8") from None
    if length_bytes > MAX_ID_BYTES and parameter.name in _CHOSEN_IDS:
        raise _bad(name, parameter, f"has {length_bytes} bytes; ids have at most {MAX_ID_BYTES}")
    if text in _SHADOWED_IDS and parameter.name in _CHANNEL_IDS:
        raise _bad(name, parameter, f"must not be {text!r}: the server takes it for another operation")
    return text


def _as_text(name: str, parameter: Parameter, value: Any) -> str:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return text_of(value)
    raise _bad(name, parameter, f"must be text, not {type(value).__name__}")


def _integer(name: str, parameter: Parameter, value: Any) -> int:
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _bad(name, parameter, f"must be a whole number, not {value!r}")
    minimum = parameter.minimum if parameter.minimum is not None else _MINIMUM.get(parameter.name)
    if minimum is not None and value < minimum:
        raise _bad(name, parameter, f"must be at least {minimum}, not {value}")
    maximum = parameter.maximum if parameter.maximum is not None else _MAXIMUM.get(parameter.name, MAX_INT)
    if value > maximum or value < -MAX_INT:
        raise _bad(name, parameter, f"must be at most {maximum}, not {value}")
    return int(value)


def _list(name: str, parameter: Parameter, value: Any) -> list[str]:
    if isinstance(value, str | int):
        value = _values_of_text(name, parameter, _text(name, parameter, value))
    if not isinstance(value, list | tuple | set | frozenset):
        raise _bad(name, parameter, f"must be text or a list of texts, not {type(value).__name__}")
    if not value or any(isinstance(item, str) and not item for item in value):
        raise _bad(name, parameter, "must not be empty, nor hold an empty text")
    texts = [_text(name, parameter, item) for item in value]
    if len(texts) > MAX_LIST_VALUES:
        raise _bad(name, parameter, f"has {len(texts)} values; the server reads at most {MAX_LIST_VALUES}")
    return texts


def _number(name: str, parameter: Parameter, value: Any) -> int | float:
    """A floating-point number, or its text."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
        value = float(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise _bad(name, parameter, f"must be a finite number, not {value!r}")
    if parameter.minimum is not None and value < parameter.minimum:
        raise _bad(name, parameter, f"must be at least {parameter.minimum}, not {value}")
    if parameter.maximum is not None and value > parameter.maximum:
        raise _bad(name, parameter, f"must be at most {parameter.maximum}, not {value}")
    return value


def _values_of_text(name: str, parameter: Parameter, text: str) -> list[str]:
    values = split_list(text) if LIST_SYNTAX(text) else [text.strip()]
    if (
        parameter.name == "media"
        and len(values) > 1
        and (uri := next((item for item in values if item and ":" not in item), None))
    ):
        raise _bad(name, parameter, f"{text!r} is a list with {uri!r} in it, which is no URI: a URI with commas goes in a list")
    return values


def _container(name: str, parameter: Parameter, value: Any) -> Any:
    if parameter.name == "variables" and name != "events.userEvent":
        return _variables(name, parameter, value)
    if parameter.name == "fields" and isinstance(value, Mapping):
        value = [{"attribute": key, "value": _text_or_same(item)} for key, item in value.items()]
    expected: tuple[type, ...] = (list, tuple) if parameter.name == "fields" else (Mapping,)
    if not isinstance(value, expected):
        raise _bad(name, parameter, f"must be a {'list' if parameter.name == 'fields' else 'dict'}, not {type(value).__name__}")
    if isinstance(value, list | tuple) and not all(_is_field(item) for item in value):
        raise _bad(name, parameter, 'must be a list of {"attribute": text, "value": text}')
    return value


def _text_or_same(item: Any) -> Any:
    """Return strings and numbers as text; anything else unchanged."""
    if isinstance(item, bool | float):
        return str(item)
    return text_of(item) if isinstance(item, str | int) else item


def _is_field(item: Any) -> bool:
    return isinstance(item, Mapping) and all(isinstance(item.get(key), str) for key in ("attribute", "value"))


def _variables(name: str, parameter: Parameter, value: Any) -> dict[str, Any]:
    """The server takes variable values as text; numbers are converted, anything else would result in a 400."""
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
        elif isinstance(item, float) and not math.isfinite(item):
            raise _bad(name, parameter, f"{key} must be a finite number, not {item!r}")
        elif isinstance(item, str | int | float) and not isinstance(item, bool):
            sent[key] = _text_or_same(item)
        else:
            raise _bad(name, parameter, f"{key} must be text, not {type(item).__name__}")
    return sent


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
        known = ", ".join(sorted(_BRIDGE_TYPES))
        raise BadArgument(f"type {unknown[0]!r} is not one of {known}", operation=name, parameter="type")
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


def _media(name: str, values: Mapping[str, Any]) -> None:
    """Asterisk accepts any text, and silently plays nothing if it does not recognize it."""
    for uri in values["media"]:
        scheme = next((one for one in _MEDIA_SCHEMES if uri.lower().startswith(one)), None)
        if scheme is None:
            schemes = ", ".join(_MEDIA_SCHEMES)
            problem = f"{uri!r} starts with none of {schemes}"
            if ":" not in uri or uri.lower().startswith(("http:", "https:")):
                problem = f"{uri!r} does not say what it is: write {f'sound:{uri}'!r} for a sound (Asterisk knows {schemes})"
        elif not uri.startswith(scheme):
            problem = f"{uri!r} must start with {scheme!r} in lower case"
        elif uri == scheme:
            problem = f"{uri!r} names nothing to play"
        else:
            continue
        raise BadArgument(f"media {problem}", operation=name, parameter="media")


_ORIGINATE: tuple[Rule, ...] = (_app_or_extension, _one_of("app", "extension"), _one_of("originator", "formats"))

RULES: Mapping[str, tuple[Rule, ...]] = {
    "channels.originate": _ORIGINATE,
    "channels.originateWithId": _ORIGINATE,
    "channels.create": (_one_of("originator", "formats"),),
    "channels.hangup": (_one_of("reason", "reason_code"),),
    "channels.snoopChannel": (_snoops_something,),
    "channels.snoopChannelWithId": (_snoops_something,),
    "channels.play": (_media,),
    "channels.playWithId": (_media,),
    "bridges.play": (_media,),
    "bridges.playWithId": (_media,),
    "bridges.create": (_bridge_type,),
    "bridges.createWithId": (_bridge_type,),
    "deviceStates.update": (_own_device_state,),
    "deviceStates.delete": (_own_device_state,),
    "applications.subscribe": (_event_source,),
    "applications.unsubscribe": (_event_source,),
}
