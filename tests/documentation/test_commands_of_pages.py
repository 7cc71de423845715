"""What the pages have somebody type or deploy, and no other test runs: commands, container images, a systemd unit."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main

from asterisk_ari.cli.application import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
SHELL = re.compile(r"^ *```(?:shell|bash)(?: [^\n]*)?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
# In a block of its own, after a prompt, or in the middle of a text.
COMMAND = re.compile(r"^ *(?:\$ |ARI_\w+=\S+ )*asterisk-ari ([a-z][a-z-]* ?[^\n]*)$|`asterisk-ari ([a-z][^`]*)`", re.MULTILINE)
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
DOCKERFILE = re.compile(r"^ *```dockerfile[^\n]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]


def commands() -> list[tuple[str, str]]:
    found = [(page, one or two) for page, text in TEXTS.items() for one, two in COMMAND.findall(text)]
    # Whole lines of the figures, what a command is called, and what is said of all of them.
    return [(page, line) for page, line in found if line.split()[0] in COMMANDS]


def test_shell_blocks_are_shell() -> None:
    """No quote is left open, no bracket either."""
    blocks = [(page, block) for page, text in TEXTS.items() for block in SHELL.findall(text)]
    assert len(blocks) > 20
    wrong = [
        (page, done.stderr)
        for page, block in blocks
        if (done := subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)).returncode
    ]
    assert wrong == []


@pytest.mark.parametrize(("page", "line"), commands(), ids=str)
def test_commands_of_the_command_line_are_taken(page: str, line: str) -> None:
    """By the command that they name, with these options; nothing is run."""
    name, *arguments = shlex.split(re.split(r" (?:[|&]|\d?>)|;|…", line)[0], comments=True)
    capitals = [one for one in arguments if re.fullmatch(r"\[?[A-Z]{3,}.*", one)]
    if not arguments or capitals:
        return  # its name alone, or how it is used
    COMMANDS[name].make_context(name, arguments)


def test_commands_are_found() -> None:
    """On many pages, and most of them."""
    assert len({page for page, _ in commands()}) > 5
    assert {line.split()[0] for _, line in commands()} >= {"doctor", "tail", "calls", "ladder", "record", "call", "embedded"}


def dockerfiles() -> list[tuple[str, str]]:
    shown = [(page, block) for page, text in TEXTS.items() for block in DOCKERFILE.findall(text) if "--8<--" not in block]
    files = [(path.relative_to(ROOT).as_posix(), path.read_text()) for path in (ROOT / "docs").rglob("Dockerfile")]
    assert len(shown) + len(files) == 3
    return shown + files


@pytest.mark.parametrize(("where", "text"), dockerfiles(), ids=lambda value: value if "\n" not in value else "")
def test_images_follow_the_rules_of_images(where: str, text: str) -> None:
    """What linters of Dockerfiles ask for, and what our own pages say about signals."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    said: dict[str, list[str]] = {}
    for name, rest in (line.split(maxsplit=1) for line in lines):
        said.setdefault(name, []).append(rest)
    [base] = said["FROM"]
    assert re.fullmatch(r"(python:3\.\d+|debian:sid)-slim", base), "a named release, no :latest"
    [start] = said.get("CMD", []) + said.get("ENTRYPOINT", [])
    assert isinstance(json.loads(start), list), "through a shell it would not get the SIGTERM"
    for run in said.get("RUN", []):
        if "apt-get install" in run:
            assert run.startswith("apt-get update && ")
            assert "--no-install-recommends" in run
        for package, extra in re.findall(r"(asterisk-ari)(?:\[(\w+)\])?", run):
            assert package
            assert "--no-cache-dir" in run
            assert not extra or extra in EXTRAS
    # Asterisk's own image becomes another user by itself.
    assert base.startswith("debian") or said["USER"] == ["nobody"]
    assert base.startswith("debian") or said["STOPSIGNAL"] == ["SIGTERM"]


@pytest.mark.parametrize(("where", "text"), dockerfiles(), ids=lambda value: value if "\n" not in value else "")
def test_a_linter_of_dockerfiles_has_nothing_to_say(where: str, text: str) -> None:
    """Releases of packages are not pinned: a page would have old ones soon; nobody is a user of every image."""
    unpinned, by_name = ("--ignore=DL3008", "--ignore=DL3013"), "--ignore=DL3066"
    command = ["hadolint", "--no-color", *unpinned, by_name, "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), where


def test_the_unit_of_systemd(tmp_path: Path) -> None:
    """Every setting is one of systemd's, in its section; the program it starts is in the environment that it makes."""
    page = TEXTS["docs/how-to/deploy-with-systemd.md"]
    [text] = re.findall(r"```ini\n(.*?)```", page, re.DOTALL)
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    assert {name: set(unit[name]) for name in unit.sections()} == {
        "Unit": {"Description", "Wants", "After"},
        "Service": {
            *("User", "Environment", "EnvironmentFile", "ExecStart"),
            *("Restart", "RestartSec", "TimeoutStopSec"),
        },
        "Install": {"WantedBy"},
    }
    assert set(re.findall(r"^Environment=(\w+)=", text, re.MULTILINE)) == {"ARI_URL", "ARI_USERNAME", "ARI_LOG"}
    if shutil.which("systemd-analyze"):
        file = tmp_path / "ivr.service"
        file.write_text(text.replace(unit["Service"]["ExecStart"].split()[0], sys.executable), encoding="utf-8")
        done = subprocess.run(["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False)
        assert (done.returncode, "ivr.service" in done.stderr) == (0, False), done.stderr
