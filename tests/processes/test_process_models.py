"""Every way in which programs make processes: connected, making calls, hearing events, and stopped by SIGTERM.

Each row of the table really runs: its own interpreter, the framework's own master and workers.
"""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path
from typing import NamedTuple

import pytest

from asterisk_ari.testing import EmbeddedAsterisk

PROGRAMS = Path(__file__).parent / "programs"
SECONDS = 30

GUNICORN = ("-m", "gunicorn", "--workers", "1", "--log-level", "warning", "--no-control-socket", "--bind", "127.0.0.1:{port}")
WSGI = (*GUNICORN, "--config", "gunicorn_hooks.py", "wsgi:application")
ASGI = ("--worker-class", "uvicorn_worker.UvicornWorker", "asgi:application")
STEPS = {"connect", "call", "event", "stop"}


class Model(NamedTuple):
    """A row of the table: how it is started, what its processes tell beside the four steps, and with which status it ends.

    `connected` is how many of its processes are connected at the same time.
    """

    command: tuple[str, ...]
    tells: Set[str] = frozenset()
    variables: Mapping[str, str] = {}
    status: int = 0
    connected: int = 1


TABLE = {
    "plain": Model(("plain.py",)),
    "plain, asynchronous": Model(("plain.py", "async")),
    "fork": Model(("multiprocess.py", "fork"), {"whose", "parent"}),
    "forkserver": Model(("multiprocess.py", "forkserver"), {"parent"}),
    "spawn": Model(("multiprocess.py", "spawn"), {"parent"}),
    "fork, asynchronous": Model(("multiprocess.py", "fork", "async"), {"whose", "parent"}),
    "forkserver, asynchronous": Model(("multiprocess.py", "forkserver", "async"), {"parent"}),
    "spawn, asynchronous": Model(("multiprocess.py", "spawn", "async"), {"parent"}),
    "prefork, as Celery": Model(("prefork.py",), {"whose", "parent"}, connected=2),
    "gunicorn": Model(WSGI),
    "gunicorn --preload": Model((*WSGI, "--preload")),
    "gunicorn --preload, connected": Model((*WSGI, "--preload"), {"whose"}, {"PRELOAD": "connected"}),
    "gunicorn, uvicorn's workers": Model((*GUNICORN, *ASGI)),
    # It sends itself the signal again, once it has ended in good order.
    "uvicorn": Model(("-m", "uvicorn", "--log-level", "warning", "--port", "{port}", "asgi:application"), status=-signal.SIGTERM),
}
SERVES_HTTP = [name for name in TABLE if "corn" in name]


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(release="22.10.1") as running:  # it takes calls over the event WebSocket, too
        yield running


def _handles_sigterm(process: int) -> bool:
    status = Path(f"/proc/{process}/status").read_text()
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)$", status, re.MULTILINE)
    assert caught is not None
    return bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class Running:
    """A program of the table."""

    def __init__(self, name: str, url: str, username: str, password: str, output: Path, transport: str = "http") -> None:
        model = TABLE[name]
        self.port = free_port()
        self.output = output
        variables = {
            **os.environ,
            "ARI_URL": url,
            "ARI_USERNAME": username,
            "ARI_PASSWORD": password,
            "PYTHONPATH": os.pathsep.join([*sys.path, str(PROGRAMS)]),
            "TRANSPORT": transport,
            **model.variables,
        }
        arguments = [sys.executable, *(part.format(port=self.port) for part in model.command)]
        with output.open("wb") as file:
            self.process = subprocess.Popen(arguments, cwd=PROGRAMS, stdout=file, stderr=subprocess.STDOUT, env=variables)

    def told(self) -> list[str]:
        """The steps so far."""
        return [step for _, step in self._lines()]

    def handles_sigterm(self) -> bool:
        """Whether the program and each process that told a step have a handler of SIGTERM by now."""
        return all(_handles_sigterm(process) for process in {self.process.pid, *(int(process) for process, _ in self._lines())})

    def _lines(self) -> list[tuple[str, str]]:
        return re.findall(r"^(\d+) (\w+)$", self.output.read_text(), re.MULTILINE)

    def wait_for(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + SECONDS
        while not condition():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < end, self.output.read_text()
            time.sleep(0.02)

    def get(self) -> None:
        """Make a request, once the program serves."""
        self.wait_for(self._serves)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=SECONDS) as answer:
            assert b"OK" == answer.read()

    def _serves(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), SECONDS).close()
        except OSError:
            return False
        return True


def apps(asterisk: EmbeddedAsterisk) -> set[str]:
    """The apps that somebody is connected for."""
    user = base64.b64encode(f"{asterisk.username}:{asterisk.password}".encode()).decode()
    request = urllib.request.Request(f"{asterisk.url}/ari/applications", headers={"Authorization": f"Basic {user}"})
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return {app["name"] for app in json.load(answer)}


@pytest.mark.parametrize("transport", ["http", "websocket"])
@pytest.mark.parametrize("name", TABLE)
def test_a_process_model(name: str, transport: str, asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    running = Running(name, asterisk.url, asterisk.username, asterisk.password, tmp_path / "output", transport)
    try:
        running.wait_for(lambda: "connect" in running.told())
        if name in SERVES_HTTP:
            running.get()
        running.wait_for(lambda: running.told().count("call") >= TABLE[name].connected)
        phone = asterisk.incoming_call(app="table")
        running.wait_for(lambda: "event" in running.told())
        assert phone.answered
        phone.hang_up()
        running.wait_for(running.handles_sigterm)
        running.process.send_signal(signal.SIGTERM)
        status = running.process.wait(SECONDS)
        output = running.output.read_text()
        assert TABLE[name].status == status, output
        assert STEPS | TABLE[name].tells == set(running.told()), output
        assert "Traceback" not in output
        assert set() == apps(asterisk), "what was connected has closed its WebSocket"
    finally:
        running.process.kill()
        running.process.wait()
