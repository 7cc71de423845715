"""Programs written with other clients for real servers run on it unchanged."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import websocket

from asterisk_ari.testing import EmbeddedAsterisk

RELEASES = ("13.38.3", "16.28.0", "20.15.2", "22.10.1", "23.4.1")
PROGRAM = Path(__file__).with_name("aioari_program.py")


@pytest.fixture(params=RELEASES)
def asterisk(request: pytest.FixtureRequest) -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(request.param) as server:
        yield server


def test_an_aioari_program(asterisk: EmbeddedAsterisk) -> None:
    """It reads the definitions, connects, answers a call, plays to its end and hangs up."""
    command = [sys.executable, "-W", "ignore", str(PROGRAM), asterisk.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (0, "playing sound:hello-world\nStasisEnd\n") == (done.returncode, done.stdout), done.stderr
    assert [200] == [request.status for request in asterisk.requests.to("/channels", "POST")]


class DefinitionsDriven:
    """A client like ari-py: operations by nickname, read from the definitions of the server, credentials in the query."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.operations: dict[str, dict[str, tuple[str, str, list[dict[str, Any]]]]] = {}
        listing = self._json("GET", f"{url}/ari/api-docs/resources.json")
        for entry in listing["apis"]:
            path = entry["path"].replace("{format}", "json")
            declared = self._json("GET", f"{url}/ari{path}")
            name = path.rsplit("/", 1)[-1].removesuffix(".json")
            for api in declared["apis"]:
                for operation in api["operations"]:
                    operations = self.operations.setdefault(name, {})
                    operations[operation["nickname"]] = (operation["httpMethod"], api["path"], operation.get("parameters", []))

    def _json(self, method: str, url: str) -> Any:
        basic = base64.b64encode(b"asterisk:asterisk").decode()
        request = urllib.request.Request(url, method=method, headers={"Authorization": f"Basic {basic}"})
        with urllib.request.urlopen(request, timeout=10) as response:
            body = response.read()
        return json.loads(body) if body else None

    def call(self, resource: str, nickname: str, **arguments: Any) -> Any:
        method, path, parameters = self.operations[resource][nickname]
        query = {}
        for parameter in parameters:
            name, kind = parameter["name"], parameter["paramType"]
            if name in arguments and kind == "path":
                path = path.replace(f"{{{name}}}", quote(str(arguments[name]), safe=""))
            elif name in arguments:
                query[name] = arguments[name]
        return self._json(method, f"{self.url}/ari{path}?{urlencode(query)}")

    def listen(self, app: str) -> websocket.WebSocket:
        address = self.url.replace("http", "ws")
        return websocket.create_connection(f"{address}/ari/events?app={app}&api_key=asterisk:asterisk", timeout=10)


def test_a_client_driven_by_the_definitions(asterisk: EmbeddedAsterisk) -> None:
    """A conference of two calls: each enters, is answered and added to a bridge, which is then destroyed."""
    client = DefinitionsDriven(asterisk.url)
    events = client.listen("conference")
    bridge = client.call("bridges", "create", type="mixing")
    calls = [client.call("channels", "originate", endpoint="Local/wait@plain", app="conference")["id"] for _ in range(2)]
    entered: list[str] = []
    while len(entered) < len(calls):
        event = json.loads(events.recv())
        if event["type"] == "StasisStart":
            client.call("channels", "answer", channelId=event["channel"]["id"])
            client.call("bridges", "addChannel", bridgeId=bridge["id"], channel=event["channel"]["id"])
        elif event["type"] == "ChannelEnteredBridge":
            entered.append(event["channel"]["id"])
    assert sorted(calls) == sorted(entered)
    assert sorted(calls) == sorted(client.call("bridges", "get", bridgeId=bridge["id"])["channels"])
    client.call("bridges", "destroy", bridgeId=bridge["id"])
    with pytest.raises(urllib.error.HTTPError, match="404"):
        client.call("bridges", "get", bridgeId=bridge["id"])
    events.close()
