"""The subjects of NATS that a cluster uses. Pure."""

import re
from functools import lru_cache

from asterisk_ari.errors import BadArgument

STREAM = "ARI"
EVENTS = "ari.*.*.*.*"
"""All events: `ari.<node>.<app>.<channel>.<worker>`."""
ALL_WORKERS = "all"
ASK_NODES = "ari-nodes"
ANNOUNCEMENTS = "ari-node.*"

_PLAIN = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_NODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}").fullmatch
_WORKER = re.compile(r"[A-Za-z0-9_-]{1,63}").fullmatch


def token(text: str) -> str:
    """Text as one part of a subject: what NATS reads otherwise is written `%2E`; nothing at all is `_`."""
    if _PLAIN(text):
        return text
    if _PLAIN(text.replace(".", "")):  # an id as Asterisk makes it
        return text.replace(".", "%2E")
    return "".join(chr(byte) if _PLAIN(chr(byte)) else f"%{byte:02X}" for byte in text.encode()) or "_"


def check_node(name: object) -> str:
    """Return the name of a node, if it is one.

    Raises:
        BadArgument: it is none. Capitals are refused, since `PJSIP/alice` shall be no object of a node.
    """
    if not isinstance(name, str) or not _NODE(name):
        raise BadArgument(f"a node is named by 1 to 63 of a-z, 0-9, - and _, not {name!r}", parameter="node")
    return name


def check_worker(name: object) -> str:
    """Return the name of a worker, if it is one.

    Raises:
        BadArgument: it is none.
    """
    if not isinstance(name, str) or not _WORKER(name) or name == ALL_WORKERS:
        raise BadArgument(f"a worker is named by 1 to 63 of A-Z, a-z, 0-9, - and _, not {name!r}", parameter="worker")
    return name


@lru_cache(maxsize=4096)
def of_event(node: str, app: str, channel: str, worker: str) -> str:
    """Where an event is published, for one worker."""
    return f"ari.{node}.{token(app)}.{token(channel)}.{worker}"


def to_worker(worker: str) -> str:
    """The events of one worker."""
    return f"ari.*.*.*.{worker}"


def of_node(node: str) -> str:
    """The events of one node."""
    return f"ari.{node}.>"


def delivery(worker: str, kind: str) -> str:
    """Where NATS delivers the events of a worker."""
    return f"ari-worker.{worker}.{kind}"


def requests(node: str) -> str:
    """Where requests for a node go."""
    return f"ari-request.{node}"


def offers(app: str) -> str:
    """Where new calls of an app are offered."""
    return f"ari-offer.{token(app)}"


def announcement(node: str) -> str:
    """Where a node says that it is there."""
    return f"ari-node.{node}"
