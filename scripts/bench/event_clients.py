"""Event candidates: each decodes every event and reads a little of it; the last event ends the measurement."""

import asyncio
import socket
import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from scripts.bench.load import TIMEOUT_SECONDS, Load, Meter, Sample, run
from scripts.bench.workload import APP, PASSWORD, USER

if TYPE_CHECKING:
    from asterisk_ari.events import EventName


class Reading:
    """What a handler does with an event: read an id, or note how old it is."""

    def __init__(self, load: Load) -> None:
        self.meter = Meter()
        self.stamped = load.kind == "paced"
        self.over = False

    def __call__(self, event: Any) -> None:
        """Read a decoded event."""
        if event["type"] == "ChannelUserevent":
            self.over = True
            return
        self.meter.seen += 1
        if self.stamped:
            self.meter.latencies.append(time.monotonic_ns() - int(event["value"]))
        elif "channel" in event:
            _ = event["channel"]["id"]


def limit(load: Load) -> Sample:
    """A blocking socket, frames cut by hand, msgspec."""
    decode = import_module("msgspec").json.Decoder().decode
    connection = socket.create_connection(("127.0.0.1", load.port))
    connection.sendall(
        f"GET /ari/events?app={APP} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    connection.recv(4096)
    stamped = load.kind == "paced"
    meter = Meter()
    load.go()
    seen = 0
    buffer = b""
    at = 0
    while True:
        size = len(buffer)
        while size - at >= 2:
            length = buffer[at + 1]
            start = at + 2
            if length == 126:
                if size - at < 4:
                    break
                length = (buffer[at + 2] << 8) | buffer[at + 3]
                start = at + 4
            if size - start < length:
                break
            at = start + length
            event = decode(buffer[start:at])
            if event["type"] == "ChannelUserevent":
                meter.seen = seen
                return meter.sample(seen)
            seen += 1
            if stamped:
                meter.latencies.append(time.monotonic_ns() - int(event["value"]))
            elif "channel" in event:
                _ = event["channel"]["id"]
        buffer = buffer[at:] + connection.recv(65_536)
        at = 0


def _ours_settings(load: Load) -> Any:
    from asterisk_ari.settings import load as settings

    return settings({}, host="127.0.0.1", port=load.port, username=USER, password=PASSWORD, app_name=APP)


def _read_typed(event: Any) -> None:
    _ = event.channel_id, event.timestamp, event.channel


class _Tap:
    """Takes each event off the reader itself: decoded, as a view, handed to nobody else."""

    def __init__(self, reading: Reading, level: str) -> None:
        from asterisk_ari._core.events.decode import decode_frame, make_event, views

        views()  # as the client does before it connects
        self._decode, self._make = decode_frame, make_event
        self._reading, self._level = reading, level
        self.over = threading.Event()

    def route(self, frames: list[bytes], now: float) -> list[Any]:
        for data in frames:
            self._take(self._make(self._decode(data)))
        return []

    def _take(self, event: Any) -> None:
        reading = self._reading
        if self._level == "dict":
            reading(event)
        elif event["type"] == "ChannelUserevent":
            reading.over = True
        else:
            reading.meter.seen += 1
            if self._level == "model":
                _ = event.data
            elif hasattr(event, "channel_id"):
                _read_typed(event)
        if reading.over:
            self.over.set()

    def connection_lost(self, closed: Any, since: float) -> None: ...
    def connection_reopened(self, stream: Any) -> None: ...
    def connection_ended(self, error: Any) -> None: ...


def _tapped(load: Load, level: str) -> Sample:
    from asterisk_ari._sync.events.reader import EventReader
    from asterisk_ari._transport.runtime.timing import Timing

    reading = Reading(load)
    tap: Any = _Tap(reading, level)
    reader = EventReader(_ours_settings(load), Timing(), tap.route, tap)
    reader.start()
    reading.meter = Meter()
    load.go()
    tap.over.wait(TIMEOUT_SECONDS)
    found = reading.meter.sample(reading.meter.seen)
    reader.close()
    return found


def ours_dict(load: Load) -> Sample:
    """Our reader, each event as a mapping."""
    return _tapped(load, "dict")


def ours_typed(load: Load) -> Sample:
    """Our reader, each event read through its typed properties."""
    return _tapped(load, "typed")


def ours_model(load: Load) -> Sample:
    """Our reader, each event turned into the generated model."""
    return _tapped(load, "model")


def _facade(load: Load, handled: "EventName | None") -> Sample:
    from asterisk_ari import AsteriskARI

    over = threading.Event()
    reading = Reading(load)
    with AsteriskARI("127.0.0.1", load.port, USER, PASSWORD, APP) as ari:
        if handled is not None:
            ari.on(handled, reading)
        ari.on("ChannelUserevent", lambda event: over.set())
        reading.meter = Meter()
        load.go()
        over.wait(TIMEOUT_SECONDS)
        while ari.stats.waiting or ari.stats.busy_calls:
            time.sleep(0.001)
        reading.meter.seen = ari.stats.received - 1
        return reading.meter.sample(reading.meter.seen)


def ours_idle(load: Load) -> Sample:
    """The facade, no handler for what comes: still decoded, still known what lives."""
    return _facade(load, None)


def ours_ordered(load: Load) -> Sample:
    """The facade with a handler of all events, in order for each call."""
    return _facade(load, "*")


async def _async_facade(load: Load, handled: "EventName | None") -> Sample:
    from asterisk_ari import AsyncAsteriskARI

    over = asyncio.Event()
    reading = Reading(load)

    async def handle(event: Any) -> None:
        reading(event)

    async def end(event: Any) -> None:
        over.set()

    async with AsyncAsteriskARI("127.0.0.1", load.port, USER, PASSWORD, APP) as ari:
        if handled is not None:
            ari.on(handled, handle)
        ari.on("ChannelUserevent", end)
        reading.meter = Meter()
        load.go()
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await over.wait()
            while ari.stats.waiting or ari.stats.busy_calls:
                await asyncio.sleep(0.001)
        reading.meter.seen = ari.stats.received - 1
        return reading.meter.sample(reading.meter.seen)


def ours_async_idle(load: Load) -> Sample:
    """The facade, no handler for what comes."""
    return run(_async_facade(load, None))


def ours_async_ordered(load: Load) -> Sample:
    """The facade with a coroutine for all events, in order for each call."""
    return run(_async_facade(load, "*"))


def ours_async_dict(load: Load) -> Sample:
    """Our reader, each event as a mapping."""

    async def main() -> Sample:
        from asterisk_ari._async.events.reader import EventReader
        from asterisk_ari._transport.runtime.timing import Timing

        reading = Reading(load)
        over = asyncio.Event()
        tap: Any = _Tap(reading, "dict")
        tap.over = over
        reader = EventReader(_ours_settings(load), Timing(), tap.route, tap)
        await reader.start()
        reading.meter = Meter()
        load.go()
        await asyncio.wait_for(over.wait(), TIMEOUT_SECONDS)
        found = reading.meter.sample(reading.meter.seen)
        await reader.close()
        return found

    return run(main())
