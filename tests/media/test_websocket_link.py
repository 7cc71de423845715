"""The engine over a media WebSocket, whose other end does what Asterisk does, and what it should not."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from asterisk_ari._async.media.utterance import Utterance
from asterisk_ari._core.media.formats import format_of
from asterisk_ari._transport.media.engine import MediaEngine
from asterisk_ari._transport.media.messages import MessageBuffer
from asterisk_ari._transport.media.opening import check_plaintext, open_websocket
from asterisk_ari._transport.media.runner_async import EngineRunner
from asterisk_ari._transport.websocket.frame_rules import ProtocolViolation
from asterisk_ari.errors import BadArgument, MediaLost
from asterisk_ari.settings import Settings
from tests.media.asterisk_end import SILENT, AsteriskEnd, connected, listening, until_closed
from tests.media.raw_messages import UPGRADE, server_frame, switching_protocols
from tests.transport.rfc6455 import BINARY, CASES, CLOSE, CLOSES, PING, TEXT, Case, F, case_id, close_payload

FRAME = b"\1\2" * 320


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 30))


def test_an_utterance_in_plain_text() -> None:
    """START, whole frames, STOP with its id; it has been heard when Asterisk says so."""

    async def test() -> None:
        async with connected() as (engine, end):
            speech = engine.say_whole("u1", FRAME * 10 + b"\1\2")
            await end.until("STOP_MEDIA_BUFFERING")
            assert ["START_MEDIA_BUFFERING", "STOP_MEDIA_BUFFERING u1"] == end.commands
            assert FRAME * 10 + b"\1\2" + SILENT[2:] == end.audio
            assert speech.is_heard is None
            end.say("MEDIA_BUFFERING_COMPLETED u1")
            assert await engine.heard(speech)

    run(test())


def test_a_mark_in_both_forms() -> None:
    """MARK_MEDIA where control is JSON; where it is not, the end of an empty utterance, which every release tells."""

    async def test(start: Any, expected: str, answer: Any) -> None:
        async with connected(start) as (engine, end):
            waiting = asyncio.create_task(engine.mark("m1"))
            assert expected in await end.until("m1")
            end.say(answer)
            assert await waiting

    run(test({"event": "MEDIA_START"}, '"MARK_MEDIA"', {"event": "MEDIA_MARK_PROCESSED", "correlation_id": "m1"}))
    run(test("MEDIA_START connection_id:x", "STOP_MEDIA_BUFFERING m1", "MEDIA_BUFFERING_COMPLETED m1"))


def test_a_flush_asks_first_and_drops_then() -> None:
    """What Asterisk says of its queue is what was lost; while it is paused it must be told to go on too."""

    async def test() -> None:
        async with connected({"event": "MEDIA_START"}) as (engine, end):
            speech = engine.say_whole("u1", FRAME * 100)
            await end.until("STOP_MEDIA_BUFFERING")
            engine.pause()
            waiting = asyncio.create_task(engine.flush())
            await end.until("CONTINUE_MEDIA")
            assert ["PAUSE_MEDIA", "GET_STATUS", "FLUSH_MEDIA", "CONTINUE_MEDIA"] == [
                json.loads(one)["command"] for one in end.commands[-4:]
            ]
            end.say({"event": "STATUS", "queue_length": 63, "queue_full": False})
            cut = await waiting
            assert (740, 1260, "u1") == (cut.heard_ms, cut.lost_ms, cut.utterance_id)
            assert not await engine.heard(speech)
            end.say({"event": "MEDIA_BUFFERING_COMPLETED", "correlation_id": "u1"})  # late: it is nobody's
            assert not engine.is_speaking()

    run(test())


def test_a_server_that_does_not_answer_holds_no_flush_up() -> None:
    async def test() -> None:
        async with connected() as (engine, end):
            engine.say_whole("u1", FRAME * 100)
            await end.until("STOP_MEDIA_BUFFERING")
            assert 0 <= (await engine.flush()).heard_ms < 1000

    run(test())


def test_flow_control() -> None:
    """Nothing is sent between XOFF and XON."""

    async def test() -> None:
        async with connected() as (engine, end):
            end.say("MEDIA_XOFF")
            end.say("DTMF_END digit:7")
            assert await engine.digits.get() == "7"  # so the XOFF has come too
            speech = engine.say_whole("u1", FRAME * 10)
            assert await says_that_it_is_full(engine, end)
            assert 0 == speech.sent
            end.say("MEDIA_XON")
            await end.until("STOP_MEDIA_BUFFERING")
            assert (FRAME * 10, 1) == (end.audio, engine.stats.xoffs)

    async def says_that_it_is_full(engine: Any, end: AsteriskEnd) -> bool:
        waiting = asyncio.create_task(engine.ask())
        await end.until("GET_STATUS")
        end.say("STATUS queue_length:80 xon_level:800 xoff_level:900 queue_full:true bulk_media:false media_paused:false")
        return bool((await waiting).is_full)

    run(test())


def test_a_storm_of_xoff_and_xon_loses_and_doubles_nothing() -> None:
    async def test() -> None:
        said = b"".join(bytes([number % 251]) * 640 for number in range(90))
        async with connected() as (engine, end):
            for number in range(900):
                end.say("MEDIA_XOFF" if number % 3 else "MEDIA_XON")
                if number == 100:
                    utterance = engine.say_whole("u1", said)
            end.say("MEDIA_XOFF")
            end.say("MEDIA_XOFF")
            end.say("DTMF_END digit:1")
            await engine.digits.get()
            end.say("MEDIA_XON")
            await end.until("STOP_MEDIA_BUFFERING")
            assert said == end.audio
            assert 602 == engine.stats.xoffs
            end.say("MEDIA_BUFFERING_COMPLETED correlation_id:u1")
            assert await engine.heard(utterance)

    run(test())


@pytest.mark.parametrize("is_slow", [True, False])
def test_what_is_said_keeps_in_step_with_a_server_that_plays_late(is_slow: bool) -> None:
    """It is asked from time to time what waits there, and not sent more for as long as that is too much."""

    async def test() -> None:
        async with connected() as (engine, end):
            speech = engine.say_whole("u1", FRAME * 500)
            await end.until("GET_STATUS")
            sent = len(end.audio) // len(FRAME)
            assert 140 <= sent < 300
            assert 0 == engine.stats.underruns
            queued = 500 if is_slow else 80
            end.say(
                f"STATUS queue_length:{queued} xon_level:800 xoff_level:900 queue_full:false bulk_media:true media_paused:false"
            )
            if is_slow:
                while engine.queued_ms() < (queued + 500 - sent) * 20 - 500:
                    await asyncio.sleep(0)
                assert 0 == engine.heard_ms(speech)
            else:
                before = sent
                while len(end.audio) // len(FRAME) < before + 10:
                    await end.read()

    run(test())


def test_a_reader_that_sleeps_loses_the_oldest_frames_and_nothing_else() -> None:
    async def test() -> None:
        async with connected(max_frames=5) as (engine, end):
            for number in range(20):
                end.send(bytes([number]) * 640)
            end.say("DTMF_END digit:1")
            await engine.digits.get()
            assert (20, 15) == (engine.stats.frames_in, engine.stats.frames_dropped)
            found = [await engine.frames.get() for _ in range(5)]
            assert [15, 16, 17, 18, 19] == [frame.pcm[0] for frame in found if frame is not None]

    run(test())


def test_audio_before_media_start_is_kept() -> None:
    """Asterisk under load has been seen to send it so."""

    async def test() -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            end = AsteriskEnd(reader, writer)
            await end.handshake()
            end.send(FRAME)
            end.say("MEDIA_START connection_id:x")
            await reader.read()

        async with listening(accept) as port:
            link = await open_websocket(Settings(host="127.0.0.1", port=port), "x", 2.0)
            engine = MediaEngine(format_of(16_000), link, is_live=False, fills_gaps=False, hears=True)
            frame = await engine.frames.get()
            assert frame is not None
            assert FRAME == frame.pcm
            engine.end()
            assert link.transport is not None
            await until_closed(link.transport)

    run(test())


@pytest.mark.parametrize("how", ["flush", "the end of the call"])
def test_a_source_that_stalls_holds_nobody_up(how: str) -> None:
    """What is cut off is told at once, and its source is asked for no more."""

    async def test() -> None:
        is_closed = asyncio.Event()

        async def synthesis() -> AsyncIterator[bytes]:
            try:
                yield FRAME
                await asyncio.Event().wait()
            finally:
                is_closed.set()

        async with connected() as (engine, end):
            utterance = Utterance(engine, EngineRunner(), engine.begin("u1"))
            utterance._feed_from(synthesis())
            while not end.audio:
                await end.read()
            if how == "flush":
                await engine.flush()
            else:
                engine.end()
            assert await asyncio.wait_for(utterance.wait(), 5) is False
            await asyncio.wait_for(is_closed.wait(), 5)

    run(test())


@pytest.mark.parametrize("how", ["close frame", "cut", "error code", "garbage", "too long", "masked"])
def test_ends(how: str) -> None:
    """A close frame ends it as the call does; everything else says what broke. What waits ends, and what came can be read."""

    async def test() -> None:
        async with connected() as (engine, end):
            speech = engine.say_whole("u1", FRAME * 100)
            end.send(FRAME)
            end.writer.write(
                {
                    "close frame": b"\x88\x02\x03\xe8",
                    "cut": b"",
                    "error code": b"\x88\x02\x03\xf1",
                    "garbage": b"\xff" * 20,
                    "too long": b"\x82\x7f\x00\x00\x00\x00\x7f\xff\xff\xff",
                    "masked": b"\x82\x81\x00\x00\x00\x00\x00",
                }[how]
            )
            if how == "cut":
                end.writer.close()
            await engine.wait_ended()
            assert isinstance(engine.error, MediaLost) is (how != "close frame")
            assert not await engine.heard(speech)
            frame = await engine.frames.get()
            assert frame is not None
            assert await engine.frames.get() is None
            assert not await engine.mark("m")
            assert await engine.digits.get() is None

    run(test())


def test_messages_that_say_nothing_are_counted_and_passed_over() -> None:
    async def test() -> None:
        async with connected() as (engine, end):
            for text in ("hello", "{", "MEDIA_SOMETHING new:1", '{"event":"STATUS"}', "MEDIA_MARK_PROCESSED nobody"):
                end.say(text)
            end.say("DTMF_END digit:1")
            assert await engine.digits.get() == "1"
            assert 3 == engine.stats.garbage
            assert not engine.is_over

    run(test())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "the leg has ended, or url leads to another Asterisk"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "status 200"),
        (b"", "without a close frame"),
        (b"SSH-2.0-x\r\n\r\n", "could not be opened"),
        (b"HTTP/1.1 101 x\r\nnothing\r\n\r\n", "could not be opened"),
        (b"\xff" * 100_000, "the answer has no end"),
        (None, "not open within"),
    ],
)
def test_a_connection_that_is_not_opened(answer: bytes | None, words: str) -> None:
    async def test() -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            if answer is not None:
                writer.write(answer)
            else:
                await reader.read()

        async with listening(accept) as port:
            settings = Settings(host="127.0.0.1", port=port, connect_timeout_seconds=0.3)
            with pytest.raises(MediaLost, match=words):
                await open_websocket(settings, "x", 2.0)

    run(test())


@pytest.mark.parametrize(
    ("lines", "version", "words"),
    [
        ((UPGRADE[1],), "HTTP/1.1", "Upgrade: websocket"),
        ((UPGRADE[0],), "HTTP/1.1", "Connection: Upgrade"),
        ((UPGRADE[0], "Connection: keep-alive"), "HTTP/1.1", "Connection: Upgrade"),
        ((*UPGRADE, "Sec-WebSocket-Extensions: permessage-deflate"), "HTTP/1.1", "an extension"),
        ((*UPGRADE, "Sec-WebSocket-Protocol: ari"), "HTTP/1.1", "a subprotocol"),
        ((*UPGRADE, "Sec-WebSocket-Accept: x"), "HTTP/1.1", "another Sec-WebSocket-Key"),
        (UPGRADE, "HTTP/1.0", "not HTTP/1.1"),
        (UPGRADE, "HTTP/1.1", ""),
        ((*UPGRADE, "Sec-WebSocket-Protocol: media"), "HTTP/1.1", ""),
    ],
)
def test_the_101_opens_what_was_asked_for(lines: tuple[str, ...], version: str, words: str) -> None:
    """RFC 6455, 4.1, as for the event WebSocket; the subprotocol may be left out."""

    async def test() -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            key = head.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
            writer.write(switching_protocols(key, *lines, version=version) + server_frame(TEXT, b"MEDIA_START connection_id:x"))
            await reader.read()

        async with listening(accept) as port:
            settings = Settings(host="127.0.0.1", port=port, connect_timeout_seconds=10)
            if words:
                with pytest.raises(MediaLost, match=words):
                    await open_websocket(settings, "x", 2.0)
            else:
                link = await open_websocket(settings, "x", 2.0)
                link.close()
                assert link.transport is not None
                await until_closed(link.transport)

    run(test())


@pytest.mark.parametrize("case", [case for case in CASES if case not in CLOSES], ids=case_id)
@pytest.mark.parametrize("piece", [1, 100_000], ids=["byte by byte", "at once"])
def test_frames_are_as_the_rfc_asks(case: Case, piece: int) -> None:
    """The table of the event WebSocket: what is right is read, what is wrong ends the connection."""
    data = case.data(masked=False)
    if piece == 1 and len(data) > 5000:
        return

    def messages() -> list[tuple[int, bytes]]:
        buffer, found = MessageBuffer(is_masked=False), []
        for at in range(0, len(data), piece):
            buffer.feed(data[at : at + piece])
            found += list(buffer.messages())
        return found

    if case.client_ends:
        code, words = case.client_ends
        with pytest.raises(ProtocolViolation, match=words) as raised:
            messages()
        assert code == raised.value.code
    else:
        assert [opcode for opcode, _ in messages() if opcode == TEXT] == [TEXT] * case.client.count("text")
        assert [said for opcode, said in messages() if opcode == PING] == [said for said in case.client if said != "text"]


@pytest.mark.parametrize("case", CLOSES, ids=case_id)
def test_a_close_frame_that_is_right_is_read(case: Case) -> None:
    buffer = MessageBuffer(is_masked=False)
    buffer.feed(case.data(masked=False))
    sent = next(frame.payload for frame in case.frames if frame.opcode == CLOSE)
    assert next(payload for opcode, payload in buffer.messages() if opcode == CLOSE) == sent


@pytest.mark.parametrize(
    ("payload", "code", "words"),
    [
        (close_payload(1011, b"no memory"), 1000, "code 1011: no memory"),
        (close_payload(1005), 1002, "the code 1005"),
        (b"\x03", 1002, "close frame, of one byte"),
        (close_payload(1000, b"\xff"), 1007, "not UTF-8"),
    ],
)
def test_what_a_close_frame_says_is_told_and_answered(payload: bytes, code: int, words: str) -> None:
    async def test() -> None:
        async with connected() as (engine, end):
            end.writer.write(server_frame(CLOSE, payload))
            assert await end.until_closed() == code
            await engine.wait_ended()
            assert words in str(engine.error)

    run(test())


def test_audio_in_a_frame_of_the_wrong_form_is_refused() -> None:
    """The way of audio, which is most of what comes, is as strict."""
    buffer = MessageBuffer(is_masked=False)
    wrong = F(BINARY, b"a" * 100, form=126).encode(masked=False)
    assert buffer.only_audio(wrong) is None
    buffer.feed(F(BINARY, b"a" * 640).encode(masked=False) + wrong)
    with pytest.raises(ProtocolViolation):
        list(buffer.messages())


@pytest.mark.parametrize("size", [0, 125, 126, 4000, 65_535])
def test_a_text_that_comes_alone_is_read_on_a_short_way(size: int) -> None:
    """And only where it is all that has come, and all of it."""
    text = b"x" * size
    frame = server_frame(TEXT, text)
    assert text == MessageBuffer(is_masked=False).only_text(frame)
    assert MessageBuffer(is_masked=True).only_text(frame) is None
    for other in (
        frame + b"\x81",
        frame[:-1],
        b"",
        b"\x81",
        server_frame(BINARY, text),
        b"\x01" + frame[1:],
        b"\xc1" + frame[1:],
    ):
        assert MessageBuffer(is_masked=False).only_text(other) is None
    behind_half_a_message = MessageBuffer(is_masked=False)
    behind_half_a_message.feed(b"\x82")
    assert behind_half_a_message.only_text(frame) is None


def test_a_frame_and_the_question_after_it_are_written_at_once() -> None:
    """A live source asks after every second frame: by a write of its own that costs as much as the frame."""

    async def test() -> None:
        async with connected(is_live=True) as (engine, end):
            writes: list[bytes] = []
            link: Any = engine._link
            write = link._write
            link._write = lambda data: (writes.append(data), write(data))[1]
            await end.until("GET_STATUS")
            end.say("STATUS queue_length:0 queue_full:false")
            while engine._questions:
                await asyncio.sleep(0)
            for _ in range(3):
                engine.write(FRAME)
            assert [1, 1, 2] == [1 + (len(data) > len(writes[0])) for data in writes]
            end.commands.clear()
            await end.until("GET_STATUS")
            assert FRAME * 3 == end.audio

    run(test())


def test_a_plain_connection_to_another_machine_is_refused() -> None:
    """Whoever sees the path of such a WebSocket can take it over."""
    check_plaintext(Settings(host="127.0.0.1"), is_allowed=False)
    check_plaintext(Settings(host="::1"), is_allowed=False)
    check_plaintext(Settings(host="pbx.test", tls=True), is_allowed=False)
    check_plaintext(Settings(host="pbx.test"), is_allowed=True)
    with pytest.raises(BadArgument, match="allow_plaintext=True"):
        check_plaintext(Settings(host="pbx.test"), is_allowed=False)
