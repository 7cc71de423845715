"""One connection to NATS: requests with distinct failures, and what NATS refuses."""

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from asterisk_ari.cluster.errors import NatsUnavailable

_log = logging.getLogger("asterisk_ari.cluster")

NO_RESPONDERS = "503"
CLOSE_SECONDS = 2
_REFUSED = re.compile(r"permissions violation for (publish|subscription) to \"([^\"]+)\"", re.IGNORECASE).search

Servers = str | Sequence[str]
NatsOptions = Mapping[str, Any]


class NoResponders(Exception):
    """Nobody is subscribed to the subject of a request: nobody received it."""


class AnswerLost(Exception):
    """The connection was lost before the answer arrived: the request may have been executed."""


class _Pending(NamedTuple):
    """A request that is waiting for its answer."""

    subject: str
    answer: asyncio.Future[Msg]
    deadline: float

    def fail(self, error: Exception) -> None:
        """End the wait: there will be no answer."""
        if not self.answer.done():
            self.answer.set_exception(error)


class NatsLink:
    """A connection that is reopened automatically. Messages published while it is lost are refused, not sent later.

    Args:
        servers: one address or several, `nats://host:4222`.
        name: the name under which NATS lists the connection.
        options: options of `nats.connect`: user, password, token, user_credentials, nkeys_seed, tls, tls_hostname, …
    """

    def __init__(self, servers: Servers, name: str, options: NatsOptions) -> None:
        self._servers = [servers] if isinstance(servers, str) else list(servers)
        self._name = name
        self._options = options
        self._client: Client | None = None
        self._pending: dict[str, _Pending] = {}
        self._expiry: asyncio.TimerHandle | None = None
        self._number = 0
        self._inbox = ""
        self._refused: dict[str, str] = {}
        self._last_error: BaseException | None = None
        self.on_connected: list[Callable[[], Awaitable[None]]] = []

    @property
    def where(self) -> str:
        """The addresses, without passwords."""
        return ", ".join((urlsplit(one if "//" in one else f"nats://{one}").netloc.rpartition("@")[2]) for one in self._servers)

    @property
    def client(self) -> Client:
        """The connection of nats-py.

        Raises:
            NatsUnavailable: there is no connection yet.
        """
        if self._client is None:
            raise self._unavailable()
        return self._client

    @property
    def jetstream(self) -> JetStreamContext:
        """Streams and their consumers."""
        return self.client.jetstream()

    @property
    def is_connected(self) -> bool:
        """Whether NATS is connected now."""
        return self._client is not None and self._client.is_connected

    async def connect(self, seconds: float | None) -> None:
        """Connect within so many seconds; None means no limit.

        Raises:
            NatsUnavailable: no server could be reached in time, or the credentials are wrong.
        """
        options = {"reconnect_time_wait": 0.25, "connect_timeout": 2, "ping_interval": 5, **self._options}
        client = Client()
        self._last_error = None
        connecting = asyncio.ensure_future(
            client.connect(
                self._servers,
                name=self._name,
                max_reconnect_attempts=-1,
                error_cb=self._failed,
                reconnected_cb=self._connected,
                disconnected_cb=self._lost,
                **options,
            )
        )
        try:
            await asyncio.wait({connecting}, timeout=seconds)
            if not connecting.done():
                raise self._unavailable()
            connecting.result()
        except (OSError, NatsError, ValueError, TimeoutError) as error:
            self._note(error)
            raise self._unavailable() from error
        finally:
            if not connecting.done() or connecting.cancelled() or connecting.exception() is not None:
                await _end(connecting)
                await _close(client)
        self._client = client
        self._inbox = client.new_inbox()
        await client.subscribe(f"{self._inbox}.*", cb=self._answered)
        await self._connected()

    async def close(self) -> None:
        """Close; pending requests end with NatsUnavailable."""
        client, self._client = self._client, None
        for asked in self._pending.values():
            asked.fail(NatsUnavailable("the connection to NATS was closed"))
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if client is not None:
            with contextlib.suppress(NatsError, OSError, TimeoutError):
                if client.is_connected:
                    await client.flush(CLOSE_SECONDS)
            await _close(client)

    def _unavailable(self) -> NatsUnavailable:
        why = str(self._last_error) or type(self._last_error).__name__ if self._last_error is not None else "no answer"
        why = why.removeprefix("nats: ").strip("'")
        remedy = "is nats-server running there?"
        if self._last_error is not None and _is_refusal(self._last_error):
            remedy = "check user, password, token or credentials"
        return NatsUnavailable(f"no connection to NATS at {self.where}: {why}", remedy=remedy)

    async def _connected(self) -> None:
        self._refused.clear()
        self._last_error = None
        for told in self.on_connected:
            await told()

    async def _lost(self) -> None:
        if self._client is not None:
            _log.warning("the connection to NATS at %s is lost; it is opened again", self.where)
        for asked in self._pending.values():
            asked.fail(AnswerLost(f"the connection to NATS at {self.where} was lost"))

    def _note(self, error: Exception) -> None:
        """Remember why NATS cannot be reached. Refused credentials stay the reason: further attempts may only be reset."""
        if self._last_error is None or not _is_refusal(self._last_error):
            self._last_error = error

    async def _failed(self, error: Exception) -> None:
        self._note(error)
        if (found := _REFUSED(str(error))) is None:
            _log.debug("NATS: %s", error)
            return
        verb, subject = found[1].lower(), found[2]
        if subject not in self._refused:
            _log.error("NATS does not let this user %s %s", "publish to" if verb == "publish" else "subscribe to", subject)
        self._refused[subject] = verb
        for asked in self._pending.values():
            if asked.subject == subject:
                asked.fail(self._refusal(subject))

    def _refusal(self, subject: str) -> NatsUnavailable:
        verb = "publish to" if self._refused.get(subject) == "publish" else "subscribe to"
        return NatsUnavailable(
            f"NATS at {self.where} does not let this user {verb} {subject}",
            remedy="see the permissions of workers and gateways in the guide of clusters",
        )

    def refusal(self, *subjects: str) -> NatsUnavailable | None:
        """The error for a refusal of one of these subjects, if there was one; without subjects, of any."""
        for subject in self._refused:
            if not subjects or any(subject.startswith(one.rstrip("*>")) for one in subjects):
                return self._refusal(subject)
        return None

    async def publish(self, subject: str, payload: bytes, reply: str = "") -> None:
        """Publish.

        Raises:
            NatsUnavailable: there is no connection: nothing was sent.
        """
        if self._client is None or not self._client.is_connected:
            raise self._unavailable()
        try:
            await self._client.publish(subject, payload, reply=reply)
        except (NatsError, OSError) as error:
            raise NatsUnavailable(f"not published to NATS at {self.where}: {error}") from error

    async def request(self, subject: str, payload: bytes, seconds: float) -> bytes:
        """Send a request, and wait for the answer.

        Raises:
            NoResponders: nobody is subscribed.
            NatsUnavailable: nothing was sent: no connection, or no permission.
            AnswerLost, TimeoutError: no answer arrived, or none in time: the request may have been executed.
        """
        self._number += 1
        reply = f"{self._inbox}.{self._number}"
        loop = asyncio.get_running_loop()
        asked = self._pending[reply] = _Pending(subject, loop.create_future(), loop.time() + seconds)
        self._expire_at(asked.deadline)
        try:
            await self.publish(subject, payload, reply)
            message = await asked.answer
        finally:
            del self._pending[reply]
        if is_unanswerable(message):
            raise NoResponders(subject)
        return message.data

    async def _answered(self, message: Msg) -> None:
        asked = self._pending.get(message.subject)
        if asked is not None and not asked.answer.done():
            asked.answer.set_result(message)

    # One timer for all requests: individual ones would stay in the event loop until they expire, long after the answer.
    def _expire_at(self, deadline: float) -> None:
        if self._expiry is None or deadline < self._expiry.when():
            if self._expiry is not None:
                self._expiry.cancel()
            self._expiry = asyncio.get_running_loop().call_at(deadline, self._expire)

    def _expire(self) -> None:
        self._expiry = None
        now = asyncio.get_running_loop().time()
        for asked in self._pending.values():
            if asked.deadline <= now:
                asked.fail(TimeoutError())
        left = [asked.deadline for asked in self._pending.values() if asked.deadline > now]
        if left:
            self._expire_at(min(left))


async def _end(task: asyncio.Future[Any] | None) -> None:
    """Cancel a task of nats-py until it has ended: before Python 3.12 `asyncio.wait_for` may lose a cancellation."""
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.05)


async def _close(client: Client) -> None:
    await _end(client._reconnection_task)  # it would continue forever
    with contextlib.suppress(Exception):
        await client.close()


def is_unanswerable(message: Msg) -> bool:
    """Whether NATS itself answered that nobody is subscribed."""
    return not message.data and message.headers is not None and message.headers.get("Status") == NO_RESPONDERS


def _is_refusal(error: BaseException) -> bool:
    """Whether NATS has refused the credentials."""
    return "authori" in str(error).lower()
