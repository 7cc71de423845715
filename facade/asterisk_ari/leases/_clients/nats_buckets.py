"""Key-value buckets of a NATS server, through nats-py, which is asyncio only."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from asterisk_ari.errors import BadArgument
from asterisk_ari.leases._clients.failures import missing_package, places, unavailable

_log = logging.getLogger("asterisk_ari")
_CONNECT_SECONDS = 2
_RECONNECT_SECONDS = 0.1
_OTHER_CONFIGURATION = 10058
T = TypeVar("T")


class BucketConnection:
    """A connection, opened on first use, and its buckets, created if they do not exist.

    Args:
        url: the URL of the server, or several URLs.
        kept_seconds: how long each bucket keeps a key; None means no limit.
        timeout_seconds: how long to wait for a response.
        options: further arguments of `nats.connect`.
    """

    def __init__(
        self, url: str | list[str], kept_seconds: Mapping[str, float | None], *, timeout_seconds: float, options: dict[str, Any]
    ) -> None:
        try:
            import nats  # noqa: F401
        except ImportError as error:
            raise missing_package("nats-py", "cluster", error) from error
        self._urls = [url] if isinstance(url, str) else list(url)
        self._kept_seconds = kept_seconds
        self._timeout_seconds = timeout_seconds
        self._options = options
        self._lock = asyncio.Lock()
        self._connection: Any = None
        self._jetstream: Any = None
        self._buckets: dict[str, Any] = {}
        self._is_closing = False

    # -- keys --

    async def put(self, bucket: str, key: str, value: str) -> int:
        """Write a key, whatever its value, and return the new revision."""
        return int(await self._do(bucket, lambda held: held.put(key, value.encode())))

    async def get(self, bucket: str, key: str) -> tuple[str, int] | None:
        """Return the value and revision of a key; None if it does not exist."""
        from nats.js.errors import KeyNotFoundError

        async def get(held: Any) -> Any:
            try:
                return await held.get(key)
            except KeyNotFoundError:
                return None

        entry = await self._do(bucket, get)
        return (entry.value.decode(), entry.revision) if entry is not None else None

    async def swap(self, bucket: str, key: str, value: str, revision: int) -> bool:
        """Write a key if it still has this revision (0: does not exist); return False otherwise."""
        from nats.js.errors import KeyWrongLastSequenceError

        async def update(held: Any) -> bool:
            try:
                await held.update(key, value.encode(), last=revision)
            except KeyWrongLastSequenceError:
                return False
            return True

        return await self._do(bucket, update)

    async def purge(self, bucket: str, key: str) -> None:
        """Delete a key and its history, if it exists."""

        async def purge(_held: Any) -> None:
            await self._jetstream.purge_stream(f"KV_{bucket}", subject=f"$KV.{bucket}.{key}")

        await self._do(bucket, purge)

    async def keys(self, bucket: str) -> set[str]:
        """Return all keys of a bucket."""
        prefix = f"$KV.{bucket}."

        async def keys(_held: Any) -> set[str]:
            found = await self._jetstream.stream_info(f"KV_{bucket}", subjects_filter=f"{prefix}>")
            return {subject.removeprefix(prefix) for subject in found.state.subjects or ()}

        return await self._do(bucket, keys)

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        self._buckets.clear()
        if connection is not None:
            self._is_closing = True
            try:
                await connection.close()
            finally:
                self._is_closing = False

    # -- the connection --

    async def _do(self, bucket: str, what: Callable[[Any], Awaitable[T]]) -> T:
        """Run an operation on a bucket.

        Raises:
            LeasesUnavailable: the server does not respond, or refuses.
            BadArgument: the bucket exists, but keeps its keys for a different time.
        """
        import nats.errors

        try:
            async with self._lock:
                if bucket not in self._buckets:
                    self._buckets[bucket] = await self._open(bucket)
            async with asyncio.timeout(self._timeout_seconds):
                return await what(self._buckets[bucket])
        except (nats.errors.Error, OSError) as error:
            raise unavailable("NATS", self._urls, error) from error

    async def _open(self, bucket: str) -> Any:
        from nats.js.api import KeyValueConfig
        from nats.js.errors import BadRequestError

        if self._connection is None:
            self._connection = await self._connect()
            self._jetstream = self._connection.jetstream(timeout=self._timeout_seconds)
        kept = self._kept_seconds[bucket]
        try:
            return await self._jetstream.create_key_value(KeyValueConfig(bucket=bucket, history=1, ttl=kept))
        except BadRequestError as error:
            if error.err_code != _OTHER_CONFIGURATION or kept is None:
                raise
            message = f"leases in bucket {bucket} are not of {kept:g} seconds: say the same in all workers, or another name"
            raise BadArgument(message, parameter="seconds") from error

    async def _connect(self) -> Any:
        """Connect to the first server that responds; it announces the others of its cluster."""
        import nats.errors

        for url in self._urls[:-1]:
            with contextlib.suppress(nats.errors.Error, OSError):
                return await self._connect_to(url)
        return await self._connect_to(self._urls[-1])

    async def _connect_to(self, url: str) -> Any:
        from nats.aio.client import Client

        connection = Client()
        is_first = True

        # It would try forever and miss its cancellation. Once there has been a connection, endless retries are wanted.
        async def failed(error: Exception) -> None:
            if is_first:
                raise error
            _log.debug("NATS at %s: %s", places(self._urls), error)

        async def disconnected() -> None:
            if not is_first and not self._is_closing:
                _log.warning("connection to NATS at %s lost", places(self._urls))

        async def reconnected() -> None:
            _log.warning("connected to NATS at %s again", places(self._urls))

        options: dict[str, Any] = {
            "connect_timeout": _CONNECT_SECONDS,
            "max_reconnect_attempts": -1,
            "reconnect_time_wait": _RECONNECT_SECONDS,
            "disconnected_cb": disconnected,
            "reconnected_cb": reconnected,
            **self._options,
            "error_cb": failed,
        }
        try:
            await connection.connect(url, **options)
        except BaseException:
            await connection.close()
            raise
        is_first = False
        return connection
