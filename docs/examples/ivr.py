"""An IVR: an account number, a menu, the people behind it, and a mailbox if nobody answers."""

import asyncio

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Answered, Call

ari = AsyncAsteriskARI(app_name="ivr")
TEAMS = {"1": ["PJSIP/alice", "PJSIP/bob"], "2": ["PJSIP/carol"]}


async def accepts(leg: Call) -> bool | None:
    """Ask who was called whether to take it."""
    return await leg.menu(["sound:vm-press", "digits:1"], {"1": True}, tries=1)


@ari.calls()
async def ivr(call: Call) -> None:
    """Serve one caller."""
    await call.answer()
    account = await call.ask("sound:vm-enter-num-to-call", max_digits=4, valid=r"\d{4}", invalid="sound:vm-invalidpassword")
    team = await call.menu("sound:demo-instruct", TEAMS, no_input="sound:vm-sorry") if account else None
    if team is None:
        await call.say("sound:vm-goodbye")
        return
    match await call.dial(team, ring_seconds=25, ringback="moh", confirm=accepts, lost="sound:vm-goodbye"):
        case Answered(leg):
            await call.talk(leg)
            await call.say("sound:vm-goodbye")
        case _:
            await call.say("sound:vm-nobodyavail")
            with call.shield():  # a caller who hangs up has left a message, too
                message = await call.record_message(f"messages/{account}-{call.id}", max_silence_seconds=4)
                print(f"{account}: {message.duration_seconds} s ({message.reason})")


if __name__ == "__main__":
    asyncio.run(ari.run(drain_seconds=30, on_stop="hangup"))
