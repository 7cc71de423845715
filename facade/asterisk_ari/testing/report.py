"""The report for a failed test: the calls as the server has seen them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from asterisk_ari._core.ladder.recording import RecordedEntry
from asterisk_ari._core.ladder.sequence import sequence_of
from asterisk_ari._core.ladder.text_ladder import text_ladder
from asterisk_ari.testing.request import Request

WIDTH = 110


def entries_of(log: Iterable[Request | Mapping[str, Any]]) -> list[RecordedEntry]:
    """The entries of a server's log, in order."""
    return [_entry(one) for one in list(log)]


def _entry(one: Request | Mapping[str, Any]) -> RecordedEntry:
    if not isinstance(one, Request):
        return RecordedEntry(datetime.fromisoformat(one["timestamp"]), event=one)
    at = datetime.fromtimestamp(int(one.started * 1000) / 1000, UTC)  # as precise as the time of an event
    return RecordedEntry(at, request={"method": one.method, "path": one.path.removeprefix("/ari")}, status=one.status)


def ladder_of(log: Iterable[Request | Mapping[str, Any]], width: int = WIDTH) -> str:
    """The calls as a ladder: requests, events, media and recordings, with the milliseconds since the first entry."""
    sequence = sequence_of(entries_of(log), [])
    return "\n".join(text_ladder(sequence, width)) if sequence.arrows else "no calls: no event was sent, nothing was asked for"
