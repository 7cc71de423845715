"""Subscriptions, the server's own documents, shapes and ids."""

import ast
import copy
import inspect
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import asterisk_ari
from ari_rest._meta import OPERATIONS
from asterisk_ari._core.calls.talk_detection import detection_value
from asterisk_ari._core.events.channels_in_stasis import MAX_AWAITED_CHANNELS, MAX_ENDED_PLACED_CHANNELS, ChannelsInStasis
from asterisk_ari._core.reconnect.subscriptions import Subscriptions
from asterisk_ari._core.requests import definitions
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._core.requests.in_app import IN_APP, commanded_channels
from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.response import Response, error_for, result
from asterisk_ari._core.requests.result_shapes import asterisk_info, recording_info, with_type
from asterisk_ari.errors import AriError, BadArgument, ResponseError, UnexpectedResponse

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def subscribe(app: str, source: Any) -> tuple[str, dict[str, Any]]:
    return ("applications.subscribe", {"applicationName": app, "eventSource": source})


def after(*calls: tuple[str, dict[str, Any]], all_events: bool = False) -> Subscriptions:
    subscriptions = Subscriptions(("a", "b"), all_events=all_events)
    for operation, parameters in calls:
        subscriptions.record(operation, parameters)
    return subscriptions


def test_subscriptions_are_repeated_one_by_one() -> None:
    """One source that is gone spoils no other; each is repeated once, in order."""
    subscriptions = after(
        subscribe("a", ["channel:1", "bridge:2"]), subscribe("b", "endpoint:PJSIP"), subscribe("a", "channel:1")
    )
    expected = [subscribe("a", ["channel:1"]), subscribe("a", ["bridge:2"]), subscribe("b", ["endpoint:PJSIP"])]
    assert expected == subscriptions.calls_after_reconnect(("a", "b"))
    assert expected[2:] == subscriptions.calls_after_reconnect(("b",))


def test_what_was_ended_is_not_repeated() -> None:
    """Unsubscribed, or found gone."""
    subscriptions = after(
        subscribe("a", ["channel:1", "channel:2", "channel:3"]),
        ("applications.unsubscribe", {"applicationName": "a", "eventSource": "channel:1"}),
    )
    subscriptions.remove("a", "channel:2")
    assert [subscribe("a", ["channel:3"])] == subscriptions.calls_after_reconnect(("a", "b"))


def test_the_last_filter_of_each_app_comes_after_the_subscriptions() -> None:
    """A filter replaces the one before."""
    first, last = ({"applicationName": "a", "filter": {"allowed": [{"type": name}]}} for name in ("Dial", "StasisStart"))
    subscriptions = after(("applications.filter", first), ("applications.filter", last), subscribe("a", "channel:1"))
    assert [subscribe("a", ["channel:1"]), ("applications.filter", last)] == subscriptions.calls_after_reconnect(("a", "b"))


def test_other_apps_and_other_calls_are_none_of_its_business() -> None:
    """Only what our own apps hear is subscribed again."""
    subscriptions = after(subscribe("other", "channel:1"), ("applications.get", {"applicationName": "a"}))
    assert [] == subscriptions.calls_after_reconnect(("a", "b", "other"))


def test_subscriptions_end_with_their_object() -> None:
    """Of all apps, and of that object alone: objects end by the thousand, and what is kept does not grow."""
    subscriptions = after(subscribe("a", "bridge:1"), subscribe("b", "channel:1"))
    for number in range(10_000):
        subscriptions.record(*subscribe("a", f"channel:{number}"))
        subscriptions.object_ended(("channel", str(number)))
        subscriptions.object_ended(("playback", str(number)))
    assert [subscribe("a", ["bridge:1"])] == subscriptions.calls_after_reconnect(("a", "b"))
    assert 1 == len(subscriptions)


def test_what_an_app_hears_of_wherever_it_is() -> None:
    """By a subscription of any of our apps to the object or to all of its kind; with subscribe_all everything."""
    subscriptions = after(subscribe("b", ["channel:1", "endpoint:PJSIP/alice", "deviceState:Stasis:x", "bridge:"]))
    covered = [("channel", "1"), ("endpoint", "PJSIP/alice"), ("device_state", "Stasis:x"), ("bridge", "any")]
    assert all(subscriptions.covers(subject) for subject in covered)
    assert not any(subscriptions.covers(subject) for subject in [("channel", "2"), ("playback", "1"), ("recording", "1")])
    subscriptions.record("applications.unsubscribe", {"applicationName": "b", "eventSource": ["channel:1"]})
    assert not subscriptions.covers(("channel", "1"))
    assert after(all_events=True).covers(("playback", "1"))


def test_in_app_commands_name_their_channels() -> None:
    """Each is an operation there is, and says which channels have to be in the app first."""
    assert all(name in OPERATIONS[operation].params for operation, name in IN_APP.items())
    assert ["1"] == list(commanded_channels("channels.answer", {"channelId": "1"}))
    assert ["1", "2"] == list(commanded_channels("bridges.addChannel", {"bridgeId": "b", "channel": ["1", "2"]}))
    assert [] == list(commanded_channels("channels.hangup", {"channelId": "1"}))


def test_only_so_many_channels_are_awaited() -> None:
    """A program that places calls all day and leaves them alone does not grow."""
    channels = ChannelsInStasis(30.0)
    for number in range(MAX_AWAITED_CHANNELS + 1):
        channels.expect(str(number), "app")
    assert ("1", str(MAX_AWAITED_CHANNELS)) == (next(iter(channels.awaited)), next(reversed(channels.awaited)))
    channels.entered({"id": "1"}, "app")
    channels.destroyed("2")
    channels.expect_unless_known("1", "app")
    assert not {"1", "2"} & set(channels.awaited)


@pytest.mark.parametrize("end", ["destroyed", "left, and silent"])
def test_a_placed_channel_is_known_beyond_its_end(end: str) -> None:
    """A handler of its StasisStart may run only then, and must not take it for a new call; no more than so many are remembered."""
    channels = ChannelsInStasis(30.0)
    for number in range(MAX_ENDED_PLACED_CHANNELS + 1):
        channel_id = str(number)
        channels.place(channel_id)
        channels.entered({"id": channel_id}, "app")
        if end == "destroyed":
            channels.destroyed(channel_id)
        else:
            channels.left(channel_id, "app", 1.0)
            channels.forget_silent(60.0)
    assert not channels.is_placed("0")
    assert channels.is_placed("1")
    assert channels.is_placed(str(MAX_ENDED_PLACED_CHANNELS))


@given(ANY_JSON)
def test_any_document_of_a_server_is_survived(document: Any) -> None:
    """Whatever a proxy sends for definitions, nothing is raised; names are such as can stand in a path."""
    assert all(name.isidentifier() for name in definitions.resource_names(document))
    assert all(name.startswith("channels.") for name in definitions.read("channels", document))


@given(status=st.integers(300, 599), content=st.binary(max_size=200), kind=st.sampled_from(["application/json", "text/html", ""]))
def test_any_answer_with_an_error_is_an_error_of_the_tree(status: int, content: bytes, kind: str) -> None:
    """Bodies without sense have a reason too."""
    error = error_for(OperationRequest("channels.list", "GET", "/channels"), Response(status, {"content-type": kind}, content))
    assert isinstance(error, ResponseError)
    assert (status, True) == (error.status, bool(error.reason))


@given(content=st.binary(max_size=200))
def test_any_body_is_read_or_refused(content: bytes) -> None:
    """A success that cannot be read is an error of the tree."""
    try:
        read = result(OperationRequest("channels.list", "GET", "/channels"), Response(200, {}, content))
    except UnexpectedResponse as refused:
        assert refused.status == 200
    else:
        assert read == (json.loads(content) if content else None)


def test_shapes_leave_the_given_json_alone() -> None:
    """What is added is in a copy."""
    bridge, info = {"id": "b", "bridge_type": "mixing"}, {"system": {"version": "20.15.2"}}
    assert {**bridge, "type": "mixing"} == with_type(bridge)
    assert {"type": "own", "bridge_type": "x"} == with_type({"type": "own", "bridge_type": "x"})
    assert {**info, "version": "20.15.2", "system_info": {"version": "20.15.2"}} == asterisk_info(info)
    assert {"version": "", "system_info": {}} == asterisk_info({})
    assert [{"name": "n", "state": "done"}, {"state": "paused"}] == [
        recording_info({"name": "n"}),
        recording_info({"state": "paused"}),
    ]
    assert ({"id": "b", "bridge_type": "mixing"}, {"system": {"version": "20.15.2"}}) == (bridge, info)


@given(st.sampled_from(["channel", "bridge", "playback", "snoop"]))
def test_made_up_ids_are_new_and_short(kind: str) -> None:
    """Plain ASCII, never the same, far below the server's limit."""
    first, second = new_id(kind), new_id(kind)
    assert first != second
    assert first.startswith(f"{kind}-")
    assert first.isascii()
    assert 60 > len(first)


@given(st.integers(), st.integers())
def test_talk_detection_is_written_or_refused(silence_ms: int, talk_threshold: int) -> None:
    """Two numbers in the range that the function reads."""
    try:
        assert f"{silence_ms},{talk_threshold}" == detection_value(silence_ms, talk_threshold)
    except BadArgument:
        assert not (1 <= silence_ms < 2**31 and 1 <= talk_threshold <= 32_767)


def test_the_drawn_tree_is_the_tree() -> None:
    """The docstring of `errors` draws every class, under the class it derives from."""
    source = ast.parse(Path(asterisk_ari.__file__).with_name("errors.py").read_text(encoding="utf-8"))
    drawing = (ast.get_docstring(source) or "").splitlines()[2:]
    path: list[str] = []
    drawn: dict[str, str] = {}
    for line in drawing:
        words = line.strip("│├└─ ").split()
        depth = next(place for place, character in enumerate(line) if character.isalpha()) // 4
        path = [*path[:depth], words[0]]
        drawn[words[0]] = path[-2] if depth else "Exception"
    # CallError is what its two branches share, and not for catching.
    parents = {
        node.name: node.bases[0].id
        for node in source.body
        if isinstance(node, ast.ClassDef) and isinstance(node.bases[0], ast.Name)
    }
    expected = {name: "AriError" if parent == "CallError" else parent for name, parent in parents.items() if name != "CallError"}
    assert expected == drawn


def every_class(root: type[AriError] = AriError) -> list[type[AriError]]:
    return [root, *(kind for child in root.__subclasses__() for kind in every_class(child))]


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
@pytest.mark.parametrize("kind", every_class())
def test_errors_can_be_copied(kind: type[AriError], again: Any) -> None:
    """Process pools, task queues and retry libraries pickle them: all that an error carries comes through."""
    signature = inspect.signature(kind).parameters.values()
    values = {
        "status": 404,
        "needs": {"20": "20.16.0"},
        "event": {"type": "StasisEnd"},
        "headers": {"server": "Asterisk"},
        "content": b"{}",
    }
    options = {one.name: values.get(one.name, one.name) for one in signature if one.kind is one.KEYWORD_ONLY}
    error = kind("what happened", **options)
    copied = again(error)
    assert type(error) is type(copied)
    assert str(error) == str(copied)
    assert error.args == copied.args
    assert vars(error) == vars(copied)


@pytest.mark.parametrize("name", asterisk_ari.__all__)
def test_what_the_package_offers_is_there(name: str) -> None:
    """Each name is loaded when first asked for."""
    assert name in dir(asterisk_ari)
    assert name == getattr(asterisk_ari, name).__name__


def test_the_package_offers_nothing_else() -> None:
    """A slip in a name is an AttributeError."""
    with pytest.raises(AttributeError, match="Nonsense"):
        asterisk_ari.Nonsense  # noqa: B018
