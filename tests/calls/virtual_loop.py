"""The time of a client's event loop, together with that of the embedded Asterisk: it passes when both have nothing left to do.

So a flow takes no longer than its computing, however long its prompts and time limits are.
"""

import asyncio
import selectors
import sys
import threading
import time
from typing import Any

import pytest

from asterisk_ari._transport.runtime.client_clock import CLOCK
from asterisk_ari.testing import EmbeddedAsterisk

# Real time: how long a loop sleeps while the time stands still, and while the server is at something that takes real time.
STANDSTILL_SECONDS = 0.01
ENTRY_SECONDS = 0.0005

_MONOTONIC = time.monotonic


class VirtualTime:
    """The time of one client and one server, in seconds of any clock; it stands still until `is_running` is set.

    Args:
        asterisk: the server, with `virtual_time=True`.
    """

    def __init__(self, asterisk: EmbeddedAsterisk) -> None:
        self._asterisk = asterisk
        self.now = _MONOTONIC()
        self.is_running = threading.Event()

    def new_loop(self) -> asyncio.AbstractEventLoop:
        """A loop whose time this is."""
        return _Loop(self)

    def replace_clocks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have all waits of the client, and its other clocks, take this time."""
        monkeypatch.setattr(CLOCK, "now", lambda: self.now)
        for name, module in list(sys.modules.items()):
            if (
                name.startswith(("asterisk_ari._async", "asterisk_ari.kits._async"))
                and getattr(module, "monotonic", None) is _MONOTONIC
            ):
                monkeypatch.setattr(module, "monotonic", lambda: self.now)

    def due_seconds(self) -> float | None:
        """When something is due at the server, from now on; None when nothing is. It has handled what came before."""
        return self._asterisk.run_in_server(self._due_seconds, after_reading=True)

    def _due_seconds(self) -> float | None:
        if self._asterisk._server.has_entries:
            return -1.0
        due = self._asterisk.machine.timers.due()
        return None if due is None else max(0.0, due - self._asterisk._clock.now())

    def advance(self, seconds: float) -> None:
        """Let time pass, in which the client has nothing to do."""
        self.now += seconds
        self._asterisk._time._move_server(self._asterisk._clock.now() + seconds)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, virtual: VirtualTime) -> None:
        self._virtual = virtual
        super().__init__(_Selector(virtual))

    def time(self) -> float:
        """The time that it goes by."""
        return self._virtual.now


class _Selector(selectors.DefaultSelector):
    """Lets time pass instead of waiting for it."""

    def __init__(self, virtual: VirtualTime) -> None:
        super().__init__()
        self._virtual = virtual

    def select(self, timeout: float | None = None) -> list[Any]:
        """What can be read or written by now, or when time has come to the timeout."""
        virtual = self._virtual
        while not (ready := super().select(0)) and timeout != 0:
            if not virtual.is_running.is_set():
                if ready := super().select(STANDSTILL_SECONDS):
                    break
                continue
            due = virtual.due_seconds()
            if due == -1.0:
                ready = super().select(ENTRY_SECONDS)
            elif not (ready := super().select(0)):
                if due is None and timeout is None:
                    ready = super().select(STANDSTILL_SECONDS)
                elif timeout is not None and (due is None or timeout < due):
                    virtual.advance(timeout)
                    return []
                else:
                    virtual.advance(due or 0.0)
                    timeout = None if timeout is None else max(0.0, timeout - (due or 0.0))
            if ready:
                break
        return ready
