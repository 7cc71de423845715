"""Recordings: JSON lines; the first describes what was recorded, each other one is an event or a request. Pure.

{"recording": 1, "server": "http://pbx:8088/ari", "version": "22.10.1", "started": "2026-01-01T12:00:00+00:00"}
{"at": "2026-01-01T12:00:01.500+0000", "event": {"type": "StasisStart", …}}
{"at": "2026-01-01T12:00:01.502+0000", "request": {"method": "POST", "path": "/channels/7/answer"}, "status": 204}

A request may have `query` and `body` (JSON or text), and its line `answer` (JSON) or `answer_base64` (anything else).
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asterisk_ari.errors import BadArgument

FORMAT = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class RecordedEntry:
    """An event, or a request with the status of its response and, if kept, the response body: JSON or bytes."""

    at: datetime
    event: Mapping[str, Any] | None = None
    request: Mapping[str, Any] | None = None
    status: int | None = None
    answer: Any = None

    @property
    def at_ms(self) -> int:
        """Whole milliseconds since the epoch, the resolution of event times."""
        at = self.at if self.at.tzinfo is not None else self.at.replace(tzinfo=UTC)
        return (at - _EPOCH) // timedelta(milliseconds=1)


def header(server: str, version: str, started: datetime) -> dict[str, Any]:
    """Return the first line."""
    return {"recording": FORMAT, "server": server, "version": version, "started": started.isoformat()}


def event_entry(event: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the line of an event, with the server's time if the event has one."""
    return {"at": event.get("timestamp") or now.isoformat(), "event": event}


def request_entry(request: Mapping[str, Any], at: datetime, status: int, answer: Any) -> dict[str, Any]:
    """Return the line of a request, given as `{"method", "path"}` with `query` and `body` if present, and its response."""
    entry: dict[str, Any] = {"at": at.isoformat(), "request": request, "status": status}
    if isinstance(answer, bytes):
        return {**entry, "answer_base64": base64.b64encode(answer).decode()}
    return entry if answer is None else {**entry, "answer": answer}


def recorded_version(lines: Iterable[str]) -> str | None:
    """Return the recorded release from the first line; None if it is not stated."""
    try:
        version = json.loads(next(iter(lines), "")).get("version")
    except (ValueError, AttributeError):
        return None
    return version if isinstance(version, str) else None


def read_recording(lines: Iterable[str], name: str = "the recording") -> list[RecordedEntry]:
    """Return the entries by time; those of the same millisecond, the resolution of events, keep their order.

    Lines of bare events, as printed by `tail --json`, are accepted too.

    Raises:
        BadArgument: a line is not part of a recording, or the format is a later one.
    """
    return sorted(recorded_entries(lines, name), key=lambda entry: entry.at_ms)


def recorded_entries(lines: Iterable[str], name: str = "the recording") -> list[RecordedEntry]:
    """Return the entries in file order; otherwise like `read_recording`.

    Raises:
        BadArgument: a line is not part of a recording, or the format is a later one.
    """
    return [entry for number, line in enumerate(lines, 1) if line.strip() for entry in _entries(name, number, line)]


def _entries(name: str, number: int, line: str) -> Iterator[RecordedEntry]:
    try:
        value = json.loads(line)
        if "recording" in value:
            if value["recording"] != FORMAT:
                raise BadArgument(f"{name} line {number}: format {value['recording']} is newer than this program")
            return
        if "request" in value:
            at, status = datetime.fromisoformat(value["at"]), value.get("status")
            yield RecordedEntry(at, request=value["request"], status=status, answer=_answer(value))
            return
        event = value.get("event", value)
        if "timestamp" in event or "at" in value:  # events made by the client have none
            yield RecordedEntry(
                datetime.fromisoformat(value.get("at") or event["timestamp"]), event={"type": event["type"], **event}
            )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, BadArgument):
            raise
        raise BadArgument(f"{name} line {number} is neither an event nor a request") from None


def _answer(value: Mapping[str, Any]) -> Any:
    encoded = value.get("answer_base64")
    return value.get("answer") if encoded is None else base64.b64decode(encoded)
