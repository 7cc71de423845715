"""Streams on the embedded Asterisk, which moves audio as a real one does: each way, from 22 and from 16."""

import itertools

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.errors import ModuleNotLoaded
from asterisk_ari.testing import EmbeddedAsterisk
from tests.live.calls import eventually, place
from tests.media.fallback import each_way_is_the_next_choice
from tests.media.tones import strength, tone


@pytest.mark.parametrize(
    ("release", "via", "rate"),
    [
        ("22.10.1", "websocket", 16_000),
        ("22.6.0", "websocket", 24_000),
        ("22.10.1", "audiosocket", 16_000),
        ("16.28.0", "rtp", 8000),
    ],
)
def test_streams_of_the_embedded_asterisk(release: str, via: str, rate: int) -> None:
    """In JSON with marks, in plain text without, and where Asterisk connects to us."""
    with EmbeddedAsterisk(release) as server:
        url, user, password = server.url, server.username, server.password
        with AsteriskARI(url=url, username=user, password=password, app_name="demo") as ari:
            near, far = place(ari)
            with ari.media(near, via=via, rate=rate) as one, ari.media(far, via=via, rate=rate) as other:
                utterance = one.say(tone(400, 600, rate))
                found = b""
                for frame in itertools.islice(other, 500):
                    found += frame.pcm
                    if strength(found[-rate // 5 :], 400, rate) > 4000:
                        break
                else:
                    pytest.fail("nothing was heard")
                assert utterance.wait()
                assert {near.id, one.channel.id} == set(one.bridge.refresh().json["channels"])
                far.hangup()
                for _ in one:
                    pass
            eventually(lambda: not ari.bridges.list(), "a bridge is left")
            assert [] == [one for one in ari.channels.list() if one.id.startswith("media-")]
            assert {} == ari.open_scopes


def test_a_module_that_the_embedded_asterisk_has_not_loaded() -> None:
    with EmbeddedAsterisk("22.10.1") as server:
        url, user, password = server.url, server.username, server.password
        with AsteriskARI(url=url, username=user, password=password, app_name="demo") as ari:
            near, _ = place(ari)
            ari.operation("asterisk.unloadModule", module_name="chan_websocket.so")
            with pytest.raises(ModuleNotLoaded, match="chan_websocket.so must be loaded"):
                ari.media(near, via="websocket").__enter__()


@pytest.mark.parametrize("release", ["22.10.1", "22.6.0", "22.5.0", "18.26.4", "16.28.0"])
def test_each_way_is_the_next_choice(release: str, caplog: pytest.LogCaptureFixture) -> None:
    with EmbeddedAsterisk(release) as server:
        url, user, password = server.url, server.username, server.password
        with AsteriskARI(url=url, username=user, password=password, app_name="demo") as ari:
            each_way_is_the_next_choice(ari, caplog)
