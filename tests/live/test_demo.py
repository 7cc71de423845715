"""The demo: one call, printed as it happens."""

import re
import socket

import pytest

from ari_rest._meta import FINGERPRINT
from scripts import demo
from tests.live import leaks
from tests.live.server import Server, series

FIRST = "Asterisk {version}, client fingerprint {fingerprint}"
LAST = "The call was placed, answered, played to, and hung up."

# Each half has an order of its own; between the two there is none.
NEAR = (
    r"  StasisStart +Local/demo@stasis(-demo)?-\w+;1 Up",
    r"  PlaybackStarted +sound:hello-world playing",
    r"  PlaybackFinished +sound:hello-world done",
    r"  ChannelHangupRequest +Local/demo@stasis(-demo)?-\w+;1 Up",
    r"  StasisEnd +Local/demo@stasis(-demo)?-\w+;1 Up",
    r"  ChannelDestroyed +Local/demo@stasis(-demo)?-\w+;1 Up",
)
FAR = (
    r"  StasisStart +Local/demo@stasis(-demo)?-\w+;2 Ring",
    r"  ChannelStateChange +Local/demo@stasis(-demo)?-\w+;2 Up",
    r"  StasisEnd +Local/demo@stasis(-demo)?-\w+;2 Up",
    r"  ChannelDestroyed +Local/demo@stasis(-demo)?-\w+;2 Up",
)


def _in_order(output: str, version: str) -> None:
    first, *events, last = output.splitlines()
    assert first == FIRST.format(version=version, fingerprint=FINGERPRINT[:12])
    assert last == LAST
    for half in (NEAR, FAR):
        position = 0
        for pattern in half:
            found = [index for index, line in enumerate(events[position:], position) if re.fullmatch(pattern, line)]
            assert found, f"{pattern} is missing, or too early, in:\n{output}"
            position = found[0] + 1


def test_the_demo_on_a_given_server(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With ARI_URL it uses that server, prints version, fingerprint and events in order, and leaves nothing."""
    monkeypatch.setenv("ARI_URL", server.url)
    monkeypatch.setenv("ARI_USERNAME", server.username)
    monkeypatch.setenv("ARI_PASSWORD", server.password)
    with leaks.nothing_left():
        assert demo.main() == 0
    _in_order(capsys.readouterr().out, server.version)


def test_the_demo_starts_a_server_of_its_own(
    packaged: object, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With LIVE_SERIES it starts the packaged Asterisk and stops it again."""
    monkeypatch.setenv("LIVE_SERIES", series())
    assert demo.main() == 0
    _in_order(capsys.readouterr().out, server.version)


def test_the_demo_needs_no_server(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With neither it runs on the embedded Asterisk, and prints the same."""
    monkeypatch.delenv("LIVE_SERIES", raising=False)
    with leaks.nothing_left():
        assert demo.main() == 0
    said = capsys.readouterr().out
    _in_order(said, said.split()[1].rstrip(","))


def test_the_demo_says_what_is_wrong(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong password or no server is one line on stderr and exit code 1."""
    monkeypatch.setenv("ARI_URL", server.url)
    monkeypatch.setenv("ARI_PASSWORD", "not-the-password")
    assert demo.main() == 1
    said = capsys.readouterr().err
    assert re.fullmatch(r"demo: .*401.*ari\.conf.*\n", said), said
    assert "not-the-password" not in said
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("ARI_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
        assert demo.main() == 1
    assert capsys.readouterr().err.startswith("demo: ")
