"""Channels and bridges as rows of a table. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asterisk_ari._core.ladder.event_text import person
from asterisk_ari._text import printable

Json = Mapping[str, Any]

COLUMNS = ("channel", "state", "age", "caller", "connected", "where", "bridge")
DROPPED_WHEN_NARROW = ("connected", "caller", "where", "age")
"""Columns that a narrow terminal does without, in this order."""
MIN_COLUMNS = {"channel": 24, "state": 7, "age": 7, "caller": 16, "connected": 16, "where": 14, "bridge": 12}


@dataclass(frozen=True)
class ChannelRow:
    """What is shown of one channel."""

    channel: str
    state: str
    age: str
    caller: str
    connected: str
    where: str
    bridge: str

    def cells(self, columns: Iterable[str]) -> list[str]:
        """Its cells of these columns."""
        return [getattr(self, name) for name in columns]


def rows_of(channels: Sequence[Json], bridges: Sequence[Json], now: datetime) -> list[ChannelRow]:
    """Rows by bridge, then by name: who talks to whom stands together; channels in no bridge come last."""
    inside = {channel: bridge for bridge in bridges for channel in bridge.get("channels") or ()}
    rows = [_row(channel, inside.get(channel["id"]), now) for channel in channels]
    return sorted(rows, key=lambda row: (not row.bridge, row.bridge, row.channel))


def _row(channel: Json, bridge: Json | None, now: datetime) -> ChannelRow:
    dialplan = channel.get("dialplan") or {}
    app, data = dialplan.get("app_name") or "", dialplan.get("app_data") or ""
    place = f"{dialplan.get('exten') or ''}@{dialplan.get('context') or ''}".strip("@")
    cells = (
        channel.get("name", ""),
        channel.get("state", ""),
        age_of(channel.get("creationtime"), now),
        person(channel.get("caller")),
        person(channel.get("connected")),
        f"{app}({data})" if app else place,
        (bridge.get("name") or bridge.get("id", "")) if bridge else "",
    )
    return ChannelRow(*(printable(str(cell)) for cell in cells))


def age_of(created: object, now: datetime) -> str:
    """`0:07`, `12:34` or `1:02:03`; empty where it is not known."""
    try:
        seconds = max(0, int((now - datetime.fromisoformat(str(created))).total_seconds()))
    except (TypeError, ValueError):
        return ""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def columns_for(width: int) -> list[str]:
    """The columns that a terminal has room for."""
    columns = list(COLUMNS)
    for name in DROPPED_WHEN_NARROW:
        if sum(MIN_COLUMNS[column] for column in columns) <= width:
            break
        columns.remove(name)
    return columns


def empty_bridges(bridges: Sequence[Json]) -> list[str]:
    """Bridges that nobody is in, which somebody may have forgotten."""
    return sorted(str(bridge.get("name") or bridge["id"]) for bridge in bridges if not bridge.get("channels"))
