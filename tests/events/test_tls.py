"""The event WebSocket over TLS."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_ari.errors import TlsFailed
from tests.events.conftest import Client
from tests.events.shapes import stasis_start
from tests.events.variants import LIMIT, eventually
from tests.facade.certificate import PEM
from tests.servers.scripted_server import ScriptedServer


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with the key and the certificate of 127.0.0.1."""
    file = tmp_path / "server.pem"
    file.write_text(PEM)
    return file


@pytest.fixture
def server(certificate: Path, nothing_left_behind: None) -> Iterator[ScriptedServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    scripted = ScriptedServer(context)
    yield scripted
    scripted.close()


@pytest.mark.parametrize("trust", ["context", "anything"])
def test_events_over_tls(server: ScriptedServer, client: Client, certificate: Path, trust: str) -> None:
    """Events arrive, a silent peer is noticed, the connection comes back and is closed properly."""
    verify = ssl.create_default_context(cafile=certificate) if trust == "context" else False
    ari = client(tls=True, verify=verify, ping_interval_seconds=0.1, ping_timeout_seconds=0.2)
    first = ari.expect("StasisStart")
    server.websocket().send(stasis_start("c1", args=["x" * 60_000]))
    assert first.result(LIMIT)["channel"]["id"] == "c1"
    back = ari.expect("Reconnected")
    server.websocket().answers_pings = False
    back.result(LIMIT)
    back.close()
    last = server.websocket(1)
    ari.close()
    eventually(lambda: last.close_code == 1000)


def test_an_unknown_certificate_is_refused(server: ScriptedServer, client: Client) -> None:
    """With the default settings a certificate nobody vouches for raises TlsFailed."""
    with pytest.raises(TlsFailed):
        client(tls=True)
