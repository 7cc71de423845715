"""The NATS subjects of a cluster. Pure."""

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
    """Encode text as one token of a subject: special characters as in `%2E`, the empty text as `_`."""
    if _PLAIN(text):
        return text
    if _PLAIN(text.replace(".", "")):  # an id in Asterisk's own form
        return text.replace(".", "%2E")
    return "".join(chr(byte) if _PLAIN(chr(byte)) else f"%{byte:02X}" for byte in text.encode()) or "_"


def check_node(name: object) -> str:
    """Check and return the name of a node.

    Raises:
        BadArgument: the name is invalid. Capitals are refused, so that `PJSIP/alice` is never read as an object of a node.
    """
    if not isinstance(name, str) or not _NODE(name):
        raise BadArgument(f"a node is named by 1 to 63 of a-z, 0-9, - and _, not {name!r}", parameter="node")
    return name


def check_worker(name: object) -> str:
    """Check and return the name of a worker.

    Raises:
        BadArgument: the name is invalid.
    """
    if not isinstance(name, str) or not _WORKER(name) or name == ALL_WORKERS:
        raise BadArgument(f"a worker is named by 1 to 63 of A-Z, a-z, 0-9, - and _, not {name!r}", parameter="worker")
    return name


@lru_cache(maxsize=4096)
def of_event(node: str, app: str, channel: str, worker: str) -> str:
    """The subject of an event for one worker."""
    return f"ari.{node}.{token(app)}.{token(channel)}.{worker}"


def to_worker(worker: str) -> str:
    """The subject filter for the events of one worker."""
    return f"ari.*.*.*.{worker}"


def of_node(node: str) -> str:
    """The subject filter for the events of one node."""
    return f"ari.{node}.>"


def delivery(worker: str, kind: str) -> str:
    """The subject to which NATS delivers the events of a worker."""
    return f"ari-worker.{worker}.{kind}"


def requests(node: str) -> str:
    """The subject for requests to a node."""
    return f"ari-request.{node}"


def offers(app: str) -> str:
    """The subject on which new calls of an app are offered."""
    return f"ari-offer.{token(app)}"


def announcement(node: str) -> str:
    """The subject of a node's announcements."""
    return f"ari-node.{node}"
