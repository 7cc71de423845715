"""Key-value buckets of a NATS server, synchronous: the client of NATS runs in an event loop in a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from asterisk_ari.leases._clients.nats_buckets import BucketConnection

T = TypeVar("T")


class NatsBuckets:
    """Like the asynchronous one, with methods that block the calling thread."""

    def __init__(
        self, url: str | list[str], kept_seconds: Mapping[str, float | None], *, timeout_seconds: float, options: dict[str, Any]
    ) -> None:
        self._buckets = BucketConnection(url, kept_seconds, timeout_seconds=timeout_seconds, options=options)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def put(self, bucket: str, key: str, value: str) -> int:
        """Write a key, whatever its value, and return the new revision."""
        return self._run(self._buckets.put(bucket, key, value))

    def get(self, bucket: str, key: str) -> tuple[str, int] | None:
        """Return the value and revision of a key; None if it does not exist."""
        return self._run(self._buckets.get(bucket, key))

    def swap(self, bucket: str, key: str, value: str, revision: int) -> bool:
        """Write a key if it still has this revision (0: does not exist); return False otherwise."""
        return self._run(self._buckets.swap(bucket, key, value, revision))

    def purge(self, bucket: str, key: str) -> None:
        """Delete a key and its history, if it exists."""
        self._run(self._buckets.purge(bucket, key))

    def keys(self, bucket: str) -> set[str]:
        """Return all keys of a bucket."""
        return self._run(self._buckets.keys(bucket))

    def close(self) -> None:
        """Close the connection, and end the thread."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            asyncio.run_coroutine_threadsafe(self._buckets.close(), loop).result()
            loop.call_soon_threadsafe(loop.stop)

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_serve, args=(self._loop,), name="asterisk-ari-nats", daemon=True).start()
            loop = self._loop
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()
