"""The command `media-test`."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated
from uuid import uuid4

import typer
from rich.table import Table

from asterisk_ari.cli.command import FAILED, client_of, command
from asterisk_ari.cli.media_test.figures import MediaFigures
from asterisk_ari.cli.media_test.probe import WAYS, measure
from asterisk_ari.cli.output import output, print_json, standard_error
from asterisk_ari.settings import Settings

COLUMNS = ("way", "round trip", "worst", "jitter", "loss", "flush")


class Way(StrEnum):
    """How audio comes and goes."""

    WEBSOCKET = "websocket"
    AUDIOSOCKET = "audiosocket"
    RTP = "rtp"


def media_test(
    settings: Settings,
    *,
    via: Annotated[list[Way], typer.Option("--via", help="Test only this transport; may be repeated.")] = [],  # noqa: B006
    rounds: Annotated[int, typer.Option("--rounds", "-n", metavar="NUMBER", min=1, help="How many round trips to measure.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")] = False,
) -> int:
    """Measure audio to and from the server over each media transport: round trip, jitter, loss, and flush time.

    Two audio streams are connected in a bridge of their own: a round trip lasts from a sound until its echo is heard, both ends
        and Asterisk's mixing included. Exit status 1 if nothing is heard.

    Example:
        asterisk-ari media-test --via websocket
    """
    wanted = [way for way in WAYS if not via or way in [one.value for one in via]]
    found: list[MediaFigures] = []
    with client_of(settings, app_name=f"asterisk-ari-media-{uuid4().hex[:8]}") as ari:
        for way in wanted:
            if standard_error().is_terminal:
                standard_error().print(f"measuring {way} …", style="faint")
            found.append(measure(ari, way, rounds))
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        _print(found)
    heard = [one for one in found if not one.problem]
    is_broken = any(one.problem and not one.problem.startswith("not here") for one in found)
    return FAILED if is_broken or not heard else 0


def _print(found: list[MediaFigures]) -> None:
    console = output()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in COLUMNS:
        table.add_column(name, no_wrap=True, justify="left" if name == "way" else "right")
    for one in found:
        if not one.problem:
            milliseconds = [one.round_trip_ms, one.worst_ms, one.jitter_ms]
            cells = [f"{value:.1f} ms" if value is not None else "?" for value in milliseconds]
            flush = f"{one.flush_ms:.0f} ms" if one.flush_ms is not None else "?"
            table.add_row(one.via, *cells, f"{one.loss_percent or 0:.1f} %", flush)
    if table.row_count:
        console.print(table)
    for one in found:
        if one.problem:
            console.print(f"{one.via:11}  {one.problem}", style="warning", soft_wrap=True)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "media-test", panel="Find faults")(media_test)
