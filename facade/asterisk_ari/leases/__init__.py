"""Leases of workers, for `ari.compete(leases=…)`: which workers are alive, which takes over whose calls, and the stored state of
calls.

`asterisk_ari.leases.aio` is for the asynchronous client, `asterisk_ari.leases.sync` for the synchronous one.
"""
