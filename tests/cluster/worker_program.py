"""A worker that tells each event in a line of JSON: NATS_URL WORKER [APP [LEASE_SECONDS [NAME=ENDPOINT…]]].

With leases it runs a program, too, which calls legs at these endpoints.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from asterisk_ari.aio import DurableCall
from asterisk_ari.cluster import ClusterARI
from asterisk_ari.errors import Conflict
from asterisk_ari.events import ChannelDtmfReceived, ChannelVarset, ConnectionLost, Event, Reconnected, StasisEnd, StasisStart
from asterisk_ari.leases.aio import NatsLeases


def tell(kind: str, **what: Any) -> None:
    os.write(1, f"{json.dumps({'type': kind, 'at': time.monotonic(), **what})}\n".encode())


LEGS = ("agent=PJSIP/agent", "ringing=PJSIP/rings")


def is_go(event: Event) -> bool:
    """What the program waits for: a digit, or a variable where nobody can press one."""
    return event.get("digit") is not None or event.get("variable") == "go"


def program(ari: ClusterARI, tell: Callable[..., None], legs: Sequence[str] = LEGS) -> Callable[[DurableCall], Awaitable[None]]:
    """Two steps with a digit between them, in a bridge, and legs."""

    async def note(call: str, step: str) -> dict[str, Any]:
        tell("step", call=call, step=step)
        return {"by": ari.worker}

    async def serve(call: DurableCall) -> None:
        address = ari.address(call)
        tell("begins", call=address, adopted=call.adopted, args=list(call.args))
        first = await call.step("first", note, address, "first")
        await call.answer()
        with contextlib.suppress(Conflict):
            bridge = await ari.bridges.create("mixing", bridge_id=call.id_for("talk"))
            await bridge.add_channel(call.channel)
            for name, _, endpoint in (leg.partition("=") for leg in legs):
                await ari.channels.originate(endpoint, app=ari.apps[0], channel_id=call.id_for(name))
        tell("waits", call=address, first=first)
        await call.channel.wait_for(("ChannelDtmfReceived", "ChannelVarset"), match=is_go)
        await call.step("second", note, address, "second")

    return serve


async def main(nats_url: str, worker: str, app: str = "support", lease_seconds: str = "", *legs: str) -> None:
    leases = NatsLeases(nats_url, seconds=float(lease_seconds)) if lease_seconds else None
    ari = ClusterARI(nats_url, worker=worker, app_name=app, leases=leases)
    if leases is not None:
        ari.calls()(program(ari, tell, legs or LEGS))

    @ari.on((StasisStart, StasisEnd, ChannelDtmfReceived, ChannelVarset))
    def heard(event: Event) -> None:
        value = event.get("digit") or (event.get("value") if event.get("variable") == "n" else None)
        tell(event.type, call=f"{event['node']}/{event.channel_id}", value=value)

    @ari.on(ConnectionLost)
    def lost(event: ConnectionLost) -> None:
        tell("ConnectionLost")

    @ari.on(Reconnected)
    def back(event: Reconnected) -> None:
        tell("Reconnected", vanished=list(event.vanished))

    async with ari:
        tell("ready")
        await ari.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
