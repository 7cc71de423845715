"""Ids that carry their node. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from asterisk_ari.errors import BadArgument

_SCHEMES = ("channel", "bridge", "recording", "endpoint")


def address(node: str, object_id: str) -> str:
    """Return an id that carries its node: `berlin-1/1735689600.1`."""
    return f"{node}/{object_id}"


def split_address(text: str, nodes: Collection[str]) -> tuple[str | None, str]:
    """Split such an id, or a URI with one, `channel:berlin-1/1735689600.1`, into node and id; None if it carries no node."""
    scheme, colon, rest = text.partition(":")
    if colon and scheme in _SCHEMES:
        node, object_id = split_address(rest, nodes)
        return node, f"{scheme}:{object_id}" if node is not None else text
    node, slash, object_id = text.partition("/")
    return (node, object_id) if slash and node in nodes else (None, text)


class Addressed:
    """The arguments of a method without the nodes that their ids carry, which are in `nodes`.

    Raises:
        BadArgument: they refer to objects of several nodes, which no single Asterisk can handle.
    """

    def __init__(self, arguments: tuple[Any, ...], named: Mapping[str, Any], nodes: Collection[str]) -> None:
        self._known = nodes
        self.nodes: set[str] = set()
        self.arguments: tuple[Any, ...] = tuple(self._plain(one) for one in arguments)
        self.named: dict[str, Any] = {name: self._plain(one) for name, one in named.items()}
        if len(self.nodes) > 1:
            raise BadArgument(f"these are on different nodes, {' and '.join(sorted(self.nodes))}: nothing joins them over ARI")

    @property
    def node(self) -> str | None:
        """The node; None if the ids carry none."""
        return next(iter(self.nodes), None)

    def _plain(self, value: Any) -> Any:
        if isinstance(value, str):
            node, plain = split_address(value, self._known)
        elif isinstance(value, list | tuple):
            return type(value)(self._plain(one) for one in value)
        else:
            plain, owner = value, getattr(getattr(value, "channel", value), "_ari", None)
            node = getattr(owner, "node", None)
        if isinstance(node, str):
            self.nodes.add(node)
        return plain
