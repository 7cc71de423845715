"""The event WebSocket is lost while the server lives on: what ended meanwhile keeps nobody waiting; both variants."""

from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari import Reconnect
from asterisk_ari.errors import NotFound, ObjectGone, WaitTimeout
from tests.facade.proxy import ProxyServer
from tests.live.calls import LIMIT, eventually, fresh, place
from tests.live.conftest import Connect

REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def proxy() -> Iterator[ProxyServer]:
    """Everything of the client goes through it; it can lose its connections, and refuse new ones."""
    made = ProxyServer()
    yield made
    made.close()


def is_unknown(handle: Any) -> bool:
    """Whether the server does not know an object any more."""
    try:
        handle.refresh()
    except NotFound:
        return True
    return False


def test_what_ended_in_a_gap_keeps_nobody_waiting(proxy: ProxyServer, connect: Connect) -> None:
    """Handlers and waits about a playback, a recording, a bridge and a call that ended in the gap end; others stay."""
    others = connect()
    ari = connect(proxy=f"http://127.0.0.1:{proxy.port}", reconnect=Reconnect(first_seconds=0.05, max_seconds=0.2))
    near, far = place(ari)
    gone, _ = place(ari)
    lives, ended = (ari.bridges.create(type="mixing", bridge_id=fresh("bridge")) for _ in range(2))
    playback = near.play(media="tone:ring;tonezone=us", playback_id=fresh("playback"))
    recording = far.record(name=fresh("recording"), format="wav")
    subjects = {
        "PlaybackFinished": ("playback", playback.id),
        "RecordingFinished": ("recording", recording.id),
        "BridgeDestroyed": ("bridge", ended.id),
        "ChannelDestroyed": ("channel", gone.id),
    }
    for handle, name in zip((playback, recording, ended, gone, lives), (*subjects, "BridgeDestroyed"), strict=True):
        handle.on(name, print)
    assert ari.stats.registrations == 5

    proxy.answer = REFUSAL
    with ari.expect("ConnectionLost") as lost, ari.expect("Reconnected") as back:
        proxy.cut()
        lost.result(LIMIT)
        waits = [ari.expect(name, about=about) for name, about in subjects.items()]
        living = ari.expect("BridgeDestroyed", about=("bridge", lives.id))
        others.playbacks(playback.id).stop()
        others.recordings.live(recording.id).stop()
        others.bridges(ended.id).destroy()
        others.channels(gone.id).hangup()
        for handle in (others.playbacks(playback.id), others.recordings.live(recording.id), others.channels(gone.id)):
            eventually(lambda handle=handle: is_unknown(handle), f"{handle!r} has not ended")
        proxy.answer = None
        back.result(LIMIT)
    for wait in waits:
        with pytest.raises(ObjectGone):
            wait.result(LIMIT)
    with pytest.raises(WaitTimeout):
        living.result(0.5)
    eventually(lambda: ari.stats.registrations == 1, "handlers about what ended are still there")
    lives.destroy()


def test_an_app_that_was_handed_over_is_left_alone_after_a_gap(proxy: ProxyServer, connect: Connect) -> None:
    """Another client took one of two apps over: after a gap its events still go there, and those of the other app come back."""
    kept, given = fresh("app"), fresh("app")
    ari = connect(
        app_name=kept,
        apps=(given,),
        proxy=f"http://127.0.0.1:{proxy.port}",
        reconnect=Reconnect(first_seconds=0.05, max_seconds=0.2),
    )
    with ari.expect("ApplicationReplaced") as replaced:
        successor = connect(app_name=given)
        assert replaced.result(LIMIT).application == given
    seen: list[str] = []
    ari.on("StasisStart", lambda event: seen.append(event.application))
    replaced_again: list[Any] = []
    successor.on(("ApplicationReplaced", "ConnectionLost"), replaced_again.append)
    for _ in range(3):
        with ari.expect("Reconnected") as back:
            proxy.cut()
            back.result(LIMIT)
        place(successor, app=given)
        place(ari, app=kept)
        eventually(lambda: kept in seen)
    assert set(seen) == {kept}
    assert replaced_again == []
    assert successor.stats.reconnects == 0
