"""A program written with asyncari: a call in a bridge, digits, a playback, and the end of each."""

import logging
import sys
from typing import Any

import anyio
import asyncari

URL, USER, PASSWORD, APP = sys.argv[1:]


async def main() -> None:
    """Place a call to the app itself, and print what its events say."""
    logging.disable()
    names: dict[str, str] = {}

    def say(*words: Any) -> None:
        print(*(names.get(str(word), word) for word in words))

    async with asyncari.connect(f"{URL}/", APP, USER, PASSWORD) as client:
        events = aiter(client)  # what comes before this is lost
        near = await client.channels.originate(endpoint=f"Local/x@stasis-{APP}", app=APP, appArgs="dialed", callerId="Bob <200>")
        names[near.id] = "near"
        bridge = await client.bridges.create(type="mixing", name="room")
        names[bridge.id] = "room"
        say("made", bridge.id, bridge.json["name"], bridge.json["bridge_type"], bridge.json["channels"])
        ended: set[str] = set()
        digits = ""
        async for event in events:
            channel = getattr(event, "channel", None)
            if event.type == "StasisStart":
                names.setdefault(channel.id, "far")
                say("start", channel.id, event.args, channel.json["caller"]["number"])
                if channel.id == near.id:
                    await near.sendDTMF(dtmf="42")
                else:
                    await bridge.addChannel(channel=channel.id)
                    await channel.answer()
            elif event.type == "ChannelEnteredBridge":
                say("entered", channel.id, len(event.bridge.json["channels"]))
            elif event.type == "ChannelDtmfReceived":
                digits += event.digit
                say("digit", channel.id, event.digit)
                if digits == "42":
                    playback = await bridge.play(media="sound:hello-world")
                    names[playback.id] = "playback"
            elif event.type in ("PlaybackStarted", "PlaybackFinished"):
                say(event.type, event.playback.id, event.playback.json["media_uri"], event.playback.json["state"])
                if event.type == "PlaybackFinished":
                    await near.hangup()
            elif event.type == "ChannelLeftBridge":
                ended.add(
                    f"{names[channel.id]} left"
                )  # who is in the bridge then depends on how fast a Local channel's halves end
            elif event.type == "ChannelDestroyed":
                ended.add(f"{names[channel.id]} destroyed {event.cause} {event.cause_txt}")
            if len(ended) == 3:
                break
        say(*sorted(ended))
        await bridge.destroy()
        while True:  # it is gone a moment after the answer
            try:
                await client.bridges.get(bridgeId=bridge.id)
            except Exception as error:
                say("gone", type(error).__name__)
                return
            await anyio.sleep(0.02)


anyio.run(main)
