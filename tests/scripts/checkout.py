"""A copy of the checkout to regenerate in, and what running the regeneration there prints."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.scripts.dialect import ROOT

PARTS = ("scripts", "swagger", "generated", "facade")


@dataclass(frozen=True)
class Run:
    """How a regeneration ended."""

    code: int
    out: str
    err: str


def copy_checkout(target: Path) -> Path:
    """What a regeneration reads and writes, and nothing else.

    The conversion of the facade's colours, which takes as long as all the rest and has tests of its own, does nothing here.
    """
    for name in PARTS:
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", ".new-*"))
    stub = "def convert_all(check: bool) -> list[str]:\n    return []\n"
    (target / "scripts" / "unasync.py").write_text(stub, encoding="utf-8")
    return target


def regenerate(checkout: Path, *arguments: str) -> Run:
    """`nox -s regenerate -- ARGUMENTS` in that checkout, with its own scripts."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "scripts.regenerate", *arguments]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    return Run(done.returncode, done.stdout, done.stderr)


def digests(checkout: Path, *parts: str) -> dict[str, str]:
    """Every file of a checkout with a digest of its bytes."""
    return {
        str(file.relative_to(checkout)): hashlib.sha256(file.read_bytes()).hexdigest()
        for part in parts or PARTS
        for file in sorted((checkout / part).rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }
