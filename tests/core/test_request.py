"""From an operation's name and parameters to a request that Asterisk reads as it was meant."""

import json
from enum import Enum
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.requests.plan import build, prepare
from asterisk_ari._core.requests.results import parse
from asterisk_ari.capabilities import Capabilities
from asterisk_ari.errors import BadArgument
from tests.core.calls import RECORD

# What separates, quotes or groups inside a joined list.
SPECIAL = ',"\\()[]'


class Named:
    """A handle, as requests see it."""

    KIND = "stored_recording"

    def __init__(self, name: str) -> None:
        self.id = name


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30)


@given(TEXT)
def test_any_id_comes_back_out_of_the_path(id: str) -> None:
    """An id that is not refused is one segment of the path, in ASCII, and decodes to what it was."""
    try:
        request = build("channels.answer", {"channelId": id})
    except BadArgument:
        assert id in (".", "..", "create", "externalMedia")
        return
    empty, channels, segment, answer = request.path.split("/")
    assert ("", "channels", "answer", id) == (empty, channels, answer, unquote(segment, errors="strict"))
    assert request.path.isascii()
    assert not set(segment) & set("?#+ %/") - {"%"}


@given(st.lists(TEXT.map("sound:{}".format), min_size=1, max_size=8))
def test_any_list_can_be_taken_apart_again(media: list[str]) -> None:
    """Values are joined by commas in the query, or are an array in the body where the server could not tell them apart."""
    request = build("channels.play", {"channelId": "1", "media": media})
    if request.json is None:
        assert media == str(request.params["media"]).split(",")
        assert not set("".join(media)) & set(SPECIAL)
    else:
        assert {"media": media} == request.json
        assert "media" not in request.params


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=0, max_size=8000))
def test_any_value_gets_through(value: str) -> None:
    """Long values travel in the body, short ones in the query; the request line stays below the server's 4 096 bytes."""
    request = build("channels.setChannelVar", {"channelId": "1", "variable": "A", "value": value})
    sent = request.params if request.json is None else request.json
    assert {"variable": "A", "value": value} == dict(sent)
    assert request.json is None or not request.params


def test_long_values_keep_their_json_types() -> None:
    """In the body numbers are numbers, booleans booleans and lists lists: the server reads `"30"` as 0."""
    parameters: dict[str, Any] = {"bridgeId": "b", "name": "n" * 4000, "format": "wav", "maxDurationSeconds": "30", "beep": True}
    request = build("bridges.record", parameters)
    assert {} == request.params
    assert {"name": "n" * 4000, "format": "wav", "maxDurationSeconds": 30, "beep": True} == request.json


def test_long_values_join_a_body() -> None:
    """Where there is a body already, long values go beside what is in it."""
    parameters = {"endpoint": "PJSIP/a", "app": "a", "appArgs": "x" * 4000, "variables": {"A": 1}}
    request = build("channels.originate", parameters)
    assert {"variables": {"A": "1"}, "endpoint": "PJSIP/a", "app": "a", "appArgs": "x" * 4000} == request.json


def test_a_list_in_the_body_leaves_the_rest_in_the_query() -> None:
    """Only the value that needs it moves."""
    request = build("channels.play", {"channelId": "1", "media": ["tone:400/250,0/250"], "lang": "en", "offsetms": 5})
    assert {"media": ["tone:400/250,0/250"]} == request.json
    assert {"lang": "en", "offsetms": 5} == dict(request.params)


# As Asterisk 22 reads them, but for the blanks, which it keeps except in lists of variables.
LISTS_AS_TEXT = [
    ("sound:x", ["sound:x"]),
    ("sound:a,sound:b", ["sound:a", "sound:b"]),
    ("sound:a, sound:b", ["sound:a", "sound:b"]),
    ('"sound:a,b",sound:c', ["sound:a,b", "sound:c"]),
    ("sound:a\\,b,sound:c", ["sound:a,b", "sound:c"]),
    ("sound:[a,sound:b],x:c", ["sound:[a,sound:b]", "x:c"]),
    ('"sound:(",sound:b', ["sound:(,sound:b"]),
    ('sound:(")",sound:b', ["sound:()", "sound:b"]),
    ('sound:"a\\"b,c",x:d', ['sound:a"b,c', "x:d"]),
    ("a:[(],b),x:c", ["a:[(],b)", "x:c"]),
]


@pytest.mark.parametrize(("text", "values"), LISTS_AS_TEXT)
def test_a_text_for_a_list_holds_values_apart_by_commas(text: str, values: list[str]) -> None:
    """As ARI spells lists; a list is taken item by item, and a handle is one item."""
    assert values == prepare("channels.play", {"channelId": "1", "media": text}, lenient=True)[1]["media"]
    assert [text] == prepare("channels.play", {"channelId": "1", "media": [text]}, lenient=True)[1]["media"]
    assert [f"recording:{text}"] == prepare("channels.play", {"channelId": "1", "media": Named(text)})[1]["media"]


@pytest.mark.parametrize(
    ("operation", "name", "others"),
    [
        ("bridges.addChannel", "channel", {"bridgeId": "b"}),
        ("applications.subscribe", "eventSource", {"applicationName": "a"}),
        ("channels.getChannelVars", "variables", {"channelId": "1"}),
    ],
)
def test_every_list_may_be_one_text(operation: str, name: str, others: dict[str, str]) -> None:
    request, values = prepare(operation, {name: "channel:A, channel:B(1,2)", **others})
    assert ["channel:A", "channel:B(1,2)"] == values[name] == (request.json or {})[name]


def test_a_list_may_hold_no_empty_value() -> None:
    for text in (",", " ", "a:b,", "a:b,,c:d", ["a:b", ""]):
        with pytest.raises(BadArgument, match="must not be empty, nor hold an empty text"):
            build("channels.play", {"channelId": "1", "media": text})


def test_a_tone_in_a_text_is_told_apart_from_a_list() -> None:
    """Its commas would make several media of it, the later ones of which nothing can play."""
    with pytest.raises(BadArgument, match="'0/250' in it, which is no URI: a URI with commas goes in a list"):
        build("channels.play", {"channelId": "1", "media": "tone:400/250,0/250"})


def test_what_only_the_server_requires_has_its_default() -> None:
    """Servers answer 400 to a mute without a direction, whatever default the definitions name."""
    for operation in ("channels.mute", "channels.unmute"):
        assert {"direction": "both"} == dict(build(operation, {"channelId": "1"}).params)
        assert {"direction": "in"} == dict(build(operation, {"channelId": "1", "direction": "in"}).params)


def test_the_filter_is_the_whole_body() -> None:
    """An event filter is not wrapped; without one there is no body."""
    allowed = {"allowed": [{"type": "StasisStart"}]}
    bodies = [build("applications.filter", {"applicationName": "a", "filter": given}).json for given in (allowed, {}, None)]
    assert [allowed, {}, None] == bodies


def test_fields_are_written_out() -> None:
    """A dict of fields is the list of attributes and values that the server wants."""
    request = build("asterisk.updateObject", {"configClass": "c", "objectType": "t", "id": "i", "fields": {"max_contacts": 2}})
    assert {"fields": [{"attribute": "max_contacts", "value": "2"}]} == request.json


class Word(str, Enum):  # noqa: UP042 - a StrEnum says its value by itself
    """An enum as programs have them."""

    BOTH = "both"


class Number(int, Enum):
    """The same with numbers."""

    LONG = 250


def test_members_of_enums_are_their_values() -> None:
    """What is sent is `both`, not `Word.BOTH`, wherever it stands."""
    assert "/channels/both/mute" == build("channels.mute", {"channelId": Word.BOTH, "direction": Word.BOTH}).path
    assert {"direction": "both"} == build("channels.mute", {"channelId": "1", "direction": Word.BOTH}).params
    assert "/channels/250" == build("channels.get", {"channelId": Number.LONG}).path
    sent = build("channels.sendDTMF", {"channelId": "1", "dtmf": "1", "duration": Number.LONG})
    assert int is type(sent.params["duration"])
    variables = {"A": Word.BOTH, "B": Number.LONG}
    originate = build("channels.originate", {"endpoint": "a", "app": "b", "variables": variables})
    assert {"variables": {"A": "both", "B": "250"}} == originate.json
    Capabilities("20.15.2").check("channels.mute", {"direction": Word.BOTH})
    Capabilities("20.15.2").check("asterisk.getInfo", {"only": {"build"}})


def test_none_is_not_sent() -> None:
    """None means not given."""
    request = build("channels.play", {"channelId": "1", "media": "sound:x", "lang": None, "offset_ms": None})
    assert {"media": "sound:x"} == dict(request.params)


def test_a_bridge_with_variables_is_created_under_an_id() -> None:
    """`POST /bridges` reads its whole body as variables; with the id in the path the server reads it right."""
    chosen = build("bridges.create", {"bridgeId": "b", "type": "mixing", "variables": {"A": "1"}})
    made_up = build("bridges.create", {"variables": {"A": "1"}})
    assert ("/bridges/b", {"variables": {"A": "1"}}, {"type": "mixing"}) == (chosen.path, chosen.json, dict(chosen.params))
    assert made_up.path.startswith("/bridges/bridge-")
    assert "/bridges" == build("bridges.create", {"type": "mixing"}).path


@pytest.mark.parametrize("spelling", ["maxDurationSeconds", "max_duration_seconds"])
def test_every_spelling_is_one_parameter(spelling: str) -> None:
    """The definitions' names and the facade's mean the same."""
    assert {**RECORD, "maxDurationSeconds": 5} == prepare("channels.record", {**RECORD, spelling: 5})[1]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_result_parses_to_nothing(operation: str) -> None:
    """Where the server sends nothing, there is no model."""
    assert parse(operation, None) is None


def test_requests_are_json() -> None:
    """What is in a body can be written as JSON."""
    request = build("channels.setChannelVars", {"channelId": "1", "variables": {"A": 1.5, "B": {"value": "é"}}})
    assert {"variables": {"A": "1.5", "B": {"value": "é"}}} == json.loads(json.dumps(request.json))
