"""Follows a page of the site literally, as somebody new would: its commands in a fresh folder, its programs as files.

`python -m scripts.docs_site.follow docs/start/embedded.md` prints what it does, and exits 1 when the page prints something else.
A page with files for Asterisk gets the packaged Asterisk 22, which has these files in place of its own.
"""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from scripts.live import LiveAsterisk

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
USER = re.compile(r"^\[(\w+)\]\ntype = user\npassword = (\S+)$", re.MULTILINE)
APP = re.compile(r'app_name="(\w+)"')
ASKED = re.compile(r'`asterisk -rx "([^"]+)"`')
INSTALLED = re.compile(r"(?<=pip install )'?(asterisk-ari(?:\[\w+\])?)'?$", re.MULTILINE)
MAKES_ENVIRONMENT = "python3 -m venv venv"
RESTART = "sudo systemctl restart asterisk\n"
PORT = "8088"  # of the pages; the server here has one that is free
LIMIT_SECONDS = 300
AFTER_CTRL_C = (0, 130, -signal.SIGINT)


class Shell:
    """A shell of the reader's, in the folder of the page."""

    def __init__(self, script: str, folder: Path) -> None:
        # The package is this checkout's, whatever a registry has.
        self._script = INSTALLED.sub(rf"'\1 @ {ROOT.as_uri()}'", script)
        if not importlib.util.find_spec("ensurepip"):
            self._script = self._script.replace(MAKES_ENVIRONMENT, _virtualenv())
        self._out, self._err = (Path(tempfile.mkstemp(prefix=name, dir=folder)[1]) for name in ("out-", "err-"))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ARI_", "PYTHON", "VIRTUAL_ENV"))}
        environment = kept | {"PIP_QUIET": "1", "PYTHONUNBUFFERED": "1"}
        # Ctrl-C works, although what is started in the background of a shell takes no notice of it, with all that it starts.
        command = ["env", "--default-signal=INT", "bash", "-c", f"set -e\n{self._script}"]
        with self._out.open("wb") as out, self._err.open("wb") as err:
            # A group of its own: Ctrl-C reaches what runs in it.
            self._process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=err, start_new_session=True)

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return self._out.read_text(encoding="utf-8")

    @property
    def complained(self) -> str:
        """What it has printed on standard error so far."""
        return self._err.read_text(encoding="utf-8")

    def until(self, is_so: Callable[[], bool], otherwise: str) -> None:
        """Wait for something that the program in it does.

        Raises:
            RuntimeError: it has ended, or takes too long.
        """
        deadline = time.monotonic() + LIMIT_SECONDS
        while not is_so():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self._script}{otherwise}:\n{self.said}{self.complained}")
            time.sleep(0.05)

    def interrupt(self) -> None:
        """Ctrl-C."""
        os.killpg(self._process.pid, signal.SIGINT)

    def interrupted(self) -> None:
        """Ctrl-C ends it, without a traceback.

        Raises:
            RuntimeError: it does not end so.
        """
        self.interrupt()
        status = self._process.wait(LIMIT_SECONDS)
        if status not in AFTER_CTRL_C or "Traceback" in self.complained:
            raise RuntimeError(f"{self._script}\nends with {status} after Ctrl-C:\n{self.complained}")

    def ended(self) -> str:
        """What it printed till its end.

        Raises:
            RuntimeError: a command failed.
        """
        if self._process.wait(LIMIT_SECONDS) != 0:
            raise RuntimeError(f"{self._script}\nfailed:\n{self.said}{self.complained}")
        return self.said

    def close(self) -> None:
        """Whatever still runs in it ends."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Followed:
    """One page on its way: what its first shell has been told, what runs in it, the server."""

    def __init__(self, page: Path, folder: Path, stack: ExitStack) -> None:
        self._page = page
        self._folder = folder
        self._stack = stack
        self._text = page.read_text(encoding="utf-8")
        self._script = ""
        self._running: Shell | None = None
        self._server: LiveAsterisk | None = None

    def follow(self) -> str:
        """Do what the page says, from top to end; what its first shell printed, where it says what that is."""
        said = ""
        configuration = self._folder / "asterisk"
        configuration.mkdir()
        for kind, title, text in BLOCK.findall(self._text):
            if title == "output":
                said = self._compared(text)
            elif kind == "ini":
                (configuration / title).write_text(text, encoding="utf-8")
            elif title.endswith(".py"):
                (self._folder / title).write_text(text, encoding="utf-8")
            elif text == RESTART:
                self._start_asterisk(configuration)
            elif kind == "shell" and title:
                self._in_another_shell(text)
            elif kind == "shell":
                self._script += text
        self._ask_asterisk()
        return said

    def _start_asterisk(self, configuration: Path) -> None:
        user = USER.search((configuration / "ari.conf").read_text(encoding="utf-8"))
        access = ":".join(user.groups()) if user else ""
        self._server = server = LiveAsterisk("22", settings={"LIVE_EXTRA_CONF": str(configuration), "LIVE_ACCESS": access})
        self._stack.callback(server.close)
        http = configuration / "http.conf"
        http.write_text(http.read_text(encoding="utf-8").replace(PORT, str(server.port)), encoding="utf-8")
        server.start()

    def _shell(self, script: str) -> Shell:
        shell = Shell(script.replace(PORT, str(self._server.port)) if self._server else script, self._folder)
        self._stack.callback(shell.close)
        return shell

    def _in_another_shell(self, text: str) -> None:
        """The program in the first one goes on; nobody is faster than it connects."""
        self._running = first = self._shell(self._script)
        if server := self._server:
            app = next(iter(APP.findall(self._text)))
            first.until(lambda: app in server.cli("ari show apps").split(), f"{app} is not connected")
        self._shell(text).ended()

    def _compared(self, promised: str) -> str:
        if first := self._running:
            first.until(lambda: first.said.endswith(promised), f"does not print\n{promised}but")
            first.interrupt()
            return first.ended()
        said = self._shell(self._script).ended()
        if not said.endswith(promised):
            raise RuntimeError(f"{self._page.name} promises\n{promised}but it is\n{said}")
        return said

    def _ask_asterisk(self) -> None:
        """The commands of Asterisk's own that the page names are commands."""
        if server := self._server:
            for command in ASKED.findall(self._text):
                if "No such command" in (answer := server.cli(command)):
                    raise RuntimeError(f"{self._page.name}: {command}: {answer}")


def follow(page: Path) -> str:
    """What the commands of a page print, where it says what that is; else nothing.

    Raises:
        RuntimeError: a command fails, or prints something else than the page says.
    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        return Followed(page, Path(folder), stack).follow()


def _virtualenv() -> str:
    """How an environment is made where Python's own way is a package that is not installed, as on Debian."""
    return f"'{sys.executable}' -m virtualenv --quiet venv"


def main(arguments: list[str]) -> int:
    """Run; 1 when a page is not as it is."""
    for name in arguments:
        begun = time.monotonic()
        try:
            print(f"{name}:\n{follow(Path(name))}({time.monotonic() - begun:.0f} s)")
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
