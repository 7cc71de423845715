"""The embedded Asterisk opens WebSockets to a program, as a real one does; what it does when the program is away or says no.

Orders and times are those of a real 22.10.1, beside which `tests/live/test_outbound_contract.py` runs.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import aio, sync
from asterisk_ari.testing import EmbeddedAsterisk, OutboundWebSocket, User
from tests.embedded.support import Client
from tests.facade.certificate import PEM
from tests.servers.listening_program import ListeningProgram

CREDENTIALS = {"out": "secret"}
SECONDS = 30.0
"""For what takes real time, on a machine that is busy."""
DIALPLAN = {
    "incoming": {
        "percall": ["Stasis(percall,a,b)", "Set(after=${STASISSTATUS})", "Answer()", "Wait(60)"],
        "voicebot": ["Stasis(voicebot)", "Set(after=${STASISSTATUS})", "Answer()", "Wait(60)"],
    },
    "plain": {"wait": ["Answer()", "Wait(600)"]},
}


@pytest.fixture
def program() -> Iterator[ListeningProgram]:
    with ListeningProgram() as listening:
        yield listening


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("22.10.1", virtual_time=True, dialplan=DIALPLAN) as server:
        yield server


def of(url: str, apps: Any = "voicebot", **more: Any) -> OutboundWebSocket:
    return OutboundWebSocket(url, apps, username="out", password="secret", **more)


def variable(asterisk: EmbeddedAsterisk, channel_id: str, name: str) -> Any:
    body = Client(asterisk)("GET", f"channels/{channel_id}/variable?variable={name}").body
    return body.get("value")


def until_noticed(asterisk: EmbeddedAsterisk) -> None:
    """Until it knows that the program has gone, which takes real time."""
    asterisk.wait_until(lambda: not asterisk.connected_apps, SECONDS)


# ---------------------------------------------------------------------- for all calls


def test_it_opens_one_websocket_for_all_apps_and_calls(asterisk: EmbeddedAsterisk, program: ListeningProgram) -> None:
    asterisk.connect_to(of(program.url, ("voicebot", "other")))
    connection = program.wait_for("ApplicationRegistered", "ApplicationRegistered")
    assert connection.head.startswith("GET /ari HTTP/1.1\r\n")
    assert f"Authorization: Basic {base64.b64encode(b'out:secret').decode()}" in connection.head
    assert "Sec-WebSocket-Protocol: ari" in connection.head
    assert [one["application"] for one in connection.events] == ["voicebot", "other"]
    assert asterisk.connected_apps == ["other", "voicebot"]

    phone = asterisk.incoming_call(app="other")
    asterisk.settle()
    program.wait_for("ApplicationRegistered", "ApplicationRegistered", "StasisStart")
    assert connection.events[-1]["channel"]["id"] == phone.channel_id
    assert connection.request("POST", f"channels/{phone.channel_id}/answer")["status_code"] == 204
    assert phone.answered
    assert connection.were_masked == {True}
    assert len(program.connections) == 1


def test_what_happens_while_the_program_is_away_comes_in_order_when_it_is_back(
    asterisk: EmbeddedAsterisk, program: ListeningProgram
) -> None:
    asterisk.connect_to(of(program.url, ("voicebot", "other")))
    program.wait_for("ApplicationRegistered", "ApplicationRegistered")
    program.leave()
    until_noticed(asterisk)
    first, second = asterisk.incoming_call(app="voicebot"), asterisk.incoming_call(app="voicebot")
    asterisk.advance(0.1)
    first.press("1")
    asterisk.advance(1)
    first.hang_up()
    asterisk.advance(2)
    program.listen()
    assert len(program.connections) == 1
    asterisk.advance(0.5)

    back = program.wait(lambda: len(program.connections) > 1 and program.last)
    back.flush()
    late = [(one["type"], one["channel"]["id"]) for one in back.events[:-2]]
    assert late[:2] == [("StasisStart", first.channel_id), ("StasisStart", second.channel_id)]
    assert [kind for kind, channel in late[2:] if channel == first.channel_id] == [
        "ChannelDtmfReceived",
        "ChannelHangupRequest",
        "StasisEnd",
    ]
    assert back.types[-2:] == ["ApplicationRegistered", "ApplicationRegistered"]
    times = [one["timestamp"] for one in back.events]
    assert times == sorted(times)
    assert times[0] < times[-1]


def test_before_it_was_ever_open_the_apps_come_first(asterisk: EmbeddedAsterisk) -> None:
    """They are registered when Asterisk starts, and what has happened since then has waited behind it."""
    program = ListeningProgram()
    with program:
        program.leave()
        asterisk.connect_to(of(program.url))
        asterisk.incoming_call(app="voicebot")
        asterisk.advance(3)
        program.listen()
        asterisk.advance(0.5)
        connection = program.wait_for("ApplicationRegistered", "StasisStart")
        assert connection.events[0]["timestamp"] == connection.events[1]["timestamp"]


def test_a_close_frame_is_answered_and_another_one_opened_at_once(asterisk: EmbeddedAsterisk, program: ListeningProgram) -> None:
    asterisk.connect_to(of(program.url))
    program.wait_for("ApplicationRegistered").close(1001)
    assert program.connections[0].closed == 1001
    program.wait_for("ApplicationRegistered", number=1).cut()
    program.wait_for("ApplicationRegistered", number=2)


@pytest.mark.parametrize("answer", [401, 503])
def test_a_program_that_says_no_is_asked_again_after_the_interval(
    answer: int, asterisk: EmbeddedAsterisk, program: ListeningProgram
) -> None:
    program.answer = answer
    asterisk.connect_to(of(program.url, reconnect_seconds=2.0))
    asterisk.advance(7.9)
    assert [one.events for one in program.connections] == [[], [], [], []]
    program.answer = 101
    asterisk.advance(0.1)
    program.wait_for("ApplicationRegistered", number=4)


def test_requests_are_those_of_the_user(program: ListeningProgram) -> None:
    users = {"boss": "x", "guest": User("guest", "y", read_only=True)}
    with EmbeddedAsterisk("22.10.1", users=users, outbound=[of(program.url, user="guest")]):
        connection = program.wait_for("ApplicationRegistered")
        assert connection.request("GET", "asterisk/info")["status_code"] == 200
        assert connection.request("POST", "asterisk/variable", variable="A", value="b")["status_code"] == 403


def test_an_app_that_hears_of_everything(asterisk: EmbeddedAsterisk, program: ListeningProgram) -> None:
    asterisk.connect_to(of(program.url, subscribe_all=True))
    program.wait_for("ApplicationRegistered")
    asterisk.incoming_call(context="plain", called="wait")
    asterisk.settle()
    program.last.flush()
    assert "ChannelCreated" in program.last.types


def test_a_websocket_of_a_client_replaces_it(asterisk: EmbeddedAsterisk, program: ListeningProgram) -> None:
    asterisk.connect_to(of(program.url))
    program.wait_for("ApplicationRegistered")
    client = Client(asterisk)
    client.listen("voicebot")
    program.wait_for("ApplicationRegistered", "ApplicationReplaced")
    client.close()


def test_over_tls(asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    file = tmp_path / "certificate.pem"
    file.write_text(PEM)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    with ListeningProgram(tls=context) as program:
        asterisk.connect_to(of(program.url, tls=ssl.create_default_context(cafile=file)))
        program.wait_for("ApplicationRegistered")
        asterisk.connect_to(of(program.url, "distrustful"))
        asterisk.advance(3)
        assert asterisk.connected_apps == ["voicebot"]


def test_faults_reset_and_restart(asterisk: EmbeddedAsterisk, program: ListeningProgram) -> None:
    asterisk.connect_to(of(program.url))
    program.wait_for("ApplicationRegistered")
    asterisk.faults.drop_sockets("voicebot")
    program.wait_for("ApplicationRegistered", number=1)

    asterisk.incoming_call(app="voicebot")
    asterisk.reset()
    asterisk.incoming_call(app="voicebot")
    asterisk.settle()
    program.last.flush()
    assert len(program.connections) == 2
    assert program.last.types == ["ApplicationRegistered", "StasisStart", "ChannelHangupRequest", "StasisEnd", "StasisStart"]

    asterisk.faults.restart()
    program.wait_for("ApplicationRegistered", number=2)
    assert asterisk.connected_apps == ["voicebot"]


def test_the_end_of_the_server_is_the_end_of_its_websockets(program: ListeningProgram) -> None:
    with EmbeddedAsterisk("22.10.1", outbound=[of(program.url), of(program.url, "percall", per_call=True)]) as asterisk:
        program.wait_for("ApplicationRegistered")
        asterisk.incoming_call(app="percall")
        program.wait_for("ApplicationRegistered", "StasisStart")
    program.wait(lambda: all(one.is_over for one in program.connections))
    assert len(program.connections) == 2
    asterisk.start()
    program.wait_for("ApplicationRegistered", number=2)
    asterisk.stop()


# ---------------------------------------------------------------------- one for each call


def test_a_call_has_a_websocket_of_its_own_and_is_in_the_app_half_a_second_later(
    asterisk: EmbeddedAsterisk, program: ListeningProgram
) -> None:
    asterisk.connect_to(of(program.url, "percall", per_call=True))
    asterisk.settle()
    assert program.connections == []
    phone = asterisk.incoming_call(context="incoming", called="percall")
    asterisk.advance(0.49)
    connection = program.wait_for("ApplicationRegistered")
    assert connection.events[0]["application"] == f"percall:{asterisk.channels[phone.channel_id]['name']}"
    assert variable(asterisk, phone.channel_id, "STASISSTATUS") == ""
    asterisk.advance(0.01)
    program.wait_for("ApplicationRegistered", "StasisStart")
    assert connection.events[1]["args"] == ["a", "b"]
    assert connection.events[1]["application"] == connection.events[0]["application"]

    assert connection.request("POST", f"channels/{phone.channel_id}/continue")["status_code"] == 204
    program.wait_for("ApplicationRegistered", "StasisStart", "StasisEnd")
    asterisk.advance(0.49)
    assert variable(asterisk, phone.channel_id, "after") is None
    asterisk.advance(0.01)
    assert variable(asterisk, phone.channel_id, "after") == "SUCCESS"
    asterisk.advance(2.99)
    connection.flush()
    assert not connection.is_over
    asterisk.advance(0.01)
    program.wait(lambda: connection.is_over)
    assert connection.closed == 1000
    assert Client(asterisk)("GET", "applications").body == []


def test_calls_at_the_same_time_have_one_each(asterisk: EmbeddedAsterisk, program: ListeningProgram) -> None:
    asterisk.connect_to(of(program.url, "percall", per_call=True))
    phones = [asterisk.incoming_call(app="percall") for _ in range(3)]
    asterisk.advance(0.5)
    connections = [program.wait_for("ApplicationRegistered", "StasisStart", number=number) for number in range(3)]
    # They connect at the same time: which one is accepted first is chance.
    assert {one.events[1]["channel"]["id"] for one in connections} == {phone.channel_id for phone in phones}


def test_who_hangs_up_is_gone_half_a_second_later(asterisk: EmbeddedAsterisk, program: ListeningProgram) -> None:
    asterisk.connect_to(of(program.url, "percall", per_call=True))
    phone = asterisk.incoming_call(app="percall")
    asterisk.advance(0.6)
    phone.hang_up()
    asterisk.advance(0.49)
    program.wait_for("ApplicationRegistered", "StasisStart", "ChannelHangupRequest", "StasisEnd")
    assert list(asterisk.channels) == [phone.channel_id]
    asterisk.advance(0.01)
    assert asterisk.channels == {}


def test_who_hangs_up_before_the_call_is_in_the_app(asterisk: EmbeddedAsterisk, program: ListeningProgram) -> None:
    asterisk.connect_to(of(program.url, "percall", per_call=True))
    phone = asterisk.incoming_call(app="percall")
    asterisk.advance(0.2)
    phone.hang_up()
    asterisk.advance(0.2)
    program.wait_for("ApplicationRegistered")
    asterisk.advance(0.1)
    program.wait_for("ApplicationRegistered", "StasisStart", "StasisEnd")
    asterisk.advance(0.5)
    assert asterisk.channels == {}


@pytest.mark.parametrize("answer", [401, None])
def test_the_dialplan_goes_on_where_the_program_refuses_or_is_not_there(
    answer: int | None, asterisk: EmbeddedAsterisk, program: ListeningProgram
) -> None:
    if answer is None:
        program.leave()
    else:
        program.answer = answer
    asterisk.connect_to(of(program.url, "percall", per_call=True))
    phone = asterisk.incoming_call(context="incoming", called="percall")
    asterisk.advance(1.99)
    assert variable(asterisk, phone.channel_id, "after") is None
    asterisk.advance(0.01)
    assert variable(asterisk, phone.channel_id, "after") == "FAILED"
    assert len(program.connections) == (0 if answer is None else 4)
    asterisk.advance(10)
    assert phone.answered
    assert len(program.connections) == (0 if answer is None else 4)


def test_a_program_that_comes_in_time_gets_the_call(asterisk: EmbeddedAsterisk, program: ListeningProgram) -> None:
    program.leave()
    asterisk.connect_to(of(program.url, "percall", per_call=True))
    asterisk.incoming_call(app="percall")
    asterisk.advance(0.9)
    program.listen()
    asterisk.advance(0.1)
    program.wait_for("ApplicationRegistered", number=0)
    asterisk.advance(0.49)
    program.wait_for("ApplicationRegistered", number=0)
    asterisk.advance(0.01)
    program.wait_for("ApplicationRegistered", "StasisStart", number=0)


def test_an_originated_call_ends_where_nobody_is_there(asterisk: EmbeddedAsterisk, program: ListeningProgram) -> None:
    program.leave()
    asterisk.connect_to(of(program.url, "percall", per_call=True))
    client = Client(asterisk)
    client("POST", "channels?endpoint=Local/wait@plain&app=percall&channelId=new")
    asterisk.advance(1.9)
    assert "new" in asterisk.channels
    asterisk.advance(0.2)
    assert asterisk.channels == {}


def test_a_call_whose_websocket_breaks_stays_while_it_can_be_opened_again(
    asterisk: EmbeddedAsterisk, program: ListeningProgram
) -> None:
    asterisk.connect_to(of(program.url, "percall", per_call=True))
    phone = asterisk.incoming_call(context="incoming", called="percall")
    asterisk.advance(0.5)
    program.wait_for("ApplicationRegistered", "StasisStart").cut()
    program.wait_for("ApplicationRegistered", number=1)
    program.leave()
    until_noticed(asterisk)
    asterisk.advance(0.1)
    phone.press("5")
    asterisk.advance(0.5)
    program.listen()
    asterisk.advance(0.4)
    connection = program.wait(lambda: len(program.connections) > 2 and program.last)
    connection.flush()
    assert connection.types == ["ChannelDtmfReceived", "ApplicationRegistered"]

    program.leave()
    until_noticed(asterisk)
    asterisk.advance(1.4)
    assert variable(asterisk, phone.channel_id, "after") is None
    asterisk.advance(0.11)
    assert variable(asterisk, phone.channel_id, "after") == "FAILED"
    assert Client(asterisk)("GET", "applications").body == []
    asterisk.advance(1)
    assert phone.answered


# ---------------------------------------------------------------------- with a listener of the package


def test_a_program_of_a_listener_serves_calls_of_both_kinds() -> None:
    served: dict[str, str] = {}
    with (
        sync.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listener,
        EmbeddedAsterisk("22.10.1", virtual_time=True) as asterisk,
    ):

        @listener.calls("voicebot")
        @listener.calls("percall")
        def serve(call: sync.Call) -> None:
            call.answer()
            call.say("sound:hello-world")
            served[call.app.partition(":")[0]] = call.id

        url = f"ws://127.0.0.1:{listener.address[1]}/ari"
        asterisk.connect_to(of(url))
        asterisk.connect_to(of(url, "percall", per_call=True))
        asterisk.wait_for_app("voicebot", SECONDS)
        phones = {app: asterisk.incoming_call(app=app) for app in ("voicebot", "percall")}
        asterisk.wait_until(lambda: len(served) == 2, SECONDS, virtual_seconds=10)
        assert served == {app: phone.channel_id for app, phone in phones.items()}
        assert all(phone.answered for phone in phones.values())
        assert sorted(session.kind for session in listener.sessions) == ["per_call", "persistent"]
        asterisk.wait_until(lambda: all(phone.ended for phone in phones.values()), SECONDS, virtual_seconds=1)
        asterisk.advance(4)
        asterisk.wait_until(lambda: [session.kind for session in listener.sessions] == ["persistent"], SECONDS)


def test_a_listener_that_was_away_knows_how_long_callers_have_waited() -> None:
    async def main() -> None:
        async with EmbeddedAsterisk("22.10.1", virtual_time=True) as asterisk:
            async with aio.AriListener("127.0.0.1", 0, credentials=CREDENTIALS) as listener:
                port = listener.address[1]
                asterisk.connect_to(of(f"ws://127.0.0.1:{port}/ari"))
                await asterisk.until(lambda: listener.sessions, SECONDS)
            await asterisk.until(lambda: not asterisk.connected_apps, SECONDS)  # it notices in real time that nobody is there
            phone = asterisk.incoming_call(app="voicebot")
            await asterisk.advance(25)
            waited: list[tuple[float, bool]] = []
            async with aio.AriListener("127.0.0.1", port, credentials=CREDENTIALS) as listener:

                @listener.calls("voicebot")
                async def serve(call: aio.Call) -> None:
                    waited.append((call.waited_seconds, call.id == phone.channel_id))

                await asterisk.advance(0.5)
                await asterisk.until(lambda: waited, SECONDS)
        [(seconds, is_the_call)] = waited
        assert is_the_call
        assert 25.0 <= seconds <= 25.6

    asyncio.run(main())


def test_a_wrong_password_is_refused_and_told_nowhere(asterisk: EmbeddedAsterisk) -> None:
    with sync.AriListener("127.0.0.1", 0, credentials={"out": "another"}) as listener:
        asterisk.connect_to(of(f"ws://127.0.0.1:{listener.address[1]}/ari"))
        asterisk.advance(0.9)
        asterisk.wait_until(lambda: listener.refused == 2, SECONDS)
        assert listener.sessions == ()


# ---------------------------------------------------------------------- what cannot be


def test_releases_that_open_none_say_so() -> None:
    with pytest.raises(ValueError, match=r"22\.4\.0 opens no WebSockets.* 22\.5"):
        EmbeddedAsterisk("22.4.0", outbound=[of("ws://127.0.0.1:9/ari")])
    with EmbeddedAsterisk("16.28.0") as old, pytest.raises(ValueError, match="opens no WebSockets"):
        old.connect_to(of("ws://127.0.0.1:9/ari"))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"url": "http://127.0.0.1/"}, "ws://host:port/path"),
        ({"url": "ws:///ari"}, "ws://host:port/path"),
        ({"apps": ()}, "names of its apps"),
        ({"apps": ""}, "names of its apps"),
        ({"reconnect_seconds": 0}, "reconnect_seconds"),
        ({"reconnect_attempts": 0}, "reconnect_attempts"),
    ],
)
def test_what_has_no_meaning_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        OutboundWebSocket(**{"url": "ws://127.0.0.1:9/ari", "apps": "voicebot", **given})


def test_a_user_that_there_is_not(asterisk: EmbeddedAsterisk) -> None:
    with pytest.raises(ValueError, match="there is no user 'nobody'; there are asterisk, reader"):
        asterisk.connect_to(of("ws://127.0.0.1:9/ari", user="nobody"))


def test_the_password_is_shown_nowhere() -> None:
    assert "secret" not in repr(of("ws://127.0.0.1:9/ari"))
