"""A call as a scope, and in-app commands that wait: with events that the test sends itself."""

import logging
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from tests.facade.colours import Face
from tests.facade.fake_server import FakeServer

CHANNEL = {"id": "1", "name": "PJSIP/alice-1", "state": "Up"}
GONE: list[tuple[int, str]] = [(404, "Channel not found"), (409, "Channel not in Stasis application")]


class FakeHub:
    """Stands for the event layer: each wait ends as told."""

    is_open = False

    def __init__(self, face: Face, outcome: Any) -> None:
        self.face = face
        self.outcome = outcome
        self.waits: list[tuple[Any, Any, Any]] = []
        self.in_app: set[str] = set()
        self.open = 0

    def expect(self, types: Any, *, about: Any = None, match: Any = None) -> "FakeHub":
        self.waits.append((types, about, None))
        return self

    def __enter__(self) -> "FakeHub":
        self.open += 1
        return self

    def __exit__(self, *error: object) -> None:
        self.open -= 1

    def result(self, timeout_seconds: Any) -> Any:
        self.waits[-1] = (*self.waits[-1][:2], timeout_seconds)

        return self.face.later(self.outcome)

    def close(self) -> Any:
        return self.face.later(None)

    def in_stasis(self, channel_id: str) -> bool:
        return channel_id in self.in_app


@pytest.fixture
def hub(face: Face, ari: Any, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    """Events as the test wants them: at first every wait ends well."""
    fake = FakeHub(face, {"type": "StasisStart", "channel": CHANNEL})
    monkeypatch.setattr(ari, "hub", fake)
    return fake


def lines(server: FakeServer) -> list[str]:
    return [f"{sent.method} {sent.path.removeprefix('/ari')}" for sent in server.sent]


def entered(face: Face, server: FakeServer, ari: Any) -> Any:
    """A scope with one of everything in it."""
    scope = ari.call(ari.channels("1"))
    face.enter(scope)
    for make, json in (
        (lambda: scope.bridge(type="mixing", bridge_id="b"), {"id": "b", "bridge_type": "mixing"}),
        (lambda: scope.play(media="sound:x", playback_id="p"), {"id": "p", "target_uri": "channel:1"}),
        (lambda: scope.record(name="r", format="wav"), {"name": "r", "target_uri": "channel:1"}),
        (lambda: scope.snoop(spy="both", snoop_id="s"), {"id": "s"}),
        (lambda: scope.play(media="sound:y", playback_id="q"), {"id": "q", "target_uri": "channel:1"}),
    ):
        server.answer(json=json)
        face.do(make())
    server.sent.clear()
    return scope


ORDERLY = [
    "DELETE /playbacks/q",
    "DELETE /playbacks/p",
    "POST /recordings/live/r/stop",
    "DELETE /bridges/b",
    "DELETE /channels/s",
    "DELETE /channels/1",
]


def test_a_scope_ends_what_it_owns_in_the_right_order(face: Face, server: FakeServer, ari: Any) -> None:
    """Media first, then bridges, then channels; the youngest of a kind first; and only once."""
    scope = entered(face, server, ari)
    face.leave(scope)
    face.leave(scope)
    assert ORDERLY == lines(server)


@pytest.mark.parametrize(("status", "message"), GONE)
def test_what_is_gone_already_is_no_error(
    face: Face, server: FakeServer, ari: Any, status: int, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Everything may have ended by itself; that is not worth a word."""
    scope = entered(face, server, ari)
    for _ in ORDERLY:
        server.answer(status, json={"message": message})
    with caplog.at_level(logging.WARNING):
        face.leave(scope)
    assert ORDERLY == lines(server)
    assert not caplog.records


def test_what_cannot_be_ended_does_not_keep_the_rest(
    face: Face, server: FakeServer, ari: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure is logged, and the others are ended all the same."""
    scope = entered(face, server, ari)
    server.answer(500, json={"message": "An internal error"})
    face.leave(scope)
    assert ORDERLY == lines(server)
    assert ["playback q was not ended"] == [record.getMessage().split(":")[0] for record in caplog.records]


def test_a_scope_that_raises_ends_everything_and_lets_it_through(face: Face, server: FakeServer, ari: Any) -> None:
    """The program's own exception comes out unchanged."""
    scope = entered(face, server, ari)
    leave = getattr(scope, "__exit__" if face.colour == "sync" else "__aexit__")
    assert not face.do(leave(ValueError, ValueError("mine"), None))
    assert ORDERLY == lines(server)


def test_a_scope_places_the_call_itself(face: Face, server: FakeServer, ari: Any, hub: FakeHub) -> None:
    """With an endpoint it originates into the app under an id of its own, and waits for the StasisStart it asked for first."""
    server.answer(json={"id": "1", "state": "Down"})
    scope = ari.call("PJSIP/alice", caller_id="Me <1>", answer_timeout_seconds=7)
    with pytest.raises(errors.NotConnected, match="not entered"):
        scope.channel  # noqa: B018
    assert scope is face.enter(scope)
    query = server.last().query
    assert {"endpoint": "PJSIP/alice", "app": "aiagc", "callerId": "Me <1>"}.items() <= query.items()
    assert [("StasisStart", ("channel", query["channelId"]), 7)] == hub.waits
    assert (CHANNEL, query["channelId"], 0) == (scope.channel.json, scope.channel.id, hub.open)
    face.leave(scope)
    assert f"DELETE /channels/{query['channelId']}" == lines(server)[-1]


@pytest.mark.parametrize("target", [{"context": "out", "extension": "5"}, {"app": "other"}, {"channelId": "mine"}])
def test_a_scope_takes_what_originate_takes(
    face: Face, server: FakeServer, ari: Any, hub: FakeHub, target: dict[str, str]
) -> None:
    """Another target, another app, an id of one's own."""
    server.answer(json={"id": "1"})
    face.enter(ari.call("PJSIP/alice", **target))
    query = server.last().query
    assert target.items() <= query.items()
    assert ("app" in query) == ("context" not in target)


@pytest.mark.parametrize("failure", [errors.WaitTimeout("nobody answered"), errors.ObjectGone("busy")])
def test_a_call_that_is_not_answered_is_ended(face: Face, server: FakeServer, ari: Any, hub: FakeHub, failure: Exception) -> None:
    """The reason comes out, and no ringing phone is left behind."""
    hub.outcome = failure
    server.answer(json={"id": "1"})
    with pytest.raises(type(failure)):
        face.enter(ari.call("PJSIP/alice"))
    query = server.sent[0].query
    assert ["POST /channels", f"DELETE /channels/{query['channelId']}"] == lines(server)


@pytest.mark.parametrize("kind", ["call", "bridge"])
@pytest.mark.parametrize("is_answered", [True, False])
def test_only_what_may_be_ours_is_ended(
    face: Face, server: FakeServer, ari: Any, hub: FakeHub, kind: str, is_answered: bool
) -> None:
    """An id that was refused belongs to somebody else; what nobody answered for may exist, and is ended."""
    path, manager = ("/bridges/b", ari.call(ari.channels("1"))) if kind == "bridge" else ("/channels/c", None)
    if manager is not None:
        face.enter(manager)
    if is_answered:
        server.answer(409, json={"message": "exists already"})
    else:
        server.queue.append(httpx.ReadTimeout("slow"))
    with pytest.raises(errors.Conflict if is_answered else errors.RequestTimeout):
        if manager is not None:
            face.do(manager.bridge(type="mixing", bridge_id="b"))
        else:
            face.enter(ari.call("PJSIP/alice", channel_id="c"))
    if manager is not None:
        face.leave(manager)
    assert is_answered == (f"DELETE {path}" not in lines(server))


def test_a_call_that_cannot_be_placed_is_an_error(face: Face, server: FakeServer, ari: Any, hub: FakeHub) -> None:
    """Asterisk's own words; that there is nothing to hang up is no further error."""
    server.answer(500, json={"error": "Allocation failed"})
    server.answer(404, json={"message": "Channel not found"})
    with pytest.raises(errors.AllocationFailed):
        face.enter(ari.call("Nonsense/alice"))
    assert 0 == hub.open


# -- in-app commands for a channel that was sent into the dialplan --

COMMANDS = [
    ("answer_channel", lambda channel_id: (channel_id,)),
    ("play_media", lambda channel_id: ("sound:x", channel_id)),
    ("record_channel", lambda channel_id: ("call", "wav", None, None, channel_id)),
    ("add_channel_to_bridge", lambda channel_id: (channel_id, "b")),
    ("set_channel_variable", lambda channel_id: ("A", "b", channel_id)),
    ("send_dtmf", lambda channel_id: ("1", channel_id)),
    ("mute_channel", lambda channel_id: ("both", channel_id)),
    ("start_silence_detection", lambda channel_id: (channel_id,)),
    ("redirect_channel", lambda channel_id: ("PJSIP/b", channel_id)),
]


def in_the_dialplan(face: Face, server: FakeServer, ari: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a channel that this client sent there, with events running."""
    monkeypatch.setattr(ari, "_with_events", True)
    server.answer(json=CHANNEL)
    server.answer(json={})
    channel_id: str = face.do(ari.originate_call("PJSIP/alice", context="out"))
    assert ["POST /channels", "POST /applications/aiagc/subscription"] == lines(server)
    assert {"eventSource": f"channel:{channel_id}"} == server.last().query
    server.sent.clear()
    return channel_id


@pytest.mark.parametrize(("name", "arguments"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_in_app_commands_wait_for_the_channel(
    face: Face, server: FakeServer, ari: Any, hub: FakeHub, monkeypatch: pytest.MonkeyPatch, name: str, arguments: Any
) -> None:
    """The first command waits for its StasisStart, after a look whether the channel is still there; later ones do not."""
    channel_id = in_the_dialplan(face, server, ari, monkeypatch)
    server.answer(json=CHANNEL)
    assert face.do(getattr(ari, name)(*arguments(channel_id)))
    assert [("StasisStart", ("channel", channel_id), 30.0)] == hub.waits
    assert f"GET /channels/{channel_id}" == lines(server)[0]
    assert 2 == len(server.sent)
    assert face.do(ari.answer_channel(channel_id))
    assert (1, 0) == (len(hub.waits), hub.open)


def test_a_channel_that_is_there_is_not_waited_for(
    face: Face, server: FakeServer, ari: Any, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its StasisStart may have come already."""
    channel_id = in_the_dialplan(face, server, ari, monkeypatch)
    hub.in_app.add(channel_id)
    assert face.do(ari.answer_channel(channel_id))
    assert [f"POST /channels/{channel_id}/answer"] == lines(server)


def test_a_channel_that_died_is_not_waited_for(
    face: Face, server: FakeServer, ari: Any, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command is made, and the server says that the channel is gone."""
    channel_id = in_the_dialplan(face, server, ari, monkeypatch)
    server.answer(404, json={"message": "Channel not found"})
    server.answer(404, json={"message": "Channel not found"})
    assert face.do(ari.answer_channel(channel_id)) is False
    assert isinstance(ari.last_error, errors.NotFound)
    assert [("StasisStart", ("channel", channel_id), None)] == hub.waits


@pytest.mark.parametrize("end", [errors.WaitTimeout("too slow"), errors.ObjectGone("hung up")])
def test_a_wait_that_ends_badly_leaves_the_word_to_the_server(
    face: Face, server: FakeServer, ari: Any, hub: FakeHub, monkeypatch: pytest.MonkeyPatch, end: Exception
) -> None:
    """What the command then says is the truth: here that the channel is not in the app."""
    channel_id = in_the_dialplan(face, server, ari, monkeypatch)
    hub.outcome = end
    server.answer(json=CHANNEL)
    server.answer(409, json={"message": "Channel not in Stasis application"})
    assert face.do(ari.answer_channel(channel_id)) is False
    assert isinstance(ari.last_error, errors.NotInStasis)


@pytest.mark.parametrize("end", [errors.EventStreamLost("broke"), RuntimeError("broken off")])
def test_a_wait_that_was_broken_off_is_taken_up_again(
    face: Face, server: FakeServer, ari: Any, hub: FakeHub, monkeypatch: pytest.MonkeyPatch, end: Exception
) -> None:
    """The channel may come yet: the next command waits for it as the first one did."""
    channel_id = in_the_dialplan(face, server, ari, monkeypatch)
    hub.outcome = end
    server.answer(json=CHANNEL)
    server.answer(409, json={"message": "Channel not in Stasis application"})
    if isinstance(end, errors.EventStreamLost):
        assert face.do(ari.answer_channel(channel_id)) is False
    else:
        with pytest.raises(type(end)):
            face.do(ari.answer_channel(channel_id))
        server.queue.clear()
    hub.outcome = None
    server.answer(json=CHANNEL)
    assert face.do(ari.answer_channel(channel_id))
    assert [("StasisStart", ("channel", channel_id), 30.0)] * 2 == hub.waits


def test_calls_that_are_never_commanded_are_forgotten(
    face: Face, server: FakeServer, ari: Any, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that places calls into the dialplan all day and leaves them alone does not grow."""
    monkeypatch.setattr(f"{face.package}.outcome.MAX_DIALPLAN_BOUND", 2)
    placed = [in_the_dialplan(face, server, ari, monkeypatch) for _ in range(4)]
    assert placed[2:] == list(ari._dialplan_bound)


@pytest.mark.parametrize("name", ["hangup_channel", "get_channel_info", "get_channel_variable"])
def test_other_commands_never_wait(
    face: Face, server: FakeServer, ari: Any, hub: FakeHub, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Hanging up and asking work wherever the channel is."""
    channel_id = in_the_dialplan(face, server, ari, monkeypatch)
    server.answer(json={"value": "x"})
    arguments = ("A", channel_id) if name == "get_channel_variable" else (channel_id,)
    assert face.do(getattr(ari, name)(*arguments))
    assert [] == hub.waits


@pytest.mark.parametrize("watching", [(404, "Application not found"), (422, "Event source does not exist"), (500, "boom")])
def test_a_call_is_placed_even_if_it_cannot_be_watched(
    face: Face, server: FakeServer, ari: Any, hub: FakeHub, monkeypatch: pytest.MonkeyPatch, watching: tuple[int, str]
) -> None:
    """It has ended, or nobody listens: its id is given back, and nothing waits for it."""
    monkeypatch.setattr(ari, "_with_events", True)
    server.answer(json=CHANNEL)
    server.answer(watching[0], json={"message": watching[1]})
    channel_id = face.do(ari.originate_call("PJSIP/alice", extension="5"))
    assert channel_id == server.sent[0].query["channelId"]
    assert face.do(ari.answer_channel(channel_id))
    assert [] == hub.waits


def test_without_events_nothing_is_watched(face: Face, server: FakeServer, ari: Any, hub: FakeHub) -> None:
    """A client that hears no events would wait in vain."""
    server.answer(json=CHANNEL)
    channel_id = face.do(ari.originate_call("PJSIP/alice", context="out"))
    assert face.do(ari.answer_channel(channel_id))
    assert ["POST /channels", f"POST /channels/{channel_id}/answer"] == lines(server)
    assert [] == hub.waits


def test_a_time_limit_of_zero_never_waits(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """`stasis_timeout=0` takes the server's word at once."""
    server = FakeServer()
    ari = face.connected(server, stasis_timeout=0)
    fake = FakeHub(face, None)
    monkeypatch.setattr(ari, "hub", fake)
    channel_id = in_the_dialplan(face, server, ari, monkeypatch)
    assert face.do(ari.answer_channel(channel_id))
    assert [] == fake.waits
