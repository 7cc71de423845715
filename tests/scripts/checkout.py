"""A copy of the checkout to regenerate in, and what running the regeneration there prints."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

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

    The conversion of the facade's variants, which takes as long as all the rest and has tests of its own, does nothing here.
    """
    for name in PARTS:
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", ".new-*"))
    stub = "def convert_all(check: bool) -> list[str]:\n    return []\n"
    (target / "scripts" / "unasync.py").write_text(stub, encoding="utf-8")
    return target


def regenerate(checkout: Path, *arguments: str) -> Run:
    """`nox -s regenerate -- ARGUMENTS` in that checkout, with its own scripts."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
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


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], None]) -> Path:
    """A copy, this process's own, of a folder that one process of the test run builds while the others wait for it."""
    base = factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"shared-{name}"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            building = factory.mktemp(f"building-{name}")
            build(building)
            building.rename(shared)
    return Path(shutil.copytree(shared, factory.mktemp(name) / name))
