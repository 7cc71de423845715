"""Programs for calls: what a call gives, and that a match over the outcomes of a dialling is exhaustive."""

from typing import assert_never, assert_type

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import (
    Answer,
    Answered,
    Busy,
    Call,
    Cancelled,
    Channel,
    Declined,
    DialResult,
    Ended,
    Failed,
    NoAnswer,
    Recorded,
    Supervision,
    Target,
    Transferred,
    TransferRequest,
    TransferResult,
)
from asterisk_ari.events import ChannelHold


def programs(ari: AsyncAsteriskARI) -> None:
    @ari.calls()
    async def ivr(call: Call) -> None:
        await call.answer()

    @ari.calls("support", args=("sales", "de"))
    async def sales(call: Call) -> str:
        return call.app

    ari.calls()(ivr)
    ari.calls()(5)  # error: mypy[type-var] pyright[reportArgumentType]
    ari.calls(5)  # error: mypy[arg-type] pyright[reportArgumentType]


async def verbs(call: Call) -> None:
    async def sub(call: Call) -> int:
        return len(call.args)

    assert_type(await call.ask("sound:enter", max_digits=4, valid=lambda digits: digits == "1"), Answer)
    assert_type(await call.menu("sound:menu", {"1": "sales", "2": "help"}, tries=2), str | None)
    assert_type(await call.menu("sound:menu", {"1": sub}), int | None)
    assert_type(await call.record_message("m", max_silence_seconds=3), Recorded)
    call.on(ChannelHold, lambda event: print(event.channel["id"]))
    with call.shield():
        await call.say("sound:a", ["sound:b", "digits:1"])
    await call.ask("sound:enter", max_digit=4)  # error: mypy[call-arg] pyright[reportCallIssue]
    await call.menu("sound:menu", {"1": "a"}, trys=2)  # error: mypy[call-overload] pyright[reportCallIssue]
    supervision = await call.coach(by=call)
    assert_type(supervision, Supervision[Call | Channel])
    assert_type(await supervision.wait_ended(), Call | Channel | None)
    await call.barge()  # error: mypy[call-arg] pyright[reportCallIssue]
    await call.dial("PJSIP/alice", strategy="best")  # error: mypy[arg-type] pyright[reportArgumentType]


async def outcomes(call: Call) -> str:
    result = await call.dial(["PJSIP/alice", Target("PJSIP/bob", ring_seconds=5)])
    match result:
        case Answered(leg):
            assert_type(leg, Call)
            ended = await call.talk(leg, until=call.answer)
            assert_type(ended, Ended[Call | Channel])
            return f"{leg.id} {ended.reason}"
        case Busy() | NoAnswer() | Declined():
            return ", ".join(target.status for target in result.targets)
        case Failed(cause, sip_code):
            return f"{cause} {sip_code}"
        case Cancelled():
            return "cancelled"
        case _:
            assert_never(result)


async def forgotten(call: Call) -> str:
    result = await call.dial("PJSIP/alice")
    match result:
        case Answered(leg):
            return leg.id
        case Busy() | NoAnswer() | Declined() | Failed():
            return ""
        case _:
            assert_never(result)  # error: mypy[arg-type] pyright[reportArgumentType]


async def transfers(call: Call, leg: Call) -> str:
    async def follow(request: TransferRequest[Call]) -> None:
        assert_type(await request.complete("PJSIP/bob"), TransferResult)

    await call.talk(leg, on_transfer=follow)
    async for request in leg.transfers:
        assert_type(request.other, Call | None)
    async with call.transfer_attended("PJSIP/bob", by=leg) as transfer:
        assert_type(transfer.result, DialResult)
    result = await call.transfer_blind("PJSIP/bob", by=leg)
    match result:
        case Transferred(other, ended):
            assert_type(other, Call)
            return ended.reason
        case Busy() | NoAnswer() | Declined() | Failed() | Cancelled():
            return ""
        case _:
            assert_never(result)
