"""Leases of workers, for `ari.compete(leases=…)`: who is alive, who takes over whose calls, and what a call has stored.

`asterisk_ari.leases.aio` has them for the asynchronous client, `asterisk_ari.leases.sync` for the synchronous one.
"""
