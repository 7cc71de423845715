"""Frames of a client as a real Asterisk takes them: the table that the embedded one is held to."""

from urllib.parse import urlsplit

import pytest

from tests.live.server import Server
from tests.transport.rfc6455 import CASES, Case, RawClient, case_id, expected_of_asterisk, what_asterisk_does


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_the_rfc(server: Server, case: Case) -> None:
    """What it reads, and with which code it closes."""
    answers = server.has_rest_over_websocket
    url = urlsplit(server.url)
    assert url.port is not None
    client = RawClient(url.port, host=url.hostname or "", username=server.username, password=server.password)
    said = what_asterisk_does(client, case, answers_requests=answers)
    assert said == expected_of_asterisk(case, answers_requests=answers)
