"""The server goes away and comes back; both variants. These tests have a server of their own."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari import Reconnect
from asterisk_ari.errors import AllocationFailed, ConnectionRefused, EventStreamLost, NotFound, OutcomeUnknown, TransportError
from scripts.live import LiveAsterisk
from tests.live.calls import LIMIT, eventually, fresh, into, place
from tests.live.variants import Variant

SOON = Reconnect(first_seconds=0.05, max_seconds=0.2)
LONG = 40.0


@pytest.fixture
def ari(variant: Variant, own: LiveAsterisk) -> Iterator[Any]:
    """A client of the server that is going to fail."""
    own.start()
    with variant.client(
        url=own.url, username=own.username, password=own.password, app_name=fresh("app"), reconnect=SOON
    ) as client:
        yield client
    own.start()


class Diary:
    """Everything the program is told, in order."""

    def __init__(self, ari: Any) -> None:
        self.entries: list[Any] = []
        self._lock = threading.Lock()
        ari.on(("ConnectionLost", "Reconnected", "StasisStart", "StasisEnd", "ChannelDestroyed"), self._note)

    def _note(self, event: Any) -> None:
        with self._lock:
            self.entries.append(event)

    def types(self) -> list[str]:
        with self._lock:
            return [event.type for event in self.entries]

    def of(self, name: str) -> list[Any]:
        with self._lock:
            return [event for event in self.entries if event.type == name]


def test_a_server_that_is_stopping_is_told_from_a_missing_endpoint(ari: Any, own: LiveAsterisk) -> None:
    """While it waits for its calls to end it creates no channel for anybody."""
    place(ari)
    stopping = threading.Thread(target=own.cli, args=("core stop gracefully",))
    stopping.start()

    def refusal() -> str | None:
        try:
            ari.hangup_channel(ari.channels.originate("PJSIP/trunk", app=ari.settings.app_name))
        except AllocationFailed as error:
            return str(error)
        return None

    try:
        assert "PJSIP/trunk is online: is Asterisk stopping" in eventually(refusal, "it does not stop")
        with pytest.raises(AllocationFailed, match="has no endpoint PJSIP/nowhere"):
            ari.channels.originate("PJSIP/nowhere", app=ari.settings.app_name)
        with pytest.raises(AllocationFailed, match="nothing is registered as PJSIP/alice"):
            ari.channels.originate("PJSIP/alice", app=ari.settings.app_name)
    finally:
        own.cli("core abort shutdown")
        stopping.join(LIMIT)


@pytest.mark.parametrize("how", ["kill", "restart"])
def test_a_restart_is_told_and_put_in_order(ari: Any, own: LiveAsterisk, how: str) -> None:
    """ConnectionLost, Reconnected, a StasisEnd for every channel that went with the server, subscriptions again."""
    diary = Diary(ari)
    near, far = place(ari)
    device = f"Stasis:{fresh('lamp')}"
    assert ari.subscribe_to_events(f"deviceState:{device}") is True
    with ari.expect("Reconnected") as back, near.expect("ChannelTalkingStarted") as never:
        if how == "kill":
            own.kill()
            own.start()
        else:
            own.restart()
        with pytest.raises(EventStreamLost if how == "kill" else Exception):
            never.result(LIMIT)
        reconnected = back.result(LONG)
    assert reconnected.gap_seconds > 0
    eventually(lambda: len(diary.of("StasisEnd")) == 2, f"StasisEnd is missing: {diary.types()}")
    ended = diary.of("StasisEnd")
    assert {event["channel"]["id"] for event in ended} == {near.id, far.id}
    if how == "kill":
        # Asterisk said nothing: the client knows by comparing.
        assert all(event.synthetic for event in ended)
        assert set(reconnected.vanished) == {near.id, far.id}
        assert diary.types().index("ConnectionLost") < diary.types().index("Reconnected") < diary.types().index("StasisEnd")
    eventually(lambda: diary.of("Reconnected"))
    assert len(diary.of("ConnectionLost")) == len(diary.of("Reconnected")) == 1
    assert ari.stats.reconnects == 1

    # The app is registered again, the subscription too, and calls work.
    assert device in ari.applications(ari.settings.app_name).refresh().json["device_names"]
    with ari.expect("DeviceStateChanged", about=("device_state", device)) as heard:
        ari.device_states(device).update("BUSY")
        assert heard.result(LIMIT)["device_state"]["state"] == "BUSY"
    with pytest.raises(NotFound):
        near.refresh()
    place(ari)


def test_calls_while_the_server_is_away(ari: Any, own: LiveAsterisk) -> None:
    """A call to a server that is not there fails as not sent; afterwards the same client works again."""
    ari.list_channels()
    with ari.expect("ConnectionLost") as lost, ari.expect("Reconnected") as back:
        own.kill()
        lost.result(LIMIT)
        with pytest.raises((ConnectionRefused, OutcomeUnknown, TransportError)):
            ari.create_bridge("mixing")
        with pytest.raises(ConnectionRefused):
            ari.list_channels()
        own.start()
        back.result(LONG)
    assert ari.list_channels() == []


def test_the_event_loop_survives_a_restart(ari: Any, own: LiveAsterisk) -> None:
    """A program in start_event_loop gets calls before and after the server's restart."""
    started: list[str] = []
    thread = threading.Thread(
        target=lambda: ari.start_event_loop(on_stasis_start=lambda channel, event: started.append(channel.id))
    )
    thread.start()
    near, far = place(ari)
    with ari.expect("Reconnected") as back:
        own.kill()
        own.start()
        back.result(LONG)
    again, other = place(ari)
    eventually(lambda: {near.id, far.id, again.id, other.id} <= set(started))
    ari.stop()
    thread.join(LIMIT)
    assert not thread.is_alive()


def test_disconnect_while_the_server_is_away(variant: Variant, own: LiveAsterisk) -> None:
    """A client that tries to reconnect can be ended at any time, at once and without a trace."""
    own.start()
    ari = variant.client(url=own.url, username=own.username, password=own.password, app_name=fresh("away"))
    ari.connect()
    with ari.expect("ConnectionLost") as lost:
        own.kill()
        lost.result(LIMIT)
    ari.disconnect()
    own.start()


def test_no_reconnect_where_the_policy_says_so(variant: Variant, own: LiveAsterisk) -> None:
    """Reconnect(enabled=False): the first break ends the event loop with an error."""
    own.start()
    ari = variant.client(
        url=own.url, username=own.username, password=own.password, app_name=fresh("once"), reconnect=Reconnect(enabled=False)
    )
    ari.connect()
    own.kill()
    with pytest.raises(EventStreamLost):
        ari.start_event_loop()
    ari.disconnect()
    own.start()


@pytest.mark.parametrize("hears_all", [False, True], ids=["its own", "all"])
def test_a_gap_that_channels_survive(variant: Variant, own: LiveAsterisk, hears_all: bool) -> None:
    """An app taken away and back: none of its channels vanished, one that is only being dialled did not appear."""
    own.start()
    options: dict[str, Any] = {"url": own.url, "username": own.username, "password": own.password, "app_name": fresh("app")}
    back_at_once = Reconnect(first_seconds=0.05, max_seconds=0.2, on_replaced="take_back")
    with variant.client(**options, subscribe_all=hears_all, reconnect=back_at_once) as ari:
        diary = Diary(ari)
        near, far = place(ari)
        dialled, ringing = fresh("dialled"), fresh("ringing")
        app = ari.settings.app_name
        with ari.expect("StasisStart", about=("channel", ringing)) as arrived:
            ari.channels.originate(into(app), app=app, channel_id=dialled, other_channel_id=ringing)
            arrived.result(LIMIT)
        with ari.expect("Reconnected") as back, variant.client(**options):
            reconnected = back.result(LIMIT)
        assert (reconnected.vanished, reconnected.appeared) == ([], [])
        assert [ari.hub.in_stasis(one) for one in (near.id, far.id, ringing, dialled)] == [True, True, True, False]
        assert diary.of("StasisEnd") == []
        ari.channels(dialled).hangup()
        near.hangup()


def test_clients_that_hear_all_leave_the_server_alive(variant: Variant, own: LiveAsterisk) -> None:
    """Each goes while devices change their states: by itself Asterisk 22 would soon serve no app any more."""
    own.start()
    options: dict[str, Any] = {"url": own.url, "username": own.username, "password": own.password, "subscribe_all": True}
    transports = ["http"] if own.series == "16" else ["http", "websocket"]
    for transport in transports * 30:
        with variant.client(**options, app_name=fresh("app"), transport=transport) as ari:
            near, _ = place(ari)
            near.hangup()
    with variant.client(**options, app_name=fresh("app"), request_timeout_seconds=5.0) as ari:
        assert ari.settings.app_name in [app.id for app in ari.applications.list()]
