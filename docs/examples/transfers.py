"""A reception: Alice answers and hands callers on, to Bob at once (1), when she has asked him (2), or by her phone's own key."""

import asyncio
from functools import partial

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Answered, Call, DialResult, Transferred, TransferRequest, TransferResult

ari = AsyncAsteriskARI(app_name="transfers")
PEOPLE = {"100": "PJSIP/alice", "101": "PJSIP/bob"}


async def key(leg: Call, keys: str, pressed: list[str]) -> None:
    """Wait until one of these keys is pressed."""
    event = await leg.channel.wait_for("ChannelDtmfReceived", match=lambda event: event["digit"] in keys, timeout_seconds=None)
    pressed.append(event["digit"])


async def follow(request: TransferRequest[Call]) -> None:
    """Make a transfer that a phone asks for, to people of the house."""
    target = PEOPLE.get(request.target)
    if target is not None or request.kind == "attended":
        await request.complete(target, ringback="moh")


@ari.calls()
async def reception(call: Call) -> None:
    """Serve one caller."""
    await call.answer()
    result: DialResult | TransferResult = await call.dial("PJSIP/alice", ringback="moh")
    while isinstance(result, Answered):
        alice, pressed = result.leg, list[str]()
        await call.talk(alice, on_transfer=follow, until=partial(key, alice, "12", pressed))
        if pressed == ["1"]:
            result = await call.transfer_blind("PJSIP/bob", by=alice, ringback="moh")
        elif pressed == ["2"]:
            async with call.transfer_attended("PJSIP/bob", by=alice) as transfer:
                if transfer.is_answered and (await transfer.consult(until=partial(key, alice, "*", pressed))).reason == "hangup":
                    await transfer.complete()  # Alice has hung up; with * she is back with the caller
        if pressed != ["1"] and alice.has_ended:
            return
    if not isinstance(result, Transferred):
        await call.say("sound:vm-nobodyavail")


if __name__ == "__main__":
    asyncio.run(ari.run(drain_seconds=30, on_stop="hangup"))
