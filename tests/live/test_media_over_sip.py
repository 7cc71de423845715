"""Audio streams of SIP phones: direction and level, by tones in the RTP that phones send and get."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.live import LiveAsterisk
from tests.live.calls import eventually
from tests.live.sip_phone import SipCall, SipPhones
from tests.live.test_media_streams import Way, has_no_media, heard, way  # noqa: F401 - a fixture
from tests.live.tones import SECONDS, SPOKEN_AMPLITUDE, amplitude

CALLER, AGENT, PROGRAM = 500, 1300, 800
SAID_LEVEL = 8000  # of `Way.tone`
QUIET = 100  # what is no tone leaves less


@pytest.fixture
def phones(packaged: LiveAsterisk) -> Iterator[SipPhones]:
    with SipPhones(int(packaged.env["UAS_PORT"])) as answering:
        yield answering


def dial(ari: Any, phones: SipPhones, name: str, hertz: int) -> tuple[Any, SipCall]:
    """A channel of a phone that has answered, and speaks its tone."""
    channel = ari.channels.originate(f"PJSIP/{name}@uas", app=ari.settings.app_name)
    channel.wait_until_in_stasis()
    call = phones.rung(name)
    call.speak(hertz)
    return channel, call


def level_at(call: SipCall, hertz: int) -> float:
    """How loud a tone is in what the phone gets, in the next second and a half."""
    samples: list[int] = []
    call.forget_audio()
    eventually(lambda: samples.extend(call.heard()) or len(samples) >= 8000 * SECONDS, "the phone gets nothing")
    return amplitude(samples, hertz)


def level_in(media: Any, way: Way, hertz: int) -> float:  # noqa: F811
    """How loud a tone is in what a stream hears: in the pieces that have most of it, since a busy machine leaves gaps."""
    return sorted(way.strength(heard(media, 100), hertz) for _ in range(15))[-3]


def comes_in(media: Any, way: Way, hertz: int) -> bool:  # noqa: F811
    """Whether a tone is there within some seconds."""
    return any(way.strength(frame.pcm, hertz) > QUIET * 10 for frame in itertools.islice(media, 500))


def test_a_caller_hears_the_program_alone_and_the_program_the_caller(ari: Any, phones: SipPhones, way: Way) -> None:  # noqa: F811
    """Each at its full level, and nobody themselves."""
    channel, call = dial(ari, phones, "caller", CALLER)
    with ari.media(channel, **way.options) as media:
        assert comes_in(media, way, CALLER)
        media.say(way.tone(PROGRAM, 60_000))
        eventually(lambda: level_at(call, PROGRAM) == pytest.approx(SAID_LEVEL, rel=0.15), "not at its full level", 60)
        assert level_at(call, CALLER) < QUIET
        assert level_in(media, way, CALLER) == pytest.approx(SPOKEN_AMPLITUDE, rel=0.15)
        assert level_in(media, way, PROGRAM) < QUIET
    eventually(lambda: has_no_media(ari), "a leg or a bridge is left")
    channel.hangup()
    call.wait_ended()


def test_a_tap_hears_each_phone_apart_and_neither_hears_of_it(ari: Any, phones: SipPhones, way: Way) -> None:  # noqa: F811
    caller, calling = dial(ari, phones, "caller", CALLER)
    agent, answering = dial(ari, phones, "agent", AGENT)
    talk = ari.bridges.create("mixing")
    talk.add_channel([caller.id, agent.id])
    with ari.call(caller) as call:
        with call.tap(**way.options) as tap:
            for stream, hertz, other in ((tap.caller, CALLER, AGENT), (tap.agent, AGENT, CALLER)):
                assert comes_in(stream, way, hertz)
                assert level_in(stream, way, hertz) == pytest.approx(SPOKEN_AMPLITUDE, rel=0.15)
                assert level_in(stream, way, other) < QUIET
            for phone, hertz, own in ((calling, AGENT, CALLER), (answering, CALLER, AGENT)):
                assert level_at(phone, hertz) > SPOKEN_AMPLITUDE / 2
                assert level_at(phone, own) < QUIET
        eventually(lambda: has_no_media(ari), "a leg or a bridge is left")
        talk.destroy()
    agent.hangup()
    answering.wait_ended()


def test_a_phone_that_hangs_up_ends_the_stream(ari: Any, phones: SipPhones, way: Way) -> None:  # noqa: F811
    channel, call = dial(ari, phones, "caller", CALLER)
    with ari.media(channel, **way.options) as media:
        assert comes_in(media, way, CALLER)
        utterance = media.say(way.tone(PROGRAM, 60_000))
        call.hang_up()
        for _ in media:
            pass
        assert not utterance.wait()
    eventually(lambda: has_no_media(ari), "a leg or a bridge is left")
