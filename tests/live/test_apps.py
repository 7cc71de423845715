"""Apps are added to and removed from a connected client, without a missed event, in both variants and over both transports."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from asterisk_ari import Reconnect
from asterisk_ari.errors import BadArgument, EventStreamLost, NotFound
from tests.facade.proxy import ProxyServer
from tests.live.calls import LIMIT, eventually, fresh, into, place
from tests.live.conftest import Connect
from tests.live.server import Server

REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
ROUNDS = 10


@pytest.fixture(params=["http", "websocket"])
def transport(request: pytest.FixtureRequest, server: Server) -> str:
    """How calls are made; a server without REST over WebSocket has but one way."""
    return str(request.param) if server.has_rest_over_websocket else "http"


@pytest.fixture
def proxy() -> Iterator[ProxyServer]:
    """Everything of the client goes through it; it can lose its connections, and refuse new ones."""
    made = ProxyServer()
    yield made
    made.close()


def numbered(event: Any) -> tuple[str, int]:
    """Who sent a user event, and which of his it is."""
    return event["userevent"]["from"], int(event["userevent"]["number"])


def exists(ari: Any, app: str) -> bool:
    try:
        ari.applications(app).refresh()
    except NotFound:
        return False
    return True


@contextmanager
def sending(others: Any, apps: tuple[str, ...]) -> Iterator[Counter[str]]:
    """User events are sent to each app, one after the other, as long as the block runs; gives how many were."""
    sent: Counter[str] = Counter()
    over = threading.Event()
    refused: list[Exception] = []

    def send(app: str) -> None:
        while not over.is_set():
            variables = {"from": app, "number": str(sent[app])}
            try:
                others.rest.call("events.userEvent", eventName="tick", application=app, variables=variables)
            except Exception as error:
                refused.append(error)
                return
            sent[app] += 1

    threads = [threading.Thread(target=send, args=(app,)) for app in apps]
    for thread in threads:
        thread.start()
    try:
        yield sent
    finally:
        over.set()
        for thread in threads:
            thread.join(LIMIT)
        assert not refused


def test_no_event_is_missed_while_apps_come_and_go(connect: Connect, transport: str) -> None:
    """Of two apps that stay each event comes once, and there is no gap to be told."""
    others = connect()
    kept, second = fresh("app"), fresh("app")
    ari = connect(app_name=kept, apps=(second,), transport=transport)
    troubles: list[Any] = []
    ari.on(("ConnectionLost", "Reconnected", "ApplicationReplaced"), troubles.append)
    got: dict[str, list[int]] = {kept: [], second: []}

    def take(event: Any) -> None:
        name, number = numbered(event)
        got[name].append(number)

    ari.on("ChannelUserevent", take)
    with sending(others, (kept, second)) as sent:
        for _ in range(ROUNDS):
            added = fresh("app")
            before = Counter(sent)
            ari.add_app(added)
            assert ari.apps == (kept, second, added)
            assert ari.applications(added).refresh().id == added
            ari.remove_app(added)
            with pytest.raises(NotFound):  # it has no calls and no subscriptions
                ari.applications(added).refresh()
            eventually(lambda before=before: all(sent[app] > before[app] for app in got), "nothing was sent meanwhile")
    eventually(lambda: all(len(got[app]) >= sent[app] for app in got), f"of {sent} came {[len(one) for one in got.values()]}")
    for app, numbers in got.items():
        assert sorted(numbers) == list(range(sent[app]))  # a busy server may be late with one by more than it is held for
    assert troubles == []
    assert ari.stats.reconnects == 0


def test_handlers_waits_and_calls_know_the_changed_list(connect: Connect, server: Server) -> None:
    """Calls reach an added app, handlers hear of them, and what is done in it waits for its channels."""
    ari = connect()
    added = fresh("app")
    assert ari.apps == (ari.settings.app_name,)
    ari.add_app(added)
    assert ari.settings.all_apps == ari.apps == (ari.settings.app_name, added)
    seen: list[str] = []
    ari.on("StasisStart", lambda event: seen.append(event.application))
    near, far = place(ari, app=added)
    eventually(lambda: set(seen) == {added})
    with ari.expect("ChannelDestroyed", about=("channel", near.id)) as gone:
        far.hangup()
        gone.result(LIMIT)
    with server.refused_without("channels.create"):
        channel = ari.channels.create(into(ari.settings.app_name), app=added)
        channel.dial()  # refused before its StasisStart
        channel.hangup()
    ari.disconnect()
    ari.connect()
    assert ari.applications(added).refresh().id == added


def test_calls_of_a_removed_app_live_on_unheard(connect: Connect) -> None:
    """Waits about them end and say why, handlers about them end, new calls are refused, and the others go on."""
    removed = fresh("app")
    ari = connect(apps=(removed,))
    near, far = place(ari, app=removed)
    kept, _ = place(ari)
    far.on("ChannelDtmfReceived", print)
    kept.on("ChannelDtmfReceived", print)
    registrations = ari.stats.registrations
    with (
        ari.expect("ChannelDestroyed", about=("channel", near.id)) as unheard,
        ari.expect("ChannelDestroyed", about=("channel", kept.id)) as heard,
    ):
        ari.remove_app(removed)
        with pytest.raises(EventStreamLost, match="removed"):
            unheard.result(LIMIT)
        assert ari.stats.registrations == registrations - 1
        assert near.refresh().json["state"] == "Up"
        kept.hangup()
        heard.result(LIMIT)
    assert ari.apps == (ari.settings.app_name,)
    near.hangup()


def test_after_a_gap_the_changed_list_comes_back(connect: Connect, proxy: ProxyServer) -> None:
    """Reconnects open the changed list and subscribe again; a change during a gap waits for its end."""
    others = connect()
    ari = connect(proxy=f"http://127.0.0.1:{proxy.port}", reconnect=Reconnect(first_seconds=0.05, max_seconds=0.2))
    first, second = fresh("app"), fresh("app")
    ari.add_app(first)
    bridge = others.bridges.create(type="mixing", bridge_id=fresh("bridge"))
    ari.applications(first).subscribe(f"bridge:{bridge.id}")
    with ari.expect("Reconnected") as back:
        proxy.cut()
        back.result(LIMIT)
    seen: list[str] = []
    ari.on("StasisStart", lambda event: seen.append(event.application))
    place(ari, app=first)
    eventually(lambda: first in seen)
    with ari.expect("BridgeDestroyed", about=("bridge", bridge.id)) as gone:
        bridge.destroy()
        assert gone.result(LIMIT).application == first

    proxy.answer = REFUSAL
    with ari.expect("ConnectionLost") as lost, ari.expect("Reconnected") as back:
        proxy.cut()
        lost.result(LIMIT)
        adding = threading.Thread(target=ari.add_app, args=(second,))
        adding.start()
        adding.join(0.3)
        assert adding.is_alive()
        assert second not in ari.apps
        proxy.answer = None
        back.result(LIMIT)
        adding.join(LIMIT)
    assert ari.apps == (ari.settings.app_name, first, second)
    place(ari, app=second)
    eventually(lambda: second in seen)


def test_what_cannot_be_opened_changes_nothing(connect: Connect, proxy: ProxyServer) -> None:
    """The server refuses the second WebSocket: that is raised, the first goes on, and the apps are as before."""
    ari = connect(proxy=f"http://127.0.0.1:{proxy.port}")
    troubles: list[Any] = []
    ari.on(("ConnectionLost", "Reconnected"), troubles.append)
    proxy.answer = REFUSAL
    with pytest.raises(Exception, match="503"):
        ari.add_app(fresh("app"))
    proxy.answer = None
    assert ari.apps == (ari.settings.app_name,)
    place(ari)
    assert troubles == []


def test_an_app_that_another_client_took_over(connect: Connect) -> None:
    """A change of other apps leaves it there; adding it takes it back."""
    taken, third = fresh("app"), fresh("app")
    ari = connect(apps=(taken,))
    seen: list[str] = []
    ari.on("StasisStart", lambda event: seen.append(event.application))
    with ari.expect("ApplicationReplaced") as replaced:
        other = connect(app_name=taken)
        replaced.result(LIMIT)
    ari.add_app(third)
    place(other, app=taken)
    place(ari, app=third)
    eventually(lambda: set(seen) == {third})
    with other.expect("ApplicationReplaced") as replaced:
        ari.add_app(taken)
        replaced.result(LIMIT)
    place(ari, app=taken)
    eventually(lambda: set(seen) == {third, taken})


def test_what_is_refused(connect: Connect) -> None:
    """Names that nothing could use, apps that are not there, and the app into which calls go by themselves."""
    ari = connect()
    no_events = connect(events=False)
    for change, reason in refusals(ari):
        with pytest.raises(BadArgument, match=reason):
            change()
    with pytest.raises(BadArgument, match="events=False"):
        no_events.add_app("other")
    unconnected = connect(start=False)
    unconnected.add_app("later")
    assert unconnected.apps == (unconnected.settings.app_name, "later")
    unconnected.remove_app("later")


def refusals(ari: Any) -> list[tuple[Callable[[], Any], str]]:
    """Changes that are refused before anything is sent, and what the error says."""
    return [
        (lambda: ari.add_app("two words,"), "comma"),
        (lambda: ari.add_app(""), "empty"),
        (lambda: ari.remove_app("nobody"), "not an app of this client: nobody"),
        (lambda: ari.remove_app(ari.settings.app_name), "app_name"),
    ]
