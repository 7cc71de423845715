"""Where Asterisk connects to, for audio streams that are given a `server`."""

import ssl
from types import TracebackType
from typing import Self

from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._transport.listening_address import check_port, check_tls
from asterisk_ari._transport.media.listener import MediaListener
from asterisk_ari._transport.media.local_address import ANY_ADDRESS, as_host
from asterisk_ari._transport.media.runner_async import EngineRunner
from asterisk_ari.errors import BadArgument


@methods_tell_spellings
class MediaServer(ProcessBound):
    """Listens for what Asterisk sends, on one port: media WebSockets and AudioSocket on TCP, RTP on UDP.

    Use it in `with`, and give it to `ari.media`. Only connections are admitted that a stream is waiting for: each has a token
    of its own, which Asterisk puts into the query of the address, or with AudioSocket a UUID, which it says first. RTP is taken
    from the address of the stream's leg alone. All others are refused.

    Example:
        >>> async with ari.media_server("127.0.0.1", 9000, websocket_client="media") as server:
        ...     async with ari.media(channel, connect="from_asterisk", server=server) as media:
        ...         await media.say("hello.wav")
    """

    def __init__(
        self,
        ari: ClientConnection,
        host: str,
        port: int,
        *,
        websocket_client: str = "",
        external_host: str | None = None,
        ssl: ssl.SSLContext | None = None,
    ) -> None:
        self._ari = ari
        check_port(port)
        check_tls(ssl)
        self._wanted = (host, port, ssl)
        self._external_host = external_host
        self.websocket_client: str = websocket_client
        self._runner: EngineRunner | None = None
        self._listener: MediaListener | None = None
        self._address: tuple[str, int] = (host, port)

    @property
    def address(self) -> tuple[str, int]:
        """Address and port where it listens."""
        return self._address

    def reached_at(self, address: str) -> str:
        """Where Asterisk reaches it, as `host:port`.

        Args:
            address: this machine's as Asterisk sees it, for a server that listens at all.

        Example:
            >>> server.reached_at("192.0.2.7")
            '192.0.2.7:9000'
        """
        host, port = self._address
        return as_host(self._external_host or (address if host in ANY_ADDRESS else host), port)

    @property
    def refused(self) -> int:
        """How many connections, and packets of RTP, were turned away."""
        return 0 if self._listener is None else self._listener.refused

    @property
    def listener(self) -> MediaListener:
        """What listens.

        Raises:
            BadArgument: it does not listen.
        """
        if self._listener is None:
            raise BadArgument("the media server is not listening: use it in `with`", parameter="server")
        return self._listener

    async def __aenter__(self) -> Self:
        runner, listener = EngineRunner(), MediaListener()
        try:
            self._address = await runner.run(listener.start, *self._wanted)
        except BaseException:
            runner.close()
            raise
        self._runner, self._listener = runner, listener
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Listen no more; streams that were opened go on.

        Example:
            >>> await server.aclose()
        """
        runner, listener = self._runner, self._listener
        self._runner = self._listener = None
        if runner is not None and listener is not None:
            await runner.run(listener.close)
            runner.close()

    def __repr__(self) -> str:
        host, port = self._address
        return f"<{type(self).__name__} {host}:{port}, {'listening' if self._listener is not None else 'closed'}>"
