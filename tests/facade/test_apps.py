"""Apps that are added to and removed from a connected client: what interrupts it, and what a server does half."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from asterisk_ari.errors import BadArgument, ConnectionRefused, EventStreamLost, NotConnected, RequestTimeout
from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.variants import AsyncVariant, Variant

LIMIT = 10.0
EVENTS = 60


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk() as running:
        yield running


def connected(variant: Variant, asterisk: EmbeddedAsterisk, **options: Any) -> Any:
    given = {"url": asterisk.url, "username": asterisk.username, "password": asterisk.password, "events": True, **options}
    ari = variant.client(app_name="first", **given)
    variant.do(ari.connect())
    return ari


def beside(variant: Variant, result: Any) -> Any:
    """What a method returns, going on in a thread or a task of its own; call it for its end."""
    if isinstance(variant, AsyncVariant):
        task = variant.runner.get_loop().create_task(result())
        variant.do(asyncio.sleep(0.1))
        return lambda: variant.do(asyncio.wait_for(task, LIMIT))
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(result())
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(0.1)

    def end() -> Any:
        thread.join(LIMIT)
        assert outcome, "it has not ended"
        return variant.later(outcome[0])

    return end


def test_each_event_comes_once_and_in_its_order(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Events are sent from before the change to after it."""
    ari = connected(variant, asterisk, order="stream")
    seen: list[int] = []
    all_came = ari.expect("ChannelUserevent", match=lambda event: event["userevent"]["number"] == EVENTS - 1)
    ari.on("ChannelUserevent", lambda event: seen.append(event["userevent"]["number"]))
    ari.on(("ConnectionLost", "ApplicationReplaced"), lambda event: seen.append(-1))

    def send() -> None:
        with httpx.Client(base_url=asterisk.url, auth=(asterisk.username, asterisk.password)) as client:
            for number in range(EVENTS):
                body = {"variables": {"number": number}}
                client.post("/ari/events/user/tick", params={"application": "first"}, json=body).raise_for_status()
                asterisk_is_busy.wait(0.01)

    asterisk_is_busy = threading.Event()
    sender = threading.Thread(target=send)
    sender.start()
    variant.do(ari.add_app("second", "third"))
    variant.do(ari.remove_app("second"))
    sender.join(LIMIT)
    variant.do(all_came.result(LIMIT))
    variant.do(ari.disconnect())  # what came is handled before
    assert seen == list(range(EVENTS))
    assert ari.apps == ("first", "third")


def test_a_gap_in_the_midst_of_it_is_told(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """The old WebSocket is lost while the new one is being opened: the change is made, and the program hears of the gap."""
    ari = connected(variant, asterisk)
    asterisk.faults.delay(0.5, path="/ari/events")
    back = ari.expect("Reconnected")
    end = beside(variant, lambda: ari.add_app("second"))
    asterisk.faults.drop_sockets()
    end()
    variant.do(back.result(LIMIT))
    assert ari.apps == ("first", "second")
    assert ari.stats.reconnects == 1
    entered = ari.expect("StasisStart")
    asterisk.incoming_call(app="second")
    assert variant.do(entered.result(LIMIT)).application == "second"


def test_a_server_that_does_not_answer_in_time(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Whether it has given the apps to the new WebSocket cannot be known: the old one is opened anew, which is told."""
    ari = connected(variant, asterisk, connect_timeout_seconds=0.3)
    asterisk.faults.delay(0.6, path="/ari/events")
    back = ari.expect("Reconnected")
    with pytest.raises(RequestTimeout):
        variant.do(ari.add_app("second"))
    variant.do(back.result(LIMIT))
    assert ari.apps == ("first",)
    entered = ari.expect("StasisStart")
    asterisk.incoming_call(app="first")
    variant.do(entered.result(LIMIT))


def test_a_server_that_is_gone(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Nobody listens: nothing has changed, and the WebSocket that is open goes on."""
    ari = connected(variant, asterisk)
    asterisk.faults.refuse()
    with pytest.raises(ConnectionRefused):
        variant.do(ari.add_app("second"))
    entered = ari.expect("StasisStart")
    asterisk.incoming_call(app="first")
    variant.do(entered.result(LIMIT))
    assert (ari.apps, ari.stats.reconnects) == (("first",), 0)


def test_a_gap_that_lasts(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """The WebSocket is lost and does not come back in time."""
    ari = connected(variant, asterisk, request_timeout_seconds=0.3)
    lost = ari.expect("ConnectionLost")
    asterisk.faults.refuse()
    asterisk.faults.drop_sockets()
    variant.do(lost.result(LIMIT))
    with pytest.raises(EventStreamLost, match="not back in time"):
        variant.do(ari.add_app("second"))
    assert ari.apps == ("first",)


def test_disconnect_in_the_midst_of_it(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """The change ends with NotConnected, and no WebSocket is left."""
    ari = connected(variant, asterisk)
    asterisk.faults.delay(0.5, path="/ari/events")
    end = beside(variant, lambda: ari.add_app("second"))
    variant.do(ari.disconnect())
    with pytest.raises(NotConnected):
        variant.do(end())
    assert ari.apps == ("first",)
    variant.do(ari.connect())
    assert variant.do(ari.operation("applications.list", raw=True))[0]["name"] == "first"


def test_a_cancelled_change_is_made_all_the_same(asterisk: EmbeddedAsterisk) -> None:
    """What has begun is not cut short: the client and the server agree on the apps."""
    variant = AsyncVariant()
    ari = connected(variant, asterisk)
    asterisk.faults.delay(0.3, path="/ari/events")

    async def cancelled() -> bool:
        task = asyncio.create_task(ari.add_app("second"))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert variant.do(cancelled())
    assert ari.apps == ("first", "second")
    assert {app.id for app in variant.do(ari.applications.list())} == {"first", "second"}
    variant.close()


def test_a_client_that_is_not_connected(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """The list is kept for the next `connect()`; what cannot be done is refused."""
    ari = variant.client(
        url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="first", apps=["old"], events=True
    )
    variant.do(ari.add_app("second"))
    variant.do(ari.remove_app("old"))
    assert ari.apps == ari.settings.all_apps == ("first", "second")
    variant.do(ari.connect())
    assert {app.id for app in variant.do(ari.applications.list())} == {"first", "second"}
    variant.do(ari.disconnect())
    variant.do(ari.add_app("third"))
    variant.do(ari.connect())
    assert {app.id for app in variant.do(ari.applications.list())} == {"first", "second", "third"}
    for change in (lambda: ari.remove_app("first"), lambda: ari.remove_app("nobody"), lambda: ari.add_app("a,b")):
        with pytest.raises(BadArgument):
            variant.do(change())
