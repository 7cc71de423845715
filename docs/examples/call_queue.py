"""A support queue: two agents, music and the position meanwhile, and a mailbox for those who waited for nothing."""

import asyncio

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Call
from asterisk_ari.kits.aio import Overflowed, Queue

ari = AsyncAsteriskARI(app_name="queue")
queue = Queue(ari, ["PJSIP/alice", "PJSIP/bob"], wrap_up_seconds=10, max_wait_seconds=300, announce_seconds=45, leave_keys="*")


@ari.calls()
async def support(call: Call) -> None:
    """Serve one caller."""
    await call.answer()
    if isinstance(await queue.serve(call), Overflowed):
        await call.say("sound:vm-nobodyavail")
        await call.record_message(f"messages/{call.id}", max_silence_seconds=4)
    print(queue.stats)


if __name__ == "__main__":
    asyncio.run(ari.run(drain_seconds=30, on_stop="hangup"))
