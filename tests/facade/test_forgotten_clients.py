"""A client that is connected when nobody refers to it any more says so, once, and closes its connections."""

import asyncio
import gc
import os
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk

WAYS: list[dict[str, Any]] = [{}, {"events": False}, {"transport": "websocket"}]


def warned(forget: Callable[[], object]) -> list[str]:
    """What is said of clients while something runs and whatever it leaves is collected."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        forget()
        gc.collect()
    return [str(one.message) for one in caught if issubclass(one.category, ResourceWarning) and "AsteriskARI" in str(one.message)]


def options(asterisk: EmbeddedAsterisk, **more: Any) -> dict[str, Any]:
    return {"url": asterisk.url, "username": asterisk.username, "password": asterisk.password, "app_name": "forgotten", **more}


@pytest.mark.parametrize("way", WAYS, ids=["events", "no events", "websocket"])
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_it_says_so_once(way: dict[str, Any]) -> None:
    """The warning names the client, and what to do."""
    with EmbeddedAsterisk("22.10.1") as asterisk:
        hubs: list[Any] = []

        def forget() -> None:
            ari = AsteriskARI(**options(asterisk, **way))
            ari.connect()
            ari.channels.list()
            hubs.append(ari.hub)

        (text,) = warned(forget)
        assert text.startswith(f"AsteriskARI({asterisk.url}/ari, app 'forgotten', connected)")
        assert "disconnect()" in text
        hubs.pop().close()  # which goes on by itself

        async def forget_async() -> None:
            ari = AsyncAsteriskARI(**options(asterisk, **way))
            await ari.connect()
            await ari.channels.list()
            del ari
            gc.collect()
            await asyncio.sleep(0.01)  # the loop closes its connections

        (text,) = warned(lambda: asyncio.run(forget_async()))
        assert text.startswith("AsyncAsteriskARI(")


@pytest.mark.parametrize("way", WAYS, ids=["events", "no events", "websocket"])
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_the_end_of_the_event_loop_is_no_disconnect(way: dict[str, Any]) -> None:
    """The usual way to forget one: `main` connects and returns."""
    with EmbeddedAsterisk("22.10.1") as asterisk:

        async def main() -> None:
            await AsyncAsteriskARI(**options(asterisk, **way)).connect()

        async def main_with_a_name() -> None:
            ari = AsyncAsteriskARI(**options(asterisk, **way))
            await ari.connect()
            await ari.channels.list()

        for forget in (main, main_with_a_name):
            (text,) = warned(lambda forget=forget: asyncio.run(forget()))  # type: ignore[misc]
            assert text.startswith("AsyncAsteriskARI(")


def test_its_handlers_go_on() -> None:
    """A program may keep its handlers alone."""
    with EmbeddedAsterisk() as asterisk:
        seen: list[str] = []
        hubs: list[Any] = []

        def forget() -> None:
            ari = AsteriskARI(**options(asterisk))
            ari.connect()
            hubs.append(ari.hub)
            ari.on("StasisStart", lambda event: seen.append(event.type))

        assert len(warned(forget)) == 1
        asterisk.incoming_call(app="forgotten")
        asterisk.settle()
        assert seen == ["StasisStart"]
        hubs.pop().close()


def test_others_say_nothing() -> None:
    """Disconnected, never connected, failed while connecting, and connected in the parent of a fork."""
    with EmbeddedAsterisk() as asterisk:

        def forget() -> None:
            with AsteriskARI(**options(asterisk)) as ari:
                ari.channels.list()
            AsteriskARI(**options(asterisk))
            with pytest.raises(Exception, match="401"):
                AsteriskARI(**{**options(asterisk), "password": "wrong"}).connect()

        assert warned(forget) == []

        with AsteriskARI(**options(asterisk)):
            child = os.fork()
            if child == 0:
                os._exit(len(warned(lambda: None)))
            assert os.waitpid(child, 0)[1] == 0
