"""The gateway: beside each Asterisk, it publishes its events to NATS and answers the requests of workers."""

import asyncio
import logging
import os
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import msgspec
from nats.aio.msg import Msg

from asterisk_ari._core.requests.names import check_apps
from asterisk_ari._core.requests.plan import build
from asterisk_ari._core.requests.response import Response
from asterisk_ari.cluster._core.messages import (
    ADOPT,
    Announcement,
    GatewayReply,
    GatewayState,
    WorkerRequest,
    as_placed,
    decode_request,
    encode_json,
    encode_reply,
    failure,
    refusal,
    request_of,
    with_node,
)
from asterisk_ari.cluster._core.outbox import Outbox
from asterisk_ari.cluster._core.owners import Owners, address_of, created_by
from asterisk_ari.cluster._core.subjects import ALL_WORKERS, ASK_NODES, announcement, check_node, of_event, requests
from asterisk_ari.cluster.asterisk_side import AsteriskSide
from asterisk_ari.cluster.event_publisher import EventPublisher
from asterisk_ari.cluster.nats_link import NatsLink, NatsOptions, Servers
from asterisk_ari.cluster.new_calls import NewCalls
from asterisk_ari.errors import AriError, NotSent, OutcomeUnknown, TransportError
from asterisk_ari.events import Event
from asterisk_ari.settings import Secret, load

_log = logging.getLogger("asterisk_ari.cluster")

ANNOUNCE_SECONDS = 1.0
CLOSE_SECONDS = 3.0
NAME_SUBJECTS_SECONDS = 10
_ANSWER_ROOM_BYTES = 2048


class Gateway:
    """Publishes the events of one Asterisk to NATS, distributes its new calls, and answers the requests of workers.

    One gateway runs beside each Asterisk. Asterisk and NATS may be started later, and may go away and come back: while NATS is
    unreachable, events are buffered, up to `buffer_bytes`; events that do not fit, and those missed while the WebSocket to
    Asterisk was lost, are a gap that is reported to workers.

    Args:
        node: name of this Asterisk in the cluster: a-z, 0-9, - and _.
        servers: the NATS server, `nats://host:4222`, or several servers of one NATS cluster.
        url: the URL of Asterisk's HTTP server; None takes ARI_URL and the other variables, as `AsyncAsteriskARI`.
        username: user of ari.conf.
        password: its password.
        app_name: the Stasis app whose calls the workers share.
        apps: further apps.
        verify: whether to check Asterisk's certificate; or an SSL context.
        labels: labels by which workers choose nodes, {"site": "berlin"}.
        subscribe_all: publish all events of this Asterisk; those that belong to no worker go to all workers.
        buffer_bytes: how many bytes of events to buffer while NATS is unreachable.
        retention_seconds: how long NATS keeps events; takes effect when this gateway creates the stream.
        retention_bytes: how many bytes of events NATS keeps at most; takes effect likewise.
        request_timeout_seconds: how long Asterisk may take to respond.
        nats: options of `nats.connect`: user, password, token, user_credentials, nkeys_seed, tls, tls_hostname.

    Raises:
        BadArgument: an invalid name or setting.

    Example:
        >>> async with Gateway("berlin-1", servers="nats://10.0.0.5:4222", app_name="support") as gateway:
        ...     await gateway.run()
    """

    def __init__(
        self,
        node: str,
        *,
        servers: Servers = "nats://127.0.0.1:4222",
        url: str | None = None,
        username: str | None = None,
        password: str | None = None,
        app_name: str | None = None,
        apps: tuple[str, ...] | list[str] = (),
        verify: bool | ssl.SSLContext | None = None,
        labels: Mapping[str, str] | None = None,
        subscribe_all: bool = False,
        buffer_bytes: int = 64 * 1024 * 1024,
        retention_seconds: float = 600.0,
        retention_bytes: int = 256 * 1024 * 1024,
        request_timeout_seconds: float | None = None,
        nats: NatsOptions | None = None,
    ) -> None:
        given: dict[str, Any] = {"app_name": app_name} if app_name is not None else {}
        self._settings = load(
            url=Secret.of(url), username=username, password=Secret.of(password), apps=tuple(apps), verify=verify,
            subscribe_all=subscribe_all, request_timeout_seconds=request_timeout_seconds, **given,
        )  # fmt: skip
        check_apps(self._settings.all_apps)
        self.node: str = check_node(node)
        self.labels: dict[str, str] = dict(labels or {})
        # A restarted gateway continues above the numbers of the previous run.
        self._outbox = Outbox(buffer_bytes, time.time_ns() // 1000)
        self._link = NatsLink(servers, f"ari-gateway-{node}", nats or {})
        self._publisher = EventPublisher(
            self._link, self._outbox, retention_seconds=retention_seconds, retention_bytes=retention_bytes
        )
        self._begin()

    def _begin(self) -> None:
        self._run_id = uuid4().hex[:12]
        self._states = 0
        self._owners = Owners()
        self._new_calls = NewCalls(self.node, self._link, self._owners, self._publish)
        self._is_open = self._is_draining = False
        self._has_subscribed = False
        self._seen: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._background: list[asyncio.Task[None]] = []
        self._stopped = asyncio.Event()
        self._failure: AriError | None = None
        self._side: AsteriskSide | None = None

    @property
    def _asterisk(self) -> AsteriskSide:
        """Created in the event loop, on first use."""
        if self._side is None:
            self._side = AsteriskSide(
                self._settings, self._route, on_lost=self._lost, on_open=self._opened, on_failed=self._failed
            )
        return self._side

    # -- life cycle --

    async def start(self) -> None:
        """Connect to Asterisk, waiting for it if necessary, and start connecting to NATS; return once Asterisk is connected.

        Raises:
            AuthenticationFailed, EventStreamRefused: Asterisk refuses the user or the apps.

        Example:
            >>> await gateway.start()
        """
        self._link.on_connected.append(self._connected)
        self._publisher.start()
        self._background.append(asyncio.create_task(self._connect(), name="ari-gateway-connect"))
        self._background.append(asyncio.create_task(self._announce(), name="ari-gateway-announce"))
        await self._asterisk.start()

    async def run(self) -> None:
        """Serve until `stop()`, or until Asterisk refuses the apps permanently.

        Raises:
            EventStreamRefused: Asterisk refuses the apps.

        Example:
            >>> await gateway.run()
        """
        await self._stopped.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Make `run()` return.

        Example:
            >>> gateway.stop()
        """
        self._stopped.set()

    async def drain(self, seconds: float) -> int:
        """Stop workers from placing new calls here, and wait for the existing calls to end.

        Calls that Asterisk sends into the apps are still distributed: divert them in the SIP proxy or the dialplan.

        Args:
            seconds: how long to wait.

        Returns:
            The number of calls that are still up.

        Example:
            >>> await gateway.drain(600)
            0
        """
        self._is_draining = True
        deadline = time.monotonic() + seconds
        await self._announce_now()
        while self._owners.calls and (left := deadline - time.monotonic()) > 0 and not self._stopped.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, 0.1)):
                    await self._stopped.wait()
        return self._owners.calls

    async def close(self) -> None:
        """Publish buffered events, notify the workers, and close all connections; calls on Asterisk continue.

        Example:
            >>> await gateway.close()
        """
        self._stopped.set()
        await self._asterisk.close()
        await self._new_calls.close()
        if self._is_open:
            self._state("lost", "the gateway was stopped")
        self._is_open = False
        await self._announce_now(leaving=True)
        if left := await self._publisher.close(CLOSE_SECONDS):
            _log.error("%d events could not be published before the gateway ended", left)
        for task in (*self._background, *self._tasks):
            task.cancel()
        await asyncio.gather(*self._background, *self._tasks, return_exceptions=True)
        await self._link.close()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    @property
    def calls(self) -> int:
        """The number of channels in the apps.

        Example:
            >>> gateway.calls
            17
        """
        return self._owners.calls

    @property
    def waiting_events(self) -> int:
        """The number of events that NATS has not stored yet.

        Example:
            >>> gateway.waiting_events
            0
        """
        return len(self._outbox)

    # -- NATS --

    async def _connect(self) -> None:
        while True:
            try:
                await self._link.connect(5.0)
            except NotSent as error:
                _log.warning("%s; events wait for it", error)
                await asyncio.sleep(ANNOUNCE_SECONDS)
            else:
                return

    async def _connected(self) -> None:
        if not self._has_subscribed:  # nats-py renews subscriptions by itself
            self._has_subscribed = True
            await self._link.client.subscribe(requests(self.node), cb=self._asked)
            await self._link.client.subscribe(ASK_NODES, cb=self._asked_who)
            await self._new_calls.recover()  # from the stream: the owners of channels that existed before this gateway started
        await self._publisher.connected()
        await self._announce_now()

    def _tell_of_lost(self) -> None:
        """Report a gap where events were lost, now that there is room again."""
        self._outbox.restart()
        self._state("lost", "events could not be published: NATS was away for too long")
        if self._is_open:
            self._state("open")

    async def _asked_who(self, _message: Msg) -> None:
        await self._announce_now()

    async def _announce(self) -> None:
        for second in count():
            if second % NAME_SUBJECTS_SECONDS == 0:
                self._outbox.name_subjects_again()
            if self._outbox.overflowed and not len(self._outbox):  # before that there is no room to report it
                self._tell_of_lost()
            await self._announce_now()
            await asyncio.sleep(ANNOUNCE_SECONDS)

    async def _announce_now(self, *, leaving: bool = False) -> None:
        if not self._link.is_connected:
            return
        said = Announcement(
            self.node, self._run_id, time.time(), self._settings.all_apps, self.labels, self._owners.calls,
            self._is_open, self._is_draining, leaving,
        )  # fmt: skip
        try:
            await self._link.publish(announcement(self.node), encode_json(said))
        except NotSent as error:
            _log.debug("not announced: %s", error)

    # -- events --

    def _route(self, frames: list[bytes], _now: float) -> list[Event]:
        about_connection: list[Event] = []
        for frame in frames:
            address = address_of(frame)
            if address.type == "ApplicationReplaced":
                about_connection.append(Event(msgspec.json.decode(frame)))
            objects = address.objects()
            if not self._new_calls.hold(address, objects, frame):
                delivery = self._owners.delivery(address, objects)
                if delivery is None:
                    self._new_calls.begin(address, frame)
                else:
                    if address.type == "StasisStart" and self._owners.is_placed(delivery.object):
                        frame = as_placed(frame)  # noqa: PLW2901
                    for worker in delivery.workers:
                        self._publish(address.application, delivery.object, worker, frame)
        self._publisher.wake()
        return about_connection

    def _publish(self, app: str, subject: str, worker: str, frame: bytes) -> None:
        outbox = self._outbox
        channel = subject.removeprefix("channel:")
        numbered = with_node(self.node, outbox.next_number, frame)
        if not outbox.add(of_event(self.node, app, channel, worker), worker, numbered):
            if outbox.lost == 1:
                _log.error("events are lost: NATS is away, and more of them wait than buffer_bytes allows")
            return
        self._publisher.wake()

    def _state(self, state: str, reason: str = "") -> None:
        """Tell all workers where a gap begins or ends, in the order of their events."""
        if state == "lost":
            self._states += 1
        for worker in sorted({ALL_WORKERS, *self._owners.workers}):
            said = encode_json(GatewayState(self.node, self._run_id, self._states, state, reason))
            self._outbox.add(of_event(self.node, "", "", worker), worker, said)
        self._publisher.wake()

    def _lost(self, reason: str) -> None:
        self._is_open = False
        self._state("lost", reason)
        self._spawn(self._announce_now())

    def _opened(self) -> None:
        self._is_open = True
        self._state("open")
        self._spawn(self._announce_now())
        self._spawn(self._list_calls())

    async def _list_calls(self) -> None:
        """Find out which channels are in the apps, and forget the owners of all others; events of channels without an owner go to
        all workers."""
        for app in self._settings.all_apps:
            try:
                found: Any = await self._asterisk.fetch("applications.get", applicationName=app)
            except AriError as error:
                _log.debug("the channels of %s are not known: %s", app, error)
                continue
            self._owners.only_in_app({f"channel:{one}" for one in found["channel_ids"]})

    def _failed(self, error: AriError) -> None:
        self._failure = error
        self._is_open = False
        self._state("lost", str(error))
        self._stopped.set()

    # -- requests --

    async def _asked(self, message: Msg) -> None:
        self._spawn(self._answer(message))

    def _spawn(self, coroutine: Any) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, message: Msg) -> None:
        try:
            asked = decode_request(message.data)
        except msgspec.DecodeError as error:
            _log.warning("a request that cannot be read: %s", error)
            return
        if message.reply in self._seen:
            return  # NATS delivered it twice
        self._forget_seen()
        self._seen[message.reply] = asked.deadline
        reply = await self._outcome(asked)
        data = encode_reply(reply)
        if len(data) > self._link.client.max_payload - _ANSWER_ROOM_BYTES:
            size = f"the answer has {len(data)} bytes, and NATS carries {self._link.client.max_payload} (max_payload)"
            data = encode_reply(failure(OutcomeUnknown(f"{asked.operation} {asked.method} {asked.path}: {size}")))
        try:
            await self._link.publish(message.reply, data)
        except NotSent as error:
            _log.warning("the answer to %s %s of %s is lost: %s", asked.method, asked.path, asked.worker, error)

    async def _outcome(self, asked: WorkerRequest) -> GatewayReply:
        named = f"{asked.operation} {asked.method} {asked.path}"
        late = time.time() - asked.deadline
        if late > 0:
            why = f"it reached the gateway {late:.1f} s after nobody waited for it any more, and was not sent to Asterisk"
            return failure(NotSent(f"{named}: {why}"))
        if asked.operation == ADOPT:
            return await self._adopt(asked)
        request = request_of(asked)
        created = [one for one in created_by(request) if self._owners.owner(one) is None]
        for subject in created:  # its first event may arrive before the response
            self._owners.place(subject, asked.worker)
        try:
            response = await self._asterisk.send(request)
        except TransportError as error:
            if isinstance(error, NotSent):
                self._disown(created)
            return failure(error)
        if not 200 <= response.status_code <= 299:
            self._disown(created)
        elif asked.only_owned and asked.operation == "applications.get":
            response = self._only_owned(response, asked.worker)
        return GatewayReply(response.status_code, dict(response.headers), response.content)

    async def _adopt(self, asked: WorkerRequest) -> GatewayReply:
        """Pass a channel of a dead worker to the requesting one; without a channel, everything else the dead worker owned."""
        dead, channel_id = asked.params["dead"], asked.params["channelId"]
        if not channel_id:
            is_done = self._owners.inherit(dead, asked.worker)
            return GatewayReply(204) if is_done else refusal(409, f"channels of {dead} are in the apps")
        try:
            response = await self._asterisk.send(build("channels.get", {"channelId": channel_id}))
        except TransportError as error:
            return failure(NotSent(str(error)))  # nothing was changed
        if not 200 <= response.status_code <= 299:
            return GatewayReply(response.status_code, dict(response.headers), response.content)
        if not self._new_calls.adopt(asked.params["application"], response.json(), dead, asked.worker, asked.json):
            return refusal(409, f"{dead} has no such channel in the apps")
        return GatewayReply(204)

    def _disown(self, subjects: list[str]) -> None:
        for subject in subjects:
            self._owners.disown(subject)

    def _only_owned(self, response: Response, worker: str) -> Response:
        """The app as one worker knows it: with its own channels alone."""
        app = response.json()
        app["channel_ids"] = [one for one in app["channel_ids"] if self._owners.owner(f"channel:{one}") == worker]
        return Response(response.status_code, response.headers, encode_json(app))

    def _forget_seen(self) -> None:
        if len(self._seen) > 10_000:
            now = time.time()
            self._seen = {reply: deadline for reply, deadline in self._seen.items() if deadline > now}

    def __repr__(self) -> str:
        return f"Gateway({self.node!r}, {self._settings.base_url}, NATS {self._link.where}, process {os.getpid()})"
