"""The event WebSocket, and a test call from the server to itself, in a temporary app of the doctor's own."""

import time
from contextlib import suppress
from uuid import uuid4

from asterisk_ari.cli.command import client_of
from asterisk_ari.cli.doctor.facts import CallFacts, EventFacts
from asterisk_ari.errors import AriError
from asterisk_ari.policies import Reconnect
from asterisk_ari.settings import Settings
from asterisk_ari.sync import AsteriskARI


def probe_events(settings: Settings, *, may_write: bool, places_call: bool, wait_seconds: float) -> EventFacts:
    """Open the WebSocket, have an event sent, and let both halves of a Local channel enter and leave the app."""
    facts = EventFacts()
    app = f"asterisk-ari-doctor-{uuid4().hex[:8]}"
    try:
        with client_of(settings, app_name=app, reconnect=Reconnect(enabled=False), request_timeout_seconds=wait_seconds) as ari:
            if may_write:
                # The fastest of three: a single late event says nothing about the server.
                facts.user_event_ms = min(_user_event(ari, app, wait_seconds) for _ in range(3))
            if may_write and places_call:
                facts.call = _call(ari, app, wait_seconds)
    except AriError as error:
        facts.error = error
    return facts


def _user_event(ari: AsteriskARI, app: str, wait_seconds: float) -> float:
    begun = time.perf_counter()
    with ari.expect("ChannelUserevent") as arrived:
        ari.events.user_event("doctor", application=app)
        arrived.result(wait_seconds)
    return (time.perf_counter() - begun) * 1000


def _call(ari: AsteriskARI, app: str, wait_seconds: float) -> CallFacts:
    """`Local/…@stasis-APP` needs no dialplan: the context exists while the app does."""
    facts = CallFacts()
    near_id = f"{app}-near"
    near = ari.channels(near_id)
    begun = time.perf_counter()
    try:
        with (
            ari.expect("StasisStart", match=lambda event: event["channel"]["id"] != near_id) as far_entered,
            near.expect("StasisStart") as near_entered,
            near.expect("ChannelDestroyed") as near_ended,
        ):
            ari.channels.originate_with_id(near_id, f"Local/doctor@stasis-{app}", app=app, timeout_seconds=int(wait_seconds) + 1)
            far = ari.channels(far_entered.result(wait_seconds)["channel"]["id"])
            far.answer()
            near_entered.result(wait_seconds)
            facts.entered_ms = (time.perf_counter() - begun) * 1000
            near.hangup()
            near_ended.result(wait_seconds)
            facts.is_ended = True
    except AriError as error:
        facts.error = error
        with suppress(AriError):  # whatever is left of the call
            near.hangup()
    return facts
