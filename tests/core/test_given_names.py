"""Names that a program gives are refused, with the reason, where later calls or the dialplan could not use them."""

import math
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari._core.requests.plan import build, prepare
from asterisk_ari.errors import BadArgument

# Where something gets its name → the other parameters, and the kind of name.
DOORS: list[tuple[str, str, dict[str, Any], str]] = [
    ("channels.originate", "channelId", {"endpoint": "PJSIP/a", "app": "a"}, "id"),
    ("channels.originate", "otherChannelId", {"endpoint": "Local/a@b", "app": "a"}, "id"),
    ("channels.originate", "app", {"endpoint": "PJSIP/a"}, "app"),
    ("channels.originateWithId", "channelId", {"endpoint": "PJSIP/a", "app": "a"}, "id"),
    ("channels.create", "channelId", {"endpoint": "PJSIP/a", "app": "a"}, "id"),
    ("channels.create", "app", {"endpoint": "PJSIP/a"}, "app"),
    ("channels.externalMedia", "channelId", {"app": "a", "format": "ulaw", "external_host": "h:1"}, "id"),
    ("channels.externalMedia", "app", {"format": "ulaw", "external_host": "h:1"}, "app"),
    ("channels.move", "app", {"channelId": "1"}, "app"),
    ("channels.snoopChannel", "snoopId", {"channelId": "1", "app": "a", "spy": "in"}, "id"),
    ("channels.snoopChannelWithId", "snoopId", {"channelId": "1", "app": "a", "spy": "in"}, "id"),
    ("channels.play", "playbackId", {"channelId": "1", "media": "sound:x"}, "id"),
    ("bridges.playWithId", "playbackId", {"bridgeId": "1", "media": "sound:x"}, "id"),
    ("bridges.create", "bridgeId", {}, "id"),
    ("bridges.createWithId", "bridgeId", {}, "id"),
    ("channels.record", "name", {"channelId": "1", "format": "wav"}, "recording"),
    ("bridges.record", "name", {"bridgeId": "1", "format": "wav"}, "recording"),
    ("recordings.copyStored", "destinationRecordingName", {"recordingName": "r"}, "recording"),
    ("channels.setChannelVar", "variable", {"channelId": "1"}, "variable"),
    ("bridges.setBridgeVar", "variable", {"bridgeId": "1"}, "variable"),
    ("asterisk.setGlobalVar", "variable", {}, "variable"),
]
EVERYWHERE = [
    (" lead", "blanks"), ("trail ", "blanks"), ("a\nb", "control characters"), ("a\tb", "control characters"),
    ("a\x7fb", "control characters"), (".", "must not be '.'"), ("..", "must not be '..'"),
]  # fmt: skip
IN_LISTS = [("a,b", "comma"), ('a"b', "quote"), ("a\\b", "backslash"), ("a(b", "bracket"), ("a]b,", "comma"), ("[a", "bracket")]
REFUSED = {
    "id": IN_LISTS,
    "app": [
        *IN_LISTS,
        ("a'b", "single quote"),
        ("x" * 74, "74 bytes"),
        ("é" * 37, "74 bytes"),
    ],
    "recording": [("/a", "slashes"), ("a/", "slashes"), ("a//b", "slashes"), ("../a", "directory"), ("a/./b", "directory")],
    "variable": [("a}b", "'}'"), ("a:1", "':'"), ("a=b", "'='"), ("FUNC(a", "must end with"), ("FUNC(a)b", "must end with")],
}
# Of a program's own apps; where Asterisk opens a WebSocket for a call of a Local channel, it gives the app such a name itself.
NOT_IN_STASIS = [("a;b", "comment"), ("a${X}b", "variable"), ("a$[1]b", "expression")]
ACCEPTED = {
    "id": ["1735689600.1", "PJSIP/alice-1;2", "a b", "é", "a'b", "a(1)", "a/b", "a:b", "x" * 149],
    "app": ["my-app", "my app", "app(1)", "é", "a/b", "a$b", "a{b}", "a|b", "a&b", "#a", "_a", "a=>b", "a%20b", "x" * 73],
    "recording": ["call", "calls/2026/7", "a b", "é", "a,b", 'a"b', "...", ".a"],
    "variable": ["A", "__A", "a b", "CALLERID(num)", "TALK_DETECT(set)", "HASH(a,b)", "PJSIP_HEADER(add,X:Y=Z)", "é"],
}


@pytest.mark.parametrize(("operation", "parameter", "others", "kind"), DOORS)
def test_refused_where_it_is_given(operation: str, parameter: str, others: dict[str, Any], kind: str) -> None:
    for text, words in [*EVERYWHERE, *REFUSED[kind]]:
        with pytest.raises(BadArgument) as caught:
            build(operation, {**others, parameter: text})
        assert words in str(caught.value)
        assert (operation, parameter) == (caught.value.operation, caught.value.parameter)


@pytest.mark.parametrize(("operation", "parameter", "others", "kind"), DOORS)
def test_unusual_and_usable(operation: str, parameter: str, others: dict[str, Any], kind: str) -> None:
    for text in [*ACCEPTED[kind], *(["in:Local/100@x-00000000;2"] if kind == "app" else [])]:
        assert text == prepare(operation, {**others, parameter: text})[1][parameter]


@pytest.mark.parametrize("client", [AsteriskARI, AsyncAsteriskARI])
def test_apps_of_the_client(client: Any) -> None:
    """At the constructor, before anything connects."""
    for text, words in [*EVERYWHERE, *REFUSED["app"], *NOT_IN_STASIS, ("", "empty"), ("a\ud800b", "UTF-8")]:
        for names in ({"app_name": text}, {"apps": ("ok", text)}):
            with pytest.raises(BadArgument, match="an app name") as caught:
                client(**names)
            assert words in str(caught.value)
    for text in ACCEPTED["app"]:
        assert (text, "b") == client(app_name=text, apps=("b",)).settings.all_apps


ORIGINATE = {"endpoint": "PJSIP/a", "app": "a"}


@pytest.mark.parametrize("name", [" A", "A\n", "A}", "A=1", "F(x"])
def test_names_among_variables(name: str) -> None:
    for operation, others in (("channels.originate", ORIGINATE), ("channels.setChannelVars", {"channelId": "1"})):
        with pytest.raises(BadArgument, match="variables: a name must"):
            build(operation, {**others, "variables": {"GOOD": "1", name: "1"}})


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none(number: float) -> None:
    """Alone and inside the variables of a user event."""
    with pytest.raises(BadArgument, match="A must be a finite number"):
        build("channels.originate", {**ORIGINATE, "variables": {"A": number}})
    with pytest.raises(BadArgument, match="cannot be sent as JSON"):
        build("events.userEvent", {"eventName": "e", "application": "a", "variables": {"list": [{"deep": number}]}})


def test_null_characters_inside() -> None:
    """The server's JSON reader refuses the whole body for one, however deep; the six characters \\u0000 are none."""
    for variables in ({"A": "x\x00"}, {"A": {"value": "\x00"}}):
        with pytest.raises(BadArgument, match="null character"):
            build("channels.originate", {**ORIGINATE, "variables": variables})
    for variables in ({"a": {"b": ["\x00"]}}, {"a\x00": 1}):
        with pytest.raises(BadArgument, match="null character"):
            build("events.userEvent", {"eventName": "e", "application": "a", "variables": variables})
    spelled = {"A": "\\u0000"}
    assert {"variables": spelled} == build("channels.originate", {**ORIGINATE, "variables": spelled}).json


# What the server refuses itself, or takes; and what it must never see.
LEFT_TO_THE_SERVER: list[tuple[str, dict[str, Any]]] = [
    ("deviceStates.update", {"deviceName": "foobar", "deviceState": "BUSY"}),
    ("channels.originate", {"endpoint": "PJSIP/a"}),
    ("channels.snoopChannel", {"channelId": "1", "app": "a"}),
    ("channels.hangup", {"channelId": "1", "reason": "busy", "reason_code": "17"}),
    ("bridges.create", {"type": "nonsense"}),
    ("applications.subscribe", {"applicationName": "a", "eventSource": "nonsense:1"}),
    ("channels.create", {"endpoint": "PJSIP/a", "app": "a,b", "channelId": "a\nb"}),
]
NEVER_SENT: list[tuple[str, dict[str, Any]]] = [
    ("channels.move", {"channelId": "1"}),
    ("channels.answer", {"channelId": ""}),
    ("channels.answer", {"channelId": ".."}),
    ("channels.sendDTMF", {"channelId": "1", "dtmf": "1", "duration": -5}),
    ("applications.subscribe", {"applicationName": "a", "eventSource": [5.5]}),
    ("channels.setChannelVar", {"channelId": "1", "variable": "A\x00"}),
]


@pytest.mark.parametrize(("operation", "parameters"), LEFT_TO_THE_SERVER)
def test_the_server_may_have_the_word(operation: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(BadArgument):
        build(operation, parameters)
    assert operation == prepare(operation, parameters, lenient=True)[0].operation


@pytest.mark.parametrize(("operation", "parameters"), NEVER_SENT)
def test_what_hurts_is_refused_in_any_case(operation: str, parameters: dict[str, Any]) -> None:
    for lenient in (True, False):
        with pytest.raises(BadArgument):
            prepare(operation, parameters, lenient=lenient)
