"""Whether events come, and calls with them. Pure."""

from asterisk_ari.cli.doctor.facts import CallFacts, ServerFacts
from asterisk_ari.cli.doctor.finding import RELOAD_HTTP, Finding, Level, Remedy
from asterisk_ari.errors import AriError, AuthenticationFailed, EventStreamRefused, WaitTimeout

SLOW_MS = 500.0

PROXY_LINES = (
    "proxy_http_version 1.1;",
    "proxy_set_header Upgrade $http_upgrade;",
    'proxy_set_header Connection "upgrade";',
    "proxy_read_timeout 1h;",
)


def check_events(facts: ServerFacts) -> list[Finding]:
    """The event WebSocket, an event, a call."""
    events = facts.events
    if events is None:
        return []
    if events.error is not None:
        return [_no_events(events.error)]
    if events.user_event_ms is None:
        return [Finding("events", Level.OK, "the event WebSocket opens; no event was asked for")]
    findings = []
    if events.user_event_ms > SLOW_MS:
        why = "programs react late: the server or the network is overloaded"
        findings.append(Finding("events", Level.WARNING, f"an event takes {events.user_event_ms:.0f} ms", why))
    else:
        findings.append(Finding("events", Level.OK, f"an event comes back {events.user_event_ms:.0f} ms after its request"))
    return findings + ([_check_call(events.call)] if events.call is not None else [])


def _no_events(error: AriError) -> Finding:
    if isinstance(error, WaitTimeout):
        why = "the event WebSocket is open and brings nothing: something in between keeps frames, or the server is blocked"
        return Finding("events", Level.FAULT, error.message, why, Remedy("nginx.conf", ("proxy_buffering off;", *PROXY_LINES)))
    if isinstance(error, EventStreamRefused | AuthenticationFailed):
        why = "requests are answered, and the WebSocket is refused: a proxy that passes no upgrade, or no res_http_websocket"
        remedy = Remedy("nginx.conf (or what is in between)", PROXY_LINES, 'asterisk -rx "module load res_http_websocket.so"')
        return Finding("events", Level.FAULT, error.message, why, remedy)
    why = "the WebSocket broke or could not be opened, though requests are answered: also the limit of sessions does that"
    return Finding(
        "events", Level.FAULT, error.message, why, Remedy("http.conf", ("[general]", "sessionlimit = 1000"), RELOAD_HTTP)
    )


def _check_call(call: CallFacts) -> Finding:
    if call.error is not None:
        why = "no call can reach an app: Local channels, the context of the app, or the hang-up fail"
        then = 'asterisk -rx "core show channels"'
        remedy = Remedy(then=then, advice="needs Asterisk 16.2 or newer, with pbx_config or any dialplan, and app_stasis")
        return Finding("call", Level.FAULT, f"a call of the server to itself failed: {call.error.message}", why, remedy)
    return Finding("call", Level.OK, f"a call of the server to itself entered an app in {call.entered_ms:.0f} ms, and ended")
