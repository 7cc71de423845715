"""How values become a request: what Asterisk's HTTP server reads differently from others."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

MAX_LIST_VALUES = 128

# Inside a joined list the server takes these for separators, quotes or brackets.
_SPECIAL = frozenset(',"\\()[]')


def path_segment(name: str, value: object) -> str:
    """Encode one part of a path. Empty and dot segments would reach another operation, so they are refused."""
    text = "" if value is None else str(value)
    if text in ("", ".", ".."):
        raise ValueError(f"{name} must not be {text!r}: the request would reach another resource")
    return quote(text, safe="")


def known_status(code: int) -> HTTPStatus | int:
    """The status by name, where it has one."""
    try:
        return HTTPStatus(code)
    except ValueError:
        return code


def join_lists(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Send lists the way Asterisk reads them: one comma-joined value, or an array in the body where a comma is part of it.

    Repeated query keys do not work: the server keeps the last one only.
    """
    params = kwargs["params"]
    for name, values in list(params.items()):
        if not isinstance(values, list | tuple):
            continue
        if not values:
            raise ValueError(f"{name} is an empty list: the server would read it as one empty value")
        if len(values) > MAX_LIST_VALUES:
            raise ValueError(f"{name} has {len(values)} values: the server reads at most {MAX_LIST_VALUES}")
        texts = [str(value) for value in values]
        if any(not _SPECIAL.isdisjoint(text) for text in texts):
            del params[name]
            kwargs["json"] = {**kwargs.get("json", {}), name: texts}
            kwargs.setdefault("headers", {})["Content-Type"] = "application/json"
        else:
            params[name] = ",".join(texts)
    return kwargs
