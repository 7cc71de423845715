"""The requests and responses of the control API: these types parse, check and document them."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

Seconds = Annotated[float, Meta(ge=0, le=1e9, description="Seconds.")]
Count = Annotated[int, Meta(ge=1, description="The number that is required.")]
TIMEOUT_SECONDS = 5.0
MAX_TIMEOUT_SECONDS = 600.0


class Given(Struct, forbid_unknown_fields=True, kw_only=True):
    """The content of a request."""


class Waiting(Given, kw_only=True):
    """How long to wait: this much virtual time may pass, from one event to the next; after that, it waits in real time."""

    timeout_seconds: Annotated[float, Meta(ge=0, le=MAX_TIMEOUT_SECONDS, description="Seconds of real time.")] = TIMEOUT_SECONDS
    virtual_seconds: Annotated[
        float, Meta(ge=0, le=1e9, description="Seconds of the server's time that may pass; 0 lets none pass.")
    ] = 0.0


# ---------------------------------------------------------------------- calls


class NewCall(Waiting, kw_only=True):
    """A call from a phone: into an app, or into the dialplan."""

    app: Annotated[str, Meta(description="Into this app, once it is connected.")] | None = None
    context: Annotated[str, Meta(description="Into this context of the dialplan.")] | None = None
    called: Annotated[str, Meta(description="The called number: the extension.")] = "s"
    caller: Annotated[str, Meta(description='The caller: `"Ann" <1234>`.')] = ""
    listens: Annotated[bool, Meta(description="Record what the phone hears.")] = False


class Keys(Given, kw_only=True):
    """Keys to press one after the other."""

    keys: Annotated[str, Meta(min_length=1, pattern="^[0-9*#A-D]+$", description="Of 0-9, *, #, A-D.")]
    milliseconds: Annotated[int, Meta(ge=0, le=60000, description="How long each is held down.")] = 100


class SpokenAudio(Given, kw_only=True):
    """What a phone says: a WAV file, or a tone. A body of type audio/wav is a file, too."""

    wav_base64: Annotated[str, Meta(description="A WAV file: mono, 16 bits; in base64.")] | None = None
    tone_hertz: Annotated[int, Meta(ge=1, le=3999, description="The tone, if there is no file.")] = 400
    seconds: Annotated[float, Meta(gt=0, le=86400, description="The length of the tone.")] = 1.0


class HangUp(Given, kw_only=True):
    """Why a phone hangs up."""

    cause: Annotated[int, Meta(ge=0, le=127, description="Hangup cause sent as its reason; null means none.")] | None = None


class Refusal(Given, kw_only=True):
    """Why a phone refuses a call."""

    cause: Annotated[int, Meta(ge=0, le=127, description="Hangup cause.")] = 21
    sip_status: Annotated[int, Meta(ge=300, le=699, description="The SIP response; null matches the cause.")] | None = None


class Referral(Given, kw_only=True):
    """A transfer that a phone requests."""

    target: Annotated[str, Meta(description="The number its user has dialled.")] = ""
    replacing: Annotated[str, Meta(description="For an attended transfer: the phone's second call.")] | None = None


class Prompt(Waiting, kw_only=True):
    """Something that a phone is expected to hear."""

    media: Annotated[str, Meta(min_length=1, description="As in the request that plays it: `sound:menu`.")]


class State(Waiting, kw_only=True):
    """The expected state of a call."""

    state: Annotated[str, Meta(pattern="^(ringing|answered|ended)$", description="ringing, answered or ended.")]


class WantedDigits(Waiting, kw_only=True):
    """Digits expected to be sent to a phone."""

    digits: Annotated[str, Meta(min_length=1)]


class HeardSound(Given, kw_only=True):
    """What a listening phone must have heard: a tone, by its frequency, or media by name."""

    media: Annotated[str, Meta(description="`sound:menu`")] | None = None
    tone_hertz: Annotated[int, Meta(ge=1, le=3999)] | None = None
    seconds: Annotated[float, Meta(ge=0, description="The minimum duration; null means a tenth of a second.")] | None = None


class Hears(Struct):
    """What a phone hears now."""

    media: Annotated[str, Meta(description="Such as `sound:menu`; empty for nothing.")]
    ends_in_seconds: Annotated[float, Meta(description="null if it does not end by itself.")] | None
    why_nothing: str


class CallState(Struct):
    """A call, as seen by its phone."""

    id: Annotated[str, Meta(description="The id of its channel.")]
    name: str
    state: Annotated[str, Meta(description="The state of its channel: Ring, Ringing, Up …")]
    caller: Annotated[str, Meta(description="The caller's number.")]
    rung: bool
    answered: bool
    ended: bool
    hangup_cause: int | None
    digits: Annotated[str, Meta(description="The DTMF digits sent to it.")]
    notified: Annotated[list[int], Meta(description="The progress reports of the transfers it requested.")]
    hears: Hears


class Saying(Struct):
    """How long a phone speaks."""

    ends_in_seconds: float


class HeardItem(Struct):
    """Something that a phone has heard."""

    media: str
    at: Annotated[float, Meta(description="Seconds since it started listening.")]
    seconds: float


# ---------------------------------------------------------------------- the whole server


class Advance(Given, kw_only=True):
    """How much time passes."""

    seconds: Seconds
    quiet_seconds: Annotated[
        float, Meta(ge=0, le=60, description="How long programs must be idle until they count as done; slow ones need more.")
    ] = 0.01


class Settle(Given, kw_only=True):
    """When programs count as done."""

    quiet_seconds: Annotated[float, Meta(ge=0, le=60)] = 0.01
    timeout_seconds: Annotated[float, Meta(ge=0, le=MAX_TIMEOUT_SECONDS)] = TIMEOUT_SECONDS


class WantedApp(Waiting, kw_only=True):
    """An app that is expected to connect."""

    app: Annotated[str, Meta(min_length=1)]


class WantedCall(Waiting, kw_only=True):
    """A call that a program is expected to place."""

    endpoint: Annotated[str, Meta(min_length=1, description="The PJSIP endpoint that it calls: `alice`.")]


class WantedRequest(Waiting, kw_only=True):
    """Requests that programs are expected to make."""

    path: Annotated[str, Meta(min_length=1, description="The end of their path: `/answer`.")]
    method: str | None = None
    status: Annotated[int, Meta(description="The status of the response.")] | None = None
    count: Count = 1


class WantedEvent(Waiting, kw_only=True):
    """Events expected to be sent to programs."""

    type: Annotated[str, Meta(min_length=1)]
    about: Annotated[str, Meta(description="The id of a channel, bridge or playback, or the name of a recording.")] | None = None
    count: Count = 1


class Allowed(Given, kw_only=True):
    """What does not count as a mistake of a program."""

    allow: Annotated[list[str], Meta(description="Any of leftovers, open_calls, unknown_objects, not_implemented.")] = []


class Listing(Given, kw_only=True):
    """Which requests or events."""

    path: Annotated[str, Meta(description="Only requests whose path ends like this.")] | None = None
    method: str | None = None
    type: Annotated[str, Meta(description="Only events of this type.")] | None = None
    about: Annotated[str, Meta(description="Only those about this channel, bridge, playback or recording.")] | None = None


class Width(Given, kw_only=True):
    """How wide text may be."""

    width: Annotated[int, Meta(ge=40, le=1000, description="In characters.")] = 110


class SessionWanted(Given, kw_only=True):
    """How a session is written."""

    masked: Annotated[bool, Meta(description="Hide names, numbers, addresses, texts and values of variables.")] = False


class WebSocketToOpen(Given, kw_only=True):
    """A WebSocket that Asterisk opens to a program, as by ari.conf and websocket_client.conf."""

    url: Annotated[str, Meta(description="Where the program listens: `ws://127.0.0.1:8765/ari`, or wss://.")]
    apps: Annotated[list[str], Meta(min_length=1, description="The apps reached by it.")]
    username: Annotated[str, Meta(description="For the program.")] = ""
    password: str = ""
    per_call: Annotated[bool, Meta(description="One for each call, instead of one for all.")] = False
    user: Annotated[str, Meta(description="The user whose requests arrive over it; null means the first user.")] | None = None
    subscribe_all: bool = False
    reconnect_seconds: Annotated[float, Meta(gt=0)] = 0.5
    reconnect_attempts: Annotated[int, Meta(ge=1, description="After this many, a call continues without it.")] = 4


class Message(Given, kw_only=True):
    """A text message from an endpoint."""

    endpoint: Annotated[str, Meta(min_length=1)]
    body: str
    to: str = "s"
    variables: Annotated[dict[str, str], Meta(description="Additional headers.")] = {}


class Behaviour(Given, kw_only=True):
    """What an endpoint does when it is called; omitted values are those of a new one."""

    behaviour: Annotated[str, Meta(description="answers, rings, busy, refuses, silent or unreachable.")] = "answers"
    rings_after: Annotated[float, Meta(ge=0)] | UnsetType | None = UNSET
    answers_after: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    progress_after: Annotated[float, Meta(ge=0)] | UnsetType | None = UNSET
    says: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    cause: Annotated[int, Meta(ge=0, le=127)] | UnsetType = UNSET
    sip_status: Annotated[int, Meta(ge=300, le=699)] | UnsetType | None = UNSET


class EndpointState(Struct):
    """An endpoint."""

    name: str
    behaviour: str
    online: bool
    channel_ids: list[str]


class ServerState(Struct):
    """The server, and its users."""

    release: str
    url: Annotated[str, Meta(description="Of its ARI.")]
    virtual_time: bool
    now: Annotated[float, Meta(description="Its time, in seconds since the epoch.")]
    apps: Annotated[list[str], Meta(description="The apps that are connected.")]
    channels: int
    bridges: int
    requests: int
    events: int


class Now(Struct):
    """The time of the server afterwards."""

    now: Annotated[float, Meta(description="In seconds since the epoch.")]


class AnsweredRequest(Struct):
    """A request that was answered."""

    method: str
    path: str
    query: dict[str, str]
    body: Annotated[Any, Meta(description="Its JSON; null where there is none.")]
    status: Annotated[int, Meta(description="0 where there was no answer.")]
    answer: Annotated[Any, Meta(description="The JSON of the answer; null where there is none.")]
    at: Annotated[float, Meta(description="When it came, in seconds of the server's time since the epoch.")]
    transport: Annotated[str, Meta(description="http or websocket")]


class Problem(Struct):
    """Why a request failed, and what to do about it."""

    what: Annotated[str, Meta(description="What failed.")]
    why: str
    what_to_do: str
    ladder: Annotated[str, Meta(description="The calls so far, where an expectation was not met.")] = ""
