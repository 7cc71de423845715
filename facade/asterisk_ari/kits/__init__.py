"""Complete telephony services built on call programs: queues, conferences, voicemail, diallers.

`asterisk_ari.kits.aio` has them for the asynchronous client, `asterisk_ari.kits.sync` for the synchronous one.
"""
