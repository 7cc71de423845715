"""`wait_until`: what a client does in its own time, however long it takes."""

from __future__ import annotations

import threading

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.embedded.support import Client


def test_it_waits_for_a_client_that_looks_quiet(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """A handler that does nothing for long, and then answers; virtual time stays where it is."""
    client.listen("app")
    phone = asterisk.incoming_call(app="app")
    before = asterisk.now
    asterisk.settle()
    assert not phone.answered
    later = threading.Timer(0.1, lambda: client("POST", f"channels/{phone.channel_id}/answer"))
    later.start()
    assert asterisk.wait_until(lambda: phone.answered) is True
    later.join()
    assert before == asterisk.now


def test_it_gives_what_the_condition_gave(asterisk: EmbeddedAsterisk, client: Client) -> None:
    client.listen("app")
    phone = asterisk.incoming_call(app="app")
    client("POST", f"channels/{phone.channel_id}/play?media=sound:beep")
    heard = asterisk.wait_until(phone.hears)
    assert heard is not None
    assert heard.media == "sound:beep"


def test_what_does_not_come_is_told_with_what_came_last(asterisk: EmbeddedAsterisk, client: Client) -> None:
    with pytest.raises(TimeoutError, match=r"within 0\.01 s; the last request was none, the last event none"):
        asterisk.wait_until(lambda: False, timeout=0.01)
    client.listen("app")
    asterisk.incoming_call(app="app")
    client("GET", "bridges")
    with pytest.raises(TimeoutError, match="the last request was GET /ari/bridges, the last event StasisStart"):
        asterisk.wait_until(lambda: False, timeout=0.01)
