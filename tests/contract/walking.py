"""Random walks over two servers at a time: the responses, the events of each object and what is left must be the same.

    python -m tests.contract.walking http://127.0.0.1:8088 --walks 100

walks on the server at that address (the packaged ones of `scripts/live-asterisk.sh`, or one configured like them) and on an
embedded one of its release, with fresh seeds; each difference is tried again, shortened and written as requests and a diff.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import itertools
import random
import sys
import time
from collections.abc import Iterator, Sequence
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urlencode

from tests.contract import known_differences, transcript
from tests.contract.driver import USER, PassTime, Server
from tests.contract.embedded import Embedded
from tests.contract.running import fresh_token
from tests.contract.walk_steps import Step, Walk, walk

REACTION_SECONDS = 0.3
MAX_WAIT_SECONDS = 1.0
END_SECONDS = 0.8
LONGER_END_SECONDS = 1.3
TRIES = 3
NAMED_BY_SERVER = ("Announcer/", "Recorder/", "Message/", "Surrogate/")


class WalkNames(transcript.Names):
    """Names of a run without numbers: which id comes first differs from server to server."""

    def _id(self, match: Any) -> str:
        return "<id>"

    def value(self, value: Any, key: str = "") -> Any:
        if key == "channelvars":  # made while external media enters its app, at random before or after
            value = {name: item for name, item in value.items() if name != "STASISSTATUS"}
        return "<port>" if key == "UNICASTRTP_LOCAL_PORT" else super().value(value, key)


class Runner:
    """One server that walks: its session, and its clock beside that of the other."""

    def __init__(self, url: str, pass_time: PassTime | None, walk: Walk) -> None:
        self.server = Server(url, fresh_token(), pass_time)
        self.pass_time = pass_time
        self._walk = walk
        self._responses: list[Any] = []

    @contextlib.contextmanager
    def session(self) -> Iterator[None]:
        server = self.server
        try:
            server.listen(query="&subscribeAll=true" if self._walk.hears_all else "")
            if self._walk.has_other:
                server.listen(server.name("other"))
            yield
        finally:
            server.clean()

    def step(self, step: Step) -> None:
        server = self.server
        own = {key: value.replace("*", server.token) for key, value in (step.params or {}).items()}
        json = _with_token(step.json, server.token)
        options: dict[str, Any] = {}
        if step.form:
            options = {
                "content": urlencode(own, quote_via=quote).encode(),
                "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            }
            own = {}
        path = "/".join(quote(part, safe="") for part in step.path.replace("*", server.token).split("/"))
        answer = server.send_within(MAX_WAIT_SECONDS, step.method, path, own, json, **options)
        self._responses.append("no response yet" if answer is None else (answer.status, answer.body))

    def ended(self) -> transcript.Transcript:
        """What has happened until now, and what is left."""
        self.server.flush()
        self.look()
        return self.transcript()

    def look(self) -> None:
        """What is left."""
        server = self.server
        for path in ("/channels", "/bridges", "/recordings/stored", f"/applications/{server.app}"):
            self._responses.append((path, server.send("GET", path).body))

    def _shown(self, step: Step | None, response: Any) -> Any:
        if step is not None and "/snoop/" in step.path and isinstance(response, list) and isinstance(response[1], dict):
            return [response[0], {**response[1], "dialplan": "<before or in the app>"}]  # it enters while it is shown
        return _response(response)

    def transcript(self) -> transcript.Transcript:
        server = self.server
        names = WalkNames(server.token, {server.url.partition("://")[2]: "<host>"})
        return {
            "steps": [
                self._shown(step, names.value(one)) for step, one in itertools.zip_longest(self._walk.steps, self._responses)
            ],
            "events": known_differences.streams(
                [
                    (names.text(seen.listener), transcript.without_local_device_state(names.value(_event(seen.event))))
                    for seen in server.seen
                ]
            ),
        }


def _with_token(json: Any, token: str) -> Any:
    if isinstance(json, dict):
        return {key.replace("*", token): _with_token(value, token) for key, value in json.items()}
    return json.replace("*", token) if isinstance(json, str) else json


def _event(event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in transcript.IGNORED_FIELDS}


def _response(response: Any) -> Any:
    if isinstance(response, list) and isinstance(response[1], list):  # a list of objects has no order
        return [response[0], sorted(response[1], key=str)]
    if isinstance(response, list) and response[0] == 201 and isinstance(response[1], dict) and "state" in response[1]:
        body = {**response[1], "state": "<queued or started>"}
        if "next_media_uri" in body or ("target_uri" in body and "media_uri" in body):
            body.pop("next_media_uri", None)
            body["media_uri"] = "<first or later>"
        return [201, body]
    return response


def run(one: Walk, real_url: str, embedded: Embedded, end_seconds: float = END_SECONDS) -> str:
    """The difference between the two, empty where there is none."""
    one = known_differences.possible(one, embedded.release)
    real, other = Runner(real_url, None, one), Runner(embedded.url, embedded.pass_time, one)
    with real.session(), other.session():
        begun, passed_before = time.monotonic(), embedded.passed_seconds
        for step in one.steps:
            real.step(step)
            waited = time.monotonic()
            other.step(step)
            time.sleep(max(0.0, REACTION_SECONDS - (time.monotonic() - waited)))
            # A request that waits has let time pass already.
            embedded.pass_time(max(0.0, time.monotonic() - begun - (embedded.passed_seconds - passed_before)))
        time.sleep(end_seconds)
        ended = time.monotonic()
        first = real.ended()
        embedded.pass_time(max(0.0, ended - begun - (embedded.passed_seconds - passed_before)))
        second = other.ended()
    first, second = known_differences.without(first, second)
    return transcript.difference(first, second, "real", f"embedded {embedded.release}")


def differs(one: Walk, real_url: str, embedded: Embedded) -> str:
    """A difference that comes each time, whenever it is looked at: on a busy machine a step, or the end, may be late."""
    found = ""
    for number in range(TRIES):
        found = run(one, real_url, embedded, END_SECONDS + number * LONGER_END_SECONDS)
        if not found:
            return ""
    return found


def shorten(one: Walk, found: str, real_url: str, embedded: Embedded) -> tuple[Walk, str]:
    """The walk without the steps that its difference does not need."""
    size = len(one.steps) // 2
    while size:
        at = len(one.steps)
        while at > 0:
            steps = one.steps[: max(0, at - size)] + one.steps[at:]
            shorter = dataclasses.replace(one, steps=steps)
            if steps and (less := run(shorter, real_url, embedded)):
                one, found = shorter, less
            at -= size
        size //= 2
    for change in ({"hears_all": False}, {"has_other": False}):
        simpler = dataclasses.replace(one, **change)
        if simpler != one and (less := run(simpler, real_url, embedded)):
            one, found = simpler, less
    return one, found


def described(one: Walk) -> str:
    lines = [f"walk {one.seed}{' subscribeAll' if one.hears_all else ''}{' other' if one.has_other else ''}"]
    lines += [
        f"  {step.method} {step.path} {step.params or ''}{' form' if step.form else ''}{f' {step.json}' if step.json is not None else ''}"
        for step in one.steps
    ]
    return "\n".join(lines)


def release_at(url: str) -> str:
    return (
        str(Server(url, "").send("GET", "/asterisk/info", user=USER).body["system"]["version"])
        .partition("~")[0]
        .partition("+")[0]
    )


def wait_for(url: str) -> None:
    """Wait until somebody has started the server again."""
    for _ in range(600):
        with contextlib.suppress(OSError, HTTPException, KeyError, TypeError):
            release_at(url)
            return
        time.sleep(0.5)
    raise SystemExit(f"{url} does not come back")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Random walks on a real server and on an embedded one.")
    parser.add_argument("url")
    parser.add_argument("--walks", type=int, default=20)
    parser.add_argument("--seeds", type=int, nargs="*", help="these walks, not fresh ones")
    parser.add_argument("--no-shrink", action="store_true", help="show a difference as it is")
    options = parser.parse_args(arguments)
    seeds = options.seeds or [random.randrange(10**8) for _ in range(options.walks)]
    failed = 0
    with Embedded(release_at(options.url)) as embedded:
        for number, seed in enumerate(seeds):
            one = walk(seed)
            try:
                found = differs(one, options.url, embedded)
            except (OSError, HTTPException) as error:
                print(f"{described(one)}\nthe real server died: {error}\n", flush=True)
                wait_for(options.url)
                continue
            if found:
                failed += 1
                if not options.no_shrink:
                    shorter, _ = shorten(one, found, options.url, embedded)
                    if confirmed := differs(shorter, options.url, embedded):
                        one, found = shorter, confirmed
                print(f"{described(one)}\n{found}\n", flush=True)
            if number % 10 == 9:
                print(f"{number + 1} walks, {failed} different", file=sys.stderr, flush=True)
    print(f"{len(seeds)} walks, {failed} different")
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
