"""One ARI server as a scenario sees it: plain HTTP requests and plain WebSockets, everything written down.

Nothing of the package under test is used here: a difference between two transcripts is a difference between two servers.
"""

from __future__ import annotations

import contextlib
import json as jsons
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from tests.contract.event_sockets import READER, STEP, USER, EventSockets, Listener, authorization

__all__ = ["READER", "USER", "Answer", "Missing", "PassTime", "Server"]

SHOWN_HEADERS = ("location", "allow", "www-authenticate")
PATIENCE = 12.0
# An Answer() in the dialplan returns, and the next application begins, half a second after it answered.
SETTLE = 0.8

REACTION = 0.25

PassTime = Callable[[float], None]
See = Callable[[Any], Any]


class Missing(Exception):
    """What a scenario waited for did not happen: the transcript ends there."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


def _body(response: httpx.Response) -> Any:
    if not response.content:
        return None
    kind = response.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return response.json()
    if kind.startswith("text/"):
        return f"{kind}: {response.text}"
    return f"{kind}: {len(response.content)} bytes"


class Server(EventSockets):
    """The server, one application of it, and the transcript of one scenario.

    `token` makes the names of this run unique on a server that lives longer than the scenario; the transcript has them without.
    `pass_time` lets that much of the server's time go by.
    """

    def __init__(self, url: str, token: str, pass_time: PassTime | None = None) -> None:
        self.token = token
        super().__init__(url, self.name("app"))
        self.chance: dict[str, set[str]] = {}
        self._taken: set[int] = set()
        self._pass_time = pass_time
        self._waiting = ThreadPoolExecutor(thread_name_prefix="contract-waiting")
        # A connection for each request: on a kept one an error of the thread's previous request can colour the next answer.
        self._http = httpx.Client(base_url=url, timeout=30, verify=False, limits=httpx.Limits(max_keepalive_connections=0))

    def name(self, base: str) -> str:
        """A name that no other run uses."""
        return f"{base}{self.token}"

    def ours(self, body: list[dict[str, Any]]) -> list[str]:
        """Of a list of everything, the names that are of this run: an app with subscriptions outlives the run that made it."""
        return sorted(one["name"] for one in body if self.token in one["name"])

    def vague(self, type: str, *fields: str) -> None:
        """In this scenario those fields of events of that type are chance on a real server: the scenario says why."""
        self.chance.setdefault(type, set()).update(fields)

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
        """A request that the transcript does not show. `path` is below /ari unless it begins with "//"."""
        target = path[1:] if path.startswith("//") else f"/ari{path}"
        given = {**authorization(user), **(headers or {})}
        if json is not None:
            content, given["Content-Type"] = jsons.dumps(json).encode(), "application/json"
        if params:
            target += ("&" if "?" in target else "?") + urlencode(params, quote_via=quote)
        response = self._http.request(method, target, headers=given, content=content)
        shown = {key: response.headers[key] for key in SHOWN_HEADERS if key in response.headers}
        return Answer(response.status_code, _body(response), shown)

    def send_within(
        self, seconds: float, method: str, path: str, params: dict[str, Any] | None = None, json: Any = None
    ) -> Answer | None:
        """The answer, if it comes while so much of the server's time passes: a busy channel keeps some requests waiting."""
        future = self._waiting.submit(self.send, method, path, params, json)
        if self._pass_time is None:
            wait([future], seconds)
        else:
            wait([future], REACTION)  # time that stands still does not pass before the server has read the request
            self.until(future.done, seconds)
        return future.result() if future.done() else None

    def request(
        self,
        method: str,
        path: str,
        params: dict[str, Any] | None = None,
        json: Any = None,
        *,
        see: See | None = None,
        unread: bool = False,
        show: str | None = None,
        **options: Any,
    ) -> Answer:
        """A request of the transcript; `see` reduces the body of a success to what is compared, `show` stands for a long request.

        With `unread` the words of an error are not compared.
        """
        answer = self.send(method, path, params, json, **options)
        asked = f"{method} {path}" + (f"?{urlencode(params, safe=':,/@;')}" if params else "")
        given = "" if json is None else f" {show or jsons.dumps(json)}"
        step: dict[str, Any] = {"request": asked + given}
        if options.get("user", USER) != USER:
            step["user"] = options["user"]
        if options.get("content") is not None:
            step["content"] = options["content"].decode("latin-1")[:80]
        body = see(answer.body) if see is not None and answer.status < 300 else answer.body
        if unread and isinstance(body, dict):
            body = {**body, "message": "<said>"}
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
        self, type: str, *, seconds: float = PATIENCE, app: str | None = None, show: bool = True, **about: str
    ) -> dict[str, Any]:
        """The first event of that type and about those objects (`channel="caller"`) that no earlier wait returned."""
        found: list[dict[str, Any]] = []

        def take() -> bool:
            for index, one in enumerate(self.seen):
                event = one.event
                if index in self._taken or event.get("type") != type or (app and event.get("application") != app):
                    continue
                if all(_is_about(event, key, value) for key, value in about.items()):
                    self._taken.add(index)
                    found.append(event)
                    return True
            return False

        happened = self.until(take, seconds)
        if show:
            words = " ".join([type, *(f"{key}={value}" for key, value in about.items())])
            self.steps.append({"waited for": words, "seen": happened})
        if not happened:
            raise Missing(f"{type} {about}")
        return found[0]

    def until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        """Let the server's time pass until the condition holds."""
        if self._pass_time is None:
            return self._soon(condition, seconds)
        for _ in range(round(seconds / STEP)):
            self.flush()
            if condition():
                return True
            self._pass_time(STEP)
        return False

    def becomes(self, path: str, condition: Callable[[Any], bool], seconds: float = PATIENCE) -> None:
        """Ask, without showing it, until the body of an answer with status 200 is as it should be."""

        def check() -> bool:
            answer = self.send("GET", path)
            return answer.status == 200 and condition(answer.body)

        if not self.until(check, seconds):
            self.steps.append({"never became": path})
            raise Missing(path)

    def gone(self, path: str, seconds: float = PATIENCE) -> None:
        """Ask, without showing it, until there is no such object."""
        if not self.until(lambda: self.send("GET", path).status == 404, seconds):
            self.steps.append({"never went": path})
            raise Missing(path)

    def quiet(self, seconds: float = SETTLE) -> None:
        """Let time pass."""
        (self._pass_time or time.sleep)(seconds)

    def settle(self) -> None:
        """Let everything happen that is going to happen by itself, and have all of its events."""
        self.quiet()
        self.flush()

    # ------------------------------------------------------------------ before and after
    @contextlib.contextmanager
    def session(self, *, listen: bool = True) -> Iterator[Server]:
        """The scenario's own app is connected; afterwards nothing of the scenario is left on the server."""
        try:
            if listen:
                self.listen()
            yield self
            self.settle()
        finally:
            shown = len(self.seen)
            self._clean()
            del self.seen[shown:]
            self._waiting.shutdown()  # the channels that kept requests waiting are gone
            self._http.close()

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
                self._leave_devices(listener)
                listener.socket.close(timeout=2)
                listener.thread.join(5)

    def _leave_devices(self, listener: Listener) -> None:
        """Asterisk hangs when it must end this by itself, at the close of a socket, while a device changes its state."""
        for app in listener.name.split("#")[0].split(","):
            self.send("DELETE", f"/applications/{quote(app, safe='')}/subscription", {"eventSource": "deviceState:"})

    def _no_recordings(self) -> bool:
        recordings = self.send("GET", "/recordings/stored").body or []
        for recording in recordings:  # one file of those with that name goes
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
