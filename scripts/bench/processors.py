"""Which processors the two sides of a measurement run on.

Where client and server meet on one processor, a bare socket gets its answer after 15 µs, and that costs the client 8 µs; where
they do not, after 40 µs, and it costs 25 to 40: the other processor was asleep. Which of them is so is chance, differs from one
process to the next, and lasts as long as it. So that nothing is compared with what had better luck:

- CPU of requests is measured with both on one processor: nothing has to be woken, and the limit is as low as it can be;
- latencies are measured with each side on processors of its own, as on two machines.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Placement = Literal["free", "together", "apart"]


@contextmanager
def placed(server: int | None, placement: Placement) -> Iterator[None]:
    """Keep a server and this process, with the children it begins meanwhile, to some of our processors, where the system can."""
    if server is None or placement == "free" or not hasattr(os, "sched_setaffinity") or len(ours := os.sched_getaffinity(0)) < 2:
        yield
        return
    last = {max(ours)}
    _keep_on(server, last)
    os.sched_setaffinity(0, last if placement == "together" else ours - last)
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)
        _keep_on(server, ours)


def _keep_on(pid: int, processors: set[int]) -> None:
    for thread in os.listdir(f"/proc/{pid}/task"):  # those it begins later do as these
        try:
            os.sched_setaffinity(int(thread), processors)
        except ProcessLookupError:  # it has just ended
            continue
