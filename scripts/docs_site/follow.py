"""Follows a page of the site literally, as somebody new would: its commands in a fresh folder, its programs as files.

`python -m scripts.docs_site.follow docs/start/embedded.md` prints what it does, and exits 1 when the page prints something else.
"""

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r'^```(\w+)(?: title="([\w.]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
MAKES_ENVIRONMENT = "python3 -m venv venv"
LIMIT_SECONDS = 300


def follow(page: Path, folder: Path) -> str:
    """What the page's commands print, where it says what that is; else nothing.

    Raises:
        RuntimeError: a command fails, or prints something else than the page says.
    """
    # The package is this checkout's, whatever a registry has.
    (folder / "constraint.txt").write_text(f"asterisk-ari @ {ROOT.as_uri()}\n", encoding="utf-8")
    script, said = "set -e\n", ""
    for kind, name, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "python" and name:
            (folder / name).write_text(text, encoding="utf-8")
        elif kind == "shell":
            script += text if importlib.util.find_spec("ensurepip") else text.replace(MAKES_ENVIRONMENT, _virtualenv())
        elif name == "output":
            said = _run(script, folder)
            if not said.endswith(text):
                raise RuntimeError(f"{page.name} promises\n{text}but it is\n{said}")
    return said


def _virtualenv() -> str:
    """How an environment is made where Python's own way is a package that is not installed, as on Debian."""
    return f"'{sys.executable}' -m virtualenv --quiet venv"


def _run(script: str, folder: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ARI_", "PYTHON", "VIRTUAL_ENV"))}
    environment = kept | {"PIP_CONSTRAINT": str(folder / "constraint.txt"), "PIP_QUIET": "1"}
    command = ["bash", "-c", script]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{script}\nfailed:\n{done.stdout}{done.stderr}")
    return done.stdout


def main(arguments: list[str]) -> int:
    """Run; 1 when a page is not as it is."""
    for name in arguments:
        with tempfile.TemporaryDirectory() as folder:
            try:
                print(f"{name}:\n{follow(Path(name), Path(folder))}", end="")
            except RuntimeError as error:
                print(error, file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
