"""Calls within the server, by Local channels: no phone, no dialplan of anybody's."""

import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from asterisk_ari.errors import AriError

T = TypeVar("T")
LIMIT = 15.0
# The dialplan contexts of the server under test; set by the fixture `server`.
_contexts: dict[str, bool] = {"of an app": True}

_numbers = itertools.count(1)


OWN = "live-"
"""What the ids of the tests begin with."""


def fresh(kind: str) -> str:
    """An id or name that nothing else has."""
    return f"{OWN}{kind}-{time.time_ns() // 1_000_000:x}-{next(_numbers)}"


def eventually(condition: Callable[[], T], what: str = "it never came true", seconds: float = LIMIT) -> T:
    """Wait for a condition that nothing announces, and give what it gave."""
    deadline = time.monotonic() + seconds
    while True:
        if found := condition():
            return found
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def know_contexts(*, of_an_app: bool) -> None:
    """Say whether a connected app has a context of its own."""
    _contexts["of an app"] = of_an_app


def into(app: str) -> str:
    """A Local channel whose far half enters the app.

    Where an app has no context of its own, the dialplan must have `[stasis] exten => _[0-9a-zA-Z]!,1,Stasis(${EXTEN})`.
    """
    return f"Local/x@stasis-{app}" if _contexts["of an app"] else f"Local/{app}@stasis"


def place(ari: Any, *, app: str | None = None, stays: bool = False, **options: Any) -> tuple[Any, Any]:
    """A call with both halves in the app, both up: what one is sent, the other hears.

    With `stays` Asterisk does not take the Local channel out of the way when both halves are in bridges.
    """
    app = app or ari.settings.app_name
    near_id, far_id = fresh("near"), fresh("far")
    with (
        ari.expect("StasisStart", about=("channel", far_id)) as arrived,
        ari.expect("StasisStart", about=("channel", near_id)) as entered,
    ):
        endpoint = into(app) + ("/n" if stays else "")
        near = ari.channels.originate(endpoint, app=app, channel_id=near_id, other_channel_id=far_id, **options)
        arrived.result(LIMIT)
        far = ari.channels(far_id)
        far.answer()
        entered.result(LIMIT)
    eventually(lambda: near.refresh().json["state"] == far.refresh().json["state"] == "Up", "the call is not up")
    return near, far


def hang_up_all(ari: Any) -> None:
    """End every channel of the client's apps, and every channel and bridge whose id is of the tests' own."""
    with suppress(AriError):
        ids = {channel.id for channel in ari.channels.list() if channel.id.startswith(OWN)}
        for app in ari.apps:
            with suppress(AriError):
                ids.update(ari.applications(app).refresh().json["channel_ids"])
        for channel_id in ids:
            with suppress(AriError):
                ari.channels.hangup(channel_id)
        for bridge in ari.bridges.list():
            if bridge.id.startswith(OWN):
                with suppress(AriError):
                    bridge.destroy()
