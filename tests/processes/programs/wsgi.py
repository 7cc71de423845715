"""An application for gunicorn's synchronous workers: events in a thread, calls by requests.

With PRELOAD=connected the client is connected where the application is loaded: in gunicorn's master, with --preload.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

from work import client, tell

ari = client("table")
if os.environ.get("PRELOAD") == "connected":
    ari.connect()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    ari.bridges.list()
    tell("call")
    start_response("200 OK", [("Content-Length", "2")])
    return [b"OK"]
