import gc
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from asterisk_ari.policies import Reconnect
from asterisk_ari.settings import Settings
from tests.events.shapes import APP
from tests.events.variants import AsyncVariant, Resync, SyncVariant, Variant, eventually
from tests.servers.scripted_server import ScriptedServer

Client = Callable[..., Variant]


def _threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def _open_files_in_use(expected: int, caplog: pytest.LogCaptureFixture) -> int:
    if _open_files() > expected:
        caplog.clear()  # errors in log records keep the frames that they passed through
        gc.collect()  # sockets in reference cycles stay open until they are collected
    return _open_files()


@pytest.fixture(autouse=True)
def nothing_left_behind(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """After each test there are as many threads and open files as before."""
    threads, files = _threads(), _open_files()
    yield
    eventually(lambda: _threads() <= threads, f"threads left: {_threads() - threads}")
    eventually(lambda: _open_files_in_use(files, caplog) <= files, f"{_open_files() - files} files left open")


@pytest.fixture
def server(nothing_left_behind: None) -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.close()


@pytest.fixture
def settings(server: ScriptedServer) -> Settings:
    return Settings(
        host="127.0.0.1",
        port=server.port,
        app_name=APP,
        password="s3cret",
        reconnect=Reconnect(first_seconds=0.01, max_seconds=0.05),
    )


@pytest.fixture
def resync() -> Resync:
    return Resync()


@pytest.fixture(params=[SyncVariant, AsyncVariant], ids=["sync", "async"])
def client(request: pytest.FixtureRequest, settings: Settings, resync: Resync) -> Iterator[Client]:
    """Makes clients of either variant, started unless `start=False`; settings may be given by name."""
    made: list[Variant] = []

    def make(
        *, start: bool = True, hub: dict[str, Any] | None = None, renewed_from: Variant | None = None, **changes: Any
    ) -> Variant:
        variant: Variant = request.param(replace(settings, **changes), resync, renewed_from, **(hub or {}))
        made.append(variant)
        if start:
            variant.start()
        return variant

    yield make
    for variant in made:
        variant.finish()
