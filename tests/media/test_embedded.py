"""The embedded Asterisk moves no audio: a WebSocket is refused clearly; by RTP a stream is there as far as events go."""

import itertools

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.errors import MediaLost, ModuleNotLoaded, NotSupportedByServer
from asterisk_ari.testing import EmbeddedAsterisk
from tests.live.calls import eventually, place


@pytest.mark.parametrize("release", ["22.10.1", "16.28.0"])
def test_streams_of_the_embedded_asterisk(release: str) -> None:
    with EmbeddedAsterisk(release) as server:
        url, user, password = server.url, server.username, server.password
        with AsteriskARI(url=url, username=user, password=password, app_name="demo") as ari:
            near, far = place(ari)
            with pytest.raises((ModuleNotLoaded, MediaLost, NotSupportedByServer), match="audio|needs"):
                ari.media(near, via="websocket").__enter__()
            with ari.media(near, via="rtp", rate=8000) as media:
                assert media.say(b"\1\2" * 800).wait()
                assert all(frame.is_silence for frame in itertools.islice(media, 5))
                assert {near.id, media.channel.id} == set(media.bridge.refresh().json["channels"])
                far.hangup()
                for _ in media:
                    pass
            eventually(lambda: not ari.bridges.list(), "a bridge is left")
            assert [] == [one for one in ari.channels.list() if one.id.startswith("media-")]
            assert {} == ari.open_scopes
