"""The program itself: version, help, what is missing."""

import builtins
import importlib.util
import subprocess
import sys
from typing import Any

import pytest

import asterisk_ari
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


def test_help_names_every_command_with_what_it_does(run: Run) -> None:
    ran = run("--help")
    assert ran.status == 0
    assert "doctor  Find out what is wrong with an Asterisk" in " ".join(ran.out.split()).replace("doctor Find", "doctor  Find")


@pytest.mark.parametrize("name", ["doctor", "record", "ladder", "replay", "config", "new"])
def test_each_command_has_help(name: str, run: Run) -> None:
    ran = run(name, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert f"Usage: asterisk-ari {name} [OPTIONS]" in ran.out


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
