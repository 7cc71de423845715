"""The leases of the asynchronous client's workers, in NATS, in Redis, or in the memory of one process."""

from asterisk_ari._async.workers.leases import Leases
from asterisk_ari._core.workers.leases import Lease
from asterisk_ari.leases._async.in_memory import MemoryLeases
from asterisk_ari.leases._async.in_nats import NatsLeases
from asterisk_ari.leases._async.in_redis import RedisLeases

__all__ = (
    "Lease",
    "Leases",
    "MemoryLeases",
    "NatsLeases",
    "RedisLeases",
)
