"""The command `tail`."""

from collections.abc import Mapping
from typing import Annotated, Any
from zlib import crc32

import typer
from rich.console import Console
from rich.text import Text

from asterisk_ari._core.ladder.event_text import detail_of, subject_of, time_of
from asterisk_ari._core.ladder.followed_calls import CLIENT_TYPES, NOISY, FollowedCalls, is_wanted
from asterisk_ari.cli.command import CallOption, CountOption, SecondsOption, command
from asterisk_ari.cli.listening import listening
from asterisk_ari.cli.output import output, print_json, standard_error
from asterisk_ari.settings import Settings

COLOURS = ("cyan", "green", "magenta", "blue", "yellow", "bright_cyan", "bright_green", "bright_magenta")
SUBJECT_COLUMNS, TYPE_COLUMNS = 28, 22
NARROW = 100


def line_of(event: Mapping[str, Any], names: Mapping[str, str], *, narrow: bool = False) -> Text:
    """One event as a line; the calls differ in colour."""
    subject, name = subject_of(event, names), str(event.get("type", ""))
    if name in CLIENT_TYPES:
        return Text(f"{name} {detail_of(event)}", style="warning")
    colour = COLOURS[crc32(subject.encode()) % len(COLOURS)]
    columns = (0, 0) if narrow else (SUBJECT_COLUMNS, TYPE_COLUMNS)
    parts = [
        (time_of(event), "faint"),
        (f"{subject:<{columns[0]}}", colour),
        (f"{name:<{columns[1]}}", "bold"),
        (detail_of(event), ""),
    ]
    line = Text("  ").join(Text(text, style=style) for text, style in parts if text)
    line.rstrip()
    return line


def tail(
    settings: Settings,
    *,
    call: CallOption = [],  # noqa: B006
    kind: Annotated[
        list[str], typer.Option("--type", "-t", metavar="TYPE", help="Only events of this type; patterns such as Channel* work.")
    ] = [],  # noqa: B006
    skip: Annotated[
        list[str], typer.Option("--skip", "-s", metavar="TYPE", help="Leave out events of this type; patterns work.")
    ] = [],  # noqa: B006
    all_types: Annotated[bool, typer.Option("--all", "-A", help=f"Show {', '.join(NOISY)}, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each event as one line of JSON, as Asterisk sent it.")] = False,
    count: CountOption = None,
    seconds: SecondsOption = None,
) -> int:
    """Show the events of the whole server as they arrive, one line each.

    It subscribes with an app of its own, so no program loses events. StasisStart and StasisEnd are sent only to the app
    concerned, so they show up as Stasis() in the dialplan. Times are the server's. Ctrl-C ends it; a lost connection is reopened,
    and the gap is shown.

    Examples:
        asterisk-ari tail --call 1001
        asterisk-ari tail -t 'Channel*' --json | jq .channel.name
    """
    calls, console, shown = FollowedCalls(call), output(), 0
    with listening(settings, "tail") as heard:
        if standard_error().is_terminal:
            standard_error().print(f"listening to {settings.base_url}; Ctrl-C ends it", style="faint")
        for event in heard.during(seconds):
            belongs = calls.belongs(event.json)  # asked of every event, so that it learns who meets whom
            if not (belongs and is_wanted(event.json, kind, skip, all_types=all_types)):
                continue
            show(event.json, calls.names, console, as_json=as_json)
            shown += 1
            if shown == count:
                break
    return 0


def show(event: Mapping[str, Any], names: Mapping[str, str], console: Console, *, as_json: bool) -> None:
    """Print an event at once; on a terminal a line is no longer than the terminal is wide."""
    if as_json:
        print_json(event)
        return
    narrow = console.is_terminal and console.width < NARROW
    line = line_of(event, names, narrow=narrow)
    if console.is_terminal:
        line.truncate(console.width, overflow="ellipsis")
    console.print(line, soft_wrap=True)
    console.file.flush()


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "tail", panel="Watch")(tail)
