"""StasisBroadcast() and claims: whom it offers to, for how long, and what it comes to. All as measured on a real 22.10.1."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from asterisk_ari.testing import EmbeddedAsterisk, Phone
from tests.embedded.support import Client

# What follows the offer stands in a pattern: an extension that lacks a priority leaves it to the next one that fits.
DIALPLAN = """
[offer]
exten => plain,1,StasisBroadcast(1000)
exten => begins,1,StasisBroadcast(1000,^w1)
exten => either,1,StasisBroadcast(1000,w1|w2,one,true)
exten => capital,1,StasisBroadcast(1000,W1)
exten => broken,1,StasisBroadcast(1000,[)
exten => told,1,StasisBroadcast(1000,,x:y:z,yes)
exten => fraction,1,StasisBroadcast(1.5)
exten => none,1,StasisBroadcast(0)
exten => word,1,StasisBroadcast(abc)
exten => negative,1,StasisBroadcast(-5)
exten => _[a-z]!,2,Set(GLOBAL(after)=${STASISSTATUS})
 same => n,Answer()
 same => n,Wait(60)
"""


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("22.10.1", virtual_time=True, dialplan=DIALPLAN) as server:
        yield server


@pytest.fixture
def client(asterisk: EmbeddedAsterisk) -> Iterator[Client]:
    made = Client(asterisk)
    for app in ("w1", "w2", "W1x"):
        made.listen(app)
    yield made
    made.close()


def offered(asterisk: EmbeddedAsterisk, exten: str) -> Phone:
    phone = asterisk.incoming_call(context="offer", called=exten)
    asterisk.settle()
    return phone


def apps_of(asterisk: EmbeddedAsterisk, event_type: str) -> list[str]:
    return sorted(event["application"] for event in asterisk.events.of(event_type))


def after(client: Client) -> str:
    value: str = client("GET", "asterisk/variable?variable=after").body["value"]
    return value


def claim(client: Client, phone: Phone, app: str) -> int:
    return client("POST", f"events/claim?channelId={phone.channel_id}&application={app}").status


@pytest.mark.parametrize(
    ("exten", "apps"),
    [
        ("plain", ["W1x", "w1", "w2"]),
        ("begins", ["w1"]),
        ("either", ["w1", "w2"]),
        ("capital", ["W1x"]),
        ("broken", ["W1x", "w1", "w2"]),
    ],
)
def test_whom_a_call_is_offered_to(exten: str, apps: list[str], asterisk: EmbeddedAsterisk, client: Client) -> None:
    """A pattern that is none is as good as no pattern."""
    offered(asterisk, exten)
    assert apps_of(asterisk, "CallBroadcast") == apps


@pytest.mark.parametrize(
    ("exten", "seconds"), [("plain", 1.0), ("word", 0.5), ("negative", 0.5), ("fraction", 0.001), ("none", 0.0)]
)
def test_how_long_it_is_offered(exten: str, seconds: float, asterisk: EmbeddedAsterisk, client: Client) -> None:
    phone = asterisk.incoming_call(context="offer", called=exten)
    if seconds > 0.1:
        asterisk.advance(seconds - 0.01)
        assert after(client) == ""
    asterisk.advance(0.02)
    assert after(client) == "TIMEOUT"
    assert claim(client, phone, "w1") == 404


def test_the_first_claim_wins_and_the_dialplan_goes_on_afterwards(asterisk: EmbeddedAsterisk, client: Client) -> None:
    phone = offered(asterisk, "told")
    assert client("GET", f"channels/{phone.channel_id}/variable?variable=STASISSTATUS").body == {"value": ""}
    assert [claim(client, phone, app) for app in ("w2", "w1")] == [204, 409]
    asterisk.settle()
    assert apps_of(asterisk, "CallClaimed") == ["W1x", "w1", "w2"]
    [start] = asterisk.events.of("StasisStart")
    assert (start["application"], start["args"]) == ("w2", ["x", "y", "z"])
    assert claim(client, phone, "w1") == 409
    client("POST", f"channels/{phone.channel_id}/continue")
    asterisk.settle()
    assert after(client) == "SUCCESS"
    assert claim(client, phone, "w2") == 404


def test_an_app_that_was_not_offered_the_call_may_claim_it(asterisk: EmbeddedAsterisk, client: Client) -> None:
    phone = offered(asterisk, "begins")
    assert claim(client, phone, "w2") == 204
    asterisk.settle()
    assert apps_of(asterisk, "StasisStart") == ["w2"]


def test_a_claim_of_an_app_that_is_not_there_ends_the_offer(asterisk: EmbeddedAsterisk, client: Client) -> None:
    phone = offered(asterisk, "plain")
    assert claim(client, phone, "nobody") == 204
    asterisk.settle()
    assert after(client) == "FAILED"
    assert claim(client, phone, "w1") == 404


def test_a_caller_who_does_not_wait(asterisk: EmbeddedAsterisk) -> None:
    client = Client(asterisk)
    client.listen("all", subscribeAll="true")
    phone = offered(asterisk, "plain")
    phone.hang_up()
    asterisk.settle()
    statuses = [event["value"] for event in asterisk.events.of("ChannelVarset") if event["variable"] == "STASISSTATUS"]
    assert statuses == ["", "TIMEOUT"]
    assert claim(client, phone, "all") == 404
    client.close()
