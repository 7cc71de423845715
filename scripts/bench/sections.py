"""Who is measured, how, and against which goal: all tables in one place."""

from dataclasses import dataclass, field
from typing import Any

from scripts.bench.processors import Placement


@dataclass(frozen=True)
class Row:
    """One candidate of a table: where its code is, how its load differs, and its goals."""

    label: str
    code: str
    load: dict[str, Any] = field(default_factory=dict)
    most: float | None = None
    """At most so many times the CPU of the first row."""
    below: str = ""
    """Label of a row that costs more CPU."""
    half_of: str = ""
    """Label of a row that costs at least twice the CPU."""
    p99_below: str = ""
    """Label of a row whose p99 is later."""
    core_percent: float | None = None
    """At most so much of one core."""
    needs: str = ""
    """A package it cannot be measured without."""
    placement: Placement | None = None
    """Another one than that of its table."""


@dataclass(frozen=True)
class Section:
    """One table. The other rows are divided by the first one."""

    title: str
    key: str
    load: dict[str, Any]
    rows: tuple[Row, ...]
    rounds: int
    note: str = ""
    """A sentence below the table."""
    placement: Placement = "free"
    """Which processors client and server run on."""


_LIMIT = "limit: raw socket, msgspec"
_ARI = "ari 0.1.3 is Python 2 and cannot be imported: its rows copy what it does (websocket-client or requests, json)"

EVENTS = Section(
    "Events, burst: CPU of the client for each event",
    "events",
    {"kind": "calls", "count": 30_000, "channels": 100},
    (
        Row(_LIMIT, "event_clients.limit"),
        Row("sync, no handler", "event_clients.ours_idle", most=1.5),
        Row("sync, dict view", "event_clients.ours_dict", most=2.5),
        Row("sync, typed", "event_clients.ours_typed", most=4),
        Row("sync, generated model", "event_clients.ours_model", {"count": 10_000}),
        Row("sync, ordered dispatch", "event_clients.ours_ordered", most=4.5),
        Row("async, no handler", "event_clients.ours_async_idle"),
        Row("async, dict view", "event_clients.ours_async_dict", most=2.5),
        Row("async, ordered dispatch", "event_clients.ours_async_ordered", most=4, below="aioari"),
        Row("as ari 0.1.3 does it", "event_peers.ari_py", {"count": 5000}, needs="websocket"),
        Row("websocket-client + json", "event_peers.websocket_client", {"count": 5000}, needs="websocket"),
        Row("aiohttp + json", "event_peers.aiohttp", {"count": 15_000}),
        Row("websockets + json", "event_peers.websockets", {"count": 15_000}, needs="websockets"),
        Row("aioari", "event_peers.aioari", {"count": 15_000}, needs="aioari"),
        Row("ari_client", "event_peers.ari_client", {"count": 5000}, needs="ari_client"),
        Row("asyncari", "event_peers.asyncari", {"count": 2000}, needs="asyncari"),
    ),
    rounds=5,
    note=_ARI,
)

PACED = Section(
    "Events, 3 000 a second, one frame for each write: CPU, and time from write to handler",
    "paced",
    {"kind": "paced", "count": 3000, "channels": 100, "rate": 3000},
    (
        Row(_LIMIT, "event_clients.limit"),
        Row("sync, no handler", "event_clients.ours_idle", most=1.6),
        Row("sync, dict view", "event_clients.ours_dict", most=1.6),
        Row("sync, ordered dispatch", "event_clients.ours_ordered", p99_below="aioari"),
        Row("async, dict view", "event_clients.ours_async_dict"),
        Row("async, ordered dispatch", "event_clients.ours_async_ordered", p99_below="aioari"),
        Row("as ari 0.1.3 does it", "event_peers.ari_py", needs="websocket"),
        Row("aiohttp + json", "event_peers.aiohttp"),
        Row("websockets + json", "event_peers.websockets", needs="websockets"),
        Row("aioari", "event_peers.aioari", needs="aioari"),
        Row("ari_client", "event_peers.ari_client", needs="ari_client"),
        Row("asyncari", "event_peers.asyncari", {"rate": 1000, "count": 1000}, needs="asyncari"),
    ),
    rounds=7,
    note="Client and server on processors of their own; asyncari gets 1 000 a second: it stops when it falls behind",
    placement="apart",
)

REST = Section(
    "REST, one call after the other: CPU of the client for each GET /channels/{id}",
    "rest",
    {"count": 2000},
    (
        Row(_LIMIT, "rest_clients.limit"),
        Row("sync facade", "rest_clients.ours_sync", most=3.5, below="pyreqwest"),
        Row("sync facade, http_client=httpx", "rest_clients.ours_sync_httpx", {"count": 500}),
        Row("generated over the facade's transport", "rest_clients.generated_sync"),
        Row("generated on httpx", "rest_clients.generated_httpx", {"count": 500}),
        Row("http.client", "rest_clients.http_client"),
        Row("urllib3", "rest_clients.urllib3", {"count": 1000}, needs="urllib3"),
        Row("pyreqwest", "rest_clients.pyreqwest", {"count": 1000}, needs="pyreqwest"),
        Row("httpx", "rest_clients.httpx_sync", {"count": 500}),
        Row("requests", "rest_clients.requests", {"count": 500}, needs="requests"),
        Row("as ari 0.1.3 does it", "rest_clients.ari_py", {"count": 500}, needs="requests"),
        Row("async facade", "rest_clients.ours_async"),
        Row("aiohttp", "rest_clients.aiohttp"),
        Row("httpx.AsyncClient", "rest_clients.httpx_async", {"count": 500}),
        Row("aioari", "rest_clients.aioari", {"count": 1000}, needs="aioari"),
    ),
    rounds=5,
    note=f"Client and server on one processor; {_ARI}",
    placement="together",
)

REST_AT_ONCE = Section(
    "REST, 16 at once: CPU of the client for each GET /channels/{id}",
    "rest16",
    {"count": 3200, "at_once": 16},
    (
        Row("limit: raw socket, in turn", "rest_clients.limit", {"at_once": 1, "count": 2000}),
        Row("async facade", "rest_clients.ours_async", most=4),
        Row("sync facade, 16 threads", "rest_clients.ours_sync"),
        Row("the same on all processors", "rest_clients.ours_sync", placement="free"),
        Row("aiohttp", "rest_clients.aiohttp"),
        Row("httpx.AsyncClient", "rest_clients.httpx_async", {"count": 640}),
        Row("aioari", "rest_clients.aioari", needs="aioari"),
        Row("ari_client", "rest_clients.ari_client", {"count": 640}, needs="ari_client"),
        Row("asyncari", "rest_clients.asyncari", {"count": 640}, needs="asyncari"),
    ),
    rounds=5,
    note="Client and server on one processor",
    placement="together",
)

GROWTH = Section(
    "From 10 to 10 000 live calls: CPU for each event (ordered, a handler on each call) and for each request",
    "growth",
    {"kind": "steady", "count": 20_000},
    tuple(Row(f"{count} calls", "growth.live_calls", {"channels": count}, most=1.2) for count in (10, 100, 1000, 10_000)),
    rounds=5,
)


def _media(streams: int, count: int, **goals: Any) -> Section:
    return Section(
        f"Audio, {streams} two-way slin16 stream{'s' * (streams > 1)}: CPU of the client for each frame in and out",
        f"media{streams}",
        {"channels": streams, "count": count},
        (
            Row("limit: epoll, raw sockets", "media_clients.limit"),
            Row("async, live echo", "media_clients.ours", **goals),
            Row("async, echo", "media_clients.ours_speech", **goals),
            *([Row("sync, echo", "media_clients.ours_sync")] if streams <= 50 else []),
            Row("aiohttp", "media_clients.aiohttp"),
            Row("websockets", "media_clients.websockets", needs="websockets"),
        ),
        rounds=3,
        note="Live, what waits to be heard at Asterisk is asked with every second frame; the rows below let it wait",
        placement="apart",
    )


# A single stream is all waking up, once in 20 ms: it has no goal.
MEDIA = (
    _media(1, 150),
    _media(50, 7500, most=3, half_of="aiohttp", core_percent=20.0),
    _media(200, 20_000, most=3, half_of="aiohttp"),
)

SECTIONS = (EVENTS, PACED, REST, REST_AT_ONCE, GROWTH)
