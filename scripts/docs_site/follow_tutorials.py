"""Follows the tutorials literally: their first page serves the embedded Asterisk out of a fresh environment; each program is run.

`python -m scripts.docs_site.follow_tutorials` prints what the shells of each page say, and exits 1 when one says something else.
"""

import re
import socket
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from scripts.docs_site.follow import BLOCK, ROOT, Shell

DOCS = ROOT / "docs"
TUTORIALS = DOCS / "tutorials"
PROGRAM = re.compile(r'^``` \{ \.python title="([^"]+)" \}\n--8<-- "([^"]+)"\n```$', re.MULTILINE)
# What a program says when it can be called: the client's log, or that of a web server.
READY = re.compile("connected to|startup complete")
PORTS = ("8088", "8000")  # of the pages; here they are free ones
FIRST = TUTORIALS / "index.md"
SECOND, THIRD = "second shell", "third shell"
NUMBER = re.compile(r"\d+")


class Tutorials:
    """A reader of the tutorials in a folder of their own, with the server running."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._ports = {port: str(_free_port()) for port in PORTS}
        self._setup: dict[str, str] = {}

    def begin(self) -> None:
        """Do what the first page says; its server goes on, its other two shells are left before their last line."""
        script = ""
        for kind, title, text in BLOCK.findall(FIRST.read_text(encoding="utf-8")):
            if kind == "toml":
                (self._folder / title).write_text(text, encoding="utf-8")
            elif title:
                self._setup[title] = "".join(text.splitlines(keepends=True)[:-1])
            else:
                script += text
        server = self._shell(script)
        server.until(lambda: "http://" in server.said, "does not say that it serves")

    def follow(self, page: Path) -> str:
        """Try the program of a page; what its last shell printed.

        Raises:
            RuntimeError: a command fails, or prints something else than the page says.
        """
        text = page.read_text(encoding="utf-8")
        for name, source in PROGRAM.findall(text):
            (self._folder / name).write_text((DOCS / source).read_text(encoding="utf-8"), encoding="utf-8")
        blocks = {title or kind: block for kind, title, block in BLOCK.findall(text)}
        if SECOND not in blocks:
            raise RuntimeError(f"{page.name} does not say how its program is tried")
        second = self._shell(self._setup[SECOND] + blocks[SECOND])
        if THIRD in blocks:
            second.until(lambda: bool(READY.search(second.complained)), "is not ready")
            said = self._shell(self._setup[THIRD] + blocks[THIRD]).ended()
            second.interrupted()
        else:
            said = second.ended()
        promised = blocks.get("like this", "")
        if not alike(said).endswith(alike(promised)):
            raise RuntimeError(f"{page.name} promises\n{promised}but it is\n{said}")
        return said

    def _shell(self, script: str) -> Shell:
        for page_port, port in self._ports.items():
            script = script.replace(page_port, port)
        if "embedded" in script:
            script = script.replace("asterisk-ari embedded", f"asterisk-ari embedded --port {self._ports[PORTS[0]]}")
        shell = Shell(script, self._folder)
        self._stack.callback(shell.close)
        return shell


def alike(text: str) -> str:
    """A text whose numbers, which are others each time, are left out."""
    return NUMBER.sub("0", text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Run; 1 when a page is not as it is."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        tutorials = Tutorials(Path(folder), stack)
        tutorials.begin()
        for page in sorted(set(TUTORIALS.glob("*.md")) - {FIRST}):
            begun = time.monotonic()
            try:
                print(f"{page.name}:\n{tutorials.follow(page)}({time.monotonic() - begun:.0f} s)", flush=True)
            except RuntimeError as error:
                print(error, file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
