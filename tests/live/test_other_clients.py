"""A session of curl, the same on a real server and on the embedded one."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from scripts.live import LiveAsterisk
from tests.live.calls import eventually, fresh


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
