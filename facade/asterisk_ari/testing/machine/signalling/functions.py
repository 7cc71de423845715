"""Dialplan functions that compute: of their arguments, of variables, of the state of the server."""

import base64
import binascii
import hashlib
import re
import time
from collections.abc import Callable
from urllib.parse import quote, unquote

from asterisk_ari.testing.machine.signalling.device_states import device_state
from asterisk_ari.testing.machine.state.machine import Machine


class UnreadableVariableError(Exception):
    """There is no such function, or it has no such item."""


KEYPAD = dict(zip("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999", strict=True))
_CALCULATION = re.compile(r"\s*(-?[\d.]+)\s*(<<|>>|[<>=!]=|AND|XOR|OR|[-+*/%^<>])\s*(-?[\d.]+)\s*\Z")
_CALCULATIONS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else 0.0,
    "%": lambda a, b: float(int(a) % int(b)) if int(b) else 0.0,
    "^": lambda a, b: a**b,
    "AND": lambda a, b: float(int(a) & int(b)),
    "OR": lambda a, b: float(int(a) | int(b)),
    "XOR": lambda a, b: float(int(a) ^ int(b)),
    "<<": lambda a, b: float(int(a) << min(64, int(b))),
    ">>": lambda a, b: float(int(a) >> min(64, int(b))),
}
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def _math(_machine: Machine, item: str) -> str:
    expression, _, kind = item.partition(",")
    match = _CALCULATION.match(expression)
    if match is None:
        raise UnreadableVariableError(item)
    try:
        left, right = float(match[1]), float(match[3])
        if match[2] in _COMPARISONS:
            return "TRUE" if _COMPARISONS[match[2]](left, right) else "FALSE"
        result = _CALCULATIONS[match[2]](left, right)
    except (ValueError, OverflowError) as error:
        raise UnreadableVariableError(item) from error
    if kind.startswith("i"):
        return str(int(result))
    return f"{int(result):x}" if kind.startswith("h") else f"{result:.6f}"


def _dialplan_exists(machine: Machine, item: str) -> str:
    context, _, rest = item.partition(",")
    exten, _, priority = rest.partition(",")
    return "1" if machine.dialplan.exists(context, exten, int(priority) if priority.isdigit() else 1) else "0"


def _if(_machine: Machine, item: str) -> str:
    condition, _, rest = item.partition("?")
    if not rest:
        raise UnreadableVariableError(item)
    yes, _, no = rest.partition(":")
    return yes if condition.strip() not in {"", "0"} else no


def _filter(_machine: Machine, item: str) -> str:
    """`FILTER(0-9a,text)`: the characters that are allowed."""
    allowed, comma, text = item.partition(",")
    if not comma:
        raise UnreadableVariableError(item)
    kept: set[str] = set()
    for first, last, one in re.findall(r"(.)-(.)|(.)", allowed):
        kept |= {one} if one else {chr(code) for code in range(ord(first), ord(last) + 1)}
    return "".join(character for character in text if character in kept)


def _regex(_machine: Machine, item: str) -> str:
    match = re.match(r'\s*"(.*)"\s?(.*)\Z', item, re.DOTALL)
    if match is None:
        raise UnreadableVariableError(item)
    try:
        return str(int(re.search(match[1], match[2]) is not None))
    except re.error as error:
        raise UnreadableVariableError(item) from error


def _sprintf(_machine: Machine, item: str) -> str:
    format_, *values = item.split(",")
    given = iter(values)

    def formatted(match: re.Match[str]) -> str:
        kind = match[0][-1]
        if kind == "%":
            return "%"
        value = next(given, "")
        number = float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value) else 0.0
        return match[0] % (value if kind == "s" else number if kind in "feg" else int(number))

    return re.sub(r"%[-+ 0#]*\d{0,3}(?:\.\d{1,3})?[sdiufegxX%]", formatted, format_)


def _sort(_machine: Machine, item: str) -> str:
    """`SORT(key:1,key:2)`: the keys by their values."""
    pairs = [one.partition(":")[::2] for one in item.split(",")]
    return ",".join(
        key for key, _ in sorted(pairs, key=lambda pair: float(pair[1]) if re.fullmatch(r"-?[\d.]+", pair[1]) else 0.0)
    )


def _extreme(choose: Callable[[list[float]], float]) -> Callable[[Machine, str], str]:
    def function(_machine: Machine, item: str) -> str:
        try:
            value = choose([float(one) for one in item.split(",")])
        except ValueError as error:
            raise UnreadableVariableError(item) from error
        return str(int(value)) if value == int(value) else f"{value:f}"

    return function


def _decoded(_machine: Machine, item: str) -> str:
    try:
        return base64.b64decode(item).decode("utf-8", "replace")
    except (ValueError, binascii.Error):
        return ""


def _random(machine: Machine, item: str) -> str:
    low, _, high = item.partition(",")
    first, last = (int(one) if one.isdigit() else default for one, default in ((low, 0), (high, 2**31 - 1)))
    return str(machine.random.randint(min(first, last), max(first, last)))


def _formatted_time(machine: Machine, item: str) -> str:
    seconds, _zone, format_ = ([*item.split(",", 2), "", ""])[:3]
    when = float(seconds) if re.fullmatch(r"\d+(\.\d+)?", seconds) else machine.now
    return time.strftime(format_ or "%c", time.gmtime(when))


def _trim(strip: Callable[[str], str]) -> Callable[[Machine, str], str]:
    def function(machine: Machine, item: str) -> str:
        if not machine.has("trims"):
            raise UnreadableVariableError(item)
        return strip(item)

    return function


def _device_state(machine: Machine, item: str) -> str:
    return device_state(machine, item)


COMPUTED: dict[str, Callable[[Machine, str], str]] = {
    "ABS": _extreme(lambda numbers: abs(numbers[0])),
    "BASE64_DECODE": _decoded,
    "BASE64_ENCODE": lambda machine, item: base64.b64encode(item.encode()).decode(),
    "CSV_QUOTE": lambda machine, item: '"' + item.replace('"', '""') + '"',
    "DEVICE_STATE": _device_state,
    "DIALPLAN_EXISTS": _dialplan_exists,
    "ENV": lambda machine, item: "",
    "EPOCH": lambda machine, item: str(int(machine.now)),
    "EVAL": lambda machine, item: item,
    "EXISTS": lambda machine, item: "1" if item else "0",
    "EXTENSION_STATE": lambda machine, item: "UNKNOWN",
    "FILTER": _filter,
    "GLOBAL": lambda machine, item: machine.global_variables.get(item, ""),
    "GROUP_COUNT": lambda machine, item: "0",
    "IF": _if,
    "ISNULL": lambda machine, item: "0" if item else "1",
    "KEYPADHASH": lambda machine, item: "".join(KEYPAD.get(one, one if one.isdigit() else "") for one in item.lower()),
    "LEN": lambda machine, item: str(len(item.encode())),
    "LTRIM": _trim(str.lstrip),
    "MATH": _math,
    "MAX": _extreme(max),
    "MD5": lambda machine, item: hashlib.md5(item.encode(), usedforsecurity=False).hexdigest(),
    "MIN": _extreme(min),
    "PASSTHRU": lambda machine, item: item,
    "QUOTE": lambda machine, item: '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"',
    "RAND": _random,
    "REGEX": _regex,
    "RTRIM": _trim(str.rstrip),
    "SHA1": lambda machine, item: hashlib.sha1(item.encode(), usedforsecurity=False).hexdigest(),
    "SORT": _sort,
    "SPRINTF": _sprintf,
    "STRFTIME": _formatted_time,
    "TOLOWER": lambda machine, item: item.lower(),
    "TOUPPER": lambda machine, item: item.upper(),
    "TRIM": _trim(str.strip),
    "URIDECODE": lambda machine, item: unquote(item),
    "URIENCODE": lambda machine, item: quote(item, safe=""),
    "VALID_EXTEN": _dialplan_exists,
    "VERSION": lambda machine, item: machine.version,
}
"""Functions of their arguments alone: `GET /asterisk/variable` reads none of them, a channel does."""


def _cut(text: str, item: list[str]) -> str:
    """`CUT(variable,delimiter,fields)`: `2`, `2-`, `-2` or `1&3`, counted from 1."""
    delimiter, fields = ([*item, "", ""])[:2]
    delimiter = delimiter or "-"
    parts = text.split(delimiter)
    found: list[str] = []
    for one in fields.split("&"):
        first, dash, last = one.partition("-")
        start = int(first) if first.isdigit() else 1
        end = int(last) if last.isdigit() else len(parts) if dash else start
        found += parts[start - 1 : end]
    return delimiter.join(found)


def _replace(text: str, item: list[str]) -> str:
    """`REPLACE(variable,characters,character)`."""
    characters, by = ([*item, "", ""])[:2]
    if not text or not characters:
        raise UnreadableVariableError(",".join(item))
    return "".join(by[:1] if one in characters else one for one in text)


def _replace_text(text: str, item: list[str]) -> str:
    """`STRREPLACE(variable,text,text,times)`."""
    old, new, times = ([*item, "", "", ""])[:3]
    return text.replace(old, new, int(times) if times.isdigit() else -1) if old else text


OF_VARIABLE: dict[str, Callable[[str, list[str]], str]] = {
    "CUT": _cut,
    "FIELDQTY": lambda text, item: str(len(text.split(item[0]))) if text and item and item[0] else str(int(bool(text))),
    "REPLACE": _replace,
    "STRREPLACE": _replace_text,
}
"""Functions of the variable that their first argument names, and of their further arguments."""
