"""Event candidates of others: bare libraries, and the clients one would use instead."""

import asyncio
import json
import time
from importlib import import_module
from typing import Any

from scripts.bench.event_clients import Reading
from scripts.bench.load import Load, Meter, Sample, run
from scripts.bench.workload import APP, LAST, PASSWORD, USER

_TYPES = (
    "StasisStart",
    "ChannelVarset",
    "ChannelDtmfReceived",
    "PlaybackStarted",
    "ChannelStateChange",
    "PlaybackFinished",
    "ChannelHangupRequest",
    "StasisEnd",
    "ChannelDestroyed",
)


def websocket_client(load: Load) -> Sample:
    """Bare websocket-client and json."""
    ws = import_module("websocket").create_connection(load.events_url)
    reading = Reading(load)
    load.go()
    while not reading.over:
        reading(json.loads(ws.recv()))
    found = reading.meter.sample(reading.meter.seen)
    ws.close()
    return found


def ari_py(load: Load) -> Sample:
    """A copy of the loop of ari 0.1.3, which is Python 2: websocket-client, json, a callback for each listener."""
    ws = import_module("websocket").create_connection(load.events_url)
    reading = Reading(load)
    listeners: dict[str, list[tuple[Any, Any, Any]]] = {}
    for name in (*_TYPES, "ChannelUserevent"):
        listeners[name] = [(reading, (), {})]
    load.go()
    for text in iter(ws.recv, None):
        event = json.loads(text)
        for callback, args, kwargs in list(listeners.get(event["type"], [])):
            callback(event, *args, **kwargs)
        if reading.over:
            break
    found = reading.meter.sample(reading.meter.seen)
    ws.close()
    return found


def aiohttp(load: Load) -> Sample:
    """Bare aiohttp and json."""

    async def main() -> Sample:
        aiohttp: Any = import_module("aiohttp")

        async with aiohttp.ClientSession() as session, session.ws_connect(load.events_url) as ws:
            reading = Reading(load)
            load.go()
            while not reading.over:
                reading(json.loads((await ws.receive()).data))
            return reading.meter.sample(reading.meter.seen)

    return run(main())


def websockets(load: Load) -> Sample:
    """Bare websockets and json."""

    async def main() -> Sample:
        async with import_module("websockets").connect(load.events_url, proxy=None) as ws:
            reading = Reading(load)
            load.go()
            while not reading.over:
                reading(json.loads(await ws.recv()))
            return reading.meter.sample(reading.meter.seen)

    return run(main())


def aioari(load: Load) -> Sample:
    """Its run() with a listener of all events."""

    async def main() -> Sample:
        client = await import_module("aioari").connect(load.base_url, USER, PASSWORD)
        reading = Reading(load)
        client.on_event("*", reading)
        running = asyncio.create_task(client.run(apps=APP))
        await asyncio.sleep(0.3)
        reading.meter = Meter()
        load.go()
        while not reading.over:
            await asyncio.sleep(0.005)
        found = reading.meter.sample(reading.meter.seen)
        running.cancel()
        await asyncio.wait([running])
        await client.close()
        return found

    return run(main())


def asyncari(load: Load) -> Sample:
    """Its iterator over all events."""

    async def main() -> Sample:
        found: Sample = {}
        import_module("logging").disable()
        async with import_module("asyncari").connect(load.base_url, APP, USER, PASSWORD) as client:
            reading = Reading(load)
            load.go()
            async for event in client:
                reading(event._orig_msg)
                if reading.over:
                    break
            found = reading.meter.sample(reading.meter.seen)
        return found

    return run(main())


def ari_client(load: Load) -> Sample:
    """Its handlers, one for each type."""

    async def main() -> Sample:
        module = import_module("ari_client")
        import_module("logging").getLogger().setLevel("CRITICAL")
        client = module.AriClient("127.0.0.1", load.port, USER, PASSWORD)
        reading = Reading(load)

        async def handle(event: Any) -> None:
            name = event.type if isinstance(event.type, str) else event.type.value
            if name == "ChannelUserevent":
                reading.over = reading.over or event.eventname == LAST
                return
            reading.meter.seen += 1
            if reading.stamped:
                reading.meter.latencies.append(time.monotonic_ns() - int(event.value))
            elif (channel := getattr(event, "channel", None)) is not None:
                _ = channel.id

        await client.connect(APP)
        for kind in module.EventType:
            client.on_event(kind)(handle)
        reading.meter = Meter()
        load.go()
        while not reading.over:
            await asyncio.sleep(0.005)
        found = reading.meter.sample(reading.meter.seen)
        await client.disconnect()
        return found

    return run(main())
