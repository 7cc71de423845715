"""gunicorn's configuration: what its workers do when they begin and when they end."""

import os
import threading
from typing import Any

from work import tell, tell_whose


def post_worker_init(worker: Any) -> None:
    """The worker has begun, and has loaded the application."""
    from wsgi import ari

    if os.environ.get("PRELOAD") == "connected":
        tell_whose(ari)
    ari.connect()
    tell("connect")
    worker.events = threading.Thread(target=ari.start_event_loop)
    worker.events.start()


def worker_exit(server: Any, worker: Any) -> None:
    """The worker is about to end."""
    from wsgi import ari

    ari.stop()
    worker.events.join()
    ari.disconnect()
    tell("stop")
