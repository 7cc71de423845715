"""The command `calls`."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from asterisk_ari.cli.calls.rows import COLUMNS, columns_for, empty_bridges, rows_of
from asterisk_ari.cli.command import client_of, command
from asterisk_ari.cli.output import output, print_json
from asterisk_ari.errors import AriError
from asterisk_ari.settings import Settings
from asterisk_ari.sync import AsteriskARI

STATE_STYLES = {"Up": "green", "Ringing": "yellow", "Ring": "yellow", "Down": "faint"}
SHOWN_BRIDGES = 5


def snapshot_of(ari: AsteriskARI) -> dict[str, list[Mapping[str, Any]]]:
    """What is on the server now."""
    return {
        "channels": [channel.json for channel in ari.channels.list()],
        "bridges": [bridge.json for bridge in ari.bridges.list()],
    }


def table_of(snapshot: Mapping[str, list[Mapping[str, Any]]], width: int | None, now: datetime) -> RenderableType:
    """The table for a terminal of that width; None for a pipe, where no column is left out or cut."""
    rows = rows_of(snapshot["channels"], snapshot["bridges"], now)
    columns = columns_for(width) if width is not None else list(COLUMNS)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, no_wrap=True, overflow="ellipsis" if width is not None else "fold")
    for row in rows:
        style = STATE_STYLES.get(row.state, "")
        cells = [
            Text(cell, style=style if name == "state" else "") for name, cell in zip(columns, row.cells(columns), strict=True)
        ]
        table.add_row(*cells)
    channels, bridges = len(snapshot["channels"]), len(snapshot["bridges"])
    summary = f"{channels} channel{'' if channels == 1 else 's'}, {bridges} bridge{'' if bridges == 1 else 's'}"
    if empty := empty_bridges(snapshot["bridges"]):
        summary += f"; nobody is in {', '.join(empty[:SHOWN_BRIDGES])}{', …' if len(empty) > SHOWN_BRIDGES else ''}"
    parts: list[RenderableType] = [table] if rows else []
    return Group(*parts, Text(summary, style="faint"))


def calls(
    settings: Settings,
    *,
    once: Annotated[bool, typer.Option("--once", help="Print the table once; a pipe gets it once anyway.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document with channels and bridges, once.")] = False,
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", min=0.2, help="Seconds between two updates.")] = 1.0,
) -> int:
    """Show the channels and bridges of the server, kept up to date.

    Channels in the same bridge are grouped. Narrow terminals show fewer columns. Ctrl-C ends it.

    Example:
        asterisk-ari calls --json | jq '.channels[].name'
    """
    console = output()
    with client_of(settings, events=False) as ari:
        if as_json:
            print_json(snapshot_of(ari))
        elif once or not console.is_terminal:
            width = console.width if console.is_terminal else None
            _print_once(table_of(snapshot_of(ari), width, datetime.now(UTC)), console)
        else:
            _keep_showing(ari, console, every)
    return 0


def _print_once(table: RenderableType, console: Console) -> None:
    if not console.is_terminal:
        console.width = 10_000
    with console.capture() as captured:
        console.print(table)
    console.file.write("\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n")


def _keep_showing(ari: AsteriskARI, console: Console, every_seconds: float) -> None:
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            try:
                shown = table_of(snapshot_of(ari), console.width, datetime.now(UTC))
            except AriError as error:  # a restart of the server is seen, not the end
                shown = Text(str(error), style="fault")
            live.update(shown, refresh=True)
            time.sleep(every_seconds)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "calls", panel="Watch")(calls)
