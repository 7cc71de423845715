"""`via="auto"` on a server whose modules are unloaded, one after the other."""

from typing import Any

import pytest

from tests.live.conftest import Connect
from tests.media.fallback import each_way_is_the_next_choice


def test_each_way_is_the_next_choice(connect: Connect, own: Any, caplog: pytest.LogCaptureFixture) -> None:
    try:
        each_way_is_the_next_choice(connect(url=own.url), caplog)
    finally:
        own.restart()  # as it was, for who uses it next
