"""A stop leaves nobody in silence: running handlers end, what is left goes where it is to go. On the embedded Asterisk."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, NotConnected
from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.phone import Phone
from tests.facade.variants import Variant

CALLS = 40
DIALPLAN = {"in": {"s": ["Answer()", "Stasis(aiagc)", "Wait(60)"]}, "sorry": {"s": ["Answer()", "Wait(60)"]}}


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(dialplan=DIALPLAN) as running:
        yield running


@pytest.fixture(params=["http", "websocket"])
def ari(request: pytest.FixtureRequest, variant: Variant, asterisk: EmbeddedAsterisk) -> Any:
    transport = {"transport": request.param}
    client = variant.client(url=asterisk.url, username=asterisk.username, password=asterisk.password, events=True, **transport)
    variant.do(client.connect())
    return client


def eventually(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def in_a_scope(variant: Variant, ari: Any, begun: list[str], **options: Any) -> Any:
    """A handler that keeps its call in a scope until the caller leaves, or for `seconds`; then it sets a variable."""
    seconds = options.pop("seconds", None)

    def keep(channel: Any, event: Any) -> None:
        with ari.call(channel) as call:
            channel.answer()
            begun.append(channel.id)
            if seconds is None:
                channel.wait_until_gone()
            else:
                time.sleep(seconds)
                call.channel.set_variable("DONE", "yes")

    async def keep_async(channel: Any, event: Any) -> None:
        async with ari.call(channel) as call:
            await channel.answer()
            begun.append(channel.id)
            if seconds is None:
                await channel.wait_until_gone()
            else:
                await asyncio.sleep(seconds)
                await call.channel.set_variable("DONE", "yes")

    return keep if variant.name == "sync" else keep_async


def run_until(ari: Any, variant: Variant, ready: Callable[[], object], handler: Any, **options: Any) -> None:
    """Run the event loop of the client, and stop it once it is ready."""

    def stop() -> None:
        eventually(ready)
        ari.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()
    try:
        variant.do(ari.start_event_loop(on_stasis_start=handler, **options))
    finally:
        stopping.join()


def place(phone: Phone, asterisk: EmbeddedAsterisk, ari: Any, variant: Variant) -> tuple[str, str]:
    plan = variant.do(ari.channels.get(phone.channel_id)).json["dialplan"]
    return plan["context"], plan["app_name"]


def is_gone(phone: Phone, ari: Any, variant: Variant) -> bool:
    """Whether a call is over; the asynchronous client does something only while its event loop runs."""
    variant.do(ari.channels.list())
    return phone.ended


def test_calls_in_handlers_are_hung_up(variant: Variant, asterisk: EmbeddedAsterisk, ari: Any) -> None:
    """Handlers that have not ended in time are cancelled while calls can be made: their scopes hang up."""
    phones = [asterisk.incoming_call(context="in") for _ in range(CALLS)]
    begun: list[str] = []
    run_until(ari, variant, lambda: len(begun) == CALLS, in_a_scope(variant, ari, begun), drain_seconds=0.1)
    assert sorted(begun) == sorted(phone.channel_id for phone in phones)
    eventually(lambda: all(phone.ended for phone in phones))


def test_handlers_get_the_time_to_end(variant: Variant, asterisk: EmbeddedAsterisk, ari: Any) -> None:
    """A handler that ends in time does so undisturbed, making calls to its end; nobody waits longer than that."""
    phone = asterisk.incoming_call(context="in")
    begun: list[str] = []
    handler = in_a_scope(variant, ari, begun, seconds=0.3)
    seen: list[Any] = []
    ari.on("ChannelVarset", lambda event: seen.append((event["variable"], event["value"])))
    before = time.monotonic()
    run_until(ari, variant, lambda: begun, handler, drain_seconds=10)
    assert time.monotonic() - before < 5
    eventually(lambda: is_gone(phone, ari, variant) and ("DONE", "yes") in seen)


@pytest.mark.parametrize(("on_stop", "left", "new"), [
    ("hangup", None, None),
    ("leave", ("in", "Stasis"), ("in", "Wait")),
    ("sorry,s,1", ("sorry", "Wait"), ("sorry", "Wait")),
])  # fmt: skip
def test_what_is_left_goes_where_it_is_to_go(
    variant: Variant, asterisk: EmbeddedAsterisk, ari: Any, on_stop: str, left: Any, new: Any
) -> None:
    """Calls without a handler that runs, and calls that come after the stop, are hung up, left, or sent to a place."""
    first = asterisk.incoming_call(context="in")
    met: list[str] = []

    def entered(channel: Any, event: Any) -> None:
        met.append(channel.id)

    run_until(ari, variant, lambda: met, entered, drain_seconds=0, on_stop=on_stop)
    second = asterisk.incoming_call(context="in")
    for phone, expected in ((first, left), (second, new)):
        if expected is None:
            eventually(lambda phone=phone: is_gone(phone, ari, variant))  # type: ignore[misc]
        else:
            eventually(lambda phone=phone, expected=expected: place(phone, asterisk, ari, variant) == expected)  # type: ignore[misc]
    assert met == [first.channel_id]


def test_a_channel_of_a_handler_is_no_new_call(variant: Variant, asterisk: EmbeddedAsterisk, ari: Any) -> None:
    """What a running handler creates after the stop is not turned away."""
    asterisk.incoming_call(context="in")
    begun: list[str] = []
    states: list[str] = []

    def transfer(channel: Any, event: Any) -> None:
        if channel.id != began(channel.id):
            return
        time.sleep(0.2)
        with ari.call("PJSIP/100@trunk") as call:
            states.append(call.channel.refresh().state)

    async def transfer_async(channel: Any, event: Any) -> None:
        if channel.id != began(channel.id):
            return
        await asyncio.sleep(0.2)
        async with ari.call("PJSIP/100@trunk") as call:
            states.append((await call.channel.refresh()).state)

    def began(channel_id: str) -> str:
        begun.append(channel_id)
        return begun[0]

    handler = transfer if variant.name == "sync" else transfer_async
    run_until(ari, variant, lambda: begun, handler, drain_seconds=10)
    assert states == ["Up"]


def test_disconnect_drains(variant: Variant, asterisk: EmbeddedAsterisk, ari: Any) -> None:
    """With drain_seconds handlers end before anything is closed; then there is no connection."""
    phone = asterisk.incoming_call(context="in")
    begun: list[str] = []
    handler = in_a_scope(variant, ari, begun, seconds=0.3)
    run_until(ari, variant, lambda: begun, handler)
    variant.do(ari.disconnect(drain_seconds=10))
    eventually(lambda: phone.ended)
    with pytest.raises(NotConnected):
        variant.do(ari.channels.list())


def test_disconnect_cancels_handlers_while_calls_can_be_made(variant: Variant, asterisk: EmbeddedAsterisk, ari: Any) -> None:
    """Without a drain, too, a scope that is left by the disconnect hangs up."""
    phone = asterisk.incoming_call(context="in")
    begun: list[str] = []
    run_until(ari, variant, lambda: begun, in_a_scope(variant, ari, begun))
    assert begun == [phone.channel_id]
    variant.do(ari.disconnect())
    eventually(lambda: phone.ended)


@pytest.mark.parametrize("wrong", [
    {"on_stop": "hang up"}, {"on_stop": "a,b"}, {"on_stop": "a,,1"}, {"drain_seconds": -1}, {"drain_seconds": float("nan")},
])  # fmt: skip
def test_what_cannot_be_meant_is_refused(variant: Variant, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadArgument):
        variant.do(variant.client().start_event_loop(**wrong))


def test_handlers_that_the_close_ends_leave_no_tracebacks(
    variant: Variant, asterisk: EmbeddedAsterisk, ari: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Five of the same wait would say no more than a line each, and hide everything else."""
    waiting: list[str] = []

    def wait(channel: Any, event: Any) -> None:
        waiting.append(channel.id)
        channel.wait_until_gone()

    async def wait_async(channel: Any, event: Any) -> None:
        waiting.append(channel.id)
        await channel.wait_until_gone()

    for _ in range(5):
        asterisk.incoming_call(context="in")
    run_until(ari, variant, lambda: len(waiting) == 5, wait if variant.name == "sync" else wait_async)
    variant.do(ari.disconnect())
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []
    if variant.name == "sync":  # coroutines are cancelled
        lines = [record.getMessage() for record in caplog.records if "could not finish with StasisStart" in record.getMessage()]
        assert [sum(one in line for line in lines) for one in waiting] == [1] * 5
