"""A handler that ends because its caller has left logs one line; any other exception of a handler is an error."""

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari import errors
from asterisk_ari._core.events.early_hangup import is_early_hangup
from asterisk_ari.testing import EmbeddedAsterisk
from tests.embedded.support import until
from tests.facade.variants import Variant

HANGUP = {"channel": {"id": "c"}, "cause": 16, "cause_txt": "Normal Clearing"}


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(endpoints={"alice": "answers"}) as running:
        yield running


async def plays_async(ari: Any, channel: Any) -> None:
    await channel.play("sound:hello-world")


async def waits_async(ari: Any, channel: Any) -> None:
    await channel.wait_for("ChannelDtmfReceived", timeout_seconds=20)


async def bridges_async(ari: Any, channel: Any) -> None:
    await (await ari.bridges.create("mixing")).add_channel(channel)


async def fails_async(ari: Any, channel: Any) -> None:
    await ari.bridges("nosuch").add_channel(channel)


async def raises_async(ari: Any, channel: Any) -> None:
    raise ValueError("a mistake of the program's")


def plays(ari: Any, channel: Any) -> None:
    channel.play("sound:hello-world")


def waits(ari: Any, channel: Any) -> None:
    channel.wait_for("ChannelDtmfReceived", timeout_seconds=20)


def bridges(ari: Any, channel: Any) -> None:
    ari.bridges.create("mixing").add_channel(channel)


def fails(ari: Any, channel: Any) -> None:
    ari.bridges("nosuch").add_channel(channel)


def raises(ari: Any, channel: Any) -> None:
    raise ValueError("a mistake of the program's")


HANDLERS = {
    "sync": (plays, waits, bridges, fails, raises),
    "async": (plays_async, waits_async, bridges_async, fails_async, raises_async),
}


def run(variant: Variant, asterisk: EmbeddedAsterisk, number: int, on_error: Callable[..., Any]) -> Any:
    """A caller comes, and hangs up before the handler does its work."""
    ari = variant.client(url=asterisk.url, username="asterisk", password="asterisk", events=True, on_error=on_error)
    variant.do(ari.connect())
    work = HANDLERS[variant.name][number]
    left, done = threading.Event(), threading.Event()
    waits_itself = number == 1
    if variant.name == "sync":

        def handler(event: Any) -> None:
            try:
                assert waits_itself or left.wait(5)
                work(ari, ari.channels(event.channel_id))
            finally:
                done.set()
    else:

        async def handler(event: Any) -> None:  # type: ignore[misc]
            try:
                if not waits_itself:
                    await ari.channels(event.channel_id).wait_until_gone(5)
                await work(ari, ari.channels(event.channel_id))
            finally:
                done.set()

    with ari.expect("StasisEnd") as gone:
        ari.on("StasisStart", handler)
        phone = asterisk.incoming_call(app="aiagc")
        if variant.name == "async":
            variant.do(ari.channels(phone.channel_id).wait_until_in_stasis(5))
        phone.hang_up()
        variant.do(gone.result(5))
        left.set()
    if variant.name == "async":
        variant.do(settled(done))
    until(done.is_set)
    variant.do(ari.disconnect())
    return ari


async def settled(done: threading.Event) -> None:
    import asyncio

    while not done.is_set():
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("number", [0, 1, 2], ids=["plays", "waits", "bridges"])
def test_a_caller_that_left_is_no_error(
    variant: Variant, asterisk: EmbeddedAsterisk, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    """One INFO line that names the channel and the handler; no traceback, nothing for `on_error`, nothing counted."""
    told: list[Any] = []
    with caplog.at_level(logging.INFO, "asterisk_ari"):
        ari = run(variant, asterisk, number, lambda error, event: told.append(error))
    lines = [record for record in caplog.records if "ended while" in record.getMessage()]
    assert [(logging.INFO, None)] == [(line.levelno, line.exc_info) for line in lines]
    assert "handler handled its StasisStart" in lines[0].getMessage()
    assert [] == [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert ([], 0) == (told, ari.hub.stats.handler_errors)


@pytest.mark.parametrize(("number", "kind"), [(3, errors.NotFound), (4, ValueError)], ids=["another object", "a mistake"])
def test_any_other_exception_is_an_error(
    variant: Variant, asterisk: EmbeddedAsterisk, number: int, kind: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    """Though the caller has left, too."""
    told: list[Any] = []
    ari = run(variant, asterisk, number, lambda error, event: told.append(error))
    assert [kind] == [type(error) for error in told]
    assert 1 == ari.hub.stats.handler_errors
    assert "failed on StasisStart" in caplog.text


def answer(kind: type[errors.ResponseError], status: int, reason: str, path: str) -> errors.ResponseError:
    return kind(reason, status=status, reason=reason, path=path)


CASES: list[tuple[BaseException, bool, bool]] = [
    (errors.ObjectGone("gone", event=HANGUP), True, True),
    (errors.ObjectGone("gone", event={"channel": {"id": "other"}}), False, False),
    (errors.ObjectGone("gone"), True, False),
    (errors.WaitTimeout("late"), False, False),
    (answer(errors.NotFound, 404, "Channel not found", "/channels/c/play"), True, True),
    (answer(errors.NotFound, 404, "Channel not found", "/channels/other/play"), True, False),
    (answer(errors.NotFound, 404, "Provided channel was not found", "/channels/c/snoop"), True, True),
    (answer(errors.NotFound, 404, "Provided variable was not found", "/channels/c/variable"), False, False),
    (answer(errors.NotInStasis, 409, "Channel not in Stasis application", "/channels/c/answer"), True, False),
    (answer(errors.BadRequest, 400, "Channel not found", "/bridges/b/addChannel"), True, False),
    (answer(errors.BadRequest, 400, "Invalid direction", "/bridges/b/addChannel"), False, False),
    (answer(errors.Unprocessable, 422, "Channel not in Stasis application", "/bridges/b/removeChannel"), True, False),
    (answer(errors.Unprocessable, 422, "Channel not in this bridge", "/bridges/b/removeChannel"), True, False),
    (answer(errors.ServerFailure, 500, "Internal", "/channels/c/play"), False, False),
    (answer(errors.AriDisabled, 404, "Not found", "/channels/c"), False, False),
    (ExceptionGroup("", [errors.ObjectGone("gone", event=HANGUP)]), True, True),
    (ExceptionGroup("", [errors.ObjectGone("gone", event=HANGUP), ValueError()]), False, False),
    (ValueError(), False, False),
]


@pytest.mark.parametrize(("error", "when_ended", "when_not_known"), CASES, ids=str)
def test_what_counts_as_an_early_hangup(error: BaseException, when_ended: bool, when_not_known: bool) -> None:
    """What the server says about the handler's own channel, and waits that its end has ended."""
    assert when_ended == is_early_hangup(error, "c", has_left=True, has_ended=True)
    assert when_not_known == is_early_hangup(error, "c", has_left=False, has_ended=False)
