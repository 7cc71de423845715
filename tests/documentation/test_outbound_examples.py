"""The programs of docs/outbound.md serve calls of the embedded Asterisk, which connects to them."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asterisk_ari.testing import EmbeddedAsterisk, OutboundWebSocket, Phone
from tests.scripts.dialect import ROOT

PAGE = ROOT / "docs" / "outbound.md"
SECONDS = 30.0
UVICORN = "import uvicorn; uvicorn.run('program:app', host='127.0.0.1', port={port}, log_level='warning')"


def program_with(words: str) -> str:
    """The program of the page that holds these words."""
    return next(code for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL) if words in code)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def running(folder: Path, *command: str) -> Iterator[None]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), os.environ.get("PYTHONPATH", "")))}
    with subprocess.Popen([sys.executable, *command], cwd=folder, env=environment) as program:
        try:
            yield
        finally:
            program.terminate()
            program.wait(SECONDS)


@pytest.mark.parametrize("per_call", [False, True], ids=["for all calls", "for each call"])
@pytest.mark.parametrize("how", ["listener", "uvicorn"])
def test_a_caller_is_served(how: str, per_call: bool, tmp_path: Path) -> None:
    port = free_port()
    if how == "listener":
        code = program_with("await listener.serve_forever()").replace('"0.0.0.0", 8765', f'"127.0.0.1", {port}')
        command = ["program.py"]
        url = f"ws://127.0.0.1:{port}/ari"
    else:
        code, command = program_with("FastAPI(lifespan=asterisk.lifespan)"), ["-c", UVICORN.format(port=port)]
        url = f"ws://127.0.0.1:{port}/ari/"
    (tmp_path / "program.py").write_text(code)
    websocket = OutboundWebSocket(url, "voicebot", username="out", password="secret", per_call=per_call, reconnect_attempts=100)
    with EmbeddedAsterisk("22.10.1", outbound=[websocket]) as asterisk, running(tmp_path, *command):
        phone: Phone = asterisk.incoming_call(app="voicebot")
        phone.wait_for_prompt("sound:hello-world", timeout=SECONDS)
        assert phone.answered
        phone.wait_for_end(timeout=SECONDS)
