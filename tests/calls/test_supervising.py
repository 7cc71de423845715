"""A supervisor on the call of an agent: what is asked of the server, who ends it, and what is refused."""

from typing import Any

import httpx
import pytest

from asterisk_ari.errors import BadArgument, WaitTimeout
from asterisk_ari.testing import tone
from tests.calls.conftest import World


async def supervises(call):  # type: ignore[no-untyped-def]
    async with ari.call("PJSIP/quick") as agent:  # type: ignore[name-defined]  # noqa: F821
        for role in ("spy", "coach", "barge"):
            async with await getattr(agent, role)(by=call) as supervision:
                with pytest.raises(WaitTimeout):
                    await supervision.wait_ended(0.01)
                bridge = next(one for one in await ari.bridges.list() if supervision.snoop.id in one.json["channels"])  # type: ignore[name-defined]  # noqa: F821
                results.append(sorted(bridge.json["channels"]) == sorted([supervision.snoop.id, call.id]))  # type: ignore[name-defined]  # noqa: F821
            results.append((supervision.has_ended, await supervision.wait_ended()))  # type: ignore[name-defined]  # noqa: F821
        for wrong in ({"by": agent}, {"by": "PJSIP/alice"}, {"by": agent.channel}, {"by": None}):
            with pytest.raises(BadArgument):
                await agent.coach(**wrong)
        last = await agent.coach(by=call.channel if takes_channels else call)  # type: ignore[name-defined]  # noqa: F821
        results.append("ready")  # type: ignore[name-defined]  # noqa: F821
        by = await last.wait_ended()
        results.append("agent" if by is agent else by)  # type: ignore[name-defined]  # noqa: F821
        if moves:  # type: ignore[name-defined]  # noqa: F821
            await agent.say("sound:bye")
    await call.say("sound:bye")


def supervising(world: World, *, takes_channels: bool = False, moves: bool = False) -> tuple[Any, Any]:
    """A supervisor who coaches an agent, after each role once."""
    world.program(supervises, takes_channels=takes_channels, moves=moves)
    world.start()
    phone = world.call_in()
    machine = world.asterisk.machine
    world.until(lambda: len(machine.channels) == 2)
    world.advance(1)
    world.until(lambda: "ready" in world.results)
    agent = next(one for one in list(machine.channels) if one != phone.channel_id and not one.startswith("snoop"))
    return phone, world.asterisk.phone_of(agent)


@pytest.mark.parametrize("takes_channels", [False, True])
def test_each_role_until_the_agent_hangs_up(world: World, takes_channels: bool) -> None:
    phone, agent = supervising(world, takes_channels=takes_channels)
    asked = [one for one in world.asterisk.requests if one.method == "POST" and "/snoop" in one.path]
    assert [(one.query.get("spy"), one.query.get("whisper")) for one in asked] == [
        ("both", "none"), ("both", "out"), ("both", "both"), ("both", "out"),
    ]  # fmt: skip
    agent.hang_up()
    world.hears(phone, "sound:bye")
    assert world.results == [True, (True, None)] * 3 + ["ready", "agent"]
    assert not world.asterisk.machine.bridges
    phone.hang_up()
    world.nothing_left()


def test_the_supervisor_hangs_up(world: World) -> None:
    phone, agent = supervising(world)
    phone.hang_up()
    world.until(lambda: agent.ended)
    world.nothing_left()
    assert world.results == [True, (True, None)] * 3 + ["ready"]  # the program ended where it waited


def test_another_bridge_takes_the_supervisor(world: World) -> None:
    phone, agent = supervising(world, moves=True)
    machine = world.asterisk.machine
    (bridge,) = machine.bridges
    httpx.post(
        f"{world.asterisk.url}/ari/bridges/{bridge}/removeChannel",
        params={"channel": phone.channel_id},
        auth=(world.asterisk.username, world.asterisk.password),
    ).raise_for_status()
    world.hears(agent, "sound:bye")
    ready, by = world.results[-2:]
    assert (ready, by.channel.id) == ("ready", phone.channel_id)
    phone.hang_up()
    world.nothing_left()


HERTZ = {"customer": 500, "agent": 800, "supervisor": 1300}
HEARD = {
    "": {"customer": {"agent"}, "agent": {"customer"}, "supervisor": set()},
    "spy": {"customer": {"agent"}, "agent": {"customer"}, "supervisor": {"customer", "agent"}},
    "coach": {"customer": {"agent"}, "agent": {"customer", "supervisor"}, "supervisor": {"customer", "agent"}},
    "barge": {"customer": {"agent", "supervisor"}, "agent": {"customer", "supervisor"}, "supervisor": {"customer", "agent"}},
}


async def one_role_after_the_other(call):  # type: ignore[no-untyped-def]
    """The customer calls the agent; each key of the supervisor's begins another role."""
    await call.answer()
    async with ari.call("PJSIP/quick") as agent, ari.call("PJSIP/quick") as customer:  # type: ignore[name-defined]  # noqa: F821
        bridge = await agent.bridge()
        await bridge.add_channel([agent, customer])
        results.append({"agent": agent.id, "customer": customer.id, "supervisor": call.id})  # type: ignore[name-defined]  # noqa: F821
        for role in ("spy", "coach", "barge"):
            await call.channel.collect_digits(max_digits=1, first_seconds=60)
            async with await getattr(agent, role)(by=call):
                results.append(role)  # type: ignore[name-defined]  # noqa: F821
                await call.channel.collect_digits(max_digits=1, first_seconds=60)
            results.append("")  # type: ignore[name-defined]  # noqa: F821


def test_who_hears_whom(world: World) -> None:
    """All speak at the same time, each a tone of their own."""
    world.program(one_role_after_the_other)
    world.start()
    supervisor = world.call_in()
    for count in (2, 3):
        world.until(lambda count=count: len(world.asterisk.machine.channels) == count)  # type: ignore[misc]
        world.advance(1)
    world.until(lambda: world.results)
    phones = {name: world.asterisk.phone_of(channel_id).listen() for name, channel_id in world.results.pop().items()}
    world.until(lambda: any(len(one.channels) == 2 for one in list(world.asterisk.machine.bridges.values())))
    before = {(name, other): 0.0 for name in phones for other in phones}
    for role in ("", "spy", "", "coach", "", "barge"):
        if role or before["customer", "agent"]:
            supervisor.press("1")
            world.until(lambda role=role: world.results[-1:] == [role])  # type: ignore[misc]
        for name, phone in phones.items():
            phone.says(tone(HERTZ[name], seconds=2))
        world.advance(2.5)
        now = {(name, other): phones[name].heard.seconds_of(tone(HERTZ[other])) for name, other in before}
        heard = {name: {other for other in phones if now[name, other] - before[name, other] > 1.5} for name in phones}
        assert heard == HEARD[role], role
        before = now
    supervisor.hang_up()
    world.nothing_left()
