"""What `via="auto"` does on a server whose modules are unloaded one after the other: for real servers and the embedded one."""

import itertools
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from asterisk_ari.errors import ModuleNotLoaded, NotSupportedByServer
from tests.live.calls import place
from tests.media.tones import strength, tone

MODULES = {"websocket": "chan_websocket.so", "audiosocket": "chan_audiosocket.so", "rtp": "chan_rtp.so"}
NEEDS = {
    "websocket": ("transport", "websocket"),
    "audiosocket": ("encapsulation", "audiosocket"),
    "rtp": ("encapsulation", "rtp"),
}
RATE = 8000


@contextmanager
def unloaded(ari: Any, module: str) -> Iterator[None]:
    """Without a module."""
    ari.operation("asterisk.unloadModule", module_name=module)
    try:
        yield
    finally:
        ari.operation("asterisk.loadModule", module_name=module)


def ways_of(ari: Any) -> list[str]:
    """The ways that the release has, the best first."""
    return [via for via in MODULES if ari.capabilities.supports("channels.externalMedia", *NEEDS[via])]


def each_way_is_the_next_choice(ari: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The best that is there is taken, and told with the reason; without any the error says what to load."""
    ways = ways_of(ari)
    near, far = place(ari, formats="ulaw")
    with ExitStack() as modules, caplog.at_level(logging.INFO, "asterisk_ari.media"):
        missing: list[str] = []
        for via in ways:
            assert chosen_by(ari, near, caplog) == via
            said = [record.getMessage() for record in caplog.records if "audio goes by" in record.getMessage()][-1]
            assert all(f"{name}" in said for name in missing)
            assert ("is not loaded" in said) == bool(missing)
            audio_comes(ari, near, far)
            modules.enter_context(unloaded(ari, MODULES[via]))
            missing.append(MODULES[via])
            with pytest.raises(ModuleNotLoaded, match=f"{MODULES[via]} must be loaded.*module load {MODULES[via]}"):
                ari.media(near, rate=RATE, via=via).__enter__()
        with pytest.raises(ModuleNotLoaded, match=f"{missing[0]}.* must be loaded.*module load {missing[0]}") as error:
            ari.media(near, rate=RATE).__enter__()
        assert error.value.modules == tuple(missing)
    for via in MODULES.keys() - set(ways):
        with pytest.raises(NotSupportedByServer, match="channels.externalMedia needs"):
            ari.media(near, rate=RATE, via=via).__enter__()
    if ways[0] != "rtp":  # Asterisk 16 dies of chan_rtp that was unloaded and loaded again
        audio_comes(ari, near, far)
    near.hangup()


def chosen_by(ari: Any, near: Any, caplog: pytest.LogCaptureFixture) -> str:
    """The way that a stream takes by itself, as it is logged."""
    caplog.clear()
    with ari.media(near, rate=RATE):
        pass
    said = next(record.getMessage() for record in caplog.records if record.getMessage().startswith("audio goes by"))
    return said.removeprefix("audio goes by ").partition(":")[0]


def audio_comes(ari: Any, near: Any, far: Any) -> None:
    """A tone is heard at the other end."""
    with ari.media(near, rate=RATE) as one, ari.media(far, rate=RATE) as other:
        one.say(tone(400, 30_000, RATE))
        assert any(strength(frame.pcm, 400, RATE) > 4000 for frame in itertools.islice(other, 500))
