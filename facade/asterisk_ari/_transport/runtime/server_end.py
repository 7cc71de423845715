"""The end of a listening socket."""

import asyncio


async def stop_listening(server: asyncio.Server) -> None:
    """Close a server; connections that it has accepted go on.

    One that it is just accepting gets its protocol first: asyncio up to 3.12 would forget it, and leave its socket open.
    """
    loop = asyncio.get_running_loop()
    for one in server.sockets:
        loop.remove_reader(one.fileno())
    await asyncio.sleep(0)
    server.close()
