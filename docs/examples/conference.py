"""A conference room: a PIN, music for one who is alone, keys to mute oneself and to leave, and who talks."""

import asyncio

from asterisk_ari.aio import AsyncAsteriskARI, Call
from asterisk_ari.kits.aio import Conference

ari = AsyncAsteriskARI(app_name="conference")
room = Conference(ari, pin="1234", admin_pin="4321", on_talking=lambda member: print(member.number, member.is_talking))


@ari.calls()
async def enter(call: Call) -> None:
    """Let one caller in."""
    await call.answer()
    print(await room.join(call))


if __name__ == "__main__":
    asyncio.run(ari.run(drain_seconds=30, on_stop="hangup"))
