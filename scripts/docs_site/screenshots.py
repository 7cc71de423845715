"""Pictures of what the commands show, taken by a headless Chromium while the site is built: no picture is kept by hand.

A page says `<!-- picture: tail: what a reader sees in it -->`. Where this machine has no Chromium the line says nothing, and the
page is whole without it. `python -m scripts.docs_site.screenshots FOLDER` leaves the pictures in a folder, to be looked at.
"""

import io
import os
import pty
import re
import shlex
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from fcntl import ioctl
from html import escape
from pathlib import Path
from posixpath import relpath
from termios import TIOCSWINSZ
from typing import Self

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from asterisk_ari import AsteriskARI
from asterisk_ari._core.ladder.recording import RecordedEntry
from asterisk_ari._core.ladder.sequence import sequence_of
from asterisk_ari.cli.ladder.page import page
from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.report import entries_of
from scripts.docs_site.browser import Browser, chromium

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDER = "assets/screenshots"
RELEASE, APP = "22.10.1", "ivr"
COLUMNS, ROWS = 106, 50
LADDER_SIZE = 1000, 560
LIMIT_SECONDS = 60
MARK = re.compile(r"^<!-- picture: ([\w-]+): (.+) -->$", re.MULTILINE)
INK, PAPER = (230, 233, 237), (21, 24, 28)
COLOURS = [
    *((60, 66, 76), (255, 123, 114), (86, 199, 171), (227, 179, 65), (130, 168, 255), (210, 168, 255), (118, 214, 228)),
    *((200, 206, 214), (110, 118, 129), (255, 161, 152), (126, 231, 203), (242, 204, 96), (165, 196, 255), (226, 197, 255)),
    *((160, 232, 243), (255, 255, 255)),
]
THEME = TerminalTheme(PAPER, INK, COLOURS[:8], COLOURS[8:])
TERMINAL = """<!doctype html><meta charset="utf-8"><style>body{{margin:0}}
#screen{{display:inline-block;background:#15181c;color:#e6e9ed;padding:14px 18px;
font:13px/1.45 "DejaVu Sans Mono",ui-monospace,Menlo,Consolas,monospace;white-space:pre}}
b{{color:#56c7ab;font-weight:normal}}</style><div id="screen"><b>$ </b>{command}
{output}</div>"""


def screenshots() -> dict[str, bytes]:
    """PNG by its path below `docs/`; none where there is no Chromium."""
    program = chromium()
    if program is None:
        return {}
    printed, entries = shown()
    with Browser(program) as browser, tempfile.TemporaryDirectory() as folder:
        made = {name: _terminal(browser, Path(folder), *one) for name, one in printed.items()}
        ladder = Path(folder, "ladder.html")
        ladder.write_text(page(sequence_of(entries, []), "a call"), encoding="utf-8")
        for name, dark in (("ladder-light", False), ("ladder-dark", True)):
            browser.open(ladder.as_uri(), *LADDER_SIZE, dark=dark)
            made[name] = browser.picture(scale=2)
    return {f"{FOLDER}/{name}.png": picture for name, picture in made.items()}


def filled(markdown: str, where: str, made: Collection[str]) -> str:
    """A page with its pictures, as far as they are made; one that is made light and dark is shown as the page is."""

    def shown_as(found: re.Match[str]) -> str:
        name, text = found[1], found[2]
        sides = ((f"{name}-light", "#only-light"), (f"{name}-dark", "#only-dark"), (name, ""))
        paths = [(f"{FOLDER}/{one}.png", side) for one, side in sides]
        links = [f"![{text}]({relpath(path, os.path.dirname(where) or '.')}{side})" for path, side in paths if path in made]
        return " ".join(links)

    return MARK.sub(shown_as, markdown)


def missing(site: Path) -> Iterator[str]:
    """One line for each picture that a page of `docs/` asks for, and the built site does not show."""
    for page_of_docs in sorted(DOCS.rglob("*.md")):
        asked = [name for name, _ in MARK.findall(page_of_docs.read_text(encoding="utf-8"))]
        built = site / page_of_docs.relative_to(DOCS).with_suffix(".html")
        shows = built.read_text(encoding="utf-8") if asked else ""
        for name in asked:
            if not re.search(rf'src="[./]*{FOLDER}/{name}(-\w+)?\.png', shows):
                yield f"{built.relative_to(site).as_posix()}: the picture of {name} is not on it"


def shown() -> tuple[dict[str, tuple[str, str]], list[RecordedEntry]]:
    """By its name, a command and what it prints on a terminal; and what a server was asked and told during a call."""
    with EmbeddedAsterisk(RELEASE, endpoints={"alice": "unreachable"}) as asterisk:
        printed = {"doctor": _printed(asterisk, "doctor", "--app", APP, "--endpoint", "PJSIP/alice")}
    with EmbeddedAsterisk(RELEASE, virtual_time=True, endpoints={"bob": "rings"}, sounds={"demo-instruct": 6.0}) as asterisk:
        with Terminal(asterisk, "tail", "--call", "Ann", "--skip", "ChannelCallerId") as tail:
            asterisk.wait_until(lambda: asterisk.connected_apps, timeout=LIMIT_SECONDS)
            with AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name=APP) as ari:
                for _ in call(asterisk, ari):
                    printed["calls"] = _printed(asterisk, "calls", "--once")
            asterisk.settle()
            printed["tail"] = tail.command, tail.interrupted()
        return printed, [one for one in entries_of(asterisk.log) if _is_of_the_program(one)]


def _is_of_the_program(entry: RecordedEntry) -> bool:
    """Not what the commands ask for and hear in apps of their own."""
    if entry.request is not None:
        return bool(entry.request["method"] != "GET")
    return entry.event is not None and entry.event["application"] == APP


def call(asterisk: EmbeddedAsterisk, ari: AsteriskARI) -> Iterator[None]:
    """Ann calls, presses a key, talks with Bob, and hangs up; it stops while they are talking."""
    phone = asterisk.incoming_call(app=APP, caller="Ann <1234>")
    asterisk.wait_until(lambda: asterisk.events.of("StasisStart"), timeout=LIMIT_SECONDS)
    caller = ari.channels(phone.channel_id)
    caller.answer()
    caller.play("sound:demo-instruct")
    asterisk.advance(2)
    phone.press("1")
    asterisk.advance(0.5)
    agent = ari.channels.originate("PJSIP/bob", app=APP, caller_id="Bob <77>")
    asterisk.advance(1.5)
    bob = asterisk.phone_of(agent.id)
    bob.answer()
    asterisk.wait_until(lambda: len(asterisk.events.of("StasisStart")) == 2, timeout=LIMIT_SECONDS)
    bridge = ari.bridges.create("mixing", name="desk")
    bridge.add_channel([caller, agent])
    asterisk.advance(12)
    yield
    phone.hang_up(16)
    asterisk.advance(0.5)
    agent.hangup()
    bridge.destroy()
    asterisk.advance(1)


class Terminal:
    """A command that writes to a terminal of its own. Use it in `with`."""

    def __init__(self, asterisk: EmbeddedAsterisk, *arguments: str) -> None:
        self.command = shlex.join(["asterisk-ari", *arguments])
        self._arguments, self._asterisk = arguments, asterisk
        self._pieces: list[bytes] = []

    def __enter__(self) -> Self:
        """Start it."""
        access = {"URL": self._asterisk.url, "USERNAME": self._asterisk.username, "PASSWORD": self._asterisk.password}
        known = {name: value for name, value in os.environ.items() if not name.startswith("ARI_") and name != "NO_COLOR"}
        environment = known | {f"ARI_{name}": value for name, value in access.items()} | {"TERM": "xterm-256color"}
        self._end, inner = pty.openpty()
        ioctl(inner, TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            # A background job of a shell ignores Ctrl-C, and so would what it starts.
            ["env", "--default-signal=INT", sys.executable, "-m", "asterisk_ari", *self._arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=inner,
            stderr=subprocess.DEVNULL,
        )
        os.close(inner)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing."""
        self._process.kill()
        self._process.wait()
        self._reader.join(LIMIT_SECONDS)
        os.close(self._end)

    def all(self) -> str:
        """What it has printed, once it has ended by itself."""
        self._process.wait(LIMIT_SECONDS)
        self._reader.join(LIMIT_SECONDS)
        return b"".join(self._pieces).decode().replace("\r", "").rstrip()

    def interrupted(self) -> str:
        """What it has printed until Ctrl-C."""
        self._process.send_signal(signal.SIGINT)
        return self.all()

    def _read(self) -> None:
        with suppress(OSError):  # how a terminal tells that nobody writes to it any more
            while piece := os.read(self._end, 65536):
                self._pieces.append(piece)


def _printed(asterisk: EmbeddedAsterisk, *arguments: str) -> tuple[str, str]:
    with Terminal(asterisk, *arguments) as terminal:
        return terminal.command, terminal.all()


def _terminal(browser: Browser, folder: Path, command: str, output: str) -> bytes:
    """The picture of a terminal."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor", force_terminal=True)
    console.print(Text.from_ansi(output), soft_wrap=True)
    html = console.export_html(theme=THEME, inline_styles=True, code_format="{code}")
    file = folder / "terminal.html"
    file.write_text(TERMINAL.format(command=escape(command), output=html.rstrip()), encoding="utf-8")
    browser.open(file.as_uri(), 1200, 1600)
    return browser.picture("#screen", scale=2)


def main(arguments: list[str]) -> int:
    """Leave the pictures in a folder."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for path, picture in screenshots().items():
        (folder / Path(path).name).write_bytes(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
