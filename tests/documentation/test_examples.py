"""The examples that no other test runs, unchanged, in a process of their own, on the embedded Asterisk."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from asterisk_ari.testing import EmbeddedAsterisk

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs/examples"
TUTORIALS = ROOT / "docs/tutorials"
pytestmark = pytest.mark.timeout(240)


def environment(pbx: EmbeddedAsterisk) -> dict[str, str]:
    return os.environ | {"ARI_URL": pbx.url, "ARI_USERNAME": pbx.username, "ARI_PASSWORD": pbx.password}


def test_every_example_is_in_a_tutorial_and_short() -> None:
    """Each is on a page that explains it, but for the first one, which is on the home page."""
    shown = {
        name
        for page in TUTORIALS.glob("*.md")
        for name in re.findall(r'^--8<-- "examples/(.+)"$', page.read_text(), re.MULTILINE)
    }
    assert shown | {"hello.py"} == {path.name for path in EXAMPLES.glob("*.py")}
    assert [path.name for path in EXAMPLES.glob("*.py") if len(path.read_text().splitlines()) > 120] == []


def test_the_first_program_runs_as_it_is() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / "hello.py")], capture_output=True, text=True, timeout=90, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "typed: nothing\n", "")


@pytest.fixture
def pbx() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("22.10.1", endpoints={"alice": "answers", "bob": "busy", "trunk": "answers"}) as embedded:
        yield embedded


@pytest.fixture
def web(pbx: EmbeddedAsterisk) -> Iterator[httpx.Client]:
    """The web server of the click-to-call example, once it is connected."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "click_to_call:app",
            "--fd",
            str(listening.fileno()),
            "--log-level",
            "warning",
        ]
        with subprocess.Popen(
            command, env=environment(pbx), cwd=EXAMPLES, pass_fds=[listening.fileno()], stderr=subprocess.PIPE, text=True
        ) as server:
            try:
                pbx.wait_until(lambda: "click-to-call" in pbx.machine.apps, timeout=60)
                with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=60) as client:
                    yield client
                server.send_signal(signal.SIGTERM)
                _, errors = server.communicate(timeout=60)
            finally:
                server.kill()  # nothing, unless the above has failed
        assert errors == ""
    pbx.wait_until(lambda: not pbx.machine.channels and not pbx.machine.bridges, timeout=60)


def becomes(pbx: EmbeddedAsterisk, web: httpx.Client, call: str, state: str) -> None:
    def is_so() -> bool:
        found: Any = web.get(f"/calls/{call}").json()["state"]
        return bool(found == state)

    pbx.wait_until(is_so, timeout=60)


def placed(web: httpx.Client, user: str) -> str:
    answer = web.post("/calls", params={"user": user, "number": "100"})
    assert answer.status_code == 202
    call: str = answer.json()["id"]
    return call


def test_a_click_connects_two(pbx: EmbeddedAsterisk, web: httpx.Client) -> None:
    """The user's phone, then the customer's; who hangs up ends both."""
    call = placed(web, "alice")
    becomes(pbx, web, call, "talking")
    [customer] = [one for one in list(pbx.machine.channels.values()) if one.name.startswith("PJSIP/trunk")]
    pbx.phone_of(customer.id).hang_up()
    becomes(pbx, web, call, "answered")


def test_a_user_who_is_busy(pbx: EmbeddedAsterisk, web: httpx.Client) -> None:
    becomes(pbx, web, placed(web, "bob"), "busy")


def test_a_server_that_stops_ends_its_calls(pbx: EmbeddedAsterisk, web: httpx.Client) -> None:
    """That nothing is left is asserted when the web server has ended."""
    becomes(pbx, web, placed(web, "alice"), "talking")


@pytest.mark.parametrize("wrong", [{"user": "eve"}, {"number": "100@evil"}, {"number": ""}, {"number": "1" * 16}])
def test_what_comes_from_outside_is_looked_at(pbx: EmbeddedAsterisk, web: httpx.Client, wrong: dict[str, str]) -> None:
    assert web.post("/calls", params={"user": "alice", "number": "100"} | wrong).status_code == 422
    assert not pbx.requests.to("/channels", "POST")
    assert web.get("/calls/none").status_code == 404
