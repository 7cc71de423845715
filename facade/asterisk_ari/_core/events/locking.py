"""What guards shared state: given from outside, so that what decides knows no threads."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

MakeLock = Callable[[], AbstractContextManager[Any]]
"""Makes a mutual-exclusion lock, `threading.Lock` for example."""

no_lock: MakeLock = nullcontext
"""For a single thread."""
