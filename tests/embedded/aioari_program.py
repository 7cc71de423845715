"""A program written with aioari: it answers a call, plays a sound, hangs up, and ends with the call."""

import asyncio
import sys
from typing import Any

import aioari


async def main(url: str) -> None:
    """Run for one call, which the program places itself once the server knows its application."""
    client = await aioari.connect(url, "asterisk", "asterisk")
    call_ended = asyncio.get_running_loop().create_future()

    async def started(objects: Any, event: Any) -> None:
        channel = objects["channel"]
        await channel.answer()
        playback = await channel.play(media="sound:hello-world")
        print("playing", playback.json["media_uri"])

        async def finished(playback: Any, event: Any) -> None:
            await channel.hangup()

        playback.on_event("PlaybackFinished", finished)

    async def ended(channel: Any, event: Any) -> None:
        call_ended.set_result(event["type"])

    client.on_channel_event("StasisStart", started)
    client.on_channel_event("StasisEnd", ended)
    running = asyncio.create_task(client.run(apps="other"))
    while "other" not in [app["name"] for app in await client.applications.list()]:
        await asyncio.sleep(0.05)
    await client.channels.originate(endpoint="Local/wait@plain", app="other")
    print(await asyncio.wait_for(call_ended, 30))
    await client.close()
    running.cancel()


asyncio.run(main(sys.argv[1]))
