"""What a masked recording hides, and what it keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asterisk_ari._core.ladder.masking import Masking


def channel(number: str = "4930123456", name: str = "Ann Lee", **more: Any) -> dict[str, Any]:
    return {"id": "1.1", "name": "PJSIP/trunk-00000001", "caller": {"name": name, "number": number}, **more}


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"at": "2026-01-01T12:00:00.100+0000", "event": {"type": kind, "timestamp": "2026-01-01T12:00:00.100+0000", **fields}}


def request(path: str, **fields: Any) -> dict[str, Any]:
    return {"at": "2026-01-01T12:00:00.100+0000", "request": {"method": "POST", "path": path, **fields}, "status": 200}


@pytest.mark.parametrize(
    "entry",
    [
        request("/channels/1/variable", query={"variable": "DB_PASSWORD", "value": "hunter-two"}),
        request("/channels", body={"variables": {"API_TOKEN": "hunter-two"}}),
        request("/asterisk/config", body={"fields": [{"attribute": "x"}], "password": "hunter-two"}),
        event("ChannelVarset", variable="MY_SECRET", value="hunter-two"),
        request("/x", query={"api_key": "a:hunter-two"}),
    ],
)
def test_secrets_are_never_kept(entry: dict[str, Any]) -> None:
    before = json.dumps(entry)
    for personal in (True, False):
        assert "hunter-two" not in json.dumps(Masking(personal=personal).masked(entry))
    assert json.dumps(entry) == before


def test_without_personal_everything_else_stays() -> None:
    entry = event("StasisStart", channel=channel(dialplan={"exten": "7788"}), args=["Ann"])
    assert Masking(personal=False).masked(entry) == entry


@pytest.mark.parametrize(
    ("entry", "hidden"),
    [
        (event("StasisStart", channel=channel()), ["4930123456", "Ann Lee"]),
        (event("StasisStart", channel=channel(dialplan={"exten": "7788"})), ["7788"]),
        (event("ChannelVarset", variable="COLOUR", value="blue"), ["blue"]),
        (
            event("TextMessageReceived", message={"from": "<sip:ann@10.0.0.7>", "to": "sip:bob@x", "body": "see you"}),
            ["ann", "10.0.0.7", "see you"],
        ),
        (event("ChannelUserevent", eventname="order", userevent={"customer": "Ann"}), ["Ann"]),
        (event("ContactStatusChange", contact_info={"uri": "sip:ann@192.0.2.9:5060"}), ["ann", "192.0.2.9"]),
        (
            request("/channels", query={"endpoint": "PJSIP/4930123456@trunk", "callerId": "Ann <1234>"}),
            ["4930123456", "Ann", "1234"],
        ),
        (request("/channels", body={"variables": {"NAME": "Ann"}}), ["Ann"]),
        ({**request("/channels/1/variable"), "answer": {"value": "Ann"}}, ["Ann"]),
        (event("StasisStart", channel=channel(channelvars={"X": "Ann"})), ["Ann"]),
    ],
)
def test_what_is_personal_is_hidden(entry: dict[str, Any], hidden: list[str]) -> None:
    text = json.dumps(Masking(personal=True).masked(entry))
    assert [one for one in hidden if one in text] == []


def test_the_same_has_the_same_stand_in_everywhere() -> None:
    masking = Masking(personal=True)
    first = masking.masked(event("StasisStart", channel=channel(), args=["call 4930123456 back"]))["event"]
    number = first["channel"]["caller"]["number"]
    assert (len(number), number.isdigit()) == (10, True)
    assert first["args"] == [f"call {number} back"]
    later = masking.masked(request("/channels", query={"endpoint": "PJSIP/4930123456@trunk"}))["request"]
    assert later["query"]["endpoint"] == f"PJSIP/{number}@trunk"
    other = masking.masked(event("StasisStart", channel=channel("4930999999", "Bob")))["event"]
    assert other["channel"]["caller"]["number"] not in {number, "4930999999"}


def test_what_a_reader_needs_is_kept() -> None:
    """Ids, names of endpoints, states, times, keys, and extensions that are no number."""
    entry = event(
        "ChannelStateChange",
        channel=channel("100", "", state="Up", dialplan={"exten": "s", "app_data": "ivr"}),
        digit="1",
        duration_ms=100,
    )
    masked = Masking(personal=True).masked(entry)
    assert (masked["at"], masked["event"]["timestamp"]) == (entry["at"], entry["event"]["timestamp"])
    assert masked["event"]["channel"] | {"caller": {}} == entry["event"]["channel"] | {"caller": {}}
    assert (masked["event"]["digit"], masked["event"]["duration_ms"]) == ("1", 100)
