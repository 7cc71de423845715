"""The commands `record` and `ladder`."""

import json
import sys
import time
from collections.abc import Generator
from contextlib import closing, suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Annotated

import typer

from asterisk_ari._core.ladder.followed_calls import FollowedCalls
from asterisk_ari._core.ladder.masking import Masking
from asterisk_ari._core.ladder.recording import RecordedEntry, event_entry, header, read_recording
from asterisk_ari._core.ladder.sequence import CallSequence, sequence_of
from asterisk_ari._core.ladder.text_ladder import TO_ASCII, text_ladder
from asterisk_ari.cli.command import CallOption, CountOption, SecondsOption, client_of, command
from asterisk_ari.cli.ladder.mermaid import mermaid
from asterisk_ari.cli.ladder.page import page, svg
from asterisk_ari.cli.ladder.session_writer import SessionWriter
from asterisk_ari.cli.listening import listening
from asterisk_ari.cli.output import can_show, output, standard_error
from asterisk_ari.errors import BadArgument
from asterisk_ari.settings import Settings

PIPE_COLUMNS = 100


class DiagramFormat(StrEnum):
    """What a ladder is drawn as."""

    TEXT = "text"
    MERMAID = "mermaid"
    SVG = "svg"
    HTML = "html"


def record(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, as JSON lines; it must not exist yet.")],
    *,
    through: Annotated[
        int | None,
        typer.Option(
            "--through",
            metavar="PORT",
            min=0,
            max=65535,
            help="A port for your program to connect to instead of the server: records requests and responses, too.",
        ),
    ] = None,
    mask: Annotated[
        bool, typer.Option("--mask", help="Replace names, numbers, addresses, texts and values of variables by stand-ins.")
    ] = False,
    count: CountOption = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TYPE", help="Stop at the first event of this type, such as ChannelDestroyed."),
    ] = None,
    seconds: SecondsOption = None,
) -> int:
    """Record all events of the server in a file, until Ctrl-C, for `ladder` and `replay`.

    With --through it records the session of one program, requests included. The file never contains passwords. It does contain
    callers, numbers and values of variables, unless --mask replaces them, each by the same stand-in everywhere, so that the
    session can still be replayed.

    Example:
        asterisk-ari record call.jsonl --through 8090 --mask
    """
    with client_of(settings, events=False) as ari:
        first = header(settings.base_url, ari.capabilities.version, datetime.now(UTC))
    try:
        lines = file.open("x", encoding="utf-8")
    except OSError as error:
        raise BadArgument(f"{file} cannot be made: {error.strerror}") from None
    with lines:
        lines.write(json.dumps(first) + "\n")
        writer = SessionWriter(lines, Masking(personal=mask))
        events = _heard(settings, file, writer, seconds) if through is None else _passed(settings, file, writer, seconds, through)
        with closing(events):
            for number, event_type in enumerate(events, 1):
                if number == count or event_type == until:
                    break
    return 0


def _heard(settings: Settings, file: Path, writer: SessionWriter, seconds: float | None) -> Generator[str, None, None]:
    """Record all events of the server; gives their types."""
    with listening(settings, "record") as heard:
        standard_error().print(f"recording {settings.base_url} in {file}; Ctrl-C ends it", style="faint")
        for event in heard.during(seconds):
            writer.event(event.json)
            yield event.type


def _passed(
    settings: Settings, file: Path, writer: SessionWriter, seconds: float | None, port: int
) -> Generator[str, None, None]:
    """Record what passes between programs and the server; gives the types of its events."""
    from asterisk_ari.cli.ladder.recording_proxy import RecordingProxy
    from asterisk_ari.cli.ladder.traffic_tap import TrafficTap

    types: SimpleQueue[str] = SimpleQueue()
    deadline = None if seconds is None else time.monotonic() + seconds

    def new_tap() -> TrafficTap:
        return TrafficTap(writer, settings.prefix, lambda event: types.put(str(event.get("type"))))

    with RecordingProxy(settings, port, new_tap, lambda text: standard_error().print(text, style="fault")) as proxy:
        where = f"http://127.0.0.1:{proxy.port}{settings.prefix}"
        standard_error().print(
            f"recording in {file} what passes between {where} and {settings.base_url}; Ctrl-C ends it", style="faint"
        )
        try:
            while True:
                yield types.get(timeout=None if deadline is None else max(0.0, deadline - time.monotonic()))
        except Empty:
            return
        finally:
            writer.end()


def ladder(
    settings: Settings,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]",
            help="A file written by `record` or `tail --json`; - reads standard input. Without it: calls from now on.",
        ),
    ] = None,
    *,
    call: CallOption = [],  # noqa: B006
    diagram: Annotated[
        DiagramFormat,
        typer.Option("--as", help="The format: text for terminals, mermaid for Markdown, svg for a picture, html for a page."),
    ] = DiagramFormat.TEXT,
    all_types: Annotated[bool, typer.Option("--all", "-A", help="Show every event and request, also the minor ones.")] = False,
    width: Annotated[
        int | None,
        typer.Option("--width", metavar="COLUMNS", min=40, help="Width of the text; as wide as the terminal unless given."),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", metavar="SECONDS", min=0.1, help="Without FILE, stop listening after this many seconds."),
    ] = None,
) -> int:
    """Draw the sequence of a call: requests and events, with their times in milliseconds.

    Each channel and bridge is a lane; arrows go from one lane to another, dots mark what happens in a lane. Without FILE it
    listens until all calls that have started since are over, or Ctrl-C, and then draws them.

    Examples:
        asterisk-ari ladder --call 1001
        asterisk-ari ladder calls.jsonl --as html > call.html
    """
    entries = _listen(settings, call, seconds) if file is None else read_recording(_lines(file), file)
    sequence = sequence_of(entries, call, all_types=all_types)
    if not sequence.arrows:
        where = "what was heard" if file is None else file
        raise BadArgument(f"{where} has no such call" if call else f"{where} has no events of calls")
    if diagram is DiagramFormat.TEXT:
        _print_text(sequence, width)
    else:
        drawn = {
            DiagramFormat.MERMAID: lambda: "\n".join(mermaid(sequence)) + "\n",
            DiagramFormat.SVG: lambda: svg(sequence) + "\n",
            DiagramFormat.HTML: lambda: page(sequence, f"Calls of {file or settings.base_url}"),
        }
        sys.stdout.write(drawn[diagram]())
    return 0


def _listen(settings: Settings, texts: list[str], seconds: float | None) -> list[RecordedEntry]:
    """The events until the calls that were seen to begin are over, the time is, or Ctrl-C."""
    lines: list[str] = []
    calls, begun, here = FollowedCalls(texts), False, set[str]()
    with suppress(KeyboardInterrupt), listening(settings, "ladder") as heard:
        standard_error().print(
            f"listening to {settings.base_url}; it is drawn when the calls are over, or at Ctrl-C", style="faint"
        )
        for event in heard.during(seconds):
            lines.append(json.dumps(event_entry(event.json, datetime.now(UTC))))
            channel_id = str((event.json.get("channel") or {}).get("id"))
            if calls.belongs(event.json):
                begun |= event.type == "ChannelCreated"
                here |= {channel_id} if event.type == "ChannelCreated" else set()
            if event.type == "ChannelDestroyed":
                here.discard(channel_id)
            if begun and not here:
                break
    return read_recording(lines)


def _lines(file: str) -> list[str]:
    try:
        return sys.stdin.readlines() if file == "-" else Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadArgument(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None


def _print_text(sequence: CallSequence, width: int | None) -> None:
    console = output()
    columns = width or (console.width if console.is_terminal else PIPE_COLUMNS)
    for line in text_ladder(sequence, columns):
        console.print(line if can_show(line, console) else line.translate(TO_ASCII), soft_wrap=True)


def add_to(app: typer.Typer) -> None:
    """Add both commands."""
    command(app, "record", panel="Record and analyse")(record)
    command(app, "ladder", panel="Record and analyse")(ladder)
