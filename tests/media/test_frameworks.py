"""Adapters for frameworks of voice agents on the embedded Asterisk."""

from collections.abc import Iterator

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.media.framework_checks import test_adapters_are_short, test_livekit, test_openai_realtime, test_pipecat
from tests.media.page_programs import Server

__all__ = ["test_adapters_are_short", "test_livekit", "test_openai_realtime", "test_pipecat"]


@pytest.fixture
def server() -> Iterator[Server]:
    with EmbeddedAsterisk("22.10.1") as found:
        yield Server(found.url, found.username, found.password, 0)
