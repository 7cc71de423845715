# Made from leases/aio.py by scripts/unasync.py: edit that file.
"""The leases of the synchronous client's workers, in NATS, in Redis, or in the memory of one process."""

from asterisk_ari._core.workers.leases import Lease
from asterisk_ari._sync.workers.leases import Leases
from asterisk_ari.leases._sync.in_memory import MemoryLeases
from asterisk_ari.leases._sync.in_nats import NatsLeases
from asterisk_ari.leases._sync.in_redis import RedisLeases

__all__ = (
    "Lease",
    "Leases",
    "MemoryLeases",
    "NatsLeases",
    "RedisLeases",
)
