"""The time of a world, its client and its server: it passes when both have nothing left to do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import pytest

from tests.calls.virtual_loop import VirtualTime
from tests.calls.virtual_threads import ThreadsTime


class PassingTime(Protocol):
    """Time that stands still until `is_running` is set."""

    is_running: threading.Event


@contextmanager
def virtual_time_of(world: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[PassingTime]:
    """The time of a world from now on."""
    if world.variant == "sync":
        with ThreadsTime(world.asterisk) as threads:
            yield threads
        return
    virtual = VirtualTime(world.asterisk)
    virtual.replace_clocks(monkeypatch)
    world.loop_factory = virtual.new_loop
    yield virtual
