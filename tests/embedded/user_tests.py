"""Tests of a program, as its user runs them: with this package's plugin alone, not with those that our own tests need."""

import os
import subprocess
import sys
from pathlib import Path

PLUGIN = "asterisk_ari.testing.pytest_plugin"


def run_tests(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run pytest in a folder, in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", PLUGIN, "--rootdir", str(folder)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=90, check=False)
