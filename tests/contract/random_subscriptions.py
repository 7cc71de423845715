"""Random subscriptions of several applications, whose event sockets come and go, and things that happen meanwhile."""

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


# So many times a busy machine is given more time.
LATE = 5


class RandomSubscriptions(RandomRequests):
    """Every event that any socket gets is compared, request by request."""

    def __init__(self) -> None:
        super().__init__()
        self._heard: list[Counter[tuple[str, ...]]] = [Counter() for _ in self.servers]
        self._is_bridged = False

    @initialize(apps=st.permutations(APPS), absent=st.sampled_from([*APPS, ""]), far=st.sampled_from(["wait", "silent"]))
    def something_to_hear_of(self, apps: list[str], absent: str, far: str) -> None:
        for app in apps:
            if app != absent:
                self.listen(app)
        self.originate(apps[0], far)

    # ------------------------------------------------------------------ sockets
    @rule(app=st.sampled_from(APPS))
    def listen(self, app: str) -> None:
        self.asked.append(f"listen {app}")
        for server in self.servers:
            server.listen(server.name(app), query="&subscribeAll=true" if app == "everything" else "")
            server.quiet(self.patience)

    @rule(app=st.sampled_from(APPS))
    def leave(self, app: str) -> None:
        """Close every socket of that application."""
        self.asked.append(f"close {app}")
        for server in self.servers:
            server.quiet(self.patience)
            server.close_sockets(server.name(app))
            server.quiet(self.patience)

    # ------------------------------------------------------------------ subscriptions
    @rule(
        app=st.sampled_from(APPS),
        sources=st.lists(st.sampled_from(SOURCES), min_size=1, max_size=2),
        method=st.sampled_from(["POST", "DELETE"]),
    )
    def subscription(self, app: str, sources: list[str], method: str) -> None:
        for server in self.servers:
            server.quiet(self.patience)
        self.change_all(method, f"/applications/{app}*/subscription", {"eventSource": ",".join(sources)})

    @rule(app=st.sampled_from(APPS), kind=st.sampled_from(["allowed", "disallowed"]), types=EVENT_TYPES)
    def filter(self, app: str, kind: str, types: list[dict[str, str]]) -> None:
        self.change_all("PUT", f"/applications/{app}*/eventFilter", json={kind: types})

    # ------------------------------------------------------------------ what happens
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

    @precondition(lambda self: not self._is_bridged)  # before 18 a second one with the same id is made, and both are beyond help
    @rule()
    def make_bridge(self) -> None:
        self._is_bridged = True
        self.change_all("POST", "/bridges", {"type": "mixing", "bridgeId": "b1*"})

    @rule()
    def destroy_bridge(self) -> None:
        self._is_bridged = False
        self.change_all("DELETE", "/bridges/b1*")

    @rule(what=st.sampled_from(["addChannel", "removeChannel"]))
    def enter_or_leave(self, what: str) -> None:
        self.change_all("POST", f"/bridges/b1*/{what}", {"channel": "c1*"})

    @rule(state=STATES)
    def device_state(self, state: str) -> None:
        self.change_all("PUT", "/deviceStates/Stasis:d*", {"deviceState": state})

    @rule()
    def forget_device(self) -> None:
        self.change_all("DELETE", "/deviceStates/Stasis:d*")

    @rule(app=st.sampled_from(APPS), source=st.sampled_from(["", "channel:c1*", "bridge:b1*", "endpoint:PJSIP/uas"]))
    def user_event(self, app: str, source: str) -> None:
        self.change_all("POST", "/events/user/Happened", {"application": f"{app}*"} | ({"source": source} if source else {}))

    # ------------------------------------------------------------------ what must be the same
    @precondition(lambda self: self.asked)
    @invariant()
    def the_same_applications(self) -> None:
        for app in APPS:
            self.ask("GET", f"/applications/{app}*")
            self.asked.pop()

    @invariant()
    def the_same_events(self) -> None:
        first, *others = self._listen_again()
        for _ in range(LATE):
            if all(other == first for other in others):
                return
            for server in self.servers:
                server.quiet(self.patience)
            first, *others = self._listen_again()
        for other in others:
            missing, extra = first - other, other - first
            assert not missing + extra, "\n".join([*self.asked, f"missing: {dict(missing)}", f"too many: {dict(extra)}"])

    def _listen_again(self) -> list[Counter[tuple[str, ...]]]:
        """Everything that each server has said so far."""
        for server, heard in zip(self.servers, self._heard, strict=True):
            server.flush()
            heard.update(self._told(server, one.listener, one.event) for one in server.seen[heard.total() :])
        return self._heard

    def _told(self, server: Server, listener: str, event: dict[str, Any]) -> tuple[str, ...]:
        about = [
            f"{key} {event[key].get('id') or event[key].get('name') or event[key].get('resource')}"
            for key in ("channel", "bridge", "device_state", "endpoint", "peer")
            if isinstance(event.get(key), dict)
        ]
        words = (listener, event["type"], str(event.get("application")), *about)
        return tuple(word.replace(server.token, "") for word in words)

    def change_all(self, method: str, path: str, params: dict[str, Any] | None = None, json: Any = None) -> None:
        self.change(method, path, params, tuple(params or ()), json)
