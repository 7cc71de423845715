"""Key-value buckets of a NATS server, asynchronous."""

from asterisk_ari.leases._clients.nats_buckets import BucketConnection

NatsBuckets = BucketConnection
