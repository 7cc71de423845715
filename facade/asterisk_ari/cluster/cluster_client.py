"""`ClusterARI`: many Asterisk servers behind one client."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, cast, overload

import msgspec
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from asterisk_ari._async.client import AsyncAsteriskARI
from asterisk_ari._async.events.stop_signal import StopSignal
from asterisk_ari._core.events.event_types import names_of
from asterisk_ari._core.requests.handles import subject_in
from asterisk_ari._core.requests.names import check_apps
from asterisk_ari._transport.log_switch import switch_on
from asterisk_ari.cluster._core.messages import STATE_BEGINS, decode_announcement, decode_state
from asterisk_ari.cluster._core.placement import Node
from asterisk_ari.cluster._core.routing import Addressed, address
from asterisk_ari.cluster._core.subjects import ALL_WORKERS, ANNOUNCEMENTS, ASK_NODES, check_worker, offers
from asterisk_ari.cluster.errors import NatsUnavailable
from asterisk_ari.cluster.known_nodes import KnownNodes
from asterisk_ari.cluster.nats_link import NatsLink, NatsOptions, Servers
from asterisk_ari.cluster.node_client import NodeClient
from asterisk_ari.cluster.routed import HERE, ClusterRegistration, RoutedCollection, RoutedMethods, find, in_node
from asterisk_ari.cluster.worker_events import WorkerEvents
from asterisk_ari.cluster.worker_lease import WorkerLease
from asterisk_ari.errors import AriError, BadArgument, WaitTimeout
from asterisk_ari.settings import ANSWER_TIMEOUT_SECONDS, DEFAULT_APP, TuningOptions

if TYPE_CHECKING:
    from types import TracebackType

    from asterisk_ari._async.calls.placing import OriginateOptions
    from asterisk_ari._async.events.waiters import Waiter
    from asterisk_ari._async.workers.leases import Leases
    from asterisk_ari._async.workers.pool import F
    from asterisk_ari._core.handler_types import E2, E3, E, EventClasses, EventTypes, HandlerDecorator, R
    from asterisk_ari.aio import (
        Applications,
        Asterisk,
        Bridges,
        Call,
        Channel,
        Channels,
        DeviceStates,
        Endpoint,
        Endpoints,
        Events,
        Mailboxes,
        Playbacks,
        Recordings,
        Sounds,
    )
    from asterisk_ari.events import Event

_log = logging.getLogger("asterisk_ari.cluster")

FIRST_NODE_SECONDS = 1.0
QUEUE = "workers"
T = TypeVar("T")


class ClusterARI(RoutedMethods):
    """One client for many Asterisk servers: a worker, of which several may run.

    A `Gateway` runs beside each Asterisk, and NATS connects them. The workers of an app share its new calls: each call belongs to
    one worker, which receives all its events in order, also those that arrived while the worker was restarting. Everything in
    `AsyncAsteriskARI` is available here too; handles, events and programs know the node they belong to. A plain id carries its
    node, `berlin-1/1735689600.1`; in a handler or program an id without a node refers to the node of that call, and new objects
    are created there. Elsewhere new objects go to the node with the fewest calls, unless `choose` selects another.

    Args:
        servers: the NATS server, `nats://host:4222`, or several servers of one NATS cluster.
        worker: name of this worker, which it must keep after a restart; None takes the host name, which is right if each machine
            runs one worker.
        app_name: the Stasis app whose calls it serves, one of the gateways'.
        apps: further apps.
        capacity: how many calls this worker takes at the same time; None means no limit.
        leases: where workers tell each other that they are alive, for example `NatsLeases` of `asterisk_ari.leases.aio`: when one
            dies, another takes over its calls and runs the program for each again. None: its calls wait until it is restarted.
        connect_timeout_seconds: the time limit for connecting to NATS.
        request_timeout_seconds: the time limit for each request.
        strict: let the documented methods raise where they would return False or None.
        on_error: called with each exception of a handler, and its event.
        nats: options of `nats.connect`: user, password, token, user_credentials, nkeys_seed, tls, tls_hostname.
        options: further fields of `Settings`, as for `AsyncAsteriskARI`.

    Raises:
        BadArgument: an invalid name or setting.

    Example:
        >>> async with ClusterARI("nats://10.0.0.5:4222", worker="worker-1", app_name="support") as ari:
        ...     @ari.calls()
        ...     async def serve(call: Call) -> None:
        ...         await call.answer()
        ...     await ari.run()
    """

    def __init__(
        self,
        servers: Servers = "nats://127.0.0.1:4222",
        *,
        worker: str | None = None,
        app_name: str = DEFAULT_APP,
        apps: tuple[str, ...] | list[str] = (),
        capacity: int | None = None,
        leases: Leases | None = None,
        connect_timeout_seconds: float = 5.0,
        request_timeout_seconds: float = 30.0,
        strict: bool = False,
        on_error: Callable[..., Any] | None = None,
        nats: NatsOptions | None = None,
        **options: Unpack[TuningOptions],
    ) -> None:
        switch_on()
        if capacity is not None and (not isinstance(capacity, int) or capacity < 1):
            raise BadArgument(f"capacity is how many calls, at least 1, not {capacity!r}", parameter="capacity")
        self.worker: str = check_worker(socket.gethostname().replace(".", "-") if worker is None else worker)
        self.apps: tuple[str, ...] = tuple(dict.fromkeys((app_name, *apps)))
        check_apps(self.apps)
        self._capacity = capacity
        self._connect_seconds = connect_timeout_seconds
        self._options: dict[str, Any] = {
            "app_name": app_name, "apps": tuple(apps), "request_timeout_seconds": request_timeout_seconds, "strict": strict,
            "on_error": on_error, **options,
        }  # fmt: skip
        self._checked = AsyncAsteriskARI("cluster", app_name=app_name, apps=tuple(apps))
        self._link = NatsLink(servers, f"ari-worker-{self.worker}", nats or {})
        self._nodes: KnownNodes = KnownNodes(self._new_client)
        self._lease = WorkerLease(leases, self.worker, self.apps)
        self._registrations: list[ClusterRegistration] = []
        self._events = [self._new_events(of) for of in (self.worker, ALL_WORKERS)]
        self._offers: list[Subscription] = []
        self._promised: dict[str, float] = {}
        self._wants_calls = self._is_connected = False
        self._stop_signal = StopSignal()
        self._changed = asyncio.Event()
        self._background: list[asyncio.Task[None]] = []

    # -- life cycle --

    async def connect(self) -> None:
        """Connect to NATS, resume the events where the worker's previous run ended, and connect to the nodes that are there.

        It waits up to a second for the first node, then continues without one; `wait_for_nodes` waits for more.

        Raises:
            NatsUnavailable: NATS cannot be reached, refuses the credentials, or does not grant this user the permissions of a
                worker; or another worker has this name.
            LeasesUnavailable: the lease store does not answer.

        Example:
            >>> await ari.connect()
        """
        if self._is_connected:
            return
        try:
            await self._link.connect(self._connect_seconds)
            for events in self._events:
                self._link.on_connected.append(events.reconnected)
                await events.open()
            await self._check_refusals()
            await self._lease.start()  # before any node connects, whose calls it concerns
            await self._link.client.subscribe(ANNOUNCEMENTS, cb=self._announced)
            await self._check_refusals()
            await self._link.publish(ASK_NODES, b"")
        except BaseException:
            await self._close_link()
            raise
        self._is_connected = True
        self._background = [asyncio.create_task(self._watch_nodes(), name="ari-worker-nodes")]
        with contextlib.suppress(WaitTimeout):
            await self.wait_for_nodes(1, FIRST_NODE_SECONDS)
        if self._wants_calls:
            await self._take_offers()

    async def _check_refusals(self) -> None:
        await self._link.client.flush()
        if (refusal := self._link.refusal()) is not None:
            raise refusal

    async def disconnect(self, drain_seconds: float | None = None) -> None:
        """Take no more calls, end running programs and handlers, and close; calls on the servers continue.

        Later events wait in NATS until this worker is started again. With leases, other workers take over its calls. While NATS
        is unreachable no call can be hung up: calls that may still be up are logged as an error.

        Args:
            drain_seconds: how long running handlers and programs may continue; None ends them at once.

        Example:
            >>> await ari.disconnect(drain_seconds=30)
        """
        self._is_connected = False
        for offer in self._offers:
            with contextlib.suppress(Exception):
                await offer.unsubscribe()
        self._offers.clear()
        await self._lease.adopt_no_more()
        clients = list(self._nodes.clients.values())
        await asyncio.gather(*(client.disconnect(drain_seconds) for client in clients), return_exceptions=True)
        if not self._link.is_connected and (left := self._nodes.calls()):
            _log.error(
                "NATS at %s is away, and calls cannot be hung up through it; these may still be up: %s",
                self._link.where,
                ", ".join(left),
            )
        await self._close_link()
        self._nodes.clear()
        self._stop_signal.stop()

    async def _close_link(self) -> None:
        tasks = [*self._background, *self._nodes.connecting.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for events in self._events:
            await events.close()
        await self._lease.stop()
        await self._link.close()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.disconnect()

    async def run(self, drain_seconds: float | None = None) -> None:
        """Serve calls and events until `stop()`, Ctrl-C or SIGTERM; connect first and disconnect afterwards if necessary.

        Args:
            drain_seconds: how long programs and handlers may continue after the stop.

        Raises:
            NatsUnavailable: as `connect`.

        Example:
            >>> await ari.run(drain_seconds=30)
        """
        was_connected = self._is_connected
        await self.connect()
        await self._stop_signal.wait(lambda: not self._is_connected)
        if not was_connected or drain_seconds is not None:
            await self.disconnect(drain_seconds)

    def stop(self) -> None:
        """Make `run()` return.

        Example:
            >>> ari.stop()
        """
        self._stop_signal.stop()

    # -- nodes --

    @property
    def nodes(self) -> Mapping[str, Node]:
        """All nodes seen so far, by name; unreachable ones stay listed, marked as such.

        Example:
            >>> ari.nodes["berlin-1"].calls
            17
        """
        return {name: self._nodes.node(name) for name in sorted(self._nodes.announcements)}

    def node(self, name: str) -> NodeClient:
        """Return the client of one node, for requests about that Asterisk as a whole.

        Args:
            name: the name of the node.

        Raises:
            BadArgument: there is no such node.

        Example:
            >>> await ari.node("berlin-1").asterisk.list_modules()
        """
        client = self._nodes.by_name().get(name)
        if client is None:
            raise BadArgument(f"no node {name!r} is connected: {', '.join(self._nodes.by_name()) or 'there is none'}")
        return client

    def choose(self, labels: Mapping[str, str] | None = None, key: str | None = None) -> NodeClient:
        """Return the client of a node for a new object.

        Args:
            labels: the labels that the node must have; None accepts any node.
            key: the same key selects the same node while that is available, so that one customer's calls end up together; None
                takes the node with the fewest calls.

        Raises:
            NotSent: no matching node takes new calls.

        Example:
            >>> async with ari.choose({"site": "berlin"}).call("PJSIP/alice") as call:
            ...     await call.say("sound:hello-world")
        """
        return self._nodes.choose(labels, key)

    async def wait_for_nodes(self, count: int = 1, timeout_seconds: float = 30.0) -> None:
        """Wait until a number of nodes are connected.

        Args:
            count: how many.
            timeout_seconds: how long.

        Raises:
            WaitTimeout: not enough nodes were connected in time.

        Example:
            >>> await ari.wait_for_nodes(2, timeout_seconds=10)
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                while len([name for name in self._nodes.by_name() if self.nodes[name].is_connected]) < count:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise WaitTimeout(f"{count} nodes were not there within {timeout_seconds:g} s: {dict(self.nodes)}") from None

    def address(self, of: Any) -> str:
        """Return an object's id with its node, to store it elsewhere.

        Args:
            of: a handle or a call of this cluster.

        Returns:
            An id that is accepted wherever ids are.

        Raises:
            BadArgument: it does not belong to a node.

        Example:
            >>> ari.address(call)
            'berlin-1/1735689600.1'
        """
        handle = getattr(of, "channel", of)
        node = getattr(getattr(handle, "_ari", None), "node", None)
        if node is None:
            raise BadArgument(f"{of!r} is no handle of this cluster")
        return address(node, handle.id)

    # -- resources --

    def _collection(self, name: str) -> Any:
        return RoutedCollection(self._nodes, name)

    @property
    def channels(self) -> Channels:
        """Channels of all nodes."""
        return cast("Channels", self._collection("channels"))

    @property
    def bridges(self) -> Bridges:
        """Bridges of all nodes; a bridge is on the same node as its channels."""
        return cast("Bridges", self._collection("bridges"))

    @property
    def playbacks(self) -> Playbacks:
        """Running playbacks of all nodes."""
        return cast("Playbacks", self._collection("playbacks"))

    @property
    def recordings(self) -> Recordings:
        """Live and stored recordings of all nodes; each has its own."""
        return cast("Recordings", self._collection("recordings"))

    @property
    def endpoints(self) -> Endpoints:
        """Endpoints of all nodes."""
        return cast("Endpoints", self._collection("endpoints"))

    @property
    def device_states(self) -> DeviceStates:
        """Device states; each node has its own."""
        return cast("DeviceStates", self._collection("device_states"))

    @property
    def mailboxes(self) -> Mailboxes:
        """Mailboxes; each node has its own."""
        return cast("Mailboxes", self._collection("mailboxes"))

    @property
    def sounds(self) -> Sounds:
        """Installed sounds of all nodes."""
        return cast("Sounds", self._collection("sounds"))

    @property
    def applications(self) -> Applications:
        """Stasis apps; each node has its own of the same names."""
        return cast("Applications", self._collection("applications"))

    @property
    def asterisk(self) -> Asterisk:
        """Asterisk itself: `ari.node(name).asterisk` says which."""
        return cast("Asterisk", self._collection("asterisk"))

    @property
    def events(self) -> Events:
        """User events, and claiming broadcast channels."""
        return cast("Events", self._collection("events"))

    # -- events and calls --

    @overload
    def on(
        self, types: EventClasses[E, E2, E3], handler: None = None, *, ordered: bool = True
    ) -> HandlerDecorator[E | E2 | E3, R]: ...
    @overload
    def on(self, types: EventTypes, handler: None = None, *, ordered: bool = True) -> HandlerDecorator[Any, R]: ...
    @overload
    def on(self, types: type[E], handler: Callable[[E], Any], *, ordered: bool = True) -> ClusterRegistration: ...
    @overload
    def on(self, types: EventTypes, handler: Callable[[Any], Any], *, ordered: bool = True) -> ClusterRegistration: ...

    def on(self, types: Any, handler: Callable[[Any], Any] | None = None, *, ordered: bool = True) -> Any:
        """Register a handler for events of all nodes; `event["node"]` is the node. A worker with a StasisStart handler takes
        calls.

        Args:
            types: as for `AsyncAsteriskARI.on`.
            handler: called with the event; without one, a decorator is returned.
            ordered: False for a handler that only observes.

        Returns:
            A registration with `close()`, usable in `with`; or the decorator.

        Raises:
            BadArgument: no event type of that name is known.

        Example:
            >>> @ari.on("ChannelDtmfReceived")
            ... async def typed(event: ChannelDtmfReceived) -> None:
            ...     print(event["node"], event.digit)
        """
        if handler is None:

            def decorate(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
                self.on(types, function, ordered=ordered)
                return function

            return decorate
        names = names_of(types, None)

        def add(client: NodeClient) -> Any:
            return client.on(types, in_node(client, handler), ordered=ordered)

        registration = self._register(add)
        if "StasisStart" in names:
            self._want_calls()
        return registration

    def _register(self, add: Callable[[NodeClient], Any]) -> ClusterRegistration:
        registration = ClusterRegistration(add, self._forget)
        for client in self._nodes.clients.values():
            registration.add_to(client)
        self._registrations.append(registration)
        return registration

    def _new_client(self, name: str) -> NodeClient:
        """Return a client for another node, with all registrations."""
        client = NodeClient(name, self._link, self.worker, self._options, self._lease.check)
        for registration in self._registrations:
            registration.add_to(client)
        return client

    def _forget(self, registration: ClusterRegistration) -> None:
        if registration in self._registrations:
            self._registrations.remove(registration)

    def calls(self, app: str | Sequence[str] | None = None, *, args: str | Sequence[str] = ()) -> Callable[[F], F]:
        """Register a program for new calls of all nodes: from now on this worker takes its share of them.

        It is called with a `DurableCall`: with `leases`, `call.step` stores results, and `call.adopted` says whether another
        worker had the call before.

        Args:
            app: the app that a call enters, or several; None: any app of this worker.
            args: the first argument, or first few arguments, of `Stasis(app,…)` of the calls to take; () takes all.

        Returns:
            A decorator.

        Raises:
            BadArgument: the function is not a program, the worker does not serve the app, or another program already takes these
                calls.

        Example:
            >>> @ari.calls(args="support")
            ... async def support(call: Call) -> None:
            ...     await call.answer()
        """

        def decorate(program: F) -> F:
            def add(client: NodeClient) -> None:
                client._programs.add(app, args, in_node(client, program), self._lease.serve)

            self._checked.calls(app, args=args)(cast("Any", program))  # which reports what is wrong
            self._register(add)
            self._want_calls()
            return program

        return decorate

    def expect(self, types: Any, *, about: Any, match: Callable[[Any], object] | None = None) -> Waiter[Event]:
        """Start listening for an event about an object; then make the request that causes it, and call `result()`.

        Args:
            types: as for `on`.
            about: a handle or a call, or kind and id, ("channel", "berlin-1/1735689600.1").
            match: the first event for which it is true is the result.

        Returns:
            A waiter with `result(timeout_seconds)` and `close()`, usable in `with`.

        Raises:
            BadArgument: its node is unknown.

        Example:
            >>> with ari.expect("ChannelDestroyed", about=channel) as gone:
            ...     await channel.hangup()
            ...     await gone.result(timeout_seconds=5)
        """
        what = Addressed((about,), {}, self._nodes.by_name())
        client = find(self._nodes, what, "expect")
        return client.expect(types, about=subject_in(what.arguments[0]), match=match)

    def call(
        self,
        target: Channel | Endpoint | str,
        *,
        answer_timeout_seconds: float = ANSWER_TIMEOUT_SECONDS,
        **originate: Unpack[OriginateOptions],
    ) -> Call:
        """A scope that owns a call and everything it creates, on the node of the running program's call, or else on the selected
        node.

        Args:
            target: endpoint to call (`PJSIP/alice`), or a channel that is already in the app.
            answer_timeout_seconds: how long to wait for the answer.
            originate: arguments of `channels.originate`.

        Returns:
            A context manager that gives a `Call`.

        Raises:
            NotSent: no node takes new calls.

        Example:
            >>> async with ari.call("PJSIP/alice") as call:
            ...     await call.say("sound:hello-world")
        """
        what = Addressed((target,), originate, self._nodes.by_name())
        client = find(self._nodes, what, "originate")
        return client.call(what.arguments[0], answer_timeout_seconds=answer_timeout_seconds, **cast("Any", what.named))

    async def operation(self, operation: str, /, *, raw: bool = False, **parameters: Any) -> Any:
        """Make any request by operation and parameter names of the definitions, as `AsyncAsteriskARI.operation`.

        Args:
            operation: `channels.snoopChannel`, as in the definitions.
            raw: return the decoded JSON instead of the generated model.
            parameters: the definitions' names; ids carry their node.

        Returns:
            The generated model, a list of them, bytes of a file, or None.

        Raises:
            BadArgument: the node is unknown.
            AriError: others as any request.

        Example:
            >>> await ari.operation("channels.get", channelId="berlin-1/1735689600.1")
        """
        what = Addressed((), parameters, self._nodes.by_name())
        creates = "create" if operation.startswith(("channels.originate", "channels.create", "bridges.create")) else operation
        return await find(self._nodes, what, creates).operation(operation, raw=raw, **what.named)

    # -- messages from NATS --

    def _want_calls(self) -> None:
        if not self._wants_calls:
            self._wants_calls = True
            if self._is_connected:
                self._background.append(asyncio.create_task(self._take_offers(), name="ari-worker-offers"))

    async def _take_offers(self) -> None:
        if not self._offers:
            for app in self.apps:
                self._offers.append(await self._link.client.subscribe(offers(app), queue=QUEUE, cb=self._offered))
        self._lease.adopt(self._nodes)

    async def _offered(self, message: Msg) -> None:
        """Take an offered call, unless the capacity is reached or the lease is lost."""
        takes = self._is_connected and self._lease.is_held and not (self._capacity is not None and self._load() >= self._capacity)
        try:
            if takes and self._capacity is not None:
                self._promised[message.reply] = time.monotonic()
            await self._link.publish(message.reply, self.worker.encode() if takes else b"")
        except NatsUnavailable as error:
            _log.warning("a call was not taken: %s", error)

    def _load(self) -> int:
        """How many calls are here or on their way."""
        now = time.monotonic()
        self._promised = {reply: at for reply, at in self._promised.items() if now - at < 1.0}
        here = sum(len(client.hub.channels_in_stasis()) for client in self._nodes.clients.values())
        return here + len(self._promised)

    def _new_events(self, of: str) -> WorkerEvents:
        return WorkerEvents(self._link, self.worker, of, functools.partial(self._received, of), self._is_idle)

    def _is_idle(self) -> bool:
        """Whether no event waits for its handler."""
        return not any(client.waiting_events for client in self._nodes.clients.values())

    def _received(self, of: str, node: str, frames: list[bytes]) -> None:
        client = self._nodes.client(node)
        events: list[bytes] = []
        for frame in frames:
            if frame.startswith(STATE_BEGINS):
                client.receive(events, of)
                events = []
                client.gateway_state(decode_state(frame))
                continue
            if self._promised and b'"StasisStart"' in frame:
                self._promised.pop(next(iter(self._promised)))
            events.append(frame)
        client.receive(events, of)

    async def _announced(self, message: Msg) -> None:
        try:
            said = decode_announcement(message.data)
        except msgspec.DecodeError as error:
            _log.warning("an announcement that cannot be read: %s", error)
            return
        self._nodes.announced(said, time.monotonic())
        if said.node not in self._nodes.connected and said.connected:
            self._connect_node(said.node)
        if missing := [app for app in self.apps if app not in said.apps]:
            self._nodes.say_once(
                said.node, f"the gateway of {said.node} has no app {', '.join(missing)}: none of its calls comes"
            )
        self._changed.set()

    def _connect_node(self, name: str) -> None:
        """Connect the client of a node, in the background."""
        if name not in self._nodes.connecting:
            self._nodes.connecting[name] = asyncio.create_task(self._try_to_connect(name), name=f"ari-node-{name}")

    async def _try_to_connect(self, name: str) -> None:
        try:
            await self._nodes.client(name).connect()
        except AriError as error:  # the next announcement tries again
            self._nodes.say_once(name, f"node {name} cannot be used yet: {error}")
        else:
            self._nodes.connected.add(name)
            self._changed.set()
        finally:
            del self._nodes.connecting[name]

    async def _watch_nodes(self) -> None:
        """Notice gateways that have gone silent, unless NATS itself is unreachable."""
        while True:
            await asyncio.sleep(0.5)
            if self._link.is_connected:
                self._nodes.look_for_silent(time.monotonic())
            else:
                self._nodes.nothing_heard(time.monotonic())

    @property
    def here(self) -> str | None:
        """The node of the running handler's event or the running program's call; None elsewhere.

        Example:
            >>> ari.here
            'berlin-1'
        """
        client = HERE.get()
        return None if client is None else client.node

    def __repr__(self) -> str:
        state = f"nodes {', '.join(self._nodes.by_name()) or 'none'}" if self._is_connected else "not connected"
        return f"ClusterARI({self._link.where}, worker {self.worker!r}, app {self.apps[0]!r}, {state})"
