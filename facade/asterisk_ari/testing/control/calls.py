"""Requests about calls; each call is represented by the phone at its far end."""

import base64
import binascii
from collections.abc import Callable

from asterisk_ari.testing.control.messages import (
    CallState,
    HangUp,
    HeardItem,
    HeardSound,
    Hears,
    Keys,
    NewCall,
    Prompt,
    Referral,
    Refusal,
    Saying,
    SpokenAudio,
    State,
    Waiting,
    WantedDigits,
)
from asterisk_ari.testing.control.routes import NotDone, RouteSection, Wav
from asterisk_ari.testing.control.target import ControlTarget
from asterisk_ari.testing.phone import Phone
from asterisk_ari.testing.sound.sources import tone

CALLS: RouteSection = RouteSection("Calls")


def state_of(target: ControlTarget, phone: Phone) -> CallState:
    """Return a call as it appears in responses."""
    heard = phone.hears()
    ends_in = None if heard.ends_at is None else round(heard.ends_at - target.asterisk.now, 6)
    return CallState(
        id=phone.channel_id,
        name=phone.name,
        state=phone.state,
        caller=phone.caller,
        rung=phone.rung,
        answered=phone.answered,
        ended=phone.ended,
        hangup_cause=phone.hangup_cause,
        digits=phone.digits,
        notified=phone.notified,
        hears=Hears(heard.media, ends_in, heard.why_nothing),
    )


@CALLS.serve("POST", "/calls")
def place_call(target: ControlTarget, given: NewCall) -> CallState:
    """Place a call from a phone, into an app or into the dialplan.

    Either `app` or `context` is required. Waits until a program has connected as this app, unless Asterisk connects to it.
    """
    if (given.app is None) == (given.context is None):
        raise NotDone(400, "the call", "it needs either app or context: it says where it goes", 'send {"app": "…"}')
    app = given.app
    if app is not None and app not in target.asterisk.machine.outbound.apps:
        wait_until_connected(target, app, given)
    return state_of(
        target,
        target.keep(
            target.asterisk.incoming_call(
                app, caller=given.caller, called=given.called, context=given.context, listens=given.listens
            )
        ),
    )


def wait_until_connected(target: ControlTarget, app: str, given: NewCall) -> None:
    """Wait until a program is connected as an app: a call that arrives earlier ends at once.

    Raises:
        TimeoutError: none is; the message lists the connected apps.
    """
    asterisk = target.asterisk
    try:
        target.wait(lambda: app in asterisk.connected_apps, given)
    except TimeoutError:
        there = ", ".join(asterisk.connected_apps) or "none"
        raise TimeoutError(f"no program has connected as app {app!r}; connected apps: {there}") from None


@CALLS.serve("GET", "/calls")
def list_calls(target: ControlTarget) -> list[CallState]:
    """List the calls of phones: those placed here, including ended ones, and those that programs have placed to endpoints."""
    return [state_of(target, phone) for phone in target.phones()]


@CALLS.serve("GET", "/calls/{id}")
def get_call(target: ControlTarget, id: str) -> CallState:
    """Get one call, as seen by its phone."""
    return state_of(target, target.phone(id))


@CALLS.serve("POST", "/calls/{id}/press")
def press(target: ControlTarget, id: str, given: Keys) -> CallState:
    """Press keys."""
    phone = target.phone(id)
    phone.press(given.keys, milliseconds=given.milliseconds)
    return state_of(target, phone)


@CALLS.serve("POST", "/calls/{id}/say", takes_wav=True)
def say(target: ControlTarget, id: str, given: SpokenAudio | bytes) -> Saying:
    """Say something, after what the phone is already saying."""
    phone = target.phone(id)
    if isinstance(given, bytes):
        return Saying(phone.says(given))
    if given.wav_base64 is None:
        return Saying(phone.says(tone(given.tone_hertz, seconds=given.seconds)))
    try:
        wav = base64.b64decode(given.wav_base64, validate=True)
    except binascii.Error as error:
        raise NotDone(400, "wav_base64", f"it is not base64: {error}", "send the file itself as audio/wav instead") from None
    return Saying(phone.says(wav))


@CALLS.serve("POST", "/calls/{id}/listen")
def listen(target: ControlTarget, id: str) -> CallState:
    """Start recording what the phone hears."""
    return state_of(target, target.phone(id).listen())


@CALLS.serve("GET", "/calls/{id}/transcript")
def get_transcript(target: ControlTarget, id: str) -> list[HeardItem]:
    """Get what a listening phone has heard so far, by name."""
    return [HeardItem(one.media, one.at, one.seconds) for one in target.phone(id).heard.transcript]


@CALLS.serve("GET", "/calls/{id}/audio")
def get_audio(target: ControlTarget, id: str) -> Wav:
    """Get what a listening phone has heard so far: a WAV file of 8 kHz, 16 bits."""
    return Wav(target.phone(id).heard.wav)


@CALLS.serve("POST", "/calls/{id}/assert-heard", reads=True)
def assert_heard(target: ControlTarget, id: str, given: HeardSound) -> list[HeardItem]:
    """Assert that a listening phone has heard something; returns its transcript.

    Either `tone_hertz` or `media` is required.
    """
    if (given.media is None) == (given.tone_hertz is None):
        raise NotDone(400, "what was heard", "it needs either media or tone_hertz", 'send {"media": "sound:…"}')
    phone = target.phone(id)
    phone.assert_heard(given.media or tone(given.tone_hertz or 0), seconds=given.seconds)
    return [HeardItem(one.media, one.at, one.seconds) for one in phone.heard.transcript]


@CALLS.serve("POST", "/calls/{id}/hold")
def hold(target: ControlTarget, id: str) -> CallState:
    """Put the call on hold."""
    phone = target.phone(id)
    phone.hold()
    return state_of(target, phone)


@CALLS.serve("POST", "/calls/{id}/unhold")
def unhold(target: ControlTarget, id: str) -> CallState:
    """Take the call off hold."""
    phone = target.phone(id)
    phone.unhold()
    return state_of(target, phone)


@CALLS.serve("POST", "/calls/{id}/refer")
def refer(target: ControlTarget, id: str, given: Referral) -> CallState:
    """Request a transfer, of a call whose transfers are left to the app."""
    phone = target.phone(id)
    phone.refer(given.target, replacing=None if given.replacing is None else target.phone(given.replacing))
    return state_of(target, phone)


@CALLS.serve("POST", "/calls/{id}/ring")
def ring(target: ControlTarget, id: str) -> CallState:
    """Ring; for a called phone whose endpoint is `silent`."""
    phone = target.phone(id)
    phone.ring()
    return state_of(target, phone)


@CALLS.serve("POST", "/calls/{id}/progress")
def progress(target: ControlTarget, id: str) -> CallState:
    """Send early media, a 183; for a called phone."""
    phone = target.phone(id)
    phone.progress()
    return state_of(target, phone)


@CALLS.serve("POST", "/calls/{id}/answer")
def answer(target: ControlTarget, id: str) -> CallState:
    """Answer; for a called phone."""
    phone = target.phone(id)
    phone.answer()
    return state_of(target, phone)


@CALLS.serve("POST", "/calls/{id}/refuse")
def refuse(target: ControlTarget, id: str, given: Refusal) -> CallState:
    """Refuse the call; for a called phone."""
    phone = target.phone(id)
    phone.refuse(given.cause, sip_status=given.sip_status)
    return state_of(target, phone)


@CALLS.serve("POST", "/calls/{id}/hang-up")
def hang_up(target: ControlTarget, id: str, given: HangUp) -> CallState:
    """Hang up."""
    phone = target.phone(id)
    phone.hang_up(given.cause)
    return state_of(target, phone)


# ---------------------------------------------------------------------- waits


@CALLS.serve("POST", "/calls/{id}/wait-for-prompt")
def wait_for_prompt(target: ControlTarget, id: str, given: Prompt) -> CallState:
    """Wait until the phone hears something; the end of the call is reported at once."""
    phone = target.phone(id)

    def is_heard() -> bool:
        if phone.ended:
            raise AssertionError(f"{given.media} was not heard: the call is over (cause {phone.hangup_cause})")
        return phone.hears().media == given.media

    wait_or_say(target, phone, is_heard, given, f"{given.media} was not heard")
    return state_of(target, phone)


@CALLS.serve("POST", "/calls/{id}/wait-for-state")
def wait_for_state(target: ControlTarget, id: str, given: State) -> CallState:
    """Wait until the phone has been told of ringing, the call was answered, or it is over."""
    phone = target.phone(id)

    def is_so() -> bool:
        if given.state != "ended" and phone.ended:
            raise AssertionError(f"the call is not {given.state}: it is over (cause {phone.hangup_cause})")
        return {"ringing": phone.rung, "answered": phone.answered, "ended": phone.ended}[given.state]

    wait_or_say(target, phone, is_so, given, f"the call is not {given.state}")
    return state_of(target, phone)


@CALLS.serve("POST", "/calls/{id}/wait-for-digits")
def wait_for_digits(target: ControlTarget, id: str, given: WantedDigits) -> CallState:
    """Wait until digits were sent to the phone, at once or one after the other."""
    phone = target.phone(id)
    wait_or_say(target, phone, lambda: given.digits in phone.digits, given, f"the digits {given.digits} were not sent")
    return state_of(target, phone)


def wait_or_say(target: ControlTarget, phone: Phone, condition: Callable[[], bool], given: Waiting, what: str) -> None:
    """Wait; if it fails, report what happened instead."""
    try:
        target.wait(condition, given)
    except TimeoutError as error:
        heard = phone.hears()
        more = f"it was sent the digits {phone.digits!r}; " if phone.digits else ""
        raise TimeoutError(f"{what}: {phone.name} hears {heard.media or heard.why_nothing}; {more}{error}") from None
