"""Asterisk connects to a media server of the program over TLS, and checks its certificate."""

import itertools
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_ari.errors import BadArgument, MediaLost
from scripts.live import LiveAsterisk
from tests.facade.certificate import PEM
from tests.live.calls import place
from tests.live.conftest import Connect
from tests.media.tones import strength, tone

CLIENTS = """[{name}]
type = websocket_client
connection_type = per_call_config
protocols = media
uri = wss://127.0.0.1:{port}/media
tls_enabled = yes
ca_list_file = {authorities}
verify_server_cert = yes
verify_server_hostname = {is_checked}
connection_timeout = 2000
"""


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def secure(packaged: LiveAsterisk, tmp_path: Path, port: int) -> Iterator[LiveAsterisk]:
    """A server whose connection `media` trusts our certificate, and `stranger` does not."""
    if packaged.series == "16":
        pytest.skip("this release opens no media WebSockets")
    (tmp_path / "etc").mkdir()
    (tmp_path / "pair.pem").write_text(PEM)
    (tmp_path / "etc/websocket_client.conf").write_text(
        CLIENTS.format(name="media", port=port, authorities=tmp_path / "pair.pem", is_checked="no")
        + CLIENTS.format(name="stranger", port=port, authorities="/etc/ssl/certs/ca-certificates.crt", is_checked="yes")
    )
    with LiveAsterisk("22", settings={"LIVE_EXTRA_CONF": str(tmp_path / "etc")}) as live:
        yield live


def test_audio_over_tls(connect: Connect, secure: LiveAsterisk, port: int, tmp_path: Path) -> None:
    ari = connect(url=secure.url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pair.pem")
    near, far = place(ari, formats="ulaw")
    with ari.media_server("127.0.0.1", port, websocket_client="media", ssl=context) as server:
        with ari.media(near, connect="from_asterisk", server=server) as one, ari.media(far) as other:
            one.say(tone(400, 30_000))
            assert any(strength(frame.pcm, 400) > 4000 for frame in itertools.islice(other, 500))
        with pytest.raises(BadArgument, match="AudioSocket does not support TLS"):
            ari.media(near, via="audiosocket", server=server).__enter__()
        with socket.create_connection(server.address, 5) as plain:  # who speaks no TLS gets no word
            plain.sendall(b"GET /media?leg=0 HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
            assert b"HTTP" not in plain.recv(100)
    with (
        ari.media_server("127.0.0.1", port, websocket_client="stranger", ssl=context) as server,
        pytest.raises(MediaLost),
    ):
        ari.media(near, connect="from_asterisk", server=server).__enter__()
    near.hangup()
