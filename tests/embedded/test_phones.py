from __future__ import annotations

import time

import pytest

from asterisk_ari.testing import EmbeddedAsterisk, Phone, ServerEndpoint
from asterisk_ari.testing.phone import Heard
from tests.embedded.support import Client


@pytest.fixture
def phone(asterisk: EmbeddedAsterisk, client: Client) -> Phone:
    client.listen("app")
    calling = asterisk.incoming_call(app="app", caller="Ann <1234>")
    client("POST", f"channels/{calling.channel_id}/answer")
    return calling


def test_an_incoming_call(asterisk: EmbeddedAsterisk, phone: Phone) -> None:
    start = asterisk.events.of("StasisStart")[0]
    assert start["channel"]["caller"] == {"name": "Ann", "number": "1234"}
    assert start["channel"]["state"] == "Ring"
    assert phone.answered


def test_keys(asterisk: EmbeddedAsterisk, phone: Phone) -> None:
    phone.press("12#")
    assert [event["digit"] for event in asterisk.events.of("ChannelDtmfReceived")] == ["1", "2", "#"]
    with pytest.raises(ValueError, match="not a key"):
        phone.press("x")


def test_it_knows_what_it_hears_and_until_when(asterisk: EmbeddedAsterisk, client: Client, phone: Phone) -> None:
    assert not phone.hears()
    client("POST", f"channels/{phone.channel_id}/play?media=sound:hello-world")
    heard = phone.hears()
    assert heard is not None
    assert heard.media == "sound:hello-world"
    assert heard.ends_at == pytest.approx(asterisk.now + 1.404, abs=0.001)
    asterisk.advance(1.5)
    assert not phone.hears()
    client("POST", f"channels/{phone.channel_id}/moh")
    heard = phone.hears()
    assert heard is not None
    assert heard.media == "moh:default"


def test_music_in_bridges(asterisk: EmbeddedAsterisk, client: Client, phone: Phone) -> None:
    """That of a mixing bridge ends when the last channel leaves; a holding bridge has its own."""
    for bridge, kind in (("talk", "mixing"), ("hold", "holding")):
        client("POST", f"bridges/{bridge}?type={kind}")
    client("POST", f"bridges/talk/addChannel?channel={phone.channel_id}")
    client("POST", "bridges/talk/moh")
    assert phone.hears() == Heard("moh:default")
    client("POST", f"bridges/hold/addChannel?channel={phone.channel_id}")
    assert phone.hears() == Heard("moh:default")
    client("POST", f"bridges/talk/addChannel?channel={phone.channel_id}")
    assert not phone.hears()


def test_talking_is_detected(asterisk: EmbeddedAsterisk, client: Client, phone: Phone) -> None:
    client("POST", f"channels/{phone.channel_id}/variable", {"variable": "TALK_DETECT(set)", "value": "500,128"})
    phone.talk(3)
    asterisk.advance(3.6)
    (finished,) = asterisk.events.of("ChannelTalkingFinished")
    assert finished["duration"] == 3000


def test_silence_ends_a_recording(asterisk: EmbeddedAsterisk, client: Client, phone: Phone) -> None:
    client("POST", f"channels/{phone.channel_id}/record?name=r&format=wav&maxSilenceSeconds=2")
    phone.talk(5)
    asterisk.advance(10)
    (finished,) = asterisk.events.of("RecordingFinished")
    assert finished["recording"]["duration"] == 7
    assert finished["recording"]["talking_duration"] == 5
    file = client("GET", "recordings/stored/r/file")
    assert file.headers["content-type"] == "audio/wav"
    assert len(file.body) == 44 + 7 * 16000


def test_a_key_ends_a_recording(asterisk: EmbeddedAsterisk, client: Client, phone: Phone) -> None:
    client("POST", f"channels/{phone.channel_id}/record", {"name": "r", "format": "wav", "terminateOn": "#"})
    asterisk.advance(4)
    phone.press("#")
    assert asterisk.events.of("RecordingFinished")[0]["recording"]["duration"] == 4


def test_it_hangs_up(asterisk: EmbeddedAsterisk, client: Client, phone: Phone) -> None:
    phone.hang_up()
    assert phone.ended
    assert asterisk.events.of("StasisEnd")
    assert client("GET", f"channels/{phone.channel_id}").status == 404
    with pytest.raises(RuntimeError, match="the call is over"):
        phone.press("1")


def test_phones_in_a_bridge_receive_each_others_digits(asterisk: EmbeddedAsterisk, client: Client, phone: Phone) -> None:
    second = asterisk.incoming_call(app="app")
    client("POST", f"channels/{second.channel_id}/answer")
    client("POST", "bridges/b")
    client("POST", f"bridges/b/addChannel?channel={phone.channel_id},{second.channel_id}")
    phone.press("5")
    assert second.digits == "5"


@pytest.mark.parametrize(
    ("behaviour", "cause", "statuses"),
    [
        ("answers", None, ["", "RINGING", "ANSWER"]),
        ("busy", 17, ["", "RINGING", "BUSY"]),
        ("refuses", 21, ["", "RINGING", "NOANSWER"]),
        ("silent", 19, [""]),
        ("rings", 19, ["", "RINGING"]),
    ],
)
def test_behaviour_of_endpoints(behaviour: str, cause: int | None, statuses: list[str]) -> None:
    with EmbeddedAsterisk("22.10.1", endpoints={"bob": behaviour}, virtual_time=True) as asterisk:
        client = Client(asterisk)
        client.listen("app")
        assert client("POST", "channels?endpoint=PJSIP/bob&app=app&channelId=c&timeout=5").status == 200
        asterisk.advance(6)
        assert [event["dialstatus"] for event in asterisk.events.of("Dial")] == statuses
        destroyed = asterisk.events.of("ChannelDestroyed")
        assert [event["cause"] for event in destroyed] == ([] if cause is None else [cause])
        client.close()


@pytest.mark.parametrize(
    ("endpoint", "statuses", "tech_cause"),
    [
        (ServerEndpoint("bob", "busy", rings_after=None, answers_after=0), ["", "BUSY"], 486),
        (ServerEndpoint("bob", "refuses", rings_after=None, sip_status=603), ["", "NOANSWER"], 603),
        (ServerEndpoint("bob", "refuses", progress_after=0.05), ["", "RINGING", "PROGRESS", "NOANSWER"], 403),
    ],
)
def test_endpoints_that_do_not_ring_or_send_early_media(endpoint: ServerEndpoint, statuses: list[str], tech_cause: int) -> None:
    with EmbeddedAsterisk("22.10.1", endpoints={"bob": endpoint}, virtual_time=True) as asterisk:
        client = Client(asterisk)
        client.listen("app")
        assert client("POST", "channels?endpoint=PJSIP/bob&app=app&channelId=c").status == 200
        asterisk.advance(1)
        assert [event["dialstatus"] for event in asterisk.events.of("Dial")] == statuses
        assert [event["tech_cause"] for event in asterisk.events.of("ChannelDestroyed")] == [tech_cause]
        client.close()


def test_a_called_phone_sends_early_media_and_refuses_with_its_own_status() -> None:
    with EmbeddedAsterisk("22.10.1", endpoints={"bob": "silent"}, virtual_time=True) as asterisk:
        client = Client(asterisk)
        client.listen("app")
        client("POST", "channels?endpoint=PJSIP/bob&app=app&channelId=c")
        phone = asterisk.phone_of("c")
        phone.progress()
        assert phone.state == "Down"
        phone.refuse(58, sip_status=488)
        asterisk.settle()
        assert [event["dialstatus"] for event in asterisk.events.of("Dial")] == ["", "PROGRESS", "NOANSWER"]
        destroyed = asterisk.events.of("ChannelDestroyed")[0]
        assert (destroyed["cause"], destroyed["tech_cause"]) == (58, 488)
        client.close()


def test_a_silent_endpoint_is_controlled_by_the_test() -> None:
    with EmbeddedAsterisk(endpoints={"bob": ServerEndpoint("bob", "silent")}, virtual_time=True) as asterisk:
        client = Client(asterisk)
        client.listen("app")
        client("POST", "channels?endpoint=PJSIP/bob&app=app&channelId=c")
        phone = asterisk.phone_of("c")
        phone.ring()
        assert phone.state == "Ringing"
        phone.answer()
        asterisk.settle()
        assert asterisk.events.of("StasisStart")
        with pytest.raises(LookupError, match="no channel"):
            asterisk.phone_of("nosuch")
        client.close()


def test_an_hour_passes_in_no_time(asterisk: EmbeddedAsterisk, client: Client) -> None:
    client.listen("app")
    call = client.call(endpoint="Local/loop@loop")
    client("POST", f"channels/{call}/play?media=tone:ring&playbackId=p")
    before, started = asterisk.now, time.monotonic()
    asterisk.advance(3600)
    assert asterisk.now - before == pytest.approx(3600)
    assert time.monotonic() - started < 2
    assert client("GET", "playbacks/p").body["state"] == "playing"


def test_an_endpoint_that_does_what_none_does_is_refused() -> None:
    with pytest.raises(ValueError, match="endpoint 'carl' cannot be 'answer': it is one of answers, rings, busy"):
        EmbeddedAsterisk(endpoints={"carl": "answer"}).start()


@pytest.mark.parametrize(
    ("kind", "listening", "technology"),
    [
        ("mixing", "", "native_rtp"),
        ("mixing,dtmf_events", "", "simple_bridge"),
        ("mixing,proxy_media", "", "simple_bridge"),
        ("mixing", "snoop", "simple_bridge"),
        ("mixing", "talk detection", "simple_bridge"),
        ("mixing", "recording", "softmix"),
        ("mixing", "third phone", "softmix"),
    ],
)
def test_keys_of_two_phones_in_a_bridge(
    asterisk: EmbeddedAsterisk, client: Client, kind: str, listening: str, technology: str
) -> None:
    """As measured on Asterisk 22: with no reason to read their audio it passes keys on, and tells none."""
    client.listen("app")
    phones = [asterisk.incoming_call(app="app") for _ in range(3)]
    for one in phones:
        client("POST", f"channels/{one.channel_id}/answer")
    ann, bob, eve = phones
    client("POST", f"bridges?bridgeId=b&type={kind}")
    client("POST", f"bridges/b/addChannel?channel={ann.channel_id},{bob.channel_id}")
    if listening == "snoop":
        client("POST", f"channels/{ann.channel_id}/snoop?app=app&spy=in")
    elif listening == "talk detection":
        client("POST", f"channels/{ann.channel_id}/variable?variable=TALK_DETECT(set)&value=")
    elif listening == "recording":
        client("POST", "bridges/b/record?name=r&format=wav")
    elif listening:
        client("POST", f"bridges/b/addChannel?channel={eve.channel_id}")
    asterisk.settle()
    assert asterisk.bridges["b"]["technology"] == technology
    ann.press("5")
    assert bob.digits == "5"
    told = [event["digit"] for event in asterisk.events.of("ChannelDtmfReceived")]
    assert told == ([] if technology == "native_rtp" else ["5"])
