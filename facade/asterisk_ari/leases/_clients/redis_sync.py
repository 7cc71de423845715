# Made from _clients/redis_async.py by scripts/unasync.py: edit that file.
"""Commands to a Redis server, synchronous."""

from typing import Any

from asterisk_ari.errors import BadArgument, LeasesUnavailable
from asterisk_ari.leases._clients.failures import missing_package, unavailable

_NAME = "Redis"


class RedisClient:
    """A connection, opened on first use and reopened after a loss."""

    def __init__(self, url: str, *, timeout_seconds: float) -> None:
        try:
            from redis import Redis
        except ImportError as error:
            raise missing_package("redis", "redis", error) from error
        try:
            self._redis: Any = Redis.from_url(
                url, decode_responses=True, socket_timeout=timeout_seconds, socket_connect_timeout=timeout_seconds
            )
        except ValueError as error:
            raise BadArgument("url must look like redis://host:6379/0, or rediss://… for TLS", parameter="url") from error
        self._url = url

    def do(self, *command: Any) -> Any:
        """Send a command, and return the response.

        Raises:
            LeasesUnavailable: there is no response, or it is an error.
        """
        import redis.exceptions

        try:
            return self._redis.execute_command(*command)
        except (redis.exceptions.RedisError, OSError) as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> LeasesUnavailable:
        return unavailable(_NAME, [self._url], error)

    def close(self) -> None:
        """Close the connection."""
        self._redis.close()
