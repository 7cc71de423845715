"""Runs mypy and pyright over the programs beside this file, and reads off which errors the programs themselves announce.

A line on which a checker must complain says so at its end, `# error: mypy[call-arg] pyright[reportCallIssue]`; an
error of the asynchronous variant alone is announced with `# async error: …`. The programs are written for the
asynchronous client; those of the synchronous one are made from them as the client is, line by line.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.unasync import convert

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).with_name("programs")
PYTHON_VERSION = "3.11"

# File, line, and the checker's own name of the error.
Found = set[tuple[str, int, str]]

_MARK = re.compile(r"#(?P<only> async)? error:(?P<errors>(?: \w+\[[\w-]+\])+)\s*$")
_ERROR = re.compile(r"(\w+)\[([\w-]+)\]")


def copy_programs(target: Path) -> list[Path]:
    """The programs of both variants, in one folder: `async_….py` and `sync_….py`."""
    copies = []
    for path in sorted(PROGRAMS.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        for variant, written in (("async", text), ("sync", as_synchronous(text))):
            copies.append(target / f"{variant}_{path.name}")
            copies[-1].write_text(written, encoding="utf-8")
    return copies


def as_synchronous(text: str) -> str:
    """A program of the synchronous client, with as many lines."""
    return convert(text.replace("asterisk_ari.aio", "asterisk_ari.sync"), set())


def announced(checker: str) -> Found:
    """The errors that the programs announce."""
    return {
        (f"{variant}_{path.name}", number, code)
        for path in PROGRAMS.glob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (mark := _MARK.search(line))
        for variant in (("async",) if mark["only"] else ("async", "sync"))
        for name, code in _ERROR.findall(mark["errors"])
        if name == checker
    }


def by_mypy(programs: list[Path], work: Path) -> Found:
    """What mypy in its strict mode complains of."""
    options = ["--strict", "--python-version", PYTHON_VERSION, "--output", "json", "--no-error-summary"]
    command = [sys.executable, "-m", "mypy", *options, "--config-file", os.devnull, "--cache-dir", str(work / "cache")]
    environment = {**os.environ, "MYPYPATH": os.pathsep.join((str(ROOT / "facade"), str(ROOT / "generated")))}
    done = subprocess.run([*command, *map(str, programs)], capture_output=True, text=True, env=environment, check=False, cwd=work)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    complaints = [json.loads(line) for line in done.stdout.splitlines()]
    return {(Path(one["file"]).name, one["line"], one["code"]) for one in complaints if one["severity"] == "error"}


def by_pyright(programs: list[Path], work: Path) -> Found:
    """What pyright in its strict mode complains of."""
    configuration: dict[str, Any] = {
        "include": [str(path) for path in programs],
        "extraPaths": [str(ROOT / "facade"), str(ROOT / "generated")],
        "pythonVersion": PYTHON_VERSION,
        "typeCheckingMode": "strict",
        "reportUnusedCoroutine": "error",
    }
    project = work / "pyrightconfig.json"
    project.write_text(json.dumps(configuration), encoding="utf-8")
    done = subprocess.run(["pyright", "--project", str(project), "--outputjson"], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    complaints = json.loads(done.stdout)["generalDiagnostics"]
    return {
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1, one.get("rule", "syntax"))
        for one in complaints
        if one["severity"] == "error"
    }


CHECKERS = {"mypy": by_mypy, "pyright": by_pyright}
