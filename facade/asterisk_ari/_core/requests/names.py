"""Names assigned by a program: rejected on assignment if a later call, or the dialplan, could not use them. Pure."""

import re
from collections.abc import Iterable, Mapping

from asterisk_ari._core.requests.list_text import LIST_SYNTAX, split_list
from asterisk_ari.errors import BadArgument

# Longer ones are rejected with 500, or truncated.
MAX_APP_BYTES = 73

_CONTROL = re.compile(r"[\x00-\x1f\x7f]").search
_SURROGATE = re.compile(r"[\ud800-\udfff]").search  # a lone surrogate, such as os.fsdecode produces for other encodings

# The dialplan treats these as the end of ${…}, a substring, or an assignment.
_NOT_IN_A_VARIABLE = re.compile(r"[{}:=]").search

# What the dialplan's Stasis(NAME) would not pass on unchanged; the latter two cannot even be escaped.
_NOT_IN_STASIS = {";": "the beginning of a comment", "${": "a variable", "$[": "an expression"}

# Operation → its parameters that assign a name, and what they name.
NAMED_BY: Mapping[str, Mapping[str, str]] = {
    "bridges.create": {"bridgeId": "id"},
    "bridges.createWithId": {"bridgeId": "id"},
    "bridges.play": {"playbackId": "id"},
    "bridges.playWithId": {"playbackId": "id"},
    "bridges.record": {"name": "recording"},
    "bridges.setBridgeVar": {"variable": "variable"},
    "channels.create": {"channelId": "id", "otherChannelId": "id", "app": "app"},
    "channels.externalMedia": {"channelId": "id", "app": "app"},
    "channels.move": {"app": "app"},
    "channels.originate": {"channelId": "id", "otherChannelId": "id", "app": "app"},
    "channels.originateWithId": {"channelId": "id", "otherChannelId": "id", "app": "app"},
    "channels.play": {"playbackId": "id"},
    "channels.playWithId": {"playbackId": "id"},
    "channels.record": {"name": "recording"},
    "channels.setChannelVar": {"variable": "variable"},
    "channels.snoopChannel": {"snoopId": "id", "app": "app"},
    "channels.snoopChannelWithId": {"snoopId": "id", "app": "app"},
    "asterisk.setGlobalVar": {"variable": "variable"},
    "recordings.copyStored": {"destinationRecordingName": "recording"},
}


def problem_with(kind: str, name: str) -> str | None:
    """Return why an `app`, the `id` of an object, a `recording` or a `variable` cannot have this name; None if it can."""
    if not name:
        return "must not be empty"
    if not name.isascii() and _SURROGATE(name):
        return f"must be text that can be sent as UTF-8, which {name!r} cannot"
    if _CONTROL(name):
        return f"must not contain control characters (line ends, tabs, …): the dialplan cannot name {name!r}"
    if name != name.strip():
        return f"must not begin or end with blanks: the dialplan takes them away from {name!r}"
    if name in (".", ".."):
        return f"must not be {name!r}: in the path of a call it would mean another resource"
    return _PROBLEMS[kind](name)


def check_apps(apps: Iterable[str]) -> None:
    """Reject app names that the dialplan or a call could not use.

    Raises:
        BadArgument: with the reason.
    """
    for app in apps:
        if problem := problem_with("app", app) or _problem_in_stasis(app):
            raise BadArgument(f"an app name {problem}")


def _problem_in_stasis(name: str) -> str | None:
    """Only for a program's own apps: those that Asterisk names after one half of a Local channel contain a semicolon."""
    for text, meaning in _NOT_IN_STASIS.items():
        if text in name:
            return f"must hold no {text!r}: in Stasis({name}) the dialplan takes it for {meaning}"
    return None


def _problem_in_lists(name: str) -> str | None:
    """Ids and apps occur in lists and event sources, where these characters separate or quote."""
    if LIST_SYNTAX(name) and split_list(f"{name},x") != [name, "x"]:
        return f"must hold no comma, quote, backslash or single bracket: in a list the server would read {name!r} as another one"
    return None


def _problem_with_app(name: str) -> str | None:
    if (length_bytes := len(name.encode())) > MAX_APP_BYTES:
        return f"has {length_bytes} bytes: names of apps have at most {MAX_APP_BYTES}, longer ones are refused by the server"
    if "'" in name:
        return f"must hold no single quote: in a list of apps, newer servers read {name!r} as another one"
    return _problem_in_lists(name)


def _problem_with_recording(name: str) -> str | None:
    if any(part in ("", ".", "..") for part in name.split("/")):
        return f"must name a file in the recordings' directory, with single slashes between subdirectories, not {name!r}"
    return None


def _problem_with_variable(name: str) -> str | None:
    if "(" in name:  # a dialplan function: its arguments are its own affair
        return None if name.endswith(")") else f"must end with ) as a dialplan function does, not {name!r}"
    if found := _NOT_IN_A_VARIABLE(name):
        return f"must hold no {found[0]!r}: the dialplan could not read ${{{name}}}"
    return None


_PROBLEMS = {
    "app": _problem_with_app,
    "id": _problem_in_lists,
    "recording": _problem_with_recording,
    "variable": _problem_with_variable,
}
