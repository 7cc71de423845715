"""A session as a file: written from a server's log, and read back."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asterisk_ari._core.ladder.masking import Masking
from asterisk_ari._core.ladder.recording import (
    RecordedEntry,
    event_entry,
    header,
    recorded_entries,
    recorded_version,
    request_entry,
)
from asterisk_ari.errors import BadArgument
from asterisk_ari.testing.request import Request

NOT_KEPT = {"api_key"}
"""Parameters with secret values."""
SWITCHING_PROTOCOLS = 101


@dataclass(frozen=True)
class Session:
    """A release (None if unknown), and what happened on it, in order."""

    version: str | None
    entries: tuple[RecordedEntry, ...]


def session_lines(
    log: Iterable[Request | Mapping[str, Any]], server: str, version: str, started: float, masking: Masking
) -> Iterator[str]:
    """Return the lines of a file: events, and answered requests without credentials and without WebSocket upgrades."""
    began = datetime.fromtimestamp(started, UTC)
    yield json.dumps(header(server, version, began))
    for one in log:
        if not isinstance(one, Request):
            if one["type"] != "RESTResponse":  # the response to a request, which is already present
                yield json.dumps(masking.masked(event_entry(one, began)))
        elif one.status not in {0, SWITCHING_PROTOCOLS}:
            at = datetime.fromtimestamp(one.started, UTC)
            yield json.dumps(masking.masked(request_entry(kept_request(one), at, one.status, one.answer)))


def kept_request(request: Request) -> dict[str, Any]:
    """Return what is kept of a request: method, path below /ari, and query and body if present."""
    kept: dict[str, Any] = {"method": request.method, "path": request.path.removeprefix("/ari")}
    if query := {name: value for name, value in request.query.items() if name not in NOT_KEPT}:
        kept["query"] = query
    if request.body:
        body = request.json
        kept["body"] = request.body.decode("utf-8", "replace") if body is None else body
    return kept


def read_session(source: str | Path | Iterable[str]) -> Session:
    """Read a session from a file, or from its lines.

    Raises:
        BadArgument: it cannot be read, or is not a recording; the message names the line.
    """
    name = str(source) if isinstance(source, str | Path) else "the session"
    lines = _lines(source) if isinstance(source, str | Path) else list(source)
    entries = tuple(recorded_entries(lines, name))
    if not entries:
        raise BadArgument(f"{name} has neither events nor requests")
    return Session(recorded_version(lines), entries)


def _lines(file: str | Path) -> list[str]:
    try:
        return Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadArgument(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None
