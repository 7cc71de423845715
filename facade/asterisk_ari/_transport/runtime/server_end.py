"""The end of a listening socket."""

import asyncio


async def stop_listening(server: asyncio.Server) -> None:
    """Close a server; connections that it has accepted stay open.

    A connection that is just being accepted gets its protocol first: asyncio up to 3.12 would lose it and leave its socket open.
    """
    loop = asyncio.get_running_loop()
    for one in server.sockets:
        loop.remove_reader(one.fileno())
    await asyncio.sleep(0)
    server.close()
