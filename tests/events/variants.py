"""Both variants behind one synchronous variant, so that each behaviour is tested once for both."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

from asterisk_ari._async.events import waits as async_waits
from asterisk_ari._async.events.hub import EventHub as AsyncEventHub
from asterisk_ari._core.reconnect.snapshot import Snapshot
from asterisk_ari._sync.events import waits as sync_waits
from asterisk_ari._sync.events.hub import EventHub as SyncEventHub
from asterisk_ari.errors import NotFound, RequestTimeout
from asterisk_ari.settings import Settings

LIMIT = 20.0
LOOK_UPS = {
    "channels.get": ("channel", "channelId"),
    "bridges.get": ("bridge", "bridgeId"),
    "playbacks.get": ("playback", "playbackId"),
    "recordings.getLive": ("recording", "recordingName"),
}


def eventually(condition: Callable[[], object], what: str = "it never came true", limit: float = LIMIT) -> None:
    """Wait for a condition that nothing announces."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.002)


class Resync:
    """What answers the client's REST calls after a reconnect: counts, fails on demand, waits on demand."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self.subscribed: list[tuple[str, Any]] = []
        self.listed_apps: list[str] = []
        self.alive: set[tuple[str, str]] = set()
        """What is known when it is asked for by its id, besides the snapshot."""
        self.asked: list[tuple[str, str]] = []
        self.fails_when_asked_again = 0
        self.calls = 0
        self.failures = 0
        self.gate: threading.Event | None = None

    def open(self, settings: Settings) -> "Resync":
        return self

    def call(self, operation: str, **parameters: Any) -> Any:
        if operation == "channels.list":
            self.calls += 1
            if self.gate is not None:
                assert self.gate.wait(LIMIT)
            if self.failures:
                self.failures -= 1
                raise OSError("the server went away again")
            return list(self.snapshot.channels.values())
        if operation == "bridges.list":
            return list(self.snapshot.bridges.values())
        if operation == "applications.subscribe":
            self.subscribed.append((parameters["applicationName"], parameters["eventSource"]))
            return {}
        if operation == "applications.unsubscribe":
            return {}
        if operation in LOOK_UPS:
            kind, parameter = LOOK_UPS[operation]
            if (kind, parameters[parameter]) in self.asked and self.fails_when_asked_again:
                self.fails_when_asked_again -= 1
                raise RequestTimeout("no response")
            self.asked.append((kind, parameters[parameter]))
            if self.asked[-1] not in self.alive:
                raise NotFound(f"no such {kind}", status=404, reason="not found")
            return {}
        assert operation == "applications.get"
        self.listed_apps.append(parameters["applicationName"])
        if parameters["applicationName"] not in self.snapshot.in_apps:
            raise NotFound("no such app", status=404, reason="Application not found")
        return {"channel_ids": list(self.snapshot.in_apps[parameters["applicationName"]])}

    def close(self) -> None: ...


class AsyncResync:
    """The same for the asynchronous variant."""

    def __init__(self, resync: Resync) -> None:
        self.resync = resync

    def open(self, settings: Settings) -> "AsyncResync":
        return self

    async def call(self, operation: str, **parameters: Any) -> Any:
        return await asyncio.to_thread(self.resync.call, operation, **parameters)

    async def aclose(self) -> None: ...


class SyncVariant:
    """The synchronous variant, as it is."""

    name = "sync"

    def __init__(self, settings: Settings, resync: Resync, former: "SyncVariant | None" = None, **options: Any) -> None:
        self.hub: Any = former.hub.renewed() if former else SyncEventHub(settings, open_rest=resync.open, **options)
        self.on = self.hub.on
        self.expect = self.hub.expect
        self.start = self.hub.start
        self.close = self.hub.close
        self.run_forever = self.hub.run_forever
        self.waits: Any = sync_waits

    def do(self, result: Any) -> Any:
        return result

    def fetch(self, value: Any) -> Callable[[], Any]:
        return lambda: value

    def finish(self) -> None:
        self.hub.close()


class _Waiter:
    def __init__(self, variant: "AsyncVariant", waiter: Any) -> None:
        self.variant = variant
        self.waiter = waiter
        self.close = waiter.close

    def __enter__(self) -> "_Waiter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def result(self, timeout_seconds: float | None = None) -> Any:
        return self.variant.do(self.waiter.result(timeout_seconds))


class AsyncVariant:
    """The asynchronous variant in a loop of its own; handlers may be plain functions or coroutine functions."""

    name = "async"

    def __init__(self, settings: Settings, resync: Resync, former: "AsyncVariant | None" = None, **options: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="async-variant", daemon=True)
        self.thread.start()
        self.waits: Any = async_waits

        if (sleep := options.pop("sleep", None)) is not None:

            async def call_sleep(seconds: float) -> bool:
                await asyncio.sleep(0)
                stop: bool = sleep(seconds)
                return stop

            options["sleep"] = call_sleep
        new = AsyncEventHub(settings, open_rest=AsyncResync(resync).open, **options)
        self.hub: Any = former.hub.renewed() if former else new
        self.on = self.hub.on

    def do(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(LIMIT * 2)

    def fetch(self, value: Any) -> Callable[[], Any]:
        async def give() -> Any:
            return value

        return give

    def start(self) -> None:
        self.do(self.hub.start())

    def close(self, *arguments: Any) -> None:
        self.do(self.hub.close(*arguments))

    def run_forever(self) -> None:
        self.do(self.hub.run_forever())

    def expect(self, *arguments: Any, **options: Any) -> _Waiter:
        async def expect() -> Any:
            return self.hub.expect(*arguments, **options)

        return _Waiter(self, self.do(expect()))

    def finish(self) -> None:
        async def rest() -> None:
            await self.hub.close()
            await self.loop.shutdown_default_executor()
            left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            if left:  # what has been told to end may need a turn of the loop
                await asyncio.wait(left, timeout=1.0)
            assert [task for task in left if not task.done()] == []

        try:
            self.do(rest())
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(LIMIT)
            self.loop.close()


Variant = SyncVariant | AsyncVariant
