"""As Celery's workers: a connected parent forks two, tells them to end by SIGTERM, and waits for them."""

import os
import signal
import sys

from work import client, tell, tell_whose, work

ari = client("parent")
ari.connect()
children = []
for app in ("table", "other"):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            tell_whose(ari)
            work(client(app))
            status = 0
        finally:
            os._exit(status)
    children.append(child)
signal.signal(signal.SIGTERM, lambda *_: [os.kill(child, signal.SIGTERM) for child in children])
statuses = [os.waitpid(child, 0)[1] for child in children]
ari.bridges.list()
tell("parent")
ari.disconnect()
sys.exit(any(statuses))
