"""The text messages of chan_websocket: commands to Asterisk and its notifications, as JSON and in plain text. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

MAX_COMMAND_BYTES = 128
"""Asterisk silently drops longer ones."""
MAX_ID_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification of Asterisk: a name and fields, all of them strings."""

    name: str
    fields: Mapping[str, str]

    @property
    def correlation_id(self) -> str:
        """The id of the command that this answers."""
        return self.fields.get("correlation_id", "")

    def number(self, field: str) -> int | None:
        """The value of a numeric field."""
        text = self.fields.get(field, "")
        return int(text) if text.isascii() and text.isdigit() else None


class _Status(msgspec.Struct, gc=False):
    """The answer to GET_STATUS, received for every second frame of live audio."""

    event: str
    queue_length: int
    queue_full: bool = False


_decode_status = msgspec.json.Decoder(_Status).decode


@cache
def status_request(*, is_json: bool) -> bytes:
    """Return the command that asks for the queue length; it is the most frequent one."""
    return command("GET_STATUS", is_json=is_json)


def read_status(text: bytes) -> tuple[int, bool] | None:
    """Return the number of queued frames and whether the queue is full; None if the text is another message or has another
    form."""
    if b'"STATUS"' not in text:
        return None
    try:
        status = _decode_status(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return (status.queue_length, status.queue_full) if status.event == "STATUS" and status.queue_length >= 0 else None


def command(name: str, *, is_json: bool, correlation_id: str = "") -> bytes:
    """Encode a command.

    Args:
        name: in capital letters, such as `FLUSH_MEDIA`.
        is_json: whether the leg was made with `f(json)`.
        correlation_id: returned with the notification; at most 32 characters.
    """
    if len(correlation_id) > MAX_ID_CHARACTERS:
        raise ValueError(f"an id of {len(correlation_id)} characters: {MAX_ID_CHARACTERS} are allowed")
    if not is_json:
        text = f"{name} {correlation_id}" if correlation_id else name
    else:
        text = json.dumps({"command": name, **({"correlation_id": correlation_id} if correlation_id else {})})
    encoded = text.encode("ascii")
    if len(encoded) > MAX_COMMAND_BYTES:
        raise ValueError(f"a command of {len(encoded)} bytes: {MAX_COMMAND_BYTES} are allowed")
    return encoded


def parse(text: bytes) -> Notification | None:
    """Parse a text message of Asterisk; None if it cannot be understood."""
    try:
        decoded = text.decode()
        return _of_json(json.loads(decoded)) if decoded.lstrip().startswith("{") else _of_words(decoded.split())
    except ValueError:  # neither UTF-8 nor JSON
        return None


def _of_json(value: Any) -> Notification | None:
    if not isinstance(value, dict) or not isinstance(value.get("event"), str):
        return None
    fields = {key: _text(item) for key, item in value.items() if key != "event" and isinstance(item, str | int | float)}
    return Notification(value["event"], fields)


def _text(item: object) -> str:
    return str(item).lower() if isinstance(item, bool) else str(item)


def _of_words(words: list[str]) -> Notification | None:
    if not words or not words[0].replace("_", "").isalpha() or not words[0].isupper():
        return None
    fields: dict[str, str] = {}
    for word in words[1:]:
        name, colon, value = word.partition(":")
        if colon:
            fields[name] = value
        else:
            fields.setdefault("correlation_id", word)
    return Notification(words[0], fields)
