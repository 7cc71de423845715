"""Scenarios: functions of a server that run unchanged on the embedded one and on real ones."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from tests.contract.driver import Server


@dataclass(frozen=True)
class Scenario:
    name: str
    family: str
    run: Callable[[Server], None]
    listen: bool
    has_phones: bool = False


ALL: dict[str, Scenario] = {}


def scenario(run: Callable[[Server], None]) -> Callable[[Server], None]:
    """Register a scenario whose app is connected at its start."""
    return _register(run, listen=True)


def unconnected(run: Callable[[Server], None]) -> Callable[[Server], None]:
    """Register a scenario that opens its event WebSockets itself, or needs none."""
    return _register(run, listen=False)


def with_phones(run: Callable[[Server], None]) -> Callable[[Server], None]:
    """Register a scenario whose app is connected at its start, and that has SIP phones, `server.phones`."""
    return _register(run, listen=True, has_phones=True)


def _register(run: Callable[[Server], None], *, listen: bool, has_phones: bool = False) -> Callable[[Server], None]:
    name = run.__name__
    if name in ALL:
        raise ValueError(f"two scenarios are called {name}")
    ALL[name] = Scenario(name, run.__module__.rpartition(".")[2], run, listen, has_phones)
    return run


for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
