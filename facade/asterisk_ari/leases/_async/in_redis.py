"""Leases in Redis."""

from asterisk_ari.leases._async.stored import CALL_KEPT_SECONDS, StoredLeases, StoredValue
from asterisk_ari.leases._clients.redis_async import RedisClient

# Write a key if it holds the expected value or, for "", does not exist: KEYS[1], expected value, new value, milliseconds.
_PUT = """
local held = redis.call('GET', KEYS[1])
if (held or '') ~= ARGV[1] then return 0 end
if ARGV[3] == '0' then redis.call('SET', KEYS[1], ARGV[2]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
"""


class RedisLeases(StoredLeases):
    """Leases in a Redis server, 2.8 or newer; needs the extra `redis`: `pip install 'asterisk-ari[redis]'`.

    Keys start with `{name}:`. A lease is a key that Redis expires; every compare-and-swap is done by a script in Redis.

    Args:
        url: the URL of the server, `redis://host:6379/0`, or `rediss://…` for TLS, with user and password if required.
        name: the prefix of the keys: workers with the same name form a group.
        seconds: how long a lease is valid after a renewal, from 0.5 to 60; a dead worker is noticed by then.

    Raises:
        BadArgument: seconds is outside this range, or the URL is invalid.
        ImportError: the package redis is not installed.

    Example:
        >>> pool = ari.compete(capacity=50, leases=RedisLeases("redis://127.0.0.1:6379"))
    """

    def __init__(self, url: str, *, name: str = "asterisk-ari", seconds: float = 2.0) -> None:
        super().__init__(lambda checked: _RedisStore(url, name, checked), seconds)


class _RedisStore:
    def __init__(self, url: str, name: str, seconds: float) -> None:
        self._client = RedisClient(url, timeout_seconds=seconds / 4)
        self._name = name
        self._kept_ms = {"lease": int(seconds * 1000), "call": CALL_KEPT_SECONDS * 1000}

    async def next_number(self) -> int:
        return int(await self._client.do("INCR", f"{self._name}:epoch"))

    async def get(self, key: str) -> StoredValue | None:
        held = await self._client.do("GET", f"{self._name}:{key}")
        return StoredValue(held, held) if held is not None else None

    async def put(self, key: str, value: str, revision: object | None) -> bool:
        kept_ms = self._kept_ms.get(key.partition(".")[0], 0)
        return bool(await self._client.do("EVAL", _PUT, 1, f"{self._name}:{key}", revision or "", value, kept_ms))

    async def delete(self, key: str) -> None:
        await self._client.do("DEL", f"{self._name}:{key}")

    async def leases(self) -> set[str]:
        found, cursor = set(), None
        while cursor != 0:
            cursor, keys = await self._client.do("SCAN", cursor or 0, "MATCH", f"{self._name}:lease.*", "COUNT", 1000)
            cursor = int(cursor)
            found |= {key.removeprefix(f"{self._name}:") for key in keys}
        return found

    async def close(self) -> None:
        await self._client.close()
