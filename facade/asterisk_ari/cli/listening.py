"""All events of a server, heard in an app of its own, of which nothing is left behind."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from uuid import uuid4

from asterisk_ari.cli.command import client_of
from asterisk_ari.events import Event
from asterisk_ari.settings import Settings

FORGETS_APPS = {"20": "20.14.0", "21": "21.9.0", "22": "22.4.0", "23": "23.0.0"}
"""Releases in which an app that hears everything is gone with its WebSocket; in others only a restart ends it."""


class HeardEvents:
    """The events since the app exists, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[Event] = SimpleQueue()

    def add(self, event: Event) -> None:
        """Take an event that has come."""
        self._waiting.put(event)

    def during(self, seconds: float | None) -> Iterator[Event]:
        """Those that come within so many seconds; None goes on until Ctrl-C."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                event = self._waiting.get(timeout=left)
            except Empty:
                return
            yield event
            if event.type == "ApplicationReplaced":  # nothing more will come
                return


@contextmanager
def listening(settings: Settings, purpose: str) -> Iterator[HeardEvents]:
    """Hear everything, from the moment at which the server knows the app.

    Older servers cannot forget such an app: there it always has the same name, and a second listener takes it over.
    """
    app, heard = f"asterisk-ari-{purpose}", HeardEvents()
    with client_of(settings, events=False) as ari:
        release = ari.capabilities.release
        if release is None or release.has(FORGETS_APPS):
            app += f"-{uuid4().hex[:8]}"
    ari = client_of(settings, app_name=app, subscribe_all=True, order="stream")
    ari.on("*", heard.add)  # before it connects: the first event may come at once
    with ari:
        yield heard
