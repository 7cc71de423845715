"""What the README shows runs as it stands there."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from asterisk_ari import AsteriskARI
from tests.live.calls import eventually, fresh

ROOT = Path(__file__).resolve().parents[2]
CODE = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def program(code: str, pbx: Any) -> "subprocess.Popen[str]":
    """Start a block of the README as a program, with the settings it says it takes from the environment."""
    settings = {"ARI_URL": pbx.url, "ARI_USERNAME": pbx.username, "ARI_PASSWORD": pbx.password, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_every_block_is_run_here() -> None:
    """The README has the two programs that the tests below run, and no other."""
    assert ["AsteriskARI(", "AsyncAsteriskARI("] == [
        name for code in CODE for name in ("AsyncAsteriskARI(", "AsteriskARI(") if f" {name}" in code
    ]


def test_the_first_screen(pbx: Any) -> None:
    """A phone is called, greeted, asked for digits and hung up."""
    with program(CODE[0], pbx) as process:
        said, errors = process.communicate(timeout=60)
    assert (0, "typed: nothing\n", "") == (process.returncode, said, errors)


def test_the_asyncio_example(pbx: Any) -> None:
    """A call into the app is answered, greeted, asked for digits and hung up; SIGTERM ends the program cleanly."""
    who = {"url": pbx.url, "username": pbx.username, "password": pbx.password}
    with program(CODE[1], pbx) as process, AsteriskARI(app_name=fresh("caller"), **who) as ari:
        eventually(lambda: any(app.id == "hello" for app in ari.applications.list()), "the program never connected")
        with ari.expect("ChannelDestroyed") as hung_up:
            assert ari.originate_call("Local/x@stasis-hello", context="plain", extension="wait") is not None
            hung_up.result(30)
        process.send_signal(signal.SIGTERM)
        said, errors = process.communicate(timeout=30)
    assert (0, "somebody typed nothing\n", "") == (process.returncode, said, errors)
