"""A log line for a request: without secrets, and without personal data unless requested. Pure."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._text import printable

MASK = "***"
MAX_CHARACTERS = 400

# Values of variables and messages may be anything, keys and tokens included.
_NO_CHANNELS = frozenset({"create", "externalMedia"})
_SECRET = frozenset({"value", "variables", "body", "fields"})
_PERSONAL = frozenset({"callerId", "dtmf", "endpoint", "to", "from"})
# The values of these are names, which reveal nothing.
_NAMES_ONLY = frozenset({"channels.getChannelVars", "bridges.getBridgeVars"})


def channel_of(request: OperationRequest) -> str:
    """Return the channel in the path of a request, "" for none."""
    path = request.path
    if not path.startswith("/channels/"):
        return ""
    channel_id = path[10:].partition("/")[0]
    if channel_id in _NO_CHANNELS:
        return ""
    return unquote(channel_id) if "%" in channel_id else channel_id


def arguments_of(request: OperationRequest, *, personal: bool) -> str:
    """Return the parameters of a request that are not in its path, such as `media=sound:hello-world lang=en`; values may be
    masked."""
    body = request.json if isinstance(request.json, Mapping) else {}
    given = {**request.params, **body}
    shown = [f"{name}={_shown(request.operation, name, value, personal=personal)}" for name, value in given.items()]
    text = printable(" ".join(shown))
    return text if len(text) <= MAX_CHARACTERS else text[:MAX_CHARACTERS] + "…"


def _shown(operation: str, name: str, value: Any, *, personal: bool) -> str:
    if name in _SECRET and operation not in _NAMES_ONLY:
        return "{" + ", ".join(f"{key}: {MASK}" for key in value) + "}" if isinstance(value, Mapping) else MASK
    if name in _PERSONAL and not personal:
        technology, slash, _ = str(value).partition("/")
        return f"{technology}/{MASK}" if name == "endpoint" and slash else MASK
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
