"""Asterisk connects to the program: who is let in, sessions, calls, requests, cuts and the end. Both variants."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from asterisk_ari import aio, sync
from asterisk_ari.errors import BadArgument, NotConnected, NotSent
from asterisk_ari.events import ConnectionLost, Event, Reconnected
from tests.servers.dialling_asterisk import SECONDS, DiallingAsterisk, basic, channel, event

CREDENTIALS = {"out": "secret", "other": "pässword"}


def start(app: str, channel_id: str, time: str = "2026-01-01T10:00:10.000+0000") -> dict[str, Any]:
    return event("StasisStart", app, time, args=[], channel=channel(channel_id))


class Seen:
    """What handlers have noted, to wait for."""

    def __init__(self) -> None:
        self.things: list[Any] = []
        self._changed = threading.Condition()

    def add(self, thing: Any) -> None:
        with self._changed:
            self.things.append(thing)
            self._changed.notify_all()

    def wait_for(self, count: int) -> list[Any]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.things) >= count, SECONDS), self.things
            return self.things


@pytest.fixture
def listener() -> Iterator[sync.AriListener]:
    with sync.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listening:
        yield listening


def in_loop(play: Callable[[aio.AriListener], Awaitable[None]]) -> None:
    async def main() -> None:
        async with aio.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listening:
            await play(listening)

    asyncio.run(main())


REFUSED = {
    "no credentials": ({"headers": ""}, 401, "no credentials"),
    "a wrong password": ({"headers": basic("out", "wrong")}, 401, "wrong credentials"),
    "the password of another user": ({"headers": basic("out", "pässword")}, 401, "wrong credentials"),
    "credentials that are no Base64": ({"headers": "Authorization: Basic ???\r\n"}, 401, "wrong credentials"),
    "a token": ({"headers": "Authorization: Bearer secret\r\n"}, 401, "wrong credentials"),
    "no subprotocol": ({"protocols": ""}, 400, "protocols = ari"),
    "another subprotocol": ({"protocols": "media"}, 400, "protocols = ari"),
    "no WebSocket": ({"head": "GET / HTTP/1.1\r\nHost: app\r\n\r\n"}, 400, "no WebSocket handshake"),
    "garbage": ({"head": "\x16\x03\x01\r\n\r\n"}, 400, "no WebSocket handshake"),
    "headers without end": ({"head": "GET / HTTP/1.1\r\nX: " + "x" * 70_000}, 431, "headers of more than"),
}


@pytest.mark.parametrize("how", REFUSED)
def test_others_are_refused_and_told_why(how: str, listener: sync.AriListener, caplog: pytest.LogCaptureFixture) -> None:
    given, status, why = REFUSED[how]
    with DiallingAsterisk(listener.address, **given) as asterisk:
        assert asterisk.status == status
    listener.close()
    assert listener.refused == 1
    assert listener.sessions == ()
    assert why in caplog.text
    assert "secret" not in caplog.text
    assert "secret" not in repr(listener)


@pytest.mark.parametrize("how", ["a wrong password", "no subprotocol", "garbage"])
def test_the_asynchronous_listener_refuses_them_too(how: str) -> None:
    given, status, _ = REFUSED[how]

    async def play(listening: aio.AriListener) -> None:
        def dial() -> int:
            with DiallingAsterisk(listening.address, **given) as asterisk:
                return asterisk.status

        assert await asyncio.to_thread(dial) == status
        await listening.aclose()
        assert listening.refused == 1

    in_loop(play)


@pytest.mark.parametrize(
    "credentials", [{}, {"": "x"}, {"a:b": "x"}, {"out": ""}, {"out": 5}, ["out"]], ids=lambda value: str(type(value))
)
def test_credentials_that_cannot_be_are_refused(credentials: Any) -> None:
    with pytest.raises(BadArgument):
        sync.AriListener("127.0.0.1", 0, credentials=credentials)


@pytest.mark.parametrize("port", [-1, 70_000, "x", None, True])
def test_ports_that_there_are_not_are_refused(port: Any) -> None:
    with pytest.raises(BadArgument, match="port must be a number from 0"):
        sync.AriListener("127.0.0.1", port, credentials={"out": "x"})


@pytest.mark.parametrize("context", [True, False, "cert.pem"])
def test_what_is_no_context_of_tls_is_refused(context: Any) -> None:
    with pytest.raises(BadArgument, match=r"ssl must be the ssl\.SSLContext"):
        sync.AriListener("127.0.0.1", 0, credentials={"out": "x"}, ssl=context)


def test_a_persistent_connection_becomes_a_session_with_all_its_apps(listener: sync.AriListener) -> None:
    with DiallingAsterisk(listener.address, headers=basic("other", "pässword")) as asterisk:
        assert asterisk.status == 101
        assert "sec-websocket-protocol: ari" in asterisk.answer.lower()
        asterisk.register("voicebot", "queue")
        session = next(iter(listener))
        assert (session.kind, session.apps, session.late_events) == ("persistent", ("voicebot", "queue"), 0)
        assert session.peer[0] == "127.0.0.1"
        assert listener.sessions == (session,)
        assert "persistent" in repr(session)
        with session:
            assert session.capabilities.version == "22.10.1"
            with pytest.raises(BadArgument, match=r"ari\.conf"):
                session.add_app("third")


def test_a_call_is_served_over_the_websocket_alone(listener: sync.AriListener) -> None:
    seen = Seen()

    @listener.calls("voicebot")
    def serve(call: sync.Call) -> None:
        call.answer()
        seen.add(call.id)

    with DiallingAsterisk(listener.address) as asterisk:
        asterisk.register("voicebot")
        asterisk.send(start("voicebot", "c1"))
        asterisk.serve_until_asked("DELETE", "channels/c1")
        assert seen.wait_for(1) == ["c1"]
        assert [one["uri"] for one in asterisk.requests if one["method"] == "POST"] == ["channels/c1/answer"]


@pytest.mark.parametrize("app", ["voicebot:PJSIP/alice-00000001", "voicebot:Local/100@in-00000000;2"])
def test_a_websocket_for_one_call_ends_with_it(listener: sync.AriListener, app: str) -> None:
    seen = Seen()

    @listener.calls("voicebot")
    def serve(call: sync.Call) -> None:
        seen.add(call.channel.id)

    with DiallingAsterisk(listener.address) as asterisk:
        asterisk.register(app)
        session = next(iter(listener))
        assert (session.kind, session.apps) == ("per_call", (app,))
        asterisk.send(start(app, "c1"))
        asterisk.serve_until_asked("DELETE", "channels/c1")
        asterisk.close()
        session.streams.ended.wait(SECONDS)
    listener.close()
    assert listener.sessions == ()
    assert not session.is_connected
    assert seen.wait_for(1) == ["c1"]
    with pytest.raises(NotConnected, match="session has ended"):
        session.connect()


def test_a_connection_that_comes_back_is_the_same_session_and_late_events_are_marked(listener: sync.AriListener) -> None:
    seen = Seen()
    with DiallingAsterisk(listener.address) as asterisk:
        asterisk.register("voicebot")
        session = next(iter(listener))

        @session.on("*")
        def note(one: Event) -> None:
            if not isinstance(one, Reconnected | ConnectionLost):
                seen.add((one.type, one["channel"]["id"] if "channel" in one else "", one.late, one.waited_seconds))

        gap = Seen()
        session.on((ConnectionLost, Reconnected), lambda one: gap.add(type(one)))
        session.connect()
        asterisk.send(start("voicebot", "c1", "2026-01-01T10:00:10.000+0000"))
        seen.wait_for(2)
    gap.wait_for(1)
    with pytest.raises(NotSent):
        session.channels.list()
    with DiallingAsterisk(listener.address) as again:
        again.answers["GET", "channels"] = (200, [channel("c1"), channel("c2"), channel("c3")])
        again.answers["GET", "applications/voicebot"] = (200, {"name": "voicebot", "channel_ids": ["c1", "c2", "c3"]})
        again.register(
            "voicebot",
            queued=(
                start("voicebot", "c2", "2026-01-01T10:00:11.000+0000"),
                start("voicebot", "c3", "2026-01-01T10:00:12.000+0000"),
            ),
            time="2026-01-01T10:00:20.000+0000",
        )
        again.serve_until_asked("GET", "applications/voicebot")
        assert gap.wait_for(2) == [ConnectionLost, Reconnected]
        again.send(start("voicebot", "c4", "2026-01-01T10:00:13.000+0000"))
        things = seen.wait_for(6)
        assert [one for one in things if one[0] == "StasisStart"] == [
            ("StasisStart", "c1", False, 0.0),
            ("StasisStart", "c2", True, 9.0),
            ("StasisStart", "c3", True, 8.0),
            ("StasisStart", "c4", False, 0.0),
        ]
        assert session.late_events == 2
        assert listener.sessions == (session,)


def test_a_connection_in_the_place_of_one_that_seems_open_goes_on_with_it(listener: sync.AriListener) -> None:
    reconnected = Seen()
    with DiallingAsterisk(listener.address) as silent:
        silent.register("voicebot")
        session = next(iter(listener))
        session.on(Reconnected, reconnected.add)
        session.connect()
        with DiallingAsterisk(listener.address) as again:
            again.answers["GET", "applications/voicebot"] = (200, {"name": "voicebot", "channel_ids": []})
            again.register("voicebot")
            again.serve_until_asked("GET", "applications/voicebot")
            reconnected.wait_for(1)
            assert listener.sessions == (session,)


def test_two_asterisks_are_two_sessions(listener: sync.AriListener) -> None:
    with DiallingAsterisk(listener.address) as first, DiallingAsterisk(listener.address) as second:
        first.register("voicebot")
        second.send({**event("ApplicationRegistered", "voicebot"), "asterisk_id": "cc:dd"})
        second.serve_until_asked("GET", "asterisk/info")
        sessions = iter(listener)
        assert {next(sessions).asterisk_id, next(sessions).asterisk_id} == {"aa:bb", "cc:dd"}


def test_an_end_closes_the_websocket_and_leaves_no_thread(listener: sync.AriListener) -> None:
    before = set(threading.enumerate())
    with sync.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listening:

        @listening.calls("voicebot")
        def serve(call: sync.Call) -> None:
            call.channel.wait_until_gone()

        with DiallingAsterisk(listening.address) as asterisk, DiallingAsterisk(listening.address) as silent:
            asterisk.register("voicebot")
            next(iter(listening))
            ending = threading.Thread(target=listening.close)
            ending.start()
            asterisk.serve_until(lambda: False)
            assert asterisk.closed == 1000
            ending.join(SECONDS)
            assert silent.status == 101
        assert list(listening) == []
    assert {thread.name for thread in threading.enumerate() if thread not in before} == set()


def test_the_asynchronous_listener_serves_a_call_and_drains() -> None:
    async def play(listening: aio.AriListener) -> None:
        begun, may_end = asyncio.Event(), asyncio.Event()

        @listening.calls("voicebot")
        async def serve(call: aio.Call) -> None:
            await call.answer()
            begun.set()
            await may_end.wait()

        asterisk = await asyncio.to_thread(DiallingAsterisk, listening.address)
        await asyncio.to_thread(asterisk.register, "voicebot")
        session = await anext(aiter(listening))
        asterisk.send(start("voicebot", "c1"))
        serving = asyncio.create_task(asyncio.to_thread(asterisk.serve_until, lambda: False))
        await begun.wait()
        draining = asyncio.create_task(listening.drain(SECONDS))
        may_end.set()
        await draining
        await serving
        assert asterisk.asked("DELETE", "channels/c1")
        assert asterisk.closed == 1000
        assert [one async for one in listening] == []
        assert listening.sessions == ()
        assert not session.is_connected
        assert {task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("ari-")} == set()

    in_loop(play)


def test_the_asynchronous_session_comes_back() -> None:
    async def play(listening: aio.AriListener) -> None:
        reconnected = asyncio.Event()
        asterisk = await asyncio.to_thread(DiallingAsterisk, listening.address)
        await asyncio.to_thread(asterisk.register, "voicebot")
        session = await anext(aiter(listening))
        lost = session.expect(ConnectionLost)

        @session.on(Reconnected)
        async def back(_: Reconnected) -> None:
            reconnected.set()

        await session.connect()
        asterisk.cut()
        with lost:
            await lost.result(timeout_seconds=SECONDS)
        again = await asyncio.to_thread(DiallingAsterisk, listening.address)
        again.answers["GET", "applications/voicebot"] = (200, {"name": "voicebot", "channel_ids": []})
        await asyncio.to_thread(again.register, "voicebot", queued=(start("voicebot", "c1", "2026-01-01T10:00:05.000+0000"),))
        await asyncio.to_thread(again.serve_until_asked, "GET", "applications/voicebot")
        await reconnected.wait()
        assert session.late_events == 1
        assert listening.sessions == (session,)
        again.cut()

    in_loop(play)
