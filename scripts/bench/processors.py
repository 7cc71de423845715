"""Each side on processors of its own.

Where two processes meet on one processor, the answer to a bare socket comes after 15 µs, else after 40 µs: the other processor
is asleep. Which of them is so is chance, differs from one connection to the next, and lasts as long as it. Latencies that are
compared are therefore measured as between two machines: else one kind of connection would be compared with the other.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def apart(pid: int | None) -> Iterator[None]:
    """Keep the server on the last of our processors, and this process and its children off it, where the system can."""
    if pid is None or not hasattr(os, "sched_setaffinity") or len(ours := os.sched_getaffinity(0)) < 2:
        yield
        return
    last = max(ours)
    _keep_on(pid, {last})
    os.sched_setaffinity(0, ours - {last})
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)
        _keep_on(pid, ours)


def _keep_on(pid: int, processors: set[int]) -> None:
    for thread in os.listdir(f"/proc/{pid}/task"):  # those it begins later do as these
        os.sched_setaffinity(int(thread), processors)
