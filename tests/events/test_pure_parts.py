"""The parts that decide, without sockets, threads or clocks."""

import json
import pickle
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest

from asterisk_ari._core.calls.digits import DigitCollector
from asterisk_ari._core.events.call_queues import CallQueues, Job
from asterisk_ari._core.events.channels_in_stasis import ChannelsInStasis
from asterisk_ari._core.events.decode import MalformedFrame, decode_frame, event_of, make_event, views
from asterisk_ari._core.events.ended_objects import REMEMBERED_ENDS, EndedObjects
from asterisk_ari._core.events.ends import ends_of_wait
from asterisk_ari._core.events.event_types import names_of
from asterisk_ari._core.events.listeners import Listeners
from asterisk_ari._core.events.matching import ordering_key, subject_of_key, subjects
from asterisk_ari._core.events.registry import Registration, Registry
from asterisk_ari._core.events.rest_responses import RestResponses
from asterisk_ari._core.events.router import Router
from asterisk_ari._core.events.stats import Stats
from asterisk_ari._core.reconnect.backoff import Backoff, OutageReports
from asterisk_ari._core.reconnect.keepalive import Keepalive
from asterisk_ari._core.reconnect.snapshot import Snapshot, update_from_listing
from asterisk_ari._core.reconnect.unconfirmed_objects import UnconfirmedObjects
from asterisk_ari.events import Event, StasisStart, UnknownEvent
from asterisk_ari.policies import Reconnect
from tests.events.shapes import about_channel, bridge, channel, event, playback, recording, stasis_start

ENDPOINT = {"technology": "PJSIP", "resource": "alice", "channel_ids": []}


@pytest.mark.parametrize(
    ("json", "key", "about"),
    [
        (stasis_start("c1"), "c1", [("channel", "c1")]),
        (stasis_start("c1", replace_channel=channel("c0")), "c1", [("channel", "c1"), ("channel", "c0")]),
        (playback("PlaybackStarted", "p1", "c1"), "c1", [("playback", "p1"), ("channel", "c1")]),
        (event("PlaybackStarted", playback={"id": "p1", "target_uri": "bridge:b1"}), "bridge:b1",
         [("playback", "p1"), ("bridge", "b1")]),
        (recording("RecordingFinished", "a/b", "c1"), "c1", [("recording", "a/b"), ("channel", "c1")]),
        (bridge("BridgeCreated", "b1"), "bridge:b1", [("bridge", "b1")]),
        (bridge("ChannelEnteredBridge", "b1", channel=channel("c1")), "c1", [("bridge", "b1"), ("channel", "c1")]),
        (event("BridgeMerged", bridge={"id": "b1", "bridge_class": "x"}, bridge_from={"id": "b2", "bridge_class": "x"}),
         "bridge:b1", [("bridge", "b1"), ("bridge", "b2")]),
        (event("Dial", caller=channel("a"), peer=channel("b"), dialstatus=""), "b", [("channel", "a"), ("channel", "b")]),
        (event("Dial", peer=channel("b"), dialstatus="RINGING"), "b", [("channel", "b")]),
        (event("EndpointStateChange", endpoint=ENDPOINT), "endpoint:PJSIP/alice", [("endpoint", "PJSIP/alice")]),
        (event("PeerStatusChange", endpoint=ENDPOINT, peer={"peer_status": "x"}), "endpoint:PJSIP/alice",
         [("endpoint", "PJSIP/alice")]),
        (event("DeviceStateChanged", device_state={"name": "Stasis:x", "state": "BUSY"}), "device_state:Stasis:x",
         [("device_state", "Stasis:x")]),
        (event("ChannelUserevent", channel=channel("c1"), userevent={"id": "evil", "channel": {"id": "evil"}}), "c1",
         [("channel", "c1")]),
        (event("ChannelTransfer", refer_to={"bridge": {"id": "b"}}, referred_by={"source_channel": channel("s")}), "s",
         [("bridge", "b"), ("channel", "s")]),
        (event("Future", new_thing=channel("c9"), number=1, nothing=None, rows=[1]), "c9", [("channel", "c9")]),
        (event("ApplicationReplaced"), "", []),
        (event("Odd", channel="text", bridge={"id": 5}, playback={}), "", []),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_what_an_event_is_about(json: dict[str, Any], key: str, about: list[tuple[str, str]]) -> None:
    """Objects and ordering key are read off the JSON's shape, for known, unknown and odd events."""
    found = subjects(json)
    assert found == about
    assert ordering_key(json, found) == key


def test_local_halves_are_two_calls() -> None:
    """The two halves of a Local channel keep their order apart from each other."""
    keys = {ordering_key(json, subjects(json)) for json in (stasis_start("x;1"), stasis_start("x;2"))}
    assert keys == {"x;1", "x;2"}


@pytest.mark.parametrize(
    ("key", "subject"), [("c1", ("channel", "c1")), ("bridge:b1", ("bridge", "b1")), ("sip:x", ("channel", "sip:x"))]
)
def test_subject_of_key(key: str, subject: tuple[str, str]) -> None:
    """A key tells whose events it orders, even where a channel id holds a colon."""
    assert subject_of_key(key) == subject


@pytest.mark.parametrize("frame", [b"", b"{", b"[]", b"5", b"{}", b'{"type": null}', b'{"type": "\xff"}', b"[" * 100_000])
def test_malformed_frames(frame: bytes) -> None:
    """Whatever a frame holds, it is an event or a MalformedFrame of bounded length."""
    with pytest.raises(MalformedFrame) as caught:
        decode_frame(frame)
    assert len(str(caught.value)) < 1200


def test_views_and_names() -> None:
    """Known types get their view, unknown ones UnknownEvent; types may be given as names, classes or several."""
    assert type(make_event(stasis_start("c1"))) is StasisStart
    assert type(make_event({"type": "Nothing"})) is UnknownEvent
    assert all(name == view.TYPE for name, view in views().items())
    assert names_of(["Dial", StasisStart, "Dial"]) == ("Dial", "StasisStart")
    assert names_of(Event) == ("*",)


def test_events_can_be_copied() -> None:
    """An event survives pickling, as programs that use several processes need."""
    original = make_event(stasis_start("c1"))
    copy = pickle.loads(pickle.dumps(original))
    assert copy == original
    assert type(copy) is StasisStart


def test_backoff() -> None:
    """Limits double up to the longest; a pause is a random part of its limit; a connection that held begins anew."""
    dice = iter([1.0] * 6 + [0.5, 0.0] + [1.0] * 3)
    backoff = Backoff(Reconnect(first_seconds=0.5, max_seconds=10), lambda: next(dice))
    assert [backoff.pause() for _ in range(6)] == [0.5, 1, 2, 4, 8, 10]
    assert [backoff.pause(), backoff.pause()] == [5, 0]
    backoff.connected_for(1.0)
    assert backoff.pause() == 10
    backoff.connected_for(60.0)
    assert backoff.pause() == 0.5
    backoff.attempts = 100_000
    assert backoff.pause() == 10
    assert not backoff.gives_up(1e9)
    assert Backoff(Reconnect(give_up_after_seconds=5), lambda: 1).gives_up(5)


def test_keepalive() -> None:
    """A ping is due after the interval, death after the patience; whatever is heard puts both off."""
    keepalive = Keepalive(7, 8, now=0)
    assert keepalive.seconds_left(0) == 7
    assert not keepalive.ping_due(6.9)
    assert keepalive.ping_due(7)
    assert not keepalive.ping_due(7.1)
    assert keepalive.seconds_left(10) == 5
    assert not keepalive.is_dead(14.9)
    assert keepalive.is_dead(15)
    keepalive.received(14.95)
    assert not keepalive.is_dead(15)
    assert keepalive.seconds_left(15) == pytest.approx(6.95)


def test_keepalive_after_a_block() -> None:
    """What is read late may be old: the last sign of life is the one before the block, until a ping sent after it is answered."""
    keepalive = Keepalive(7, 8, now=0)
    keepalive.received(0.5)
    assert keepalive.next_check(0.5, at_most=1) == 1
    keepalive.received(1.9)  # a check that is a little late is none that was missed
    assert keepalive.last_sign_of_life == 1.9
    keepalive.next_check(2, at_most=1)
    keepalive.received(10)
    keepalive.received(10.1)
    assert keepalive.last_sign_of_life == 1.9
    ping = keepalive.ping_due(10.2)
    assert ping
    assert keepalive.ping_due(10.3) is None
    keepalive.pong_received(b"another")
    assert keepalive.last_sign_of_life == 1.9
    keepalive.received(10.4)
    keepalive.pong_received(ping)
    assert keepalive.last_sign_of_life == 10.4


def test_keepalive_while_the_server_is_busy() -> None:
    """A ping that goes unanswered while the server is at a request means nothing, and is not looked at all the time."""
    keepalive = Keepalive(7, 8, now=0)
    assert keepalive.ping_due(7)
    assert keepalive.is_dead(20)
    assert not keepalive.is_dead(20, is_serving=True)
    assert keepalive.next_check(20, at_most=1) == 1
    assert keepalive.is_dead(21)
    keepalive.received(21)
    assert not keepalive.is_dead(22)


def test_outages_are_reported_ever_more_rarely() -> None:
    """At the first failure, then when the outage has doubled since; at last once an hour, however long it lasts."""
    reports = OutageReports()
    reported = [seconds for seconds in range(0, 5 * 3600, 1) if reports.is_due(seconds)]
    assert reported[:6] == [0, 1, 2, 4, 8, 16]
    assert {later - earlier for earlier, later in pairwise(reported[-3:])} == {3600}
    reports.outage_begins()
    assert reports.is_due(0.1)


def test_unconfirmed_objects() -> None:
    """What was listened to before the gap existed; what began in it is gone only when it is unknown a second later."""
    unconfirmed = UnconfirmedObjects()
    unconfirmed.created(("playback", "created"))
    unconfirmed.created(("bridge", "listed"))
    unconfirmed.gap_begins([("playback", "old"), ("endpoint", "PJSIP/alice")])
    unconfirmed.begun(("recording", "new"), 5)
    assert unconfirmed.objects([("channel", "c1")], ended=[]) == {
        ("playback", "old"), ("recording", "new"), ("channel", "c1"), ("bridge", "listed"),
    }  # fmt: skip
    assert ("playback", "old") not in unconfirmed.objects([], ended=[("playback", "old")])
    assert unconfirmed.is_gone(("playback", "old"), 5)
    assert not unconfirmed.is_gone(("recording", "new"), 5.9)
    assert unconfirmed.is_gone(("recording", "new"), 6)
    certain = [("playback", "old"), ("channel", "c1"), ("bridge", "listed")]
    assert unconfirmed.end_gap(certain, ended=[]) == {("recording", "new"), ("playback", "created")}
    unconfirmed.begun(("playback", "later"), 7)
    unconfirmed.begun(("playback", "created"), 7)
    assert not unconfirmed.is_gone(("playback", "created"), 7.5)
    assert unconfirmed.resolve([("recording", "new")]) == {("playback", "created")}
    assert unconfirmed.resolve([("playback", "created")]) == set()


def test_digit_collector() -> None:
    """The deadline moves with each digit, the terminator is not part of the digits."""
    collector = DigitCollector(None, 10, 3, "#*", now=100)
    assert collector.deadline == 110
    assert collector.add("1", 105) is None
    assert collector.deadline == 108
    assert str(collector.timed_out()) == "1"
    done = collector.add("*", 106)
    assert done is not None
    assert (done.digits, done.reason) == ("1", "terminator")
    assert DigitCollector(None, 1, 1, "", now=0).add("#", 0) is None


def job(key: str, size: int = 10, number: int = 0) -> Job:
    return Job(key, make_event(about_channel("ChannelVarset", key, value=number)), size=size)


def test_queues_keep_order_and_forget() -> None:
    """Jobs of a key come out in order; a key whose last job is done is forgotten."""
    queues = CallQueues(1000)
    first, second = job("a"), job("a")
    queues.add([first])
    queues.add([second])
    assert list(queues.ready) == ["a"]
    assert queues.begin() is first
    assert list(queues.ready) == []
    queues.task_done(first)
    assert queues.begin() is second
    assert "a" in queues
    queues.task_done(second)
    assert (len(queues), queues.waiting, queues.waiting_bytes, list(queues.ready)) == (0, 0, 0, [])


def test_calls_take_turns() -> None:
    """A key whose job is done comes after the others that are ready."""
    queues = CallQueues(1000)
    for key in "aab":
        queues.add([job(key)])
    order = []
    while queues.ready:
        begun = queues.begin()
        order.append(begun.key)
        queues.task_done(begun)
    assert order == ["a", "b", "a"]


def test_the_longest_queue_pays() -> None:
    """Above the limit the oldest of the longest queue go, and the next one says how many."""
    queues = CallQueues(100)
    for number in range(9):
        queues.add([job("long", number=number)])
    queues.add([job("short", size=5)])
    assert queues.shed_load() == []
    queues.add([job("short", size=6)])
    given_up = queues.shed_load()
    assert [one.event["value"] for one in given_up if one.event] == [0, 1]
    assert queues.waiting_bytes == 81
    assert [queues.begin().lost for _ in range(2)] == [2, 0]


def test_losses_add_up() -> None:
    """What was to tell of a loss and is lost itself counts too; with nothing left, a bare job tells."""
    queues = CallQueues(25)
    for number in range(3):
        queues.add([job("a", number=number)])
        queues.shed_load()
    queues.add([job("a", size=1000)])
    queues.shed_load()
    told = queues.begin()
    assert (told.event, told.lost) == (None, 4)
    assert queues.waiting == 0


def test_clearing_keeps_what_runs() -> None:
    """clear() forgets what waits; a job that runs ends as usual."""
    queues = CallQueues(100)
    for key in "aab":
        queues.add([job(key)])
    running = queues.begin()
    assert len(queues.clear()) == 2
    assert "b" not in queues
    queues.task_done(running)
    assert (len(queues), list(queues.ready)) == (0, [])


def registration(number: int, *types: str, about: tuple[str, str] | None = None) -> Registration:
    return Registration(number, types, about, print, print, is_coroutine=False)


def test_registry() -> None:
    """Look-ups give entries once, in order of registration; removing leaves no empty places."""
    registry: Registry[Registration] = Registry()
    about = ("channel", "c1")
    entries = [
        registration(0, "*"),
        registration(1, "A", "B", about=about),
        registration(2, "A"),
        registration(3, "*", about=about),
    ]
    for entry in reversed(entries):
        entry.add_to(registry)
    assert registry.match(("A", "*"), [about]) == tuple(entries)
    assert registry.match(("A", "*"), [("channel", "c2")]) == (entries[0], entries[2])
    assert registry.match(("C", "*"), [about, about]) == (entries[0], entries[3])
    assert registry.about(about) == (entries[1], entries[3])
    for entry in entries:
        entry.close()
        entry.close()
    assert len(registry) == 0
    assert registry._about_any == registry._by_object == registry.types == {}


def test_channels_in_two_apps() -> None:
    """A channel moved between apps is in the app until it has left both, whatever the order of the news."""
    channels = ChannelsInStasis(30)
    channels.entered(channel("c1"), "a")
    channels.entered(channel("c1"), "b")
    channels.left("c1", "a", 0)
    assert "c1" in channels
    channels.left("c1", "b", 0)
    assert "c1" not in channels


def test_comparing_after_a_gap() -> None:
    """Vanished per app, appeared once, and twice the same listing changes nothing the second time."""
    channels = ChannelsInStasis(30)
    for name, app in (("x", "a"), ("x", "b"), ("y", "a")):
        channels.entered(channel(name), app)
    channels.begin_listing()
    listing = Snapshot(in_apps={"a": ["y", "z"], "b": ["z"]})
    difference = update_from_listing(channels, listing, 0)
    assert [(json["id"], app) for json, app in difference.vanished] == [("x", "a"), ("x", "b")]
    assert difference.appeared == ("z",)
    again = update_from_listing(channels, listing, 0)
    assert (again.vanished, again.appeared) == ((), ())


def test_ended_objects_are_bounded() -> None:
    """The memory of ended objects is bounded; the oldest goes first."""
    ended = EndedObjects()
    for number in range(REMEMBERED_ENDS + 10):
        ended.add(("channel", str(number)), None)
    assert ("channel", "9") not in ended
    assert ("channel", "10") in ended
    assert not ended.is_delivered(("channel", "10"))
    ended.mark_delivered(("channel", "10"))
    assert ended.is_delivered(("channel", "10"))


@pytest.mark.parametrize(
    ("awaited", "subscribed", "ends"),
    [
        (("ChannelDtmfReceived",), False, {"ChannelDestroyed", "StasisEnd"}),
        (("ChannelDtmfReceived",), True, {"ChannelDestroyed"}),
        (("StasisStart",), False, {"ChannelDestroyed"}),
        (("*",), False, {"ChannelDestroyed"}),
    ],
)
def test_what_ends_a_wait_about_a_channel(awaited: tuple[str, ...], subscribed: bool, ends: set[str]) -> None:
    """StasisEnd ends a wait only for what can come no more after it."""
    assert ends_of_wait(("channel", "c1"), awaited, subscribed=subscribed) == ends


class EndingQueue:
    """A queue whose one running handler registers another and ends while the router looks the next event's handlers up."""

    def __init__(self, registrations: Registry[Registration]) -> None:
        self.busy = {"c1": Job("c1")}
        self.jobs: list[Job] = []
        match = registrations.match

        def match_then_end(*arguments: Any) -> tuple[Registration, ...]:
            found = match(*arguments)
            registration(0, "Dial").add_to(registrations)
            self.busy.clear()
            return found

        registrations.match = match_then_end  # type: ignore[method-assign, assignment]

    def submit(self, jobs: Sequence[Job]) -> list[Job]:
        self.jobs += jobs
        return []


def router_to(queue: Any, listeners: Listeners) -> Router:
    return Router(listeners=listeners, channels=ChannelsInStasis(30), queue=queue, responses=RestResponses(), stats=Stats())


def test_requests_over_the_websocket_wait_until_they_are_answered() -> None:
    """One that was given up on waits, too, where it was sent; one that was interrupted before is forgotten."""

    class Pending:
        def put(self, outcome: Any) -> None: ...

    responses = RestResponses()
    asked, given_up, interrupted = (Pending() for _ in range(3))
    ids = [responses.new_request_id() for _ in range(3)]
    for request_id, pending, at in zip(ids, (asked, given_up, interrupted), (1.0, 2.0, 3.0), strict=True):
        responses.add(request_id, pending, at)
    responses.sent(ids[1])
    del given_up, interrupted, pending
    assert responses.oldest_unanswered() == 1.0
    assert responses.receive(msgspec.json.encode({"request_id": ids[0]}))
    assert responses.oldest_unanswered() == 2.0
    assert responses.receive(msgspec.json.encode({"request_id": ids[1]}))
    assert responses.oldest_unanswered() is None


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["as Asterisk writes", "with spaces"])
@pytest.mark.parametrize("is_alone", [True, False])
def test_a_response_goes_to_its_call_and_others_to_the_handlers(separators: tuple[str, str], *, is_alone: bool) -> None:
    """However it is written, and whatever came with it."""

    class Pending:
        def __init__(self) -> None:
            self.outcomes: list[Any] = []

        def put(self, outcome: Any) -> None:
            self.outcomes.append(outcome)

    def frame(request_id: str) -> bytes:
        return json.dumps({"type": "RESTResponse", "request_id": request_id, "status_code": 204}, separators=separators).encode()

    queue, listeners, responses, stats = Mock(busy={}), Listeners(lambda subject: None), RestResponses(), Stats()
    queue.submit.return_value = []
    registration(1, "*").add_to(listeners.registrations)
    router = Router(listeners=listeners, channels=ChannelsInStasis(30), queue=queue, responses=responses, stats=stats)
    request_id, pending = responses.new_request_id(), Pending()
    responses.add(request_id, pending, 0.0)
    frames = [frame(request_id), frame("somebody-else"), b'{"type": "Dial"}']
    for part in [[one] for one in frames] if is_alone else [frames]:
        assert router.route_frames(part, 1.0) == []
    assert [outcome.status_code for outcome in pending.outcomes] == [204]
    jobs = [job for call in queue.submit.call_args_list for job in call.args[0]]
    assert [(job.event or event_of(job.frame)).type for job in jobs] == ["RESTResponse", "Dial"]
    assert stats.received == 2


@pytest.mark.parametrize("name", ["Dial", "ChannelVarset"], ids=["decoded", "by header"])
def test_a_handler_registered_during_the_look_up(name: str) -> None:
    """A handler registered by one that ends just then gets the event: it is queued, and looked up again when it runs."""
    listeners = Listeners(lambda subject: None)
    registration(5, "*", about=("channel", "other")).add_to(listeners.registrations)
    queue = EndingQueue(listeners.registrations)
    router_to(queue, listeners).route_frames([json.dumps(about_channel(name, "c1")).encode()], 1.0)
    assert len(queue.jobs) == 1
    assert queue.jobs[0].version < listeners.registrations.version


def test_events_of_one_read_keep_their_order() -> None:
    """An event without a handler is queued behind one of the same call that came in the same read: its handler may register one."""
    listeners = Listeners(lambda subject: None)
    registration(0, "ChannelVarset").add_to(listeners.registrations)
    queue = EndingQueue(Registry())
    queue.busy.clear()
    frames = [
        json.dumps(about_channel(name, call)).encode()
        for name, call in (("ChannelVarset", "c1"), ("ChannelHold", "c1"), ("ChannelHold", "c2"))
    ]
    router_to(queue, listeners).route_frames(frames, 1.0)
    assert [(job.key, len(job.entries)) for job in queue.jobs[:2]] == [("c1", 1), ("c1", 0)]


def _running(channel_id: str, application: str, data: str = "") -> dict[str, Any]:
    return {**channel(channel_id), "dialplan": {"app_name": application, "app_data": data}}


def test_an_app_hears_of_more_than_is_in_it() -> None:
    """A channel that is only dialled or subscribed to did not appear; one that left is gone though still heard of."""
    channels = ChannelsInStasis(30)
    channels.entered(_running("stays", "Stasis", "a"), "a")
    channels.entered(_running("left", "Stasis", "a"), "a")
    channels.entered(channel("mute"), "a")
    channels.begin_listing()
    live = [
        _running("stays", "Stasis", "a"), _running("left", "Wait", "5"), _running("dialled", "AppDial2"),
        _running("new", "Stasis", "a,1"), _running("mute", "Dial"),
    ]  # fmt: skip
    listing = Snapshot({one["id"]: one for one in live}, {}, {"a": [one["id"] for one in live]})
    difference = update_from_listing(channels, listing, 0)
    assert [json["id"] for json, _ in difference.vanished] == ["left"]
    assert difference.appeared == ("new",)
    assert "dialled" not in channels
    assert "mute" in channels  # its JSON never told


def test_an_app_that_hears_of_all_lists_none() -> None:
    """With subscribe_all, who is in the app is read off the channels: none vanishes that lives, none is invented."""
    channels = ChannelsInStasis(30)
    for name in ("stays", "left", "dead"):
        channels.entered(_running(name, "Stasis", "a"), "a")
    channels.entered(_running("moved", "Stasis", "elsewhere"), "a")  # from another app: its JSON keeps the first name
    channels.begin_listing()
    live = [
        _running("stays", "Stasis", "a"), _running("left", "Wait"), _running("moved", "Stasis", "elsewhere"),
        _running("new", "Stasis", "a,1"), _running("other", "Stasis", "b"), _running("plain", ""),
    ]  # fmt: skip
    all_of_them = ["__AST_CHANNEL_ALL_TOPIC"]
    difference = update_from_listing(channels, Snapshot({one["id"]: one for one in live}, {}, {"a": all_of_them}), 0)
    assert [json["id"] for json, _ in difference.vanished] == ["left", "dead"]
    assert difference.appeared == ("new",)


def test_a_channel_moved_before_the_gap_stays_in_its_app() -> None:
    """The app it was moved from goes on listing it; that is not where it is."""
    channels = ChannelsInStasis(30)
    channels.entered(_running("x", "Stasis", "a"), "b")
    channels.begin_listing()
    listing = Snapshot({"x": _running("x", "Stasis", "a")}, {}, {"a": ["x"], "b": ["x"]})
    difference = update_from_listing(channels, listing, 0)
    assert (difference.vanished, difference.appeared) == ((), ())
    channels.left("x", "b", 0)
    assert "x" not in channels
