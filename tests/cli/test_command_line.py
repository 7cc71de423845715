"""The program itself: version, help, what is missing."""

import builtins
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

import asterisk_ari
from asterisk_ari.cli.application import app
from asterisk_ari.testing import EmbeddedAsterisk
from tests.cli.running import Run


def test_the_version(run: Run) -> None:
    assert run("--version").out == f"asterisk-ari {asterisk_ari.__version__}\n"


def test_the_version_costs_no_import_of_the_command_line() -> None:
    """It is asked for by scripts and completions: nothing is loaded that it does not need."""
    code = (
        "import sys\nfrom asterisk_ari.__main__ import main\nmain(['--version'])\n"
        "print([name for name in ('typer', 'rich', 'asterisk_ari.cli', 'msgspec', 'ari_rest') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"asterisk-ari {asterisk_ari.__version__}", "[]"]


def test_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "asterisk_ari", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"asterisk-ari {asterisk_ari.__version__}\n"


@pytest.mark.parametrize("name", ["typer", "rich"])
def test_what_to_install_is_said(name: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a part of the extra is missing, and without a traceback."""
    there = importlib.util.find_spec

    def find_spec(asked: str) -> Any:
        return None if asked == name else there(asked)

    monkeypatch.setattr("asterisk_ari.__main__.find_spec", find_spec)
    ran = run("doctor")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == f"asterisk-ari: the command line needs {name}: pip install 'asterisk-ari[cli]'\n"


def test_the_client_needs_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        assert name.partition(".")[0] not in ("typer", "rich")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    assert asterisk_ari.AsteriskARI(url="http://127.0.0.1:1").settings.port == 1


COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def test_every_command_stands_in_a_section_with_its_whole_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is cut off, however narrow the terminal is."""
    for width in (60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        said = run("--help").out
        assert "..." not in said.replace("[ARGS]...", "")
        assert max(map(len, said.splitlines())) <= width
        sections = [line for line in said.splitlines() if re.fullmatch(r"[A-Z][a-z ]+:", line)]
        assert sections == ["Find faults:", "Watch:", "Record and analyse:", "Control:", "Set up:", "Options:"]
        words = " ".join(said.split())
        assert [name for name, one in COMMANDS.items() if f"{name} {one.short_help}" not in words] == []
        assert [name for name, one in COMMANDS.items() if not one.short_help.endswith(".") or "\n" in one.short_help] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_command(name: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options that name the server stand apart; only examples are longer than a narrow terminal, as they are to be copied."""
    for width in (60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        ran = run(name, "--help")
        assert (ran.status, ran.err) == (0, "")
        assert ran.out.startswith(f"Usage: asterisk-ari {name} [OPTIONS]")
        assert [line for line in ran.out.splitlines() if len(line) > width and not line.startswith("      asterisk-ari ")] == []
        own, _, server = ran.out.partition("\nServer:\n")
        assert "--url" not in own.partition("\nOptions:\n")[2]
        assert "\nOptions:\n" not in server
        assert not server or all(option in server for option in ("--url", "--user", "--profile", "--password-file", "ARI_URL"))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_of_a_command_are_commands(name: str, run: Run) -> None:
    """Each line of an example is taken by the command that it names."""
    examples = re.findall(r"^      (asterisk-ari .+)$", run(name, "--help").out, re.MULTILINE)
    assert examples
    for example in examples:
        _, named, *arguments = shlex.split(re.split(r" [|>&]", example)[0])
        assert named == name
        COMMANDS[name].make_context(name, arguments)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("do", ["doctor"]),
        ('""', list(COMMANDS)),
        ("doctor --e", ["--endpoint", "--etc"]),
        ("doctor --need w", ["websocket-media", "webrtc"]),
        ('ladder --as ""', ["text", "mermaid", "svg", "html"]),
        ("config o", ["outbound"]),
        ("tail --profile l", ["lab", "live"]),
    ],
)
def test_bash_completes(typed: str, offered: list[str], tmp_path: Path) -> None:
    """By what `--install-completion` puts into the user's files, as an interactive bash calls it."""
    (tmp_path / "profiles.toml").write_text("[lab]\n[live]\n[other]\n", encoding="utf-8")
    (tmp_path / "asterisk-ari").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m asterisk_ari "$@"\n', encoding="utf-8")
    (tmp_path / "asterisk-ari").chmod(0o755)
    # The shell is told: none of those above this process may be one.
    shown = [sys.executable, "-m", "asterisk_ari", "--show-completion", "bash"]
    script = (
        f'eval "$({shlex.join(shown)})"\nCOMP_WORDS=(asterisk-ari {typed})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n'
        "function=$(complete -p asterisk-ari | sed 's/.*-F \\([^ ]*\\) .*/\\1/')\n"
        '$function asterisk-ari\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    environment = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "ARI_CONFIG": str(tmp_path / "profiles.toml"),
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.split(), done.stderr) == (offered, "")


def test_a_missing_argument_is_named(run: Run) -> None:
    ran = run("new")
    assert ran.status == 2
    assert "Missing argument 'KIND'" in ran.err


def test_without_a_command_help_is_shown(run: Run) -> None:
    ran = run()
    assert "Usage: asterisk-ari" in ran.out + ran.err


def test_a_misspelt_command_is_told(run: Run) -> None:
    ran = run("docter")
    assert ran.status == 2
    assert "docter" in ran.err


def test_a_bug_is_reported_as_one(run: Run, asterisk: EmbeddedAsterisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its traceback says where, and shows no variable; the exit status is none that means something else."""

    def fails(*_: Any) -> None:
        raise LookupError("a bug, by the test")

    monkeypatch.setenv("ARI_PASSWORD", "hunter-two")
    monkeypatch.setattr("asterisk_ari.cli.doctor.run.judge", fails)
    ran = run("doctor", "--no-call", "--url", asterisk.url)
    assert ran.status == 70
    assert "LookupError: a bug, by the test" in ran.err
    assert "internal error" in ran.err.splitlines()[-2] + ran.err.splitlines()[-1]
    assert "hunter-two" not in ran.err
