"""Removes secrets and personal data from recordings. Pure.

The same text gets the same replacement everywhere, so that a masked recording can be read, drawn and replayed: a number becomes
    one with as many digits, anything else `masked-1`, `masked-2` ….
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

SECRET = re.compile(r"passw|secret|token|api.?key|authorization|credential|private.?key", re.IGNORECASE)
"""If the name of a parameter, variable or field contains one of these, its value is a secret."""
HIDDEN = "***"
PEOPLE = frozenset({"caller", "connected", "dialed", "redirecting"})
"""Fields that hold a name and a number."""
WHO = frozenset(
    {"callerid", "exten", "extension", "accountcode", "forward", "from", "to", "uri", "address", "dialstring", "destination"}
)
"""Fields and parameters that identify or locate a person; without underscores, in lower case."""
VALUES = frozenset({"variables", "channelvars", "userevent"})
"""Fields whose contents come from a program or the dialplan."""
KEPT = frozenset({"timestamp", "creationtime", "at", "type", "startup_time", "asterisk_id"})
MIN_LENGTH = 3
"""Shorter values are an extension such as `s`, a key, or empty."""
_NUMBER = re.compile(r"\+?\d+")
_DIALLED = re.compile(r"^[A-Za-z0-9]+/(\+?\d{3,})(?:@|$|/)")


class Masking:
    """The replacements in one recording; entries are masked in order.

    Args:
        personal: mask names, numbers, addresses, texts and values of variables too, not only secrets.
    """

    def __init__(self, *, personal: bool) -> None:
        self._personal = personal
        self._stand_ins: dict[str, str] = {}
        self._everywhere: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def masked(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Return a line of a recording with everything to be hidden masked."""
        hidden: dict[str, Any] = self._without_secrets(entry)
        if not self._personal:
            return hidden
        people = {text for text in _people(hidden) if len(text) >= MIN_LENGTH}
        if new := people - self._everywhere:
            self._everywhere |= new
            either = "|".join(re.escape(one) for one in sorted(self._everywhere, key=len, reverse=True))
            self._pattern = re.compile(rf"(?<!\w)(?:{either})(?!\w)")
        result: dict[str, Any] = self._anonymous(hidden, in_variable=_is_about_a_variable(hidden))
        return result

    def _without_secrets(self, value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            own = value.get("variable")
            is_secret = isinstance(own, str) and SECRET.search(own) is not None
            return {
                name: HIDDEN if is_secret and name == "value" else self._without_secrets(item, name)
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self._without_secrets(item, key) for item in value]
        return HIDDEN if value and isinstance(value, str) and SECRET.search(key) else value

    def _anonymous(self, value: Any, key: str = "", *, in_variable: bool = False, is_value: bool = False) -> Any:
        if isinstance(value, Mapping):
            written = is_value or key in VALUES
            return {
                name: self._anonymous(
                    item,
                    name,
                    in_variable=in_variable,
                    is_value=written or (in_variable and name == "value") or _is_text(value, name),
                )
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self._anonymous(item, key, in_variable=in_variable, is_value=is_value) for item in value]
        if not isinstance(value, str) or key in KEPT or value in {"", HIDDEN}:
            return value
        if is_value and key not in {"eventname", "variable"}:
            return self._stand_in(value)
        return self._pattern.sub(lambda found: self._stand_in(found[0]), value) if self._pattern is not None else value

    def _stand_in(self, text: str) -> str:
        if text not in self._stand_ins:
            number = len(self._stand_ins) + 1
            digits = text.removeprefix("+")
            is_number = _NUMBER.fullmatch(text) is not None and len(digits) >= len(str(number))
            plus = "+" if text.startswith("+") else ""
            self._stand_ins[text] = f"{plus}{number:0{len(digits)}d}" if is_number else f"masked-{number}"
        return self._stand_ins[text]


def _is_about_a_variable(entry: Mapping[str, Any]) -> bool:
    """Whether `value` in it is the value of a variable."""
    request, event = entry.get("request"), entry.get("event")
    if isinstance(request, Mapping):
        return str(request.get("path", "")).endswith("/variable")
    return isinstance(event, Mapping) and event.get("type") == "ChannelVarset"


def _is_text(parent: Mapping[str, Any], name: str) -> bool:
    """Whether a field is text written by a person: the body of a text message."""
    return name == "body" and "from" in parent


def _people(value: Any, key: str = "") -> Iterator[str]:
    """Find names, numbers and addresses of people."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name in PEOPLE and isinstance(item, Mapping):
                yield from (text for text in (item.get("name"), item.get("number")) if isinstance(text, str))
            yield from _people(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _people(item, key)
    elif isinstance(value, str) and value:
        if key.lower().replace("_", "") in WHO:
            yield from re.findall(r"[^\s\"<>:;@,()]+", value) if "<" in value or ":" in value else [value]
        elif key in {"endpoint", "app_data", "dialplan_app_data"} and (found := _DIALLED.match(value)):
            yield found[1]
