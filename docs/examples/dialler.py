"""Reminds people of an appointment, two calls a second, and calls those again who were busy or did not answer."""

import asyncio
import sys

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Call
from asterisk_ari.kits.aio import Dialled, Dialler


async def remind(call: Call) -> str | None:
    """Ask one who has answered whether they will come."""
    await call.say("sound:hello-world")
    return await call.menu(["sound:vm-press", "digits:1"], {"1": "comes", "2": "does not come"}, tries=2)


def show(one: Dialled) -> None:
    """Print what became of one."""
    print(one.endpoint, one.status, one.result or "", f"({one.attempts} calls)")


async def main(endpoints: list[str]) -> None:
    """Call all of the list."""
    async with AsyncAsteriskARI(app_name="dialler") as ari:
        dialler = Dialler(
            ari, remind, calls_per_second=2, max_calls=20, ring_seconds=25, attempts=2, retry_seconds=5, on_result=show
        )
        await dialler.run(endpoints)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
