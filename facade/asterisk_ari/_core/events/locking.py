"""Locks that guard shared state, injected so that the pure code does not depend on threads."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

MakeLock = Callable[[], AbstractContextManager[Any]]
"""Makes a mutual-exclusion lock, for example `threading.Lock`."""

no_lock: MakeLock = nullcontext
"""For a single thread."""
