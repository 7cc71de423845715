"""Servers for the stand-in of ari-py: one that answers as a test says, with a real server's definitions."""

import copy
from functools import cache
from typing import Any

import httpx

from asterisk_ari.compat import ari
from asterisk_ari.testing import EmbeddedAsterisk
from tests.servers.script import Answer, ReceivedRequest, declared_reply, reply
from tests.servers.scripted_server import ScriptedServer

USER, PASSWORD = "tester", "s3cret-Pa55"


@cache
def _definitions(release: str) -> dict[str, Any]:
    with EmbeddedAsterisk(release, mailboxes=True) as server:
        with httpx.Client(auth=(server.username, server.password), base_url=f"{server.url}/ari/api-docs") as client:
            documents = {"resources.json": client.get("resources.json").raise_for_status().json()}
            for api in documents["resources.json"]["apis"]:
                name = api["path"].rpartition("/")[2].partition(".")[0] + ".json"
                documents[name] = client.get(name).raise_for_status().json()
            return documents


class AriScript(ScriptedServer):
    """Serves the definitions of a release, which a test may change before it connects, and what `answers` has for a call."""

    def __init__(self, release: str = "22.10.1") -> None:
        self.documents = copy.deepcopy(_definitions(release))
        self.answers: dict[tuple[str, str], Answer] = {}
        super().__init__(version=release)
        self.respond = self._respond

    def _respond(self, request: ReceivedRequest) -> Answer:
        if request.resource.startswith("/api-docs/"):
            document = self.documents.get(request.resource.removeprefix("/api-docs/"))
            return reply(404, json={"message": "no such document"}) if document is None else reply(json=document)
        found = self.answers.get((request.method, request.resource))
        return declared_reply(request.method, request.resource) if found is None else found

    def serve(self, method: str, resource: str, status: int = 200, **body: Any) -> None:
        """Answer a call; `json=`, `text=`, `html=` or `content=` is the body."""
        self.answers[method, resource] = reply(status, **body)

    @property
    def asked(self) -> list[ReceivedRequest]:
        """The calls that came, what a client asks at its start aside."""
        return [each for each in self.calls if not each.resource.startswith("/api-docs/")]

    def add_resource(self, name: str, operations: list[dict[str, Any]]) -> None:
        """Define a resource that only this server has."""
        self.documents["resources.json"]["apis"].append({"path": f"/api-docs/{name}.{{format}}", "description": name})
        apis = [{"path": each.pop("path"), "operations": [each]} for each in operations]
        self.documents[f"{name}.json"] = {"apis": apis, "models": {}}

    def connect(self, **options: Any) -> ari.Client:
        """A client of it."""
        return ari.connect(self.url, USER, PASSWORD, **options)
