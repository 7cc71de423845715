"""The definitions' readers and this package's own clients use it, in the program and as a command."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.__main__ import main
from scripts import download, facts
from tests.scripts import checkout
from tests.scripts.dialect import ROOT

RELEASES = ("13.38.3", "16.28.0", "18.26.4", "20.0.0", "20.15.2", "20.20.1", "21.12.3", "22.10.1", "23.4.1")


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARI_USERNAME", "asterisk")
    monkeypatch.setenv("ARI_PASSWORD", "asterisk")


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("release", RELEASES)
def test_its_definitions_are_those_of_its_release(release: str) -> None:
    with EmbeddedAsterisk(release) as asterisk:
        found = download.from_server(asterisk.url)
    assert facts.dump(found) == facts.path_of(ROOT / "swagger", release).read_text()


@pytest.mark.usefixtures("credentials")
def test_the_client_can_be_regenerated_from_it(tmp_path: object, asterisk: EmbeddedAsterisk) -> None:
    from pathlib import Path

    copy = checkout.copy_checkout(Path(str(tmp_path)) / "copy")
    done = checkout.regenerate(copy, asterisk.url)
    assert done.code == 0, done.err
    assert "is as swagger/ has it" in done.out
    assert "the client: nothing changed" in done.out


def test_as_a_command() -> None:
    command = [sys.executable, "-m", "asterisk_ari.testing", "--port", "0", "--release", "16.28.0", "--user", "ann:secret"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as server:
        try:
            assert server.stdout is not None
            said = server.stdout.readline()
            url = next(word for word in said.split() if word.startswith("http")).removesuffix("/ari,")
            with AsteriskARI(url=url, username="ann", password="secret", app_name="x") as ari:
                assert ari.get_asterisk_info()["version"] == "16.28.0"
        finally:
            server.terminate()
        assert server.wait(10) == 0


@pytest.mark.parametrize("arguments", [["--port", "99999"], ["--port", "-1"], ["--user", "ann"], ["--user", ":x"]])
def test_a_command_with_arguments_that_are_none(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """It says which one is wrong instead of serving something else, or nothing for ever."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


@pytest.mark.parametrize("release", ["foo", "12.8.2", "certified-20.7-cert3"])
def test_a_release_that_it_cannot_be(release: str) -> None:
    """It refuses clearly rather than answering as some other one."""
    with pytest.raises(ValueError, match=release):
        EmbeddedAsterisk(release)


def test_a_port_that_is_none() -> None:
    """The server says so at once, in the thread that starts it."""
    with pytest.raises(OverflowError):
        EmbeddedAsterisk(port=99999).start()


def test_it_starts_within_a_tenth_of_a_second() -> None:
    EmbeddedAsterisk().start().stop()
    started = time.perf_counter()
    asterisk = EmbeddedAsterisk().start()
    assert time.perf_counter() - started < 0.1
    asterisk.stop()


def test_the_asynchronous_client() -> None:
    async def run() -> str:
        async with (
            EmbeddedAsterisk() as asterisk,
            AsyncAsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="app") as ari,
        ):
            with ari.expect("StasisStart") as started:
                phone = asterisk.incoming_call(app="app")
                event = await started.result(5)
            await ari.channels(event["channel"]["id"]).answer()
            return phone.state

    assert asyncio.run(run()) == "Up"


def test_two_servers_at_once_are_two_servers(asterisk: EmbeddedAsterisk) -> None:
    with EmbeddedAsterisk() as other:
        assert asterisk.port != other.port
        other.incoming_call(app="x")
        assert not asterisk.machine.channels
