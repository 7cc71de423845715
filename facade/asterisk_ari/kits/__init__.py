"""Whole services of telephony, built on calls as programs: a queue of callers, and what follows.

`asterisk_ari.kits.aio` has them for the asynchronous client, `asterisk_ari.kits.sync` for the synchronous one.
"""
