"""What ari-py's own test-suite checks, by its definitions of Asterisk 12: one behaviour for each of its tests."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import requests

from asterisk_ari.compat import ari
from tests.compat.runs import Background, Seen
from tests.compat.servers import PASSWORD, USER, AriScript

PLAYED = {"id": "a-playback"}
CHANNEL = {"id": "a-channel"}


@pytest.fixture
def server() -> Iterator[AriScript]:
    """A server whose StasisStart has one channel, which answers nothing but definitions and what a test serves."""
    with AriScript("13.38.3") as script:
        del script.documents["events.json"]["models"]["StasisStart"]["properties"]["replace_channel"]
        yield script


class Listening:
    """A client whose run has got some events, all of them, and has ended; exceptions of callbacks end it at once."""

    def __init__(self, server: AriScript, client: ari.Client) -> None:
        self.server, self.client, self.seen = server, client, Seen()

        def again(error: Exception) -> None:
            raise error

        client.exception_handler = again

    def run(self, *events: dict[str, Any]) -> list[Any]:
        """What the callbacks have seen when all events were delivered."""
        self.client.on_event("the last", lambda _event: self.client.close())
        run = Background(self.client.run, "test")
        self.server.websocket().send(*events, {"type": "the last"})
        run.result()
        return list(self.seen)


@pytest.fixture
def listening(server: AriScript, client: ari.Client) -> Listening:
    return Listening(server, client)


# -- calls --


def test_the_definitions_are_served(server: AriScript) -> None:
    with httpx.Client(auth=(USER, PASSWORD)) as browser:
        assert browser.get(f"{server.url}/ari/api-docs/resources.json").json()["apis"]


def test_an_empty_list(server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/channels", json=[])
    assert client.channels.list() == []


def test_a_list_of_one_whose_object_is_hung_up(server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/channels", json=[CHANNEL])
    [channel] = client.channels.list()
    channel.hangup()
    assert server.lines[-1] == "DELETE /ari/channels/a-channel"


def test_a_playback_of_a_channel_that_is_stopped(server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/channels/a-channel", json=CHANNEL)
    server.serve("POST", "/channels/a-channel/play", json=PLAYED)
    client.channels.get(channelId="a-channel").play(media="sound:a-sound").stop()
    assert server.lines[-1] == "DELETE /ari/playbacks/a-playback"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda client: client.no_such_resource.list(),
        lambda client: client.channels.no_such_method(),
        lambda client: client.channels.get(channelId="a-channel").no_such_method(),
    ],
    ids=["resource", "method of a repository", "method of an object"],
)
def test_what_is_not_there_is_an_attribute_error(wrong: Callable[[Any], Any], server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/channels/a-channel", json=CHANNEL)
    with pytest.raises(AttributeError):
        wrong(client)


def test_a_parameter_that_is_not_there_is_a_type_error(client: ari.Client) -> None:
    with pytest.raises(TypeError):
        client.channels.list(no_such_parameter="x")


def test_a_failure_of_the_server_brings_its_message(server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/channels", 500, json={"message": "a test"})
    with pytest.raises(requests.HTTPError) as caught:
        client.channels.list()
    assert (caught.value.response.status_code, caught.value.response.json()) == (500, {"message": "a test"})


def test_an_endpoint_asks_for_itself_by_both_parts_of_its_name(server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/endpoints", json=[{"technology": "TEST", "resource": "1"}])
    server.serve("GET", "/endpoints/TEST/1", json={"technology": "TEST", "resource": "1", "state": "online"})
    [endpoint] = client.endpoints.list()
    assert endpoint.get().json == {"technology": "TEST", "resource": "1", "state": "online"}


@pytest.mark.parametrize(
    ("kind", "get", "end"), [("live", "getLive", "cancel"), ("stored", "getStored", "deleteStored")], ids=["live", "stored"]
)
def test_a_recording_by_its_name(kind: str, get: str, end: str, server: AriScript, client: ari.Client) -> None:
    server.serve("GET", f"/recordings/{kind}/a-recording", json={"name": "a-recording"})
    recording = getattr(client.recordings, get)(recordingName="a-recording")
    assert getattr(recording, end)() is None
    assert server.lines[-1] == f"DELETE /ari/recordings/{kind}/a-recording"


def test_a_mailbox_that_is_set_gives_what_the_server_says(server: AriScript, client: ari.Client) -> None:
    said = {"name": "1", "old_messages": "1", "new_messages": "3"}
    server.serve("PUT", "/mailboxes/1", json=said)
    assert client.mailboxes.update(mailboxName="1", oldMessages="1", newMessages="3") == said


def test_a_device_of_any_name_that_is_set_gives_what_the_server_says(server: AriScript, client: ari.Client) -> None:
    said = {"name": "anything", "state": "BUSY"}
    server.serve("PUT", "/deviceStates/anything", json=said)
    assert client.deviceStates.update(deviceName="anything", deviceState="BUSY") == said


# -- events --


def test_a_run_without_events(listening: Listening) -> None:
    listening.client.on_event("ev", listening.seen.add)
    assert listening.run() == []


def test_a_series_of_events_of_which_some_are_wanted(listening: Listening) -> None:
    listening.client.on_event("ev", listening.seen.add)
    sent = [{"type": "ev", "data": 1}, {"type": "ev", "data": 2}, {"type": "not", "data": 3}, {"type": "ev", "data": 9}]
    assert listening.run(*sent) == [sent[0], sent[1], sent[3]]


def test_a_callback_that_ends_itself_beside_one_that_stays(listening: Listening) -> None:
    def once(event: dict[str, Any]) -> None:
        listening.seen.add(("once", event["data"]))
        registration.close()

    registration = listening.client.on_event("ev", once)
    listening.client.on_event("ev", lambda event: listening.seen.add(event["data"]))
    assert listening.run({"type": "ev", "data": 1}, {"type": "ev", "data": 2}) == [("once", 1), 1, 2]


def test_a_channel_that_enters_is_hung_up_in_the_callback(listening: Listening) -> None:
    def entered(channel: Any, event: dict[str, Any]) -> None:
        listening.seen.add(event)
        channel.hangup()

    listening.client.on_channel_event("StasisStart", entered)
    start = {"type": "StasisStart", "channel": CHANNEL}
    assert listening.run(start) == [start]
    assert "DELETE /ari/channels/a-channel" in listening.server.lines


def test_a_callback_for_channels_that_ends_itself(listening: Listening) -> None:
    def once(channel: Any, _event: dict[str, Any]) -> None:
        listening.seen.add(channel.id)
        registration.close()

    registration = listening.client.on_channel_event("StasisStart", once)
    starts = [{"type": "StasisStart", "channel": {"id": f"{number}"}} for number in (1, 2)]
    assert listening.run(*starts) == ["1"]


def test_a_channel_hears_of_itself_alone(listening: Listening) -> None:
    listening.server.serve("GET", "/channels/a-channel", json=CHANNEL)
    channel = listening.client.channels.get(channelId="a-channel")

    def changed(found: Any, event: dict[str, Any]) -> None:
        listening.seen.add(event)
        found.hangup()

    channel.on_event("ChannelStateChange", changed)
    ours = {"type": "ChannelStateChange", "channel": CHANNEL}
    assert listening.run({"type": "ChannelStateChange", "channel": {"id": "another"}}, ours) == [ours]


def test_further_arguments_of_any_kind(listening: Listening) -> None:
    """By position and by name, the same function several times."""
    listening.server.serve("GET", "/channels/a-channel", json=CHANNEL)
    channel = listening.client.channels.get(channelId="a-channel")

    def one(_channel: Any, _event: Any, arg: Any) -> None:
        listening.seen.add([arg])

    def three(_channel: Any, _event: Any, first: Any, second: Any = None, third: Any = None) -> None:
        listening.seen.add([first, second, third])

    given = {"key": "value"}
    channel.on_event("ChannelDtmfReceived", one, 1)
    channel.on_event("ChannelDtmfReceived", one, arg=2)
    channel.on_event("ChannelDtmfReceived", one, given)
    channel.on_event("ChannelDtmfReceived", three, 2.0, third=[1, 2])
    seen = listening.run({"type": "ChannelDtmfReceived", "channel": CHANNEL})
    assert seen == [[1], [2], [given], [2.0, None, [1, 2]]]
    assert seen[2][0] is given


@pytest.mark.parametrize(("event_type", "model_id"), [("NoSuchEvent", "Channel"), ("StasisStart", "Bridge")])
def test_an_event_that_is_not_there_or_has_no_such_object_is_a_value_error(
    event_type: str, model_id: str, client: ari.Client
) -> None:
    with pytest.raises(ValueError, match=event_type):
        client.on_object_event(event_type, print, print, model_id)
