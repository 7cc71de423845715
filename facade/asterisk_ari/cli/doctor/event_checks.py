"""Whether events arrive, and calls enter an app. Pure."""

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
        return [Finding("events", Level.OK, "the event WebSocket opens; no event was requested")]
    findings = []
    if events.user_event_ms > SLOW_MS:
        why = "programs react late because the server or the network is overloaded"
        findings.append(Finding("events", Level.WARNING, f"an event arrives after {events.user_event_ms:.0f} ms", why))
    else:
        findings.append(Finding("events", Level.OK, f"an event comes back {events.user_event_ms:.0f} ms after its request"))
    return findings + ([_check_call(events.call)] if events.call is not None else [])


def _no_events(error: AriError) -> Finding:
    if isinstance(error, WaitTimeout):
        why = "the event WebSocket is open but no event arrives: a proxy holds frames back, or the server is blocked"
        return Finding("events", Level.FAULT, error.message, why, Remedy("nginx.conf", ("proxy_buffering off;", *PROXY_LINES)))
    if isinstance(error, EventStreamRefused | AuthenticationFailed):
        why = "requests succeed but the WebSocket is refused: a proxy blocks the upgrade, or res_http_websocket is not loaded"
        remedy = Remedy(
            "nginx.conf (or the configuration of your proxy)", PROXY_LINES, 'asterisk -rx "module load res_http_websocket.so"'
        )
        return Finding("events", Level.FAULT, error.message, why, remedy)
    why = "the WebSocket was lost or could not be opened, although requests succeed: the session limit is a common cause"
    return Finding(
        "events", Level.FAULT, error.message, why, Remedy("http.conf", ("[general]", "sessionlimit = 1000"), RELOAD_HTTP)
    )


def _check_call(call: CallFacts) -> Finding:
    if call.error is not None:
        why = "no call can reach an app: a Local channel, the app's context, or the hang-up failed"
        then = 'asterisk -rx "core show channels"'
        remedy = Remedy(then=then, advice="this needs Asterisk 16.2 or newer, a dialplan (pbx_config or another), and app_stasis")
        return Finding("call", Level.FAULT, f"a test call from the server to itself failed: {call.error.message}", why, remedy)
    return Finding(
        "call", Level.OK, f"a test call from the server to itself entered an app in {call.entered_ms:.0f} ms and ended"
    )
