"""Does what the Dockerfiles of the documentation say, without Docker: each in a fresh environment, as far as it is Python's.

`python -m scripts.docs_site.follow_images` makes the environment that `RUN pip install …` makes, lays out what `COPY` copies,
starts what `CMD` or `ENTRYPOINT` names, waits until it works, and stops it with the signal of `STOPSIGNAL`. It exits 1 when
something of it does not work. What the image of a distribution holds is not tried.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from asterisk_ari.testing import EmbeddedAsterisk
from scripts.docs_site.follow import ROOT

DOCS = ROOT / "docs"
PAGE = DOCS / "how-to/deploy-with-docker.md"
SHOWN = re.compile(r"^```dockerfile[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OTHER_LANGUAGES = DOCS / "examples/other-languages"
INSTALLED = re.compile(r"(asterisk-ari(?:\[\w+\])?)$", re.MULTILINE)
HEALTHCHECK = re.compile(r"^ +test: (\[.*\])$", re.MULTILINE)
LIMIT_SECONDS = 120


class Image:
    """What one Dockerfile makes, below a folder that stands for its root."""

    def __init__(self, dockerfile: str, context: Path, root: Path) -> None:
        self._root, self._environment = root, root / "venv"
        self._workdir = root
        self._stop = signal.SIGTERM
        self.starts: list[str] = []
        for line in filter(None, (one.strip() for one in dockerfile.splitlines())):
            instruction, _, rest = line.partition(" ")
            if instruction == "RUN":
                self._run(rest)
            elif instruction == "COPY":
                source, target = rest.split()
                self._below(target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(context / source, self._below(target))
            elif instruction == "WORKDIR":
                self._workdir = self._below(rest)
            elif instruction in ("CMD", "ENTRYPOINT"):
                self.starts += [str(self._below(one)) if one.startswith("/") else one for one in json.loads(rest)]
            elif instruction == "STOPSIGNAL":
                self._stop = signal.Signals[rest]

    def command(self, more: list[str]) -> list[str]:
        """What a container of it runs, by the programs of its environment."""
        program, *arguments = self.starts
        return [str(self._environment / "bin" / program), *arguments, *more]

    def start(self, more: list[str], **variables: str) -> "subprocess.Popen[bytes]":
        """Start a container."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ARI_", "PYTHON", "VIRTUAL_ENV"))}
        return subprocess.Popen(self.command(more), cwd=self._workdir, env=kept | variables)

    def stop(self, container: "subprocess.Popen[bytes]") -> None:
        """Stop it as `docker stop` does.

        Raises:
            RuntimeError: it ends with another status than 0.
        """
        container.send_signal(self._stop)
        if (status := container.wait(LIMIT_SECONDS)) != 0:
            raise RuntimeError(f"{self.starts}: status {status} after {self._stop.name}")

    def _below(self, path: str) -> Path:
        return self._root / path.lstrip("/")

    def _run(self, command: str) -> None:
        """The package is this checkout's, whatever a registry has; it goes where the image's own Python would have it."""
        subprocess.run([sys.executable, "-m", "virtualenv", "--quiet", str(self._environment)], check=True)
        wanted = INSTALLED.sub(rf"'\1 @ {ROOT.as_uri()}'", command.replace('"', ""))
        subprocess.run(["bash", "-ec", f"PATH={self._environment / 'bin'}:$PATH; {wanted}"], check=True, env=_without_python())


def deployed(folder: Path) -> None:
    """The image of the page about Docker serves a caller, and ends."""
    [dockerfile] = SHOWN.findall(PAGE.read_text(encoding="utf-8"))
    image = Image(dockerfile, DOCS / "examples", folder)
    with EmbeddedAsterisk("22.10.1") as asterisk:
        access = {"ARI_URL": asterisk.url, "ARI_USERNAME": asterisk.username, "ARI_PASSWORD": asterisk.password}
        container = image.start([], **access)
        try:
            asterisk.wait_until(lambda: "ivr" in asterisk.connected_apps, timeout=LIMIT_SECONDS)
            phone = asterisk.incoming_call(app="ivr")
            asterisk.wait_until(lambda: phone.answered, timeout=LIMIT_SECONDS)
            phone.hang_up()
            image.stop(container)
        finally:
            container.kill()


def for_other_languages(folder: Path) -> None:
    """The image of the page about other languages is healthy by the check of its compose file, and ends."""
    image = Image((OTHER_LANGUAGES / "Dockerfile").read_text(encoding="utf-8"), OTHER_LANGUAGES, folder)
    [healthcheck] = HEALTHCHECK.findall((OTHER_LANGUAGES / "compose.yaml").read_text(encoding="utf-8"))
    kind, _python, *check = json.loads(healthcheck)
    ari, control = _free_port(), _free_port()
    container = image.start(["--host", "127.0.0.1", "--port", str(ari), "--control-port", str(control)])
    asked = [one.replace("8089", str(control)) for one in check]
    try:
        if kind != "CMD":
            raise RuntimeError(f"the health check is no command: {kind}")
        _until(lambda: subprocess.run([sys.executable, *asked], stderr=subprocess.DEVNULL, check=False).returncode == 0)
        image.stop(container)
    finally:
        container.kill()


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not healthy after {LIMIT_SECONDS} s")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _without_python() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def tried() -> Iterator[str]:
    """The name of each image that works."""
    for work in (deployed, for_other_languages):
        with tempfile.TemporaryDirectory() as folder:
            work(Path(folder))
        yield work.__name__.replace("_", " ")


def main() -> int:
    """Run; 1 when an image does not work."""
    begun = time.monotonic()
    try:
        for name in tried():
            print(f"an image {name}: works ({time.monotonic() - begun:.0f} s)")
    except (RuntimeError, TimeoutError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
