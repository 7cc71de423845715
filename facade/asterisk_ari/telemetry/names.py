"""All names that telemetry uses for spans, attributes, metrics and log records. They are stable."""

from typing import Final

SCOPE: Final = "asterisk_ari"
"""The instrumentation scope. Its attributes name the server and the app, so that not every span has to."""

SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
APP: Final = "asterisk.app"

# -- spans --

CALL_SPAN: Final = "call"
MEDIA_SPAN: Final = "media"
RING_SPAN: Final = "ring"
PLAY_SPAN: Final = "play"
RECORD_SPAN: Final = "record"
TALK_SPAN: Final = "talk"
ASK_SPAN: Final = "ask"
DIAL_SPAN: Final = "dial"
REQUEST_SPAN: Final = "ari {operation}"

# -- attributes of calls --

CHANNEL_ID: Final = "asterisk.channel.id"
TECHNOLOGY: Final = "asterisk.channel.technology"
SIP_CALL_ID: Final = "asterisk.sip.call_id"
DIRECTION: Final = "asterisk.call.direction"
ANSWERED: Final = "asterisk.call.answered"
DIAL_STATUS: Final = "asterisk.call.dial_status"
CAUSE: Final = "asterisk.call.cause"
CAUSE_TEXT: Final = "asterisk.call.cause_text"
TECH_CAUSE: Final = "asterisk.call.tech_cause"
LEFT: Final = "asterisk.call.left"
BRIDGE_ID: Final = "asterisk.bridge.id"
MEDIA: Final = "asterisk.media"

PII_CALLER_NUMBER: Final = "asterisk.pii.caller.number"
PII_CALLER_NAME: Final = "asterisk.pii.caller.name"
PII_DIALLED: Final = "asterisk.pii.dialled"
PII_CHANNEL_NAME: Final = "asterisk.pii.channel.name"
PII_MEDIA: Final = "asterisk.pii.media"
PII_RECORDING: Final = "asterisk.pii.recording"

# -- attributes of requests --

OPERATION: Final = "asterisk.operation"
STATUS: Final = "http.response.status_code"
ERROR: Final = "error.type"

# -- events of call spans --

ANSWERED_EVENT: Final = "answered"
HOLD_EVENT: Final = "hold"
UNHOLD_EVENT: Final = "unhold"
HANGUP_EVENT: Final = "hangup requested"

# -- metrics --

CALLS: Final = "asterisk.calls"
ACTIVE_CALLS: Final = "asterisk.calls.active"
CALL_SECONDS: Final = "asterisk.call.duration"
SETUP_SECONDS: Final = "asterisk.call.setup.duration"
REQUESTS: Final = "asterisk.requests"
REQUEST_SECONDS: Final = "asterisk.request.duration"
EVENTS: Final = "asterisk.events"
EVENT_DELAY: Final = "asterisk.event.delay"
HANDLER_SECONDS: Final = "asterisk.handler.duration"
HANDLER_ERRORS: Final = "asterisk.handler.errors"
QUEUED_EVENTS: Final = "asterisk.events.queued"
LOST_EVENTS: Final = "asterisk.events.lost"
RECONNECTS: Final = "asterisk.reconnects"
GAP_SECONDS: Final = "asterisk.gap.duration"
MEDIA_STREAMS: Final = "asterisk.media.streams"
MEDIA_QUEUED: Final = "asterisk.media.queued"
MEDIA_UNDERRUNS: Final = "asterisk.media.underruns"
MEDIA_FLUSHES: Final = "asterisk.media.flushes"

EVENT_TYPE: Final = "asterisk.event.type"
OUTCOME: Final = "outcome"

# -- log records --

LOGGER: Final = "asterisk_ari.calls"
CALL_STARTED: Final = "call.started"
CALL_ANSWERED: Final = "call.answered"
CALL_ENDED: Final = "call.ended"

# -- trace context in channel variables and SIP headers --

TRACE_VARIABLES: Final = ("traceparent", "tracestate")
SIP_HEADER: Final = "PJSIP_HEADER(add,{name})"
