"""Random subscriptions of several applications, whose event WebSockets open and close, and events meanwhile."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from tests.contract.driver import Server
from tests.contract.random_requests import RandomRequests

APPS = ("plain", "everything", "other")
SOURCES = [
    *("channel:c1*", "channel:c1-far*", "channel:", "bridge:b1*", "bridge:", "endpoint:PJSIP", "endpoint:PJSIP/uas", "endpoint:"),
    *("deviceState:Stasis:d*", "deviceState:Local/wait@plain", "deviceState:", "nosuch:x"),
]
STATES = st.sampled_from(["INUSE", "NOT_INUSE", "BUSY", "nosuch"])
TYPES = ["StasisStart", "ChannelVarset", "ChannelDestroyed", "DeviceStateChanged", "BridgeCreated", "ChannelUserevent"]
EVENT_TYPES = st.lists(st.sampled_from(TYPES), max_size=2, unique=True).map(lambda types: [{"type": one} for one in types])


# How many times a busy machine is given more time.
RETRIES = 5


class RandomSubscriptions(RandomRequests):
    """The events of all WebSockets are compared after each request."""

    def __init__(self) -> None:
        super().__init__()
        self._received: list[Counter[tuple[str, ...]]] = [Counter() for _ in self.servers]
        self._is_bridged = False

    @initialize(apps=st.permutations(APPS), absent=st.sampled_from([*APPS, ""]), far=st.sampled_from(["wait", "silent"]))
    def start_with_a_call(self, apps: list[str], absent: str, far: str) -> None:
        for app in apps:
            if app != absent:
                self.listen(app)
        self.originate(apps[0], far)

    # ------------------------------------------------------------------ WebSockets
    @rule(app=st.sampled_from(APPS))
    def listen(self, app: str) -> None:
        self.requests.append(f"listen {app}")
        for server in self.servers:
            server.listen(server.name(app), query="&subscribeAll=true" if app == "everything" else "")
            server.pass_time(self.reaction_seconds)

    @rule(app=st.sampled_from(APPS))
    def close_websockets(self, app: str) -> None:
        """Close every WebSocket of an application."""
        self.requests.append(f"close {app}")
        for server in self.servers:
            server.pass_time(self.reaction_seconds)
            server.close_sockets(server.name(app))
            server.pass_time(self.reaction_seconds)

    # ------------------------------------------------------------------ subscriptions
    @rule(
        app=st.sampled_from(APPS),
        sources=st.lists(st.sampled_from(SOURCES), min_size=1, max_size=2),
        method=st.sampled_from(["POST", "DELETE"]),
    )
    def subscription(self, app: str, sources: list[str], method: str) -> None:
        for server in self.servers:
            server.pass_time(self.reaction_seconds)
        self.change_all(method, f"/applications/{app}*/subscription", {"eventSource": ",".join(sources)})

    @rule(app=st.sampled_from(APPS), kind=st.sampled_from(["allowed", "disallowed"]), types=EVENT_TYPES)
    def filter(self, app: str, kind: str, types: list[dict[str, str]]) -> None:
        self.change_all("PUT", f"/applications/{app}*/eventFilter", json={kind: types})

    # ------------------------------------------------------------------ events
    @rule(app=st.sampled_from(APPS), far=st.sampled_from(["wait", "silent"]))
    def originate(self, app: str, far: str) -> None:
        params = {"endpoint": f"Local/{far}@plain", "app": f"{app}*", "channelId": "c1*", "otherChannelId": "c1-far*"}
        self.change_all("POST", "/channels", params)

    @rule(channel=st.sampled_from(["c1", "c1-far"]))
    def hang_up(self, channel: str) -> None:
        self.change_all("DELETE", f"/channels/{channel}*")

    @rule(channel=st.sampled_from(["c1", "c1-far"]))
    def set_variable(self, channel: str) -> None:
        self.change_all("POST", f"/channels/{channel}*/variable", {"variable": "A", "value": "1"})

    @rule(app=st.sampled_from(APPS))
    def move(self, app: str) -> None:
        self.change_all("POST", "/channels/c1*/move", {"app": f"{app}*"})

    @rule()
    def create_channel(self) -> None:
        self.change_all("POST", "/channels/create", {"endpoint": "PJSIP/uas", "app": "plain*", "channelId": "c2*"})

    @rule()
    def hang_up_created(self) -> None:
        self.change_all("DELETE", "/channels/c2*")

    @precondition(
        lambda self: not self._is_bridged
    )  # before 18 a second one with the same id is created, and neither can be destroyed
    @rule()
    def create_bridge(self) -> None:
        self._is_bridged = True
        self.change_all("POST", "/bridges", {"type": "mixing", "bridgeId": "b1*"})

    @rule()
    def destroy_bridge(self) -> None:
        self._is_bridged = False
        self.change_all("DELETE", "/bridges/b1*")

    @rule(what=st.sampled_from(["addChannel", "removeChannel"]))
    def add_or_remove(self, what: str) -> None:
        self.change_all("POST", f"/bridges/b1*/{what}", {"channel": "c1*"})

    @rule(state=STATES)
    def device_state(self, state: str) -> None:
        self.change_all("PUT", "/deviceStates/Stasis:d*", {"deviceState": state})

    @rule()
    def delete_device(self) -> None:
        self.change_all("DELETE", "/deviceStates/Stasis:d*")

    @rule(app=st.sampled_from(APPS), source=st.sampled_from(["", "channel:c1*", "bridge:b1*", "endpoint:PJSIP/uas"]))
    def user_event(self, app: str, source: str) -> None:
        self.change_all("POST", "/events/user/Happened", {"application": f"{app}*"} | ({"source": source} if source else {}))

    # ------------------------------------------------------------------ invariants
    @precondition(lambda self: self.requests)
    @invariant()
    def the_same_applications(self) -> None:
        for app in APPS:
            self.request("GET", f"/applications/{app}*")
            self.requests.pop()

    @invariant()
    def the_same_events(self) -> None:
        first, *others = self._receive()
        for _ in range(RETRIES):
            if all(other == first for other in others):
                return
            for server in self.servers:
                server.pass_time(self.reaction_seconds)
            first, *others = self._receive()
        for other in others:
            missing, extra = first - other, other - first
            assert not missing + extra, "\n".join([*self.requests, f"missing: {dict(missing)}", f"extra: {dict(extra)}"])

    def _receive(self) -> list[Counter[tuple[str, ...]]]:
        """The events that each server has sent so far."""
        for server, received in zip(self.servers, self._received, strict=True):
            server.flush()
            received.update(self._summary(server, one.listener, one.event) for one in server.seen[received.total() :])
        return self._received

    def _summary(self, server: Server, listener: str, event: dict[str, Any]) -> tuple[str, ...]:
        about = [
            f"{key} {event[key].get('id') or event[key].get('name') or event[key].get('resource')}"
            for key in ("channel", "bridge", "device_state", "endpoint", "peer")
            if isinstance(event.get(key), dict)
        ]
        parts = (listener, event["type"], str(event.get("application")), *about)
        return tuple(part.replace(server.token, "") for part in parts)

    def change_all(self, method: str, path: str, params: dict[str, Any] | None = None, json: Any = None) -> None:
        self.change(method, path, params, tuple(params or ()), json)
