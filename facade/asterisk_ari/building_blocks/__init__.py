"""What services on calls are built from, such as the kits: work beside the present one, waits, what is owned and its end.

`asterisk_ari.building_blocks.aio` has it for the asynchronous client, `asterisk_ari.building_blocks.sync` for the synchronous
one, and `asterisk_ari.building_blocks.pure` what needs neither.
"""
