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


def test_a_program_in_its_own_time(asterisk: EmbeddedAsterisk) -> None:
    """It connects, plays, and hangs up, each a moment later; nothing of it happens in this thread."""
    go_on = [threading.Event() for _ in range(3)]

    def program() -> None:
        other = Client(asterisk)
        go_on[0].wait()
        other.listen("late")
        go_on[1].wait()
        call = next(iter(asterisk.channels))
        other("POST", f"channels/{call}/play?media=sound:beep")
        go_on[2].wait()
        other("DELETE", f"channels/{call}")
        other.close()

    running = threading.Thread(target=program, daemon=True)
    running.start()
    with pytest.raises(TimeoutError, match="the app 'late' has not connected within 0.01 s; apps: none"):
        asterisk.wait_for_app("late", 0.01)
    go_on[0].set()
    asterisk.wait_for_app("late")
    phone = asterisk.incoming_call(app="late")
    with pytest.raises(TimeoutError, match=r"sound:beep was not heard: PJSIP/\S+ hears nothing is played on"):
        phone.wait_for_prompt("sound:beep", 0.01)
    go_on[1].set()
    assert phone.wait_for_prompt("sound:beep").ends_at is not None
    with pytest.raises(TimeoutError, match=r"the call is not over: \S+ hears sound:beep"):
        phone.wait_for_end(0.01)
    go_on[2].set()
    assert phone.wait_for_end() == phone.hangup_cause
    running.join()
    with pytest.raises(RuntimeError, match="the call is over"):
        phone.wait_for_prompt("sound:beep")


def test_virtual_time_passes_until_it_is_true_and_no_further(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """The second of two sounds, whenever it begins; a hang-up that comes too late is told as with any other limit."""
    client.listen("app")
    phone = asterisk.incoming_call(app="app")
    asterisk.settle()
    client("POST", f"channels/{phone.channel_id}/play?media=sound:hello-world,sound:beep")
    began = asterisk.now
    assert phone.wait_for_prompt("sound:beep", virtual_seconds=60).media == "sound:beep"
    assert 1.0 < asterisk.now - began < 2.0  # hello-world lasts 1.4 seconds
    client("POST", f"channels/{phone.channel_id}/continue?context=plain&extension=wait")
    with pytest.raises(TimeoutError, match="the call is not over"):
        phone.wait_for_end(0.01, virtual_seconds=1)
    assert asterisk.now - began < 3.0
