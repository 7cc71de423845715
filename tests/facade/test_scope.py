"""A call as a scope, with events that the test sends itself."""

import logging
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from tests.facade.variants import Variant
from tests.servers.script import Script

CHANNEL = {"id": "1", "name": "PJSIP/alice-1", "state": "Up"}
APPLICATION = {"name": "aiagc", "channel_ids": []}
GONE: list[tuple[int, str]] = [(404, "Channel not found"), (409, "Channel not in Stasis application")]


class FakeHub:
    """Stands for the event layer: each wait ends as told."""

    is_open = False
    not_connected = None

    def __init__(self, variant: Variant, outcome: Any) -> None:
        self.variant = variant
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

        return self.variant.later(self.outcome)

    def close(self) -> Any:
        return self.variant.later(None)

    def in_stasis(self, channel_id: str) -> bool:
        return channel_id in self.in_app


@pytest.fixture
def hub(variant: Variant, ari: Any, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    """Events as the test wants them: at first every wait ends well."""
    fake = FakeHub(variant, {"type": "StasisStart", "channel": CHANNEL})
    monkeypatch.setattr(ari, "hub", fake)
    return fake


def lines(server: Script) -> list[str]:
    return [f"{call.method} {call.path.removeprefix('/ari')}" for call in server.calls]


def entered(variant: Variant, server: Script, ari: Any) -> Any:
    """A scope with one of everything in it."""
    scope = ari.call(ari.channels("1"))
    variant.enter(scope)
    for make, json in (
        (lambda: scope.bridge(type="mixing", bridge_id="b"), {"id": "b", "bridge_type": "mixing"}),
        (lambda: scope.play(media="sound:x", playback_id="p"), {"id": "p", "target_uri": "channel:1"}),
        (lambda: scope.record(name="r", format="wav"), {"name": "r", "target_uri": "channel:1"}),
        (lambda: scope.snoop(spy="both", snoop_id="s"), {"id": "s"}),
        (lambda: scope.play(media="sound:y", playback_id="q"), {"id": "q", "target_uri": "channel:1"}),
    ):
        server.reply(json=json)
        variant.do(make())
    server.requests.clear()
    return scope


ORDERLY = [
    "DELETE /playbacks/q",
    "DELETE /playbacks/p",
    "POST /recordings/live/r/stop",
    "DELETE /bridges/b",
    "DELETE /channels/s",
    "DELETE /channels/1",
]


def test_a_scope_ends_what_it_owns_in_the_right_order(variant: Variant, server: Script, ari: Any) -> None:
    """Media first, then bridges, then channels; the youngest of a kind first; and only once."""
    scope = entered(variant, server, ari)
    variant.leave(scope)
    variant.leave(scope)
    assert ORDERLY == lines(server)


@pytest.mark.parametrize(("status", "message"), GONE)
def test_what_is_gone_already_is_no_error(
    variant: Variant, server: Script, ari: Any, status: int, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Everything may have ended by itself; that is not worth a word."""
    scope = entered(variant, server, ari)
    for _ in ORDERLY:
        server.reply(status, json={"message": message})
    with caplog.at_level(logging.WARNING):
        variant.leave(scope)
    assert ORDERLY == lines(server)
    assert not caplog.records


def test_what_cannot_be_ended_does_not_keep_the_rest(
    variant: Variant, server: Script, ari: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure is logged, and the others are ended all the same."""
    scope = entered(variant, server, ari)
    server.reply(500, json={"message": "An internal error"})
    variant.leave(scope)
    assert ORDERLY == lines(server)
    assert ["could not end playback q"] == [record.getMessage().split(":")[0] for record in caplog.records]


def test_a_scope_that_raises_ends_everything_and_lets_it_through(variant: Variant, server: Script, ari: Any) -> None:
    """The program's own exception comes out unchanged."""
    scope = entered(variant, server, ari)
    leave = getattr(scope, "__exit__" if variant.name == "sync" else "__aexit__")
    assert not variant.do(leave(ValueError, ValueError("mine"), None))
    assert ORDERLY == lines(server)


def test_a_scope_places_the_call_itself(variant: Variant, server: Script, ari: Any, hub: FakeHub) -> None:
    """With an endpoint it originates into the app under an id of its own, and waits for the StasisStart it asked for first."""
    server.reply(json={"id": "1", "state": "Down"})
    scope = ari.call("PJSIP/alice", caller_id="Me <1>", answer_timeout_seconds=7)
    with pytest.raises(errors.NotConnected, match="not been entered"):
        scope.channel  # noqa: B018
    assert scope is variant.enter(scope)
    query = server.last_call.query
    assert {"endpoint": "PJSIP/alice", "app": "aiagc", "callerId": "Me <1>"}.items() <= query.items()
    assert [(("StasisStart", "Dial"), ("channel", query["channelId"]), 9)] == hub.waits
    assert "7" == query["timeout"]
    assert (CHANNEL, query["channelId"], 0) == (scope.channel.json, scope.channel.id, hub.open)
    variant.leave(scope)
    assert f"DELETE /channels/{query['channelId']}" == lines(server)[-1]


@pytest.mark.parametrize("target", [{"context": "out", "extension": "5"}, {"app": "other"}, {"channelId": "mine"}])
def test_a_scope_takes_what_originate_takes(
    variant: Variant, server: Script, ari: Any, hub: FakeHub, target: dict[str, str]
) -> None:
    """Another target, another app, an id of one's own."""
    server.reply(json={"id": "1"})
    variant.enter(ari.call("PJSIP/alice", **target))
    query = server.last_call.query
    assert target.items() <= query.items()
    assert ("app" in query) == ("context" not in target)


@pytest.mark.parametrize("failure", [errors.WaitTimeout("nobody answered"), errors.ObjectGone("busy")])
def test_a_call_that_is_not_answered_is_ended(
    variant: Variant, server: Script, ari: Any, hub: FakeHub, failure: Exception
) -> None:
    """The reason comes out, and no ringing phone is left behind."""
    hub.outcome = failure
    server.reply(json={"id": "1"})
    with pytest.raises(type(failure)):
        variant.enter(ari.call("PJSIP/alice"))
    query = server.calls[0].query
    assert ["POST /channels", f"DELETE /channels/{query['channelId']}"] == lines(server)


@pytest.mark.parametrize("kind", ["call", "bridge"])
@pytest.mark.parametrize("is_answered", [True, False])
def test_only_what_may_be_ours_is_ended(
    variant: Variant, server: Script, ari: Any, hub: FakeHub, kind: str, is_answered: bool
) -> None:
    """An id that was refused belongs to somebody else; what nobody answered for may exist, and is ended."""
    path, manager = ("/bridges/b", ari.call(ari.channels("1"))) if kind == "bridge" else ("/channels/c", None)
    if manager is not None:
        variant.enter(manager)
    if is_answered:
        server.reply(409, json={"message": "exists already"})
    else:
        server.replies.append(httpx.ReadTimeout("slow"))
    with pytest.raises(errors.Conflict if is_answered else errors.RequestTimeout):
        if manager is not None:
            variant.do(manager.bridge(type="mixing", bridge_id="b"))
        else:
            variant.enter(ari.call("PJSIP/alice", channel_id="c"))
    if manager is not None:
        variant.leave(manager)
    assert is_answered == (f"DELETE {path}" not in lines(server))


def test_a_call_that_cannot_be_placed_is_an_error(variant: Variant, server: Script, ari: Any, hub: FakeHub) -> None:
    """Asterisk's own words; that there is nothing to hang up is no further error."""
    server.reply(500, json={"error": "Allocation failed"})
    server.reply(404, json={"message": "Channel not found"})
    with pytest.raises(errors.AllocationFailed):
        variant.enter(ari.call("Nonsense/alice"))
    assert 0 == hub.open
