"""`config`, `new` and `embedded`: what prepares a server or a project works as it is printed."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.cli.doctor.conf_files import read_conf
from asterisk_ari.cli.setup.run import Configured, Project
from asterisk_ari.testing import EmbeddedAsterisk
from tests.cli.running import Run
from tests.embedded.user_tests import run_tests

FILES = {
    "ari": ["http.conf", "ari.conf"],
    "outbound": ["websocket_client.conf", "ari.conf"],
    "media": ["modules.conf", "websocket_client.conf"],
    "webrtc": ["http.conf", "pjsip.conf", "modules.conf"],
    "dialplan": ["extensions.conf", "pjsip.conf"],
}


@pytest.mark.parametrize("kind", list(Configured))
def test_files_for_an_app(kind: Configured, run: Run) -> None:
    """Each under its name, for the app and user that were named; nothing is asked of a server."""
    ran = run("config", kind.value, "--app", "shop", "--user", "ops", "--url", "http://127.0.0.1:1")
    assert (ran.status, ran.err) == (0, "")
    named = [line.removeprefix("; /etc/asterisk/") for line in ran.out.splitlines() if line.startswith("; /etc/asterisk/")]
    assert named == FILES[kind]
    assert "shop" in ran.out
    assert max(map(len, ran.out.splitlines())) < 150


def test_the_password_of_each_is_new(run: Run) -> None:
    """Nobody finds one in the documentation; that of the settings is never printed."""
    first, second = (run("config", "ari", "--user", "ops").out for _ in range(2))
    assert first != second
    assert "password = asterisk" not in first


def test_a_dialplan_that_is_printed_works(run: Run) -> None:
    """Calls get into the app by it, and are told when no program is there."""
    text = run("config", "dialplan", "--app", "shop").out.partition("; /etc/asterisk/pjsip.conf")[0]
    with EmbeddedAsterisk("22.10.1", dialplan=text, virtual_time=True) as asterisk:
        refused = asterisk.incoming_call(context="from-shop", called="100")
        channel = asterisk.machine.channels[refused.channel_id]
        asterisk.wait_until(lambda: (channel.app_name, channel.app_data) == ("Playback", "vm-nobodyavail"), timeout=30)
        with AsteriskARI(url=asterisk.url, username="asterisk", password="asterisk", app_name="shop") as ari:
            with ari.expect("StasisStart") as entered:
                asterisk.incoming_call(context="from-shop", called="100")
                assert entered.result(30)["args"] == ["100"]


def test_the_doctor_reads_what_is_printed(run: Run, tmp_path: Path) -> None:
    """ari.conf and http.conf as its check of files knows them."""
    text = run("config", "ari", "--app", "shop", "--user", "ops").out
    for name in FILES["ari"]:
        (tmp_path / name).write_text(text.partition(f"/{name}\n")[2].partition("\n; ")[0], encoding="utf-8")
    ari, http = (read_conf(name, (tmp_path / name).read_text(encoding="utf-8")) for name in ("ari.conf", "http.conf"))
    assert ari.sections["ops"]["type"].text == "user"
    assert len(ari.sections["ops"]["password"].text) > 20
    assert http.sections["general"]["bindport"].text == "8088"


@pytest.mark.parametrize("kind", list(Project))
def test_a_new_project_passes_its_own_test(kind: Project, run: Run, tmp_path: Path) -> None:
    """As it was made, in a process of its own; the program starts and says what it is missing."""
    folder = tmp_path / "project"
    ran = run("new", kind.value, str(folder), "--app", "shop-1")
    assert (ran.status, ran.err) == (0, "")
    made = sorted(path.name for path in folder.iterdir())
    assert [str(folder / name) for name in made] == sorted(ran.out.splitlines()[:-1])
    assert {"README.md", "requirements.txt"} < set(made)
    assert "$" not in "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    done = run_tests(folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_folder_in_use_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("here")
    ran = run("new", "ivr", str(tmp_path))
    assert (ran.status, "is not empty" in ran.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert run("new", "ivr", str(tmp_path / "new"), "--app", "a,b").status == 2


def test_the_embedded_asterisk() -> None:
    """It serves until Ctrl-C, and says where."""
    command = [sys.executable, "-u", "-m", "asterisk_ari", "embedded", "--port", "0", "--release", "20.15.2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.partition(" on ")[2].partition("/ari")[0]
        with AsteriskARI(url=url, username="asterisk", password="asterisk", events=False) as ari:
            assert ari.capabilities.version == "20.15.2"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def test_an_embedded_asterisk_that_cannot_be(run: Run) -> None:
    with EmbeddedAsterisk("22.10.1") as other:
        ran = run("embedded", "--port", other.url.rpartition(":")[2])
    assert (ran.status, ran.err.startswith("asterisk-ari: ")) == (1, True)
