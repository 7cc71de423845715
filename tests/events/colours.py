"""Both colours behind one synchronous face, so that each behaviour is tested once for both."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

from asterisk_ari._async import waits as async_waits
from asterisk_ari._async.event_hub import EventHub as AsyncEventHub
from asterisk_ari._core.subscriptions import Snapshot
from asterisk_ari._sync import waits as sync_waits
from asterisk_ari._sync.event_hub import EventHub as SyncEventHub
from asterisk_ari.settings import Settings

LIMIT = 20.0


def eventually(condition: Callable[[], object], what: str = "it never came true", limit: float = LIMIT) -> None:
    """Wait for a condition that nothing announces."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.002)


class Resync:
    """What the client does after a reconnect: counts, fails on demand, waits on demand."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self.calls = 0
        self.failures = 0
        self.gate: threading.Event | None = None

    def __call__(self) -> Snapshot:
        self.calls += 1
        if self.gate is not None:
            assert self.gate.wait(LIMIT)
        if self.failures:
            self.failures -= 1
            raise OSError("the server went away again")
        return self.snapshot


class SyncFace:
    """The synchronous colour, as it is."""

    colour = "sync"

    def __init__(self, settings: Settings, resync: Resync, **options: Any) -> None:
        self.hub: Any = SyncEventHub(settings, resync=resync, **options)
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
    def __init__(self, face: "AsyncFace", waiter: Any) -> None:
        self.face = face
        self.waiter = waiter
        self.close = waiter.close

    def result(self, timeout_seconds: float | None = None) -> Any:
        return self.face.do(self.waiter.result(timeout_seconds))


class AsyncFace:
    """The asynchronous colour in a loop of its own; handlers may be plain functions or coroutine functions."""

    colour = "async"

    def __init__(self, settings: Settings, resync: Resync, **options: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="async-face", daemon=True)
        self.thread.start()
        self.waits: Any = async_waits

        async def call_resync() -> Snapshot:
            return await asyncio.to_thread(resync)

        if (sleep := options.pop("sleep", None)) is not None:

            async def call_sleep(seconds: float) -> bool:
                await asyncio.sleep(0)
                stop: bool = sleep(seconds)
                return stop

            options["sleep"] = call_sleep
        self.hub: Any = AsyncEventHub(settings, resync=call_resync, **options)
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


Face = SyncFace | AsyncFace
