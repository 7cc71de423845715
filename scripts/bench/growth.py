"""What grows with the number of calls: cost of an event, cost of a request, memory."""

import gc
import os
import threading
import time
from typing import Any

from scripts.bench.load import TIMEOUT_SECONDS, Load, Meter, Sample
from scripts.bench.workload import APP, PASSWORD, USER, channel_ids

REQUESTS = 2000
WARM_UP = 100


def rss_bytes() -> int:
    """Resident memory of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def live_calls(load: Load) -> Sample:
    """Calls come in, each gets a handle and a handler of its own; then digits come, and requests are made."""
    from asterisk_ari import AsteriskARI

    arrived, over = threading.Event(), threading.Event()
    signals = [arrived, over]
    with AsteriskARI("127.0.0.1", load.port, USER, PASSWORD, APP) as ari:
        ari.on("ChannelUserevent", lambda event: signals.pop(0).set())
        handles: list[Any] = []
        digits = 0

        def count(*_: Any) -> None:
            nonlocal digits
            digits += 1

        ids = channel_ids(load.channels)
        ari.channels(ids[0])
        gc.collect()
        before = rss_bytes()
        for channel_id in ids:
            channel = ari.channels(channel_id)
            channel.on("ChannelDtmfReceived", count)
            handles.append(channel)
        load.go("arrive")
        arrived.wait(TIMEOUT_SECONDS)
        gc.collect()
        memory = rss_bytes() - before
        _drain(ari)
        meter = Meter()
        load.go("steady")
        over.wait(TIMEOUT_SECONDS)
        _drain(ari)
        found = meter.sample(load.count)
        found["seen"] = float(digits)
        found["bytes_per_call"] = memory / load.channels
        get = ari.channels.get
        for number in range(WARM_UP):
            get(ids[number % len(ids)])
        meter = Meter()
        for number in range(REQUESTS):
            get(ids[number % len(ids)])
        found["request_us"] = meter.sample(REQUESTS)["cpu_us"]
        return found


def _drain(ari: Any) -> None:
    while ari.stats.waiting or ari.stats.busy_calls:
        time.sleep(0.001)


def imports(load: Load) -> Sample:
    """RSS of a client that is ready to work."""
    from asterisk_ari import AsteriskARI

    with AsteriskARI("127.0.0.1", load.port, USER, PASSWORD, APP) as ari:
        ari.channels.get(load.channel_id)
        return {"rss_mb": rss_bytes() / 1e6}
