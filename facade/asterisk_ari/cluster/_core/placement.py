"""Choosing the node for a new call. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from asterisk_ari.errors import NotSent


@dataclass(frozen=True)
class Node:
    """The state of an Asterisk and its gateway; `ari.nodes` has all of them.

    Attributes:
        name: its name.
        labels: the labels the gateway was started with.
        calls: how many channels are in its apps.
        apps: the apps whose events the gateway receives.
        is_connected: whether gateway and Asterisk are connected.
        is_draining: whether workers may no longer place new calls there.
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    calls: int = 0
    apps: tuple[str, ...] = ()
    is_connected: bool = False
    is_draining: bool = False


def choose_node(nodes: Iterable[Node], labels: Mapping[str, str], key: str | None) -> Node:
    """Choose the node for a new call.

    Args:
        nodes: all nodes.
        labels: the labels the node must have.
        key: the same key selects the same node while that is available; None takes the node with the fewest calls.

    Raises:
        NotSent: there is no matching node.
    """
    every = list(nodes)
    fit = [one for one in every if all(one.labels.get(name) == value for name, value in labels.items())]
    able = [one for one in fit if one.is_connected and not one.is_draining]
    if not able:
        wanted = f" with {', '.join(f'{name}={value}' for name, value in labels.items())}" if labels else ""
        raise NotSent(f"no node takes new calls{wanted}: {_states(fit or every)}", remedy="is a gateway running?")
    if key is None:
        return min(able, key=lambda one: (one.calls, one.name))
    return max(able, key=lambda one: blake2b(f"{one.name}/{key}".encode(), digest_size=8).digest())


def _states(nodes: list[Node]) -> str:
    said = [
        f"{one.name} {'is draining' if one.is_connected and one.is_draining else 'is there' if one.is_connected else 'is away'}"
        for one in nodes
    ]
    return ", ".join(said) or "no gateway has announced itself"
