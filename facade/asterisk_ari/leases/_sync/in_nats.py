# Made from _async/in_nats.py by scripts/unasync.py: edit that file.
"""Leases in NATS."""

from typing import Any

from asterisk_ari.leases._clients.nats_sync import NatsBuckets
from asterisk_ari.leases._sync.stored import CALL_KEPT_SECONDS, StoredLeases, StoredValue

_EPOCH = "epoch"


class NatsLeases(StoredLeases):
    """Leases in the key-value buckets of a NATS server with JetStream; needs the extra `cluster`: nats-py.

    It uses three buckets: `{name}-leases`, whose keys expire with the lease, `{name}-calls`, whose keys expire after a day, and
        `{name}`.

    Args:
        url: the URL of the server, `nats://host:4222`, or several URLs.
        name: the name of the buckets: workers with the same name form a group.
        seconds: how long a lease is valid after a renewal, from 0.5 to 60; a dead worker is noticed by then. It is a property of
            the bucket, so all workers of a group must use the same value.
        options: options of `nats.connect`: `user`, `password`, `token`, `tls` (an `ssl.SSLContext`), `user_credentials`, ….

    Raises:
        BadArgument: seconds is outside this range.
        ImportError: the package nats-py is not installed.

    Example:
        >>> pool = ari.compete(capacity=50, leases=NatsLeases("nats://127.0.0.1:4222"))
    """

    def __init__(self, url: str | list[str], *, name: str = "asterisk-ari", seconds: float = 2.0, **options: Any) -> None:
        super().__init__(lambda checked: _NatsStore(url, name, checked, options), seconds)


class _NatsStore:
    def __init__(self, url: str | list[str], name: str, seconds: float, options: dict[str, Any]) -> None:
        kept_seconds = {f"{name}-leases": seconds, f"{name}-calls": CALL_KEPT_SECONDS, name: None}
        self._name = name
        self._buckets = NatsBuckets(url, kept_seconds, timeout_seconds=seconds / 4, options=options)

    def _bucket(self, key: str) -> str:
        return {"lease": f"{self._name}-leases", "call": f"{self._name}-calls"}.get(key.partition(".")[0], self._name)

    def next_number(self) -> int:
        return self._buckets.put(self._name, _EPOCH, "")

    def get(self, key: str) -> StoredValue | None:
        held = self._buckets.get(self._bucket(key), as_key(key))
        return StoredValue(*held) if held is not None else None

    def put(self, key: str, value: str, revision: object | None) -> bool:
        return self._buckets.swap(self._bucket(key), as_key(key), value, int(str(revision or 0)))

    def delete(self, key: str) -> None:
        self._buckets.purge(self._bucket(key), as_key(key))

    def leases(self) -> set[str]:
        return self._buckets.keys(f"{self._name}-leases")

    def close(self) -> None:
        self._buckets.close()


def as_key(text: str) -> str:
    """Encode a text as the key of a bucket, which may contain only letters, digits and a few other characters."""
    plain = "".join(one if (one.isascii() and one.isalnum()) or one in "-_." else f"={ord(one):x}=" for one in text)
    return plain.replace("..", ".=.").rstrip(".") or "="
