"""A server on loopback with definitions as Asterisk serves them, or with one thing wrong."""

import base64
import json
import ssl
from typing import Any

from tests.scripts.dialect import documents, listing
from tests.servers.script import ReceivedRequest, Reply
from tests.servers.scripted_server import ScriptedServer

USERNAME, PASSWORD = "reader é", "s3cret:with/odd+chars é"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()


def json_reply(value: Any) -> Reply:
    return Reply(200, json.dumps(value).encode())


class DefinitionsServer(ScriptedServer):
    """Answers by path from `pages`, to the right credentials; `everything` is answered to all requests instead.

    After `cut_after` bytes of an answer the connection ends.
    """

    def __init__(self, *, everything: Reply | None = None, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.pages: dict[str, Reply] = {}
        self.everything = everything
        self.cut_after: int | None = None

    @property
    def targets(self) -> list[str]:
        """What was asked for."""
        return [request.target for request in self.requests]

    def answer(self, request: ReceivedRequest) -> Reply:
        self.requests.append(request)
        if self.everything is not None:
            return self.everything
        if request.headers.get("authorization") != AUTHORIZATION:
            return Reply(401, b'{"error":"Authentication required"}')
        page = self.pages.get(request.path, Reply(404, b"<html>Not Found</html>", "text/html"))
        return Reply(page.status, page.content, page.content_type, page.headers, cut_after=self.cut_after)


def serving_facts(facts: Any, version: str, prefix: str = "/ari", tls: ssl.SSLContext | None = None) -> DefinitionsServer:
    """A server of that version with those definitions."""
    served = documents(facts)
    server = DefinitionsServer(tls=tls)
    server.pages = {f"{prefix}/api-docs/{name}.json": json_reply(document) for name, document in served.items()}
    server.pages[f"{prefix}/api-docs/resources.json"] = json_reply(listing(list(served)))
    server.pages[f"{prefix}/asterisk/info"] = json_reply({"system": {"version": version, "entity_id": "00:11"}})
    return server
