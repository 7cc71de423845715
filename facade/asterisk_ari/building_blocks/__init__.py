"""Building blocks for services on calls, such as the kits: background work, waits, owned objects and their end.

`asterisk_ari.building_blocks.aio` is for the asynchronous client, `asterisk_ari.building_blocks.sync` for the synchronous one,
and `asterisk_ari.building_blocks.pure` is independent of both.
"""
