"""A program that Asterisk connects to, to be ended from outside: `PORT FILE`.

It appends the value of each variable `n` that is set, as its handler sees it; a line on stdout says that it is connected.
"""

import asyncio
import os
import signal
import sys
from typing import Any

from asterisk_ari.aio import AriListener


async def main(port: int, file: str) -> None:
    seen = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    async with AriListener("127.0.0.1", port, credentials={"outuser": "outpass"}) as listener:
        endings: list[asyncio.Task[None]] = []

        def end() -> None:
            endings.append(asyncio.ensure_future(listener.drain(5)))

        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
        async for session in listener:

            async def note(event: Any) -> None:
                if event["variable"] == "n":
                    os.write(seen, f"{os.getpid()} {event['value']} {int(event.late)}\n".encode())

            session.on("ChannelVarset", note)
            await session.connect()
            print("connected", flush=True)
        await asyncio.gather(*endings)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
