"""One ARI server as a scenario sees it: plain HTTP requests and WebSockets, all recorded in a transcript.

Nothing of the package under test is used here: a difference between two transcripts is a difference between two servers.
"""

from __future__ import annotations

import contextlib
import json as jsons
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tests.contract.event_sockets import READER, STEP, USER, EventSockets, Listener, authorization
from tests.contract.phones import Phones

__all__ = ["READER", "USER", "Answer", "Missing", "PassTime", "Server"]

COMPARED_HEADERS = ("location", "allow", "www-authenticate")
TIMEOUT_SECONDS = 12.0
# What may stand in a request target as it is; the rest is percent-encoded.
UNCHANGED = "!$%&'()*+,/:;=?@[]~"
# An Answer() in the dialplan returns, and the next application starts, half a second after it answered.
SETTLE_SECONDS = 0.8
REACTION_SECONDS = 0.25

PassTime = Callable[[float], None]
Reduce = Callable[[Any], Any]


class Missing(Exception):
    """An event or state that a scenario waited for did not come: the transcript ends there."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


def _body(response: HTTPResponse) -> Any:
    content = response.read()
    if not content:
        return None
    kind = response.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return jsons.loads(content)
    if kind.startswith("text/"):
        return f"{kind}: {content.decode(response.headers.get_content_charset('utf-8'), 'replace')}"
    return f"{kind}: {len(content)} bytes"


class Server(EventSockets):
    """The server, one application of it, and the transcript of one scenario.

    `token` makes the names of this run unique on a server that lives longer than the scenario; the transcript has them without it.
    `pass_time` advances the time of the server; `phones` are there for scenarios that have phones.
    """

    def __init__(self, url: str, token: str, pass_time: PassTime | None = None, phones: Phones | None = None) -> None:
        self.token = token
        self._phones = phones
        super().__init__(url, self.name("app"))
        self.random_fields: dict[str, set[str]] = {}
        self._taken: set[int] = set()
        self._pass_time = pass_time
        self._waiting = ThreadPoolExecutor(thread_name_prefix="contract-waiting")
        self._address = urlsplit(url)

    def name(self, base: str) -> str:
        """A name that no other run uses."""
        return f"{base}{self.token}"

    @property
    def has_phones(self) -> bool:
        """Whether there are SIP phones."""
        return self._phones is not None

    @property
    def phones(self) -> Phones:
        """The SIP phones of a scenario that has some."""
        assert self._phones is not None, "register the scenario by with_phones"
        return self._phones

    def ours(self, body: list[dict[str, Any]]) -> list[str]:
        """The names in a list that belong to this run: an app with subscriptions outlives the run that created it."""
        return sorted(one["name"] for one in body if self.token in one["name"])

    def ignore_fields(self, type: str, *fields: str) -> None:
        """Do not compare these fields of events of a type: on a real server they are random in this scenario, which says why.

        `peer.dialplan` is a field of an object of the event.
        """
        self.random_fields.setdefault(type, set()).update(fields)

    # ------------------------------------------------------------------ requests
    def send(
        self,
        method: str,
        path: str,
        params: dict[str, Any] | None = None,
        json: Any = None,
        *,
        user: tuple[str, str] | None = USER,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send a request that the transcript does not show. `path` is below /ari unless it begins with "//"."""
        target = path[1:] if path.startswith("//") else f"/ari{path}"
        sent_headers = {**authorization(user), **(headers or {})}
        if json is not None:
            content, sent_headers["Content-Type"] = jsons.dumps(json).encode(), "application/json"
        if params:
            target += ("&" if "?" in target else "?") + urlencode(params, quote_via=quote)
        # A connection for each request: on a persistent one an error of the previous request can affect the next response.
        with contextlib.closing(self._connection()) as connection:
            connection.request(method, quote(target, safe=UNCHANGED), content, sent_headers)
            response = connection.getresponse()
            compared = {key: response.headers[key] for key in COMPARED_HEADERS if key in response.headers}
            return Answer(response.status, _body(response), compared)

    def _connection(self) -> HTTPConnection:
        host, port = str(self._address.hostname), self._address.port
        if self._address.scheme == "https":
            return HTTPSConnection(host, port, timeout=30, context=ssl._create_unverified_context())
        return HTTPConnection(host, port, timeout=30)

    def send_within(
        self, seconds: float, method: str, path: str, params: dict[str, Any] | None = None, json: Any = None, **options: Any
    ) -> Answer | None:
        """The response, if it comes within so much of the server's time: some requests wait while the channel is busy."""
        future = self._waiting.submit(self.send, method, path, params, json, **options)
        if self._pass_time is None:
            wait([future], seconds)
        else:
            wait([future], REACTION_SECONDS)  # virtual time must not pass before the server has read the request
            self.until(future.done, seconds)
        return future.result() if future.done() else None

    def request(
        self,
        method: str,
        path: str,
        params: dict[str, Any] | None = None,
        json: Any = None,
        *,
        reduce: Reduce | None = None,
        ignores_message: bool = False,
        show: str | None = None,
        **options: Any,
    ) -> Answer:
        """Send a request of the transcript; `reduce` reduces the body of a success to what is compared, `show` stands for a long request.

        With `ignores_message` the message of an error is not compared.
        """
        answer = self.send(method, path, params, json, **options)
        line = f"{method} {path}" + (f"?{urlencode(params, safe=':,/@;')}" if params else "")
        shown_body = "" if json is None else f" {show or jsons.dumps(json)}"
        step: dict[str, Any] = {"request": line + shown_body}
        if options.get("user", USER) != USER:
            step["user"] = options["user"]
        if options.get("content") is not None:
            step["content"] = options["content"].decode("latin-1")[:80]
        body = reduce(answer.body) if reduce is not None and answer.status < 300 else answer.body
        if ignores_message and isinstance(body, dict):
            body = {**body, "message": "<message>"}
        self.steps.append({**step, "status": answer.status, **answer.headers, "body": body})
        return answer

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def post(self, path: str, params: dict[str, Any] | None = None, json: Any = None, **options: Any) -> Answer:
        return self.request("POST", path, params, json, **options)

    def put(self, path: str, params: dict[str, Any] | None = None, json: Any = None, **options: Any) -> Answer:
        return self.request("PUT", path, params, json, **options)

    def delete(self, path: str, params: dict[str, Any] | None = None, **options: Any) -> Answer:
        return self.request("DELETE", path, params, **options)

    # ------------------------------------------------------------------ events
    def wait(
        self, type: str, *, seconds: float = TIMEOUT_SECONDS, app: str | None = None, show: bool = True, **about: str
    ) -> dict[str, Any]:
        """The first event of that type and about those objects (`channel="caller"`) that no earlier wait returned."""
        events: list[dict[str, Any]] = []

        def take() -> bool:
            for index, one in enumerate(self.seen):
                event = one.event
                if index in self._taken or event.get("type") != type or (app and event.get("application") != app):
                    continue
                if all(_is_about(event, key, value) for key, value in about.items()):
                    self._taken.add(index)
                    events.append(event)
                    return True
            return False

        happened = self.until(take, seconds)
        if show:
            description = " ".join([type, *(f"{key}={value}" for key, value in about.items())])
            self.steps.append({"awaited": description, "seen": happened})
        if not happened:
            raise Missing(f"{type} {about}")
        return events[0]

    def until(self, condition: Callable[[], bool], seconds: float = TIMEOUT_SECONDS) -> bool:
        """Let the time of the server pass until the condition holds."""
        if self._pass_time is None:
            return self._wait_in_real_time(condition, seconds)
        for _ in range(round(seconds / STEP)):
            self.flush()
            if condition():
                return True
            self._pass_time(STEP)
        return False

    def wait_until(self, path: str, condition: Callable[[Any], bool], seconds: float = TIMEOUT_SECONDS) -> None:
        """Request a resource, outside the transcript, until the body of a response with status 200 meets the condition."""

        def check() -> bool:
            answer = self.send("GET", path)
            return answer.status == 200 and condition(answer.body)

        if not self.until(check, seconds):
            self.steps.append({"did not become": path})
            raise Missing(path)

    def wait_until_gone(self, path: str, seconds: float = TIMEOUT_SECONDS) -> None:
        """Request a resource, outside the transcript, until the response is 404."""
        if not self.until(lambda: self.send("GET", path).status == 404, seconds):
            self.steps.append({"did not end": path})
            raise Missing(path)

    def pass_time(self, seconds: float = SETTLE_SECONDS) -> None:
        """Let time pass."""
        (self._pass_time or time.sleep)(seconds)

    def settle(self) -> None:
        """Let time pass until everything has happened that happens by itself, and receive all events."""
        self.pass_time()
        self.flush()

    # ------------------------------------------------------------------ before and after
    @contextlib.contextmanager
    def session(self, *, listen: bool = True) -> Iterator[Server]:
        """Connect the app of the scenario; afterwards nothing of the scenario is left on the server."""
        try:
            if listen:
                self.listen()
            yield self
            self.settle()
        finally:
            self.clean()

    def clean(self) -> None:
        """Remove everything from the server; the transcript does not show it."""
        count = len(self.seen)
        self._clean()
        del self.seen[count:]
        self._waiting.shutdown()  # the channels for which requests waited are gone

    def _clean(self) -> None:
        for bridge in self.send("GET", "/bridges").body or []:
            self.send("DELETE", f"/bridges/{quote(bridge['id'], safe='')}")
        self.until(self._no_channels, 10)
        self.until(self._no_recordings, 10)
        self.close_sockets()

    def close_sockets(self, app: str | None = None) -> None:
        """Close the event sockets of that app, or all."""
        for listener in self._listeners:
            if app is None or listener.name.split("#")[0] == app:
                self._unsubscribe_from_devices(listener)
                listener.socket.close(timeout=2)
                listener.thread.join(5)

    def _unsubscribe_from_devices(self, listener: Listener) -> None:
        """End subscriptions to devices: Asterisk may hang when it ends them itself at the close of a WebSocket while a state changes."""
        for app in listener.name.split("#")[0].split(","):
            self.send("DELETE", f"/applications/{quote(app, safe='')}/subscription", {"eventSource": "deviceState:"})

    def _no_recordings(self) -> bool:
        recordings = self.send("GET", "/recordings/stored").body or []
        for recording in recordings:  # deletes one file of those with that name
            self.send("DELETE", f"/recordings/stored/{quote(recording['name'], safe='')}")
        return not recordings

    def _no_channels(self) -> bool:
        channels = self.send("GET", "/channels").body or []
        for channel in channels:
            self.send("DELETE", f"/channels/{quote(channel['id'], safe='')}")
        return not channels


def _is_about(event: dict[str, Any], key: str, value: str) -> bool:
    thing = event.get(key)
    return thing == value or (isinstance(thing, dict) and value in (thing.get("id"), thing.get("name")))
