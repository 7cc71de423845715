"""The readers of definitions and the clients of this package use it, in this process and as a command."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.errors import AuthenticationFailed
from asterisk_ari.testing import EmbeddedAsterisk, User
from asterisk_ari.testing.__main__ import main
from asterisk_ari.testing.server import responder
from scripts import download, facts
from tests.scripts import checkout
from tests.scripts.dialect import ROOT

RELEASES = ("13.38.3", "16.28.0", "18.26.4", "20.0.0", "20.15.2", "20.20.1", "21.12.3", "22.10.1", "23.4.1")


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARI_USERNAME", "asterisk")
    monkeypatch.setenv("ARI_PASSWORD", "asterisk")


def _client(asterisk: EmbeddedAsterisk) -> AsteriskARI:
    return AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="builds")


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("release", RELEASES)
def test_it_serves_the_definitions_of_its_release(release: str) -> None:
    with EmbeddedAsterisk(release) as asterisk:
        downloaded = download.from_server(asterisk.url)
    assert facts.dump(downloaded) == facts.path_of(ROOT / "swagger", release).read_text()


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
            line = server.stdout.readline()
            url = next(word for word in line.split() if word.startswith("http")).removesuffix("/ari,")
            with AsteriskARI(url=url, username="ann", password="secret", app_name="x") as ari:
                assert ari.get_asterisk_info()["version"] == "16.28.0"
        finally:
            server.terminate()
        assert server.wait(10) == 0


@pytest.mark.parametrize("arguments", [["--port", "99999"], ["--port", "-1"], ["--user", "ann"], ["--user", ":x"]])
def test_the_command_refuses_invalid_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the argument; nothing is served."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "pbx.example"])
@pytest.mark.parametrize(
    "users", [None, {"asterisk": "asterisk"}, {"ann": "s3cret", "reader": User("reader", "reader", read_only=True)}, {"ann": ""}]
)
def test_known_passwords_are_refused_off_loopback(host: str, users: Any) -> None:
    """Where other machines reach the server, nobody gets in with a password that everybody knows."""
    with pytest.raises(ValueError, match="passwords of your own"):
        EmbeddedAsterisk(host=host, users=users)


def test_own_passwords_serve_off_loopback() -> None:
    with EmbeddedAsterisk(host="0.0.0.0", users={"ann": "s3cret"}) as asterisk:
        url = f"http://127.0.0.1:{asterisk.port}"
        with AsteriskARI(url=url, username="ann", password="s3cret", app_name="x") as ari:
            assert ari.is_connected
        assert "s3cret" not in repr(asterisk.users)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_the_defaults_serve_on_loopback(host: str) -> None:
    with EmbeddedAsterisk(host=host) as asterisk, AsteriskARI(url=asterisk.url, app_name="x") as ari:
        assert ari.is_connected


def test_the_command_makes_a_password_off_loopback() -> None:
    """It is printed, and another one each time; that of the defaults does not get in."""
    command = [sys.executable, "-m", "asterisk_ari.testing", "--port", "0", "--host", "0.0.0.0"]
    passwords = set()
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as server:
            try:
                assert server.stdout is not None
                line = server.stdout.readline()
                password = line.partition(", password ")[2].partition(";")[0]
                url = f"http://127.0.0.1:{line.partition('0.0.0.0:')[2].partition('/')[0]}"
                with AsteriskARI(url=url, username="asterisk", password=password, app_name="x") as ari:
                    assert ari.is_connected
                with pytest.raises(AuthenticationFailed):
                    AsteriskARI(url=url, app_name="x").connect()
            finally:
                server.terminate()
        passwords.add(password)
    assert len(passwords) == 2
    assert min(map(len, passwords)) >= 16


def test_passwords_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Right or wrong, known user or none: each is compared, and as a whole."""
    compared: list[tuple[bytes, bytes]] = []

    def compare(given: bytes, right: bytes) -> bool:
        compared.append((given, right))
        return given == right

    monkeypatch.setattr(responder, "compare_digest", compare)
    with EmbeddedAsterisk(users={"ann": "s3cret"}) as asterisk:
        for name, password in (("ann", "s3cret"), ("ann", "wrong"), ("nobody", "s3cret")):
            httpx.get(f"{asterisk.url}/ari/asterisk/info", auth=(name, password), trust_env=False)
    assert compared == [(b"s3cret", b"s3cret"), (b"wrong", b"s3cret"), (b"s3cret", b"")]


@pytest.mark.parametrize(
    ("build", "has", "lacks"),
    [
        ("certified/20.7-cert5", "channels.externalMedia", "channels.progress"),
        ("certified/18.9-cert10", "channels.externalMedia", "events.claimChannel"),
        ("22.11.0-rc1", "events.claimChannel", None),
        ("GIT-20-1a2b3c4", "channels.progress", None),
        ("GIT-master-abc", "events.claimChannel", None),
    ],
)
def test_a_build_behaves_as_its_branch(build: str, has: str, lacks: str | None) -> None:
    """It tells its own version and the definitions of its release, and a client checks against these."""
    with EmbeddedAsterisk(build) as asterisk, _client(asterisk) as ari:
        assert ari.get_asterisk_info()["version"] == build
        assert ari.capabilities.supports(has)
        assert lacks is None or not ari.capabilities.supports(lacks)


def test_a_server_may_say_that_it_is_something_else() -> None:
    """It behaves as its release all the same."""
    with EmbeddedAsterisk("16.28.0", reported_version="home-made 7") as asterisk, _client(asterisk) as ari:
        assert ari.get_asterisk_info()["version"] == "home-made 7"
        assert not ari.capabilities.supports("events.claimChannel")


@pytest.mark.parametrize("release", ["foo", "12.8.2", "certified-11.6-cert3", "SVN-trunk-r1"])
def test_an_unknown_release_is_refused(release: str) -> None:
    """It does not behave as some other release instead."""
    with pytest.raises(ValueError, match=release):
        EmbeddedAsterisk(release)


def test_an_invalid_port_is_refused() -> None:
    """The error is raised in the thread that starts the server."""
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


def test_two_servers_share_no_state(asterisk: EmbeddedAsterisk) -> None:
    with EmbeddedAsterisk() as second:
        assert asterisk.port != second.port
        second.incoming_call(app="x")
        assert not asterisk.machine.channels


def test_listings_give_handles_with_the_ids_of_what_they_list(asterisk: EmbeddedAsterisk) -> None:
    who = {"url": asterisk.url, "username": asterisk.username, "password": asterisk.password}
    asterisk.register("alice")
    with AsteriskARI(**who, app_name="app") as ari:
        channel = ari.channels.originate(endpoint="PJSIP/alice", app="app")
        bridge = ari.bridges.create()
        ari.device_states("Stasis:lamp").update("BUSY")
        found = {
            name: [handle.id for handle in getattr(ari, name).list()]
            for name in ("channels", "bridges", "device_states", "endpoints", "applications")
        }
        of_pjsip = [endpoint.id for endpoint in ari.endpoints.list_by_tech("PJSIP")]
    endpoints = found.pop("endpoints")
    assert "PJSIP/alice" in endpoints
    assert "PJSIP/alice" in of_pjsip
    expected = {"channels": [channel.id], "bridges": [bridge.id], "device_states": ["Stasis:lamp"], "applications": ["app"]}
    assert found == expected


def test_the_console_is_a_log_channel_without_a_name(asterisk: EmbeddedAsterisk) -> None:
    """As on a real server: the console's log channel writes to no file."""
    with _client(asterisk) as ari:
        assert "" in [one["channel"] for one in ari.asterisk.list_log_channels()]
