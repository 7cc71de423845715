"""The end of a listener: what programs own is ended while there is a WebSocket, and calls go where `on_stop` says. Both variants."""

import asyncio
import threading
from typing import Any

import pytest

from asterisk_ari import aio, sync
from asterisk_ari.errors import BadArgument
from tests.servers.dialling_asterisk import SECONDS, DiallingAsterisk, channel, event

CREDENTIALS = {"out": "secret"}
START = event("StasisStart", "voicebot", args=[], channel=channel("c1"))
BRIDGE = {
    "id": "b1", "technology": "simple_bridge", "bridge_type": "mixing", "bridge_class": "stasis", "creator": "Stasis", "name": "",
    "channels": [], "video_mode": "none", "creationtime": "2026-01-01T10:00:00.000+0000",
}  # fmt: skip
HOW: list[dict[str, Any] | None] = [None, {}, {"on_stop": "hangup"}, {"on_stop": "sorry,s,1"}]
IDS = ["close", "drain", "drain and hang up", "drain and send away"]


def ask(asterisk: DiallingAsterisk, begun: threading.Event) -> None:
    """Play an Asterisk to whose call a program is, until the WebSocket is closed."""
    asterisk.answers["POST", "bridges"] = (200, BRIDGE)
    asterisk.send(START)
    asterisk.serve_until(begun.is_set)
    asterisk.serve_until(lambda: False)


def check(asterisk: DiallingAsterisk, how: dict[str, Any] | None) -> None:
    assert asterisk.closed == 1000
    assert len(asterisk.asked("DELETE", "bridges/")) == 1
    on_stop = (how or {}).get("on_stop")
    assert len(asterisk.asked("DELETE", "channels/c1")) == (on_stop == "hangup")
    assert len(asterisk.asked("POST", "channels/c1/continue")) == (on_stop == "sorry,s,1")


@pytest.mark.parametrize("how", HOW, ids=IDS)
def test_a_program_in_a_thread(how: dict[str, Any] | None) -> None:
    begun = threading.Event()
    with sync.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listening:

        @listening.calls("voicebot")
        def serve(call: sync.Call) -> None:
            call.bridge()
            begun.set()
            call.channel.wait_until_gone()

        with DiallingAsterisk(listening.address) as asterisk:
            asterisk.register("voicebot")
            serving = threading.Thread(target=ask, args=(asterisk, begun))
            serving.start()
            assert begun.wait(SECONDS)
            if how is None:
                listening.close()
            else:
                listening.drain(0.01, **how)
            serving.join(SECONDS)
            check(asterisk, how)


@pytest.mark.parametrize("how", HOW, ids=IDS)
def test_a_program_in_a_task(how: dict[str, Any] | None) -> None:
    begun = threading.Event()

    async def main() -> DiallingAsterisk:
        async with aio.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listening:

            @listening.calls("voicebot")
            async def serve(call: aio.Call) -> None:
                await call.bridge()
                begun.set()
                await asyncio.sleep(SECONDS)

            asterisk = await asyncio.to_thread(DiallingAsterisk, listening.address)
            await asyncio.to_thread(asterisk.register, "voicebot")
            serving = asyncio.create_task(asyncio.to_thread(ask, asterisk, begun))
            assert await asyncio.to_thread(begun.wait, SECONDS)
            if how is None:
                await listening.aclose()
            else:
                await listening.drain(0.01, **how)
            await serving
            return asterisk

    check(asyncio.run(main()), how)


def test_a_place_that_is_none_is_refused() -> None:
    with (
        sync.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listening,
        pytest.raises(BadArgument, match="on_stop"),
    ):
        listening.drain(1, on_stop="nowhere")
