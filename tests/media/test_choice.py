"""Which way audio takes, by release and format; formats and arguments."""

import pytest

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari._core.media.choice import ways
from asterisk_ari._core.media.formats import format_of
from asterisk_ari.capabilities import Capabilities
from asterisk_ari.errors import BadArgument, NotConnected


@pytest.mark.parametrize(
    ("version", "rate", "expected"),
    [
        ("22.10.1", 16_000, ["websocket", "audiosocket"]),
        ("22.6.0", 16_000, ["websocket"]),
        ("22.5.0", 8000, ["audiosocket", "rtp"]),
        ("21.12.3", 8000, ["websocket", "audiosocket", "rtp"]),
        ("18.26.4", 8000, ["audiosocket", "rtp"]),
        ("16.28.0", 8000, ["rtp"]),
        ("22.10.1", 44_100, ["websocket", "audiosocket"]),
    ],
)
def test_the_ways_of_a_release(version: str, rate: int, expected: list[str]) -> None:
    capabilities = Capabilities(version)
    found = ways("auto", format_of(rate), capabilities.supports, capabilities.release)
    assert expected == [choice.via for choice in found]


def test_a_format_that_nothing_carries() -> None:
    capabilities = Capabilities("16.28.0")
    with pytest.raises(BadArgument, match=r"takes audio at 8000 Hz only, not 16000: use rate=8000, or direction='in'"):
        ways("auto", format_of(16_000), capabilities.supports, capabilities.release)
    with pytest.raises(BadArgument, match="RTP has no payload type for 44100 Hz"):
        ways("auto", format_of(44_100), capabilities.supports, capabilities.release, speaks=False)
    assert ["rtp"] == [
        one.via for one in ways("auto", format_of(16_000), capabilities.supports, capabilities.release, speaks=False)
    ]
    with pytest.raises(BadArgument, match="AudioSocket carries slin only"):
        ways("audiosocket", format_of(8000, "ulaw"), capabilities.supports, capabilities.release)


@pytest.mark.parametrize(
    ("rate", "name", "expected"),
    [
        (8000, None, ("slin", 320)),
        (16_000, "slin16", ("slin16", 640)),
        (44_100, None, ("slin44", 1764)),
        (8000, "alaw", ("alaw", 160)),
    ],
)
def test_formats(rate: int, name: str | None, expected: tuple[str, int]) -> None:
    found = format_of(rate, name)
    assert expected == (found.name, found.frame_bytes)


@pytest.mark.parametrize(
    "options",
    [
        {"rate": 11_025},
        {"format": "slin"},
        {"format": "opus"},
        {"rate": 16_000, "format": "ulaw"},
        {"direction": "up"},
        {"via": "udp"},
        {"connect": "asterisk"},
        {"mode": "fast"},
        {"ahead_ms": 20_000},
        {"ahead_ms": 0},
    ],
)
def test_arguments_that_cannot_be_are_refused_before_anything_is_sent(options: dict[str, object]) -> None:
    with pytest.raises(BadArgument):
        AsyncAsteriskARI().media("channel", **options)  # type: ignore[arg-type]


def test_a_stream_that_is_not_open_says_so() -> None:
    media = AsyncAsteriskARI().media("channel")
    assert (16_000, 640) == (media.rate, media.frame_bytes)
    for ask in (lambda: media.channel, lambda: media.bridge, lambda: media.stats, lambda: media.speaking):
        with pytest.raises(NotConnected, match="use it in `with`"):
            ask()
