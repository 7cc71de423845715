"""One request to one reply: authority, route, body, operation. No input or output of its own."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import definitions
from .machine.core import Machine
from .operations.found import Refused
from .operations.loading import HANDLERS
from .operations.registry import NOT_SERVED, Parameters, Reply, Waiting, error
from .routing import METHODS, BodyError, Router, below, decode, json_body, pairs, parameters

FORM = "application/x-www-form-urlencoded"
REALM = 'Basic realm="Asterisk REST Interface"'


@dataclass(slots=True)
class User:
    """Who may use the server."""

    name: str
    password: str
    read_only: bool = False


@dataclass(slots=True)
class Request:
    """What came in, by HTTP or through a WebSocket."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    user: User | None = None
    transport: str = "http"
    started: float = 0.0
    status: int = 0

    @property
    def path(self) -> str:
        """The path, escapes decoded, for those who read it."""
        return decode(self.target.partition("?")[0], plus=False)

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters, for those who read them."""
        return dict(pairs(self.target.partition("?")[2]))

    @property
    def json(self) -> Any:
        """The body's JSON, for those who read it."""
        try:
            return json_body(self.headers.get("content-type", ""), self.body)
        except BodyError:
            return None


class Responder:
    """Answers requests for one Asterisk."""

    def __init__(self, machine: Machine, users: dict[str, User]) -> None:
        self.machine = machine
        self.users = users
        self.router: Router = Router(machine.release)

    def user_of(self, headers: Mapping[str, str], query: list[tuple[str, str]]) -> User | None:
        """Who asks: the Basic header, else `api_key`; a bad header is not made good by a good key."""
        given = headers.get("authorization")
        if given is not None:
            scheme, _, encoded = given.partition(" ")
            if scheme != "Basic":
                return None
            try:
                credentials = b64decode(encoded.strip(), validate=True).decode("utf-8", "replace")
            except (Base64Error, ValueError):
                return None
        else:
            credentials = dict(query).get("api_key", "")
        name, colon, password = credentials.partition(":")
        user = self.users.get(name)
        return user if colon and user is not None and user.password == password else None

    def respond(self, request: Request) -> Reply | Waiting:
        """The reply to a request whose path begins with /ari; the caller has run the timers."""
        raw_path, _, raw_query = request.target.partition("?")
        query = pairs(raw_query)
        user = request.user or self.user_of(request.headers, query)
        if user is None:
            return Reply(401, {"message": "Authentication required"}, {"WWW-Authenticate": REALM})
        if user.read_only and request.method not in {"GET", "OPTIONS"}:
            return error(403, "Write access denied")
        path = (below(raw_path) or "").removeprefix("/")
        if raw_path.endswith("/") and path:
            return error(404, f"ARI URLs do not end with a slash. Try /ari/{path.rstrip('/')}")
        if path.startswith("api-docs"):
            return self._definitions(request, path)
        return self._operation(request, path, query)

    def _definitions(self, request: Request, path: str) -> Reply:
        _, slash, file = path.partition("/")
        name = decode(file, plus=False)
        if request.method != "GET":
            return error(405, "Unsupported method")
        host = request.headers.get("host")
        base = f"http://{host}/ari" if host else None
        if slash and name.endswith(".json") and "/" not in name:
            version = self.machine.version
            if name == "resources.json":
                return Reply(200, definitions.listing(version, base))
            found = definitions.document(version, name[:-5], base)
            if found is not None:
                return Reply(200, found)
        return error(404, "Resource not found")

    def _operation(self, request: Request, path: str, query: list[tuple[str, str]]) -> Reply | Waiting:
        content_type = request.headers.get("content-type", "")
        try:
            body = json_body(content_type, request.body)
        except BodyError:
            return error(400, "Error parsing request body")
        found = self.router.find(path)
        if found is None:
            return error(404, "Resource not found")
        node, values = found
        route = node.methods.get(request.method) if request.method in METHODS else None
        if route is None:
            allow = {"Allow": node.allow}
            return Reply(204, None, allow) if request.method == "OPTIONS" else Reply(405, {"message": "Invalid method"}, allow)
        if content_type.partition(";")[0].strip().lower() == FORM:
            query = pairs(request.body.decode("utf-8", "surrogateescape")) + query
        return self._handle(route.name, Parameters(parameters(route, values, query, body), body))

    def _handle(self, name: str, found: Parameters) -> Reply | Waiting:
        handler = HANDLERS.get(name)
        if handler is None:
            return error(501, f"{name} is not part of the embedded Asterisk: {NOT_SERVED.get(name, 'no reason')}")
        try:
            return handler(self.machine, found)
        except Refused as refused:
            return refused.reply
