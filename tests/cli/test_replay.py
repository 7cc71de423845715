"""`replay`: a session in a file is served to a program, and what was different is printed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.errors import AriError
from asterisk_ari.testing import EmbeddedAsterisk
from tests.cli.running import Run


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """A program that reads the information about the server, and sets a variable."""
    file = tmp_path / "session.jsonl"
    with EmbeddedAsterisk("22.10.1") as asterisk:
        work(asterisk.url, "blue")
        asterisk.save_session(file)
    return file


def work(url: str, *colours: str) -> None:
    with AsteriskARI(url=url, username="asterisk", password="asterisk", events=False) as ari:
        for colour in colours:
            with suppress(AriError):
                ari.asterisk.set_global_var(variable="COLOUR", value=colour)


@contextmanager
def replaying(session: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The command, and the address that it prints."""
    command = [sys.executable, "-u", "-m", "asterisk_ari", "replay", str(session), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().partition(" on ")[2].partition("/ari")[0], process
        finally:
            process.kill()


def test_it_ends_with_the_session_and_says_that_nothing_was_different(session: Path) -> None:
    with replaying(session) as (url, process):
        work(url, "blue")
        out, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert out.endswith("events as recorded\n")


def test_it_names_what_is_different(session: Path) -> None:
    with replaying(session) as (url, process):
        work(url, "red", "blue")
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "unexpected request: POST /asterisk/variable" in out
    assert "value red, recorded blue" in out


def test_leniently_other_parameters_get_the_recorded_answer(session: Path) -> None:
    with replaying(session, "--lenient") as (url, process):
        work(url, "red")
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "changed request: POST /asterisk/variable: value red, recorded blue" in out


def test_a_session_can_be_drawn(run: Run, tmp_path: Path) -> None:
    """It is a recording like those of `record`, with requests."""
    with EmbeddedAsterisk("22.10.1", virtual_time=True) as asterisk:
        with AsteriskARI(url=asterisk.url, username="asterisk", password="asterisk", app_name="ivr") as ari:
            phone = asterisk.incoming_call(app="ivr")
            ari.channels(phone.channel_id).answer()
        asterisk.save_session(tmp_path / "call.jsonl")
    drawn = run("ladder", str(tmp_path / "call.jsonl"))
    assert (drawn.status, "POST answer" in drawn.out) == (0, True)


@pytest.mark.parametrize("text", ["", "nonsense\n", json.dumps({"recording": 99}) + "\n"])
def test_a_file_that_is_no_session(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "x.jsonl").write_text(text)
    ran = run("replay", str(tmp_path / "x.jsonl"), "--port", "0")
    assert (ran.status, ran.err.startswith("asterisk-ari: ")) == (2, True)
