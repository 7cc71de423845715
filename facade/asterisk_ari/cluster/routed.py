"""Client methods that find their node: by the given ids, by the call of the running handler, or by placement."""

import asyncio
import functools
import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Protocol, Self, cast

from asterisk_ari._async.documented import DocumentedMethods
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari.cluster._core.routing import Addressed, address
from asterisk_ari.cluster.node_client import NodeClient
from asterisk_ari.errors import AriError, BadArgument

HERE: ContextVar[NodeClient | None] = ContextVar("ari_node", default=None)
"""The node of the event whose handler runs, or of the call whose program runs."""

CREATES = frozenset({
    "originate", "originate_with_id", "create", "create_with_id", "external_media", "originate_call", "create_bridge",
})  # fmt: skip
_LISTS = frozenset({"list", "list_by_tech", "list_stored", "list_channels", "list_bridges"})
_GIVES_ID = frozenset({"play_media", "play_recording", "record_channel", "create_bridge", "originate_call", "snoop_channel"})


class NodeClients(Protocol):
    """The clients of all nodes."""

    def by_name(self) -> Mapping[str, NodeClient]:
        """Those that are connected."""

    def choose(self) -> NodeClient:
        """Choose the client for a new object."""


def find(nodes: NodeClients, what: Addressed, method: str) -> NodeClient:
    """Return the client for a method call.

    Raises:
        BadArgument: the node is unknown.
        NotSent: no node takes new objects.
    """
    clients = nodes.by_name()
    if what.node is not None:
        return clients[what.node]
    here = HERE.get()
    if here is not None and here.node in clients:
        return here
    if method in CREATES:
        return nodes.choose()
    if len(clients) == 1:
        return next(iter(clients.values()))
    there = ", ".join(sorted(clients)) or "there is none"
    raise BadArgument(f"{method}: of which node? Ids carry it, as in 'node/id'; or take ari.node(name). Nodes: {there}")


def in_node(client: NodeClient, handler: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a handler or program so that it knows its node."""
    if inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__):

        @functools.wraps(handler)
        async def run(*args: Any) -> Any:
            HERE.set(client)
            return await handler(*args)

        return run

    @functools.wraps(handler)
    def run_plain(*args: Any) -> Any:
        HERE.set(client)
        return handler(*args)

    return run_plain


class RoutedCollection:
    """A collection across all nodes: each method goes to the node concerned, and lists include all nodes."""

    def __init__(self, nodes: NodeClients, *path: str) -> None:
        self._nodes = nodes
        self._path = path

    def __call__(self, *args: Any) -> Any:
        """Return the handle of one object; nothing is requested."""
        what = Addressed(args, {}, self._nodes.by_name())
        return self._of(find(self._nodes, what, self._path[-1]))(*what.arguments)

    def _of(self, client: NodeClient) -> Any:
        return functools.reduce(getattr, self._path, cast(Any, client))

    def __getattr__(self, name: str) -> Any:
        kind = type(self._of(NodeClient))  # type: ignore[arg-type]
        member = inspect.getattr_static(kind, name)
        if name.startswith("_") or not callable(member):
            return RoutedCollection(self._nodes, *self._path, name)

        @functools.wraps(member)
        async def call(*args: Any, **named: Any) -> Any:
            clients = self._nodes.by_name()
            what = Addressed(args, named, clients)
            if name in _LISTS and what.node is None:
                lists = await asyncio.gather(*(getattr(self._of(one), name)(*args, **named) for one in clients.values()))
                return [item for items in lists for item in items]
            return await getattr(self._of(find(self._nodes, what, name)), name)(*what.arguments, **what.named)

        return call


class RoutedMethods(DocumentedMethods):
    """The documented methods across all nodes: the ids they return carry their node, the ids they take may."""

    _nodes: NodeClients
    _last_error: AriError | None = None

    @property
    def last_error(self) -> AriError | None:
        """Why a documented method most recently returned False or None; None if none has yet."""
        return self._last_error


def _routed(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    async def call(self: RoutedMethods, *args: Any, **named: Any) -> Any:
        clients = self._nodes.by_name()
        what = Addressed(args, named, clients)
        if name in _LISTS and what.node is None:
            lists = await asyncio.gather(*(getattr(one, name)() for one in clients.values()))
            return [_with_node(one, item) for one, items in zip(clients.values(), lists, strict=True) for item in items]
        client = find(self._nodes, what, name)
        before = client.last_error
        result = await getattr(client, name)(*what.arguments, **what.named)
        if client.last_error is not before:
            self._last_error = client.last_error
        if name in _GIVES_ID and isinstance(result, str):
            return address(client.node, result)
        return _with_node(client, result)

    return call


def _with_node(client: NodeClient, result: Any) -> Any:
    if isinstance(result, dict) and isinstance(result.get("id"), str):
        return {**result, "id": address(client.node, result["id"])}
    return result


for _name, _method in list(vars(DocumentedMethods).items()):
    if inspect.iscoroutinefunction(_method):
        setattr(RoutedMethods, _name, _routed(_name, _method))
methods_tell_spellings(RoutedMethods)


class ClusterRegistration:
    """A handler's registration with all nodes, including those that appear later.

    Example:
        >>> registration = ari.on("ChannelDtmfReceived", typed)
        >>> registration.close()
    """

    def __init__(self, add: Callable[[NodeClient], Any], forget: Callable[["ClusterRegistration"], None]) -> None:
        self._add = add
        self._forget = forget
        self._registrations: dict[str, Any] = {}

    def add_to(self, client: NodeClient) -> None:
        """Register with another node.

        Example:
            >>> registration.add_to(ari.node("berlin-1"))
        """
        self._registrations[client.node] = self._add(client)

    def close(self) -> None:
        """End the registration.

        Example:
            >>> registration.close()
        """
        self._forget(self)
        for registration in self._registrations.values():
            if registration is not None:
                registration.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
