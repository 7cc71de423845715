"""The programs of docs/media.md on a real Asterisk."""

import pytest

from scripts.live import LiveAsterisk
from tests.media.page_programs import Server, test_converse, test_served, test_talk, test_welcome

__all__ = ["test_converse", "test_served", "test_talk", "test_welcome"]


@pytest.fixture
def server(packaged: LiveAsterisk) -> Server:
    if packaged.series == "16":
        pytest.skip("the page's rates and ways need a newer release")
    return Server(packaged.url, packaged.username, packaged.password, packaged.port + 5)
