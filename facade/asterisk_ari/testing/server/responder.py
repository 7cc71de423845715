"""Turns a request into its reply: authentication, route, body, operation. Does no I/O itself."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from hmac import compare_digest

from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.all_operations import HANDLERS
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import NOT_SERVED
from asterisk_ari.testing.operations.reply import PendingReply, Reply, RequestRefused, error_reply
from asterisk_ari.testing.replay.player import SessionPlayer
from asterisk_ari.testing.request import BodyError, Request, User, decode_percent, parse_json_body, parse_query
from asterisk_ari.testing.server import api_docs
from asterisk_ari.testing.server.routing import METHODS, OperationRouter, path_below_ari, read_parameters

FORM = "application/x-www-form-urlencoded"
REALM = 'Basic realm="Asterisk REST Interface"'


class Responder:
    """Answers the requests for one machine."""

    def __init__(self, machine: Machine, users: dict[str, User]) -> None:
        self._machine = machine
        self._users = users
        self._router: OperationRouter = OperationRouter(machine.release)

    def authenticate(self, headers: Mapping[str, str], query: list[tuple[str, str]]) -> User | None:
        """Return the user of the Basic header, or without one that of `api_key`; None if the credentials are wrong."""
        authorization = headers.get("authorization")
        if authorization is not None:
            scheme, _, encoded = authorization.partition(" ")
            if scheme != "Basic":
                return None
            try:
                credentials = b64decode(encoded.strip(), validate=True).decode("utf-8", "replace")
            except (Base64Error, ValueError):
                return None
        else:
            credentials = dict(query).get("api_key", "")
        name, colon, password = credentials.partition(":")
        user = self._users.get(name)
        # Takes the same time for a wrong password, the right one, and an unknown user.
        is_right = compare_digest(password.encode(), (user.password if user is not None else "").encode())
        return user if colon and user is not None and is_right else None

    def unauthorized(self) -> Reply:
        """Return the reply to a request with wrong or missing credentials."""
        return Reply(401, {"message": "Authentication required"}, {"WWW-Authenticate": REALM})

    def respond(self, request: Request, player: SessionPlayer | None = None) -> Reply | PendingReply:
        """Return the reply to a request whose path begins with /ari, from a recording if one is being replayed; the caller has
        run the timers."""
        raw_path, _, raw_query = request.target.partition("?")
        query = parse_query(raw_query)
        user = request.user or self.authenticate(request.headers, query)
        if user is None:
            return self.unauthorized()
        if user.read_only and request.method not in {"GET", "OPTIONS"}:
            return error_reply(403, "Write access denied")
        if player is not None:
            return player.respond(request, lambda: self._respond(request, raw_path, query))
        return self._respond(request, raw_path, query)

    def _respond(self, request: Request, raw_path: str, query: list[tuple[str, str]]) -> Reply | PendingReply:
        path = (path_below_ari(raw_path) or "").removeprefix("/")
        if raw_path.endswith("/") and path:
            return error_reply(404, f"ARI URLs do not end with a slash. Try /ari/{path.rstrip('/')}")
        if path.startswith("api-docs"):
            return self._respond_with_api_docs(request, path)
        return self._route(request, path, query)

    def _respond_with_api_docs(self, request: Request, path: str) -> Reply:
        _, slash, file = path.partition("/")
        name = decode_percent(file, plus=False)
        if request.method != "GET":
            return error_reply(405, "Unsupported method")
        host = request.headers.get("host")
        base_url = f"http://{host}/ari" if host else None
        if slash and name.endswith(".json") and "/" not in name:
            release = self._machine.release
            if name == "resources.json":
                return Reply(200, api_docs.resource_listing(release, base_url))
            declaration = api_docs.api_declaration(release, name.removesuffix(".json"), base_url)
            if declaration is not None:
                return Reply(200, declaration)
        return error_reply(404, "Resource not found")

    def _route(self, request: Request, path: str, query: list[tuple[str, str]]) -> Reply | PendingReply:
        content_type = request.headers.get("content-type", "")
        try:
            body = parse_json_body(content_type, request.body)
        except BodyError:
            return error_reply(400, "Error parsing request body")
        match = self._router.find(path)
        if match is None:
            return error_reply(404, "Resource not found")
        node, path_values = match
        route = node.methods.get(request.method) if request.method in METHODS else None
        if route is None:
            allow = {"Allow": node.allow}
            return Reply(204, None, allow) if request.method == "OPTIONS" else Reply(405, {"message": "Invalid method"}, allow)
        if content_type.partition(";")[0].strip().lower() == FORM:
            query = parse_query(request.body.decode("utf-8", "surrogateescape")) + query
        return self._execute(route.name, Parameters(read_parameters(route, path_values, query, body), body))

    def _execute(self, operation: str, params: Parameters) -> Reply | PendingReply:
        handler = HANDLERS.get(operation)
        if handler is None:
            reason = NOT_SERVED.get(operation, "no reason")
            return error_reply(501, f"{operation} is not part of the embedded Asterisk: {reason}")
        try:
            return handler(self._machine, params)
        except RequestRefused as refused:
            return refused.reply
