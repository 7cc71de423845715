"""Whole services of telephony, built on calls as programs: queues of callers, conferences, voicemail, diallers.

`asterisk_ari.kits.aio` has them for the asynchronous client, `asterisk_ari.kits.sync` for the synchronous one.
"""
