"""What a client leaves behind: nothing."""

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.live.calls import eventually


def threads() -> set[str]:
    """Names of the threads that run."""
    return {thread.name for thread in threading.enumerate()}


def sockets() -> int:
    """How many sockets this process has open."""
    count = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            count += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
        except FileNotFoundError:  # the listing's own
            continue
    return count


def files() -> int:
    """How many files this process has open, sockets and pipes included."""
    return len(os.listdir("/proc/self/fd"))


@contextmanager
def nothing_left() -> Iterator[None]:
    """After the block there are as many threads, sockets and files as before."""
    gc.collect()
    before = threads(), sockets(), files()
    yield
    eventually(lambda: threads() <= before[0], f"threads left: {threads() - before[0]}")
    gc.collect()
    eventually(lambda: sockets() <= before[1], f"{sockets() - before[1]} sockets left")
    eventually(lambda: files() <= before[2], f"{files() - before[2]} files left open")


def resident_kib() -> int:
    """Memory of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
