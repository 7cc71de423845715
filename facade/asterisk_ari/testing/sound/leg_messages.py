"""The text messages of chan_websocket as Asterisk sends and reads them, in JSON and in plain text. Pure."""

import json
from typing import Any

MAX_COMMAND_BYTES = 128
PARSE_ERROR = "Unable to parse JSON command"
JSON_ONLY = "SET_MEDIA_DIRECTION only supports JSON format.\n"


class UnreadableCommand(Exception):
    """The command is not JSON, although the leg uses it."""


def read_command(text: bytes, *, is_json: bool) -> tuple[str, dict[str, Any]]:
    """Return name and fields of a command; unknown names are left to the caller.

    Raises:
        UnreadableCommand: it is not a JSON object.
    """
    if not is_json:
        name, _, correlation_id = text.decode("utf-8", "replace").strip().partition(" ")
        return name, {"correlation_id": correlation_id}
    try:
        command = json.loads(text)
    except ValueError as error:
        raise UnreadableCommand from error
    fields = command if isinstance(command, dict) else {}
    return str(fields.get("command", "")), fields


def encode_event(name: str, fields: dict[str, Any], *, is_json: bool) -> bytes:
    """Encode an event; `fields` are in JSON order, in which `channel_id` comes first."""
    if is_json:
        return json.dumps({"event": name, **fields}, separators=(",", ":")).encode()
    if name in {"MEDIA_BUFFERING_COMPLETED", "MEDIA_MARK_PROCESSED"}:
        words = [str(fields["correlation_id"])] if fields.get("correlation_id") else []
    elif name in {"MEDIA_XON", "MEDIA_XOFF", "QUEUE_DRAINED"}:
        words = []
    else:
        words = [f"{key}:{_text(value)}" for key, value in fields.items() if key != "channel_variables"]
    if name == "DTMF_END":
        words.reverse()
    return " ".join([name, *words]).encode()


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
