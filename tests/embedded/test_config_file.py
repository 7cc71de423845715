"""A TOML file says what the server as a command serves; what it cannot mean is told with the place."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.__main__ import main
from asterisk_ari.testing.config_file import read_config
from asterisk_ari.testing.sound.wav import write_wav
from tests.embedded.support import Client
from tests.facade.certificate import PEM
from tests.scripts.dialect import ROOT
from tests.servers.listening_program import ListeningProgram


def write(folder: Path, text: str) -> Path:
    path = folder / "pbx.toml"
    path.write_text(text)
    return path


def example(folder: Path) -> Path:
    """That of docs/embedded.md, with the files that it names."""
    page = (ROOT / "docs" / "embedded.md").read_text()
    (folder / "menu.wav").write_bytes(write_wav(b"\0\0" * 8000, 8000))
    return write(folder, page.partition("```toml\n")[2].partition("```")[0])


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    options = read_config(example(tmp_path))
    assert options.pop("users") == {"ivr": "a-password"}
    assert options.pop("port") == 8088
    with EmbeddedAsterisk(**options, virtual_time=True) as asterisk:
        assert asterisk.release == "22.10.1"
        client = Client(asterisk)
        client.listen("ivr")
        assert client("GET", "endpoints/PJSIP/alice").body["state"] == "online"
        client("POST", "channels?endpoint=PJSIP/bob&app=ivr&channelId=b")
        asterisk.advance(1)
        assert [event["dialstatus"] for event in asterisk.events.of("Dial")] == ["", "BUSY"]
        phone = asterisk.incoming_call(context="incoming", called="100")
        asterisk.advance(0.1)
        assert asterisk.events.of("StasisStart")[0]["args"] == ["100"]
        client("POST", f"channels/{phone.channel_id}/play?media=sound:menu&playbackId=p")
        client("POST", f"channels/{phone.channel_id}/play?media=recording:welcome&playbackId=q")
        asterisk.advance(0.9)
        assert client("GET", "playbacks/p").body["state"] == "playing"
        asterisk.advance(0.2)
        assert client("GET", "playbacks/q").body["state"] == "playing"
        assert "voicebot" in {one["name"] for one in client("GET", "applications").body}
        client.close()


def test_as_a_command(tmp_path: Path) -> None:
    """An argument goes before the file."""
    command = [sys.executable, "-m", "asterisk_ari.testing", "--config", str(example(tmp_path)), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            assert "user ivr;" in line
            assert "a-password" not in line
            url = next(word for word in line.split() if word.startswith("http")).removesuffix("/ari,")
            with AsteriskARI(url=url, username="ivr", password="a-password", app_name="x") as ari:
                assert ari.get_asterisk_info()["version"] == "22.10.1"
                assert {one.resource for one in ari.endpoints.list()} >= {"alice", "bob"}
        finally:
            server.terminate()
        assert server.wait(20) == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("relaese = '22'", "relaese means nothing; there are release, "),
        ("port = 70000", "port is a port, 0 to 65535, not 70000"),
        ("port = true", "port is a port, not True"),
        ("mailboxes = 1", "mailboxes is true or false, not 1"),
        ("[endpoints]\nann = 'answer'", "endpoint 'ann' cannot be 'answer'"),
        ("[endpoints]\nann = {behavior = 'busy'}", "endpoints.ann.behavior means nothing; there are answers_after, "),
        ("[endpoints]\nann = {says = 'hello'}", "endpoints.ann.says is a number, not 'hello'"),
        ("[sounds]\nmenu = false", "sounds.menu is a length in seconds, or the path of a WAV file, not False"),
        ("users = 'ann'", "users is a table, not 'ann'"),
        ("[users]\nann = 1234", "users.ann is a text"),
        ("dialplan = 'none.conf'", "none.conf"),
        ("[[faults]]\nfault = 'delay'\nseconds = 1\n[[faults]]\nfault = 'dely'", "faults, number 2: Invalid value 'dely'"),
        ("[[faults]]\nstatus = 500", "faults are delay, answer, drop_reply"),
        ("[faults]\nfault = 'refuse'", "faults is a list of tables, [[faults]]"),
        ("[[outbound]]\napps = 'x'", "outbound, number 1: url is missing"),
        ("[[outbound]]\nurl = 'ws://h/'\napps = 'x'\n[[outbound]]\nuri = 'x'", "outbound, number 2: uri means nothing"),
        ("[[outbound]]\nurl = 'ws://h/'\napps = [1]", "apps is a text, or a list of texts"),
        ("[[outbound]]\nurl = 'h:80'\napps = 'x'", "outbound, number 1: the URL of an outbound WebSocket is ws://"),
        ("entry_delay_seconds = [1]", "entry_delay_seconds is seconds, or two numbers"),
        ("control_port = -1", "control_port is a port"),
        ("[endpoints", "at the end of a table declaration"),
    ],
)
def test_what_the_file_cannot_mean(text: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(write(tmp_path, text)), "--port", "0"]) == 1
    said = capsys.readouterr().err
    assert str(tmp_path) in said
    assert told in said


def test_time_faults_and_limits(tmp_path: Path) -> None:
    text = """
        virtual_time = true
        keep_alive = 5
        session_limit = 3
        origins = ["http://a"]
        entry_delay_seconds = [0, 0.01]
        seed = 4
        control_port = 0
        [[faults]]
        fault = "answer"
        status = 500
        path = "/bridges"
        [[faults]]
        fault = "lose_events"
        """
    options = read_config(write(tmp_path, text))
    [answer, lost] = options.pop("faults")
    assert options.pop("control_port") == 0
    assert options["entry_delay_seconds"] == (0.0, 0.01)
    with EmbeddedAsterisk(**options) as asterisk:
        answer.begin(asterisk.faults)
        lost.begin(asterisk.faults)
        client = Client(asterisk)
        assert [client("GET", "bridges").status for _ in range(2)] == [500, 200]
        client.listen("app")
        asterisk.incoming_call(app="app")
        assert asterisk.has_virtual_time
        asterisk.settle()
        assert asterisk.events == []
        client.close()


def test_websockets_to_programs(tmp_path: Path) -> None:
    (tmp_path / "authority.pem").write_text(PEM)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "authority.pem")
    with ListeningProgram() as program, ListeningProgram(tls=context) as safe:
        text = f"""
            release = "22.10.1"
            users = {{ asterisk = "x", guest = "y" }}
            [[outbound]]
            url = "{program.url}"
            apps = "percall"
            per_call = true
            user = "guest"
            reconnect_seconds = 1
            reconnect_attempts = 2
            [[outbound]]
            url = "{safe.url}"
            apps = ["one", "two"]
            ca_file = "authority.pem"
            subscribe_all = true
            """
        with EmbeddedAsterisk(**read_config(write(tmp_path, text)), virtual_time=True) as asterisk:
            safe.wait_for("ApplicationRegistered", "ApplicationRegistered")
            asterisk.incoming_call(app="percall")
            asterisk.advance(0.5)
            program.wait_for("ApplicationRegistered", "StasisStart")


def test_virtual_time_without_anybody_to_move_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--virtual-time", "--port", "0"]) == 1
    assert "give --control-port" in capsys.readouterr().err
