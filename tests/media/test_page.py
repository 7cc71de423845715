"""The programs of docs/media.md on the embedded Asterisk."""

import socket
from collections.abc import Iterator

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.media.page_programs import Server, test_converse, test_served, test_talk, test_welcome

__all__ = ["test_converse", "test_served", "test_talk", "test_welcome"]


@pytest.fixture
def server() -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with EmbeddedAsterisk("22.10.1", websocket_clients={"media": f"ws://127.0.0.1:{port}/media"}) as found:
        yield Server(found.url, found.username, found.password, port)
