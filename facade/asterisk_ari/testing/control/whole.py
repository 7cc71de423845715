"""Requests about the server as a whole: time, waits, faults, endpoints, lists, the ladder, and the verdict on a test."""

from typing import Any

from msgspec import UNSET, structs

from asterisk_ari.testing.control.calls import state_of
from asterisk_ari.testing.control.fault_messages import Fault
from asterisk_ari.testing.control.messages import (
    Advance,
    Allowed,
    AnsweredRequest,
    Behaviour,
    CallState,
    EndpointState,
    Listing,
    Message,
    Now,
    ServerState,
    SessionWanted,
    Settle,
    WantedApp,
    WantedCall,
    WantedEvent,
    WantedRequest,
    WebSocketToOpen,
    Width,
)
from asterisk_ari.testing.control.routes import JsonLines, RouteSection, Text
from asterisk_ari.testing.control.target import ControlTarget
from asterisk_ari.testing.machine.state.endpoint import ServerEndpoint
from asterisk_ari.testing.machine.state.outbound import OutboundWebSocket
from asterisk_ari.testing.recorder import Requests, SentEvents
from asterisk_ari.testing.request import Request
from asterisk_ari.testing.strictness import check_allowed, faults_of

TIME: RouteSection = RouteSection("Time")
PROGRAMS: RouteSection = RouteSection("Programs")
SERVER: RouteSection = RouteSection("Server")

Json = dict[str, Any]

# ---------------------------------------------------------------------- time


@TIME.serve("POST", "/advance")
def advance(target: ControlTarget, given: Advance) -> Now:
    """Let time pass: due actions happen in order, each at its own time, and programs get to react to them.

    With real time it skips ahead.
    """
    with target.passing:
        target.asterisk.advance(given.seconds, quiet=given.quiet_seconds)
    return Now(target.asterisk.now)


@TIME.serve("POST", "/settle")
def settle(target: ControlTarget, given: Settle) -> Now:
    """Wait until programs have read every event and have been idle for a moment.

    For what has no name to wait for: that nothing more happens.
    """
    with target.passing:
        target.asterisk.settle(given.quiet_seconds, given.timeout_seconds)
    return Now(target.asterisk.now)


# ---------------------------------------------------------------------- what programs do


@PROGRAMS.serve("POST", "/wait-for-app", reads=True)
def wait_for_app(target: ControlTarget, given: WantedApp) -> ServerState:
    """Wait until a program has connected as an app."""
    try:
        target.wait(lambda: given.app in target.asterisk.connected_apps, given)
    except TimeoutError:
        there = ", ".join(target.asterisk.connected_apps) or "none"
        raise TimeoutError(f"no program has connected as app {given.app!r}; connected apps: {there}") from None
    return get_state(target)


@PROGRAMS.serve("POST", "/wait-for-call")
def wait_for_call(target: ControlTarget, given: WantedCall) -> CallState:
    """Wait until a program has placed a call to an endpoint; returns the latest one that is not over, as seen by its phone."""
    name = given.endpoint.removeprefix("PJSIP/")

    def find() -> list[str]:
        return target.placed(
            lambda one, endpoint: endpoint.resource == name and not (one.far_end is not None and one.far_end.is_caller)
        )

    try:
        found = target.wait(find, given)
    except TimeoutError as error:
        raise TimeoutError(f"no call to {name}: {error}") from None
    return state_of(target, target.phone(found[-1]))


@PROGRAMS.serve("POST", "/wait-for-request", reads=True)
def wait_for_request(target: ControlTarget, given: WantedRequest) -> list[AnsweredRequest]:
    """Wait until programs have made requests and received the responses; returns the requests."""

    def found() -> list[Request]:
        return [one for one in target.asterisk.requests.to(given.path, given.method) if given.status in {None, one.status}]

    try:
        return [_answered(one) for one in target.wait(lambda: _enough(found(), given.count), given)]
    except TimeoutError as error:
        wanted = f"{given.method or 'any'} …{given.path}" + ("" if given.status is None else f" → {given.status}")
        raise TimeoutError(f"{wanted}: {len(found())} of {given.count}; {error}") from None


@PROGRAMS.serve("POST", "/wait-for-event", reads=True)
def wait_for_event(target: ControlTarget, given: WantedEvent) -> list[Json]:
    """Wait until events were sent to programs; returns them."""

    def found() -> list[Json]:
        events = target.asterisk.events
        return (events if given.about is None else events.about(given.about)).of(given.type)

    try:
        events: list[Json] = target.wait(lambda: _enough(found(), given.count), given)
    except TimeoutError as error:
        raise TimeoutError(f"{given.type}: {len(found())} of {given.count}; {error}") from None
    return list(events)


def _enough(found: list[Any], count: int) -> list[Any]:
    return found if len(found) >= count else []


@PROGRAMS.serve("GET", "/requests")
def list_requests(target: ControlTarget, given: Listing) -> list[AnsweredRequest]:
    """List the requests, in the order of their responses."""
    found: Requests = target.asterisk.requests
    if given.about is not None:
        found = found.of(given.about)
    return [_answered(one) for one in found.to(given.path or "", given.method)]


@PROGRAMS.serve("GET", "/events")
def list_events(target: ControlTarget, given: Listing) -> list[Json]:
    """List the events sent to programs, in order."""
    found: SentEvents = target.asterisk.events
    if given.about is not None:
        found = found.about(given.about)
    return list(found if given.type is None else found.of(given.type))


def _answered(request: Request) -> AnsweredRequest:
    return AnsweredRequest(
        method=request.method,
        path=request.path,
        query={name: value for name, value in request.query.items() if name != "api_key"},
        body=request.json,
        status=request.status,
        answer=None if isinstance(request.answer, bytes) else request.answer,
        at=request.started,
        transport=request.transport,
    )


@PROGRAMS.serve("POST", "/assert-clean", reads=True)
def assert_clean(target: ControlTarget, given: Allowed) -> ServerState:
    """Assert that programs have left nothing and asked for nothing that there is not: at the end of a test.

    No channel or bridge of theirs and no caller who is unanswered or still in their app, no request to an object that there
    never was, none that was answered with 501; `allow` names what is no fault.
    """
    with target.passing:
        found = faults_of(target.asterisk, [], check_allowed(given.allow))
    if found:
        raise AssertionError("; ".join(found))
    return get_state(target)


# ---------------------------------------------------------------------- the server


@SERVER.serve("GET", "/state")
def get_state(target: ControlTarget) -> ServerState:
    """Describe the server and its users."""
    asterisk = target.asterisk
    return ServerState(
        release=asterisk.release,
        url=asterisk.url,
        virtual_time=asterisk.has_virtual_time,
        now=asterisk.now,
        apps=asterisk.connected_apps,
        channels=len(asterisk.channels),
        bridges=len(asterisk.bridges),
        requests=len(asterisk.requests),
        events=len(asterisk.events),
    )


@SERVER.serve("POST", "/reset")
def reset(target: ControlTarget) -> ServerState:
    """End calls, bridges and faults, and forget requests, events and recordings: between two tests.

    Programs stay connected, and are told of the end of their calls. Time goes on.
    """
    with target.passing:
        target.asterisk.reset()
        target.forget()
    return get_state(target)


@SERVER.serve("POST", "/faults")
def begin_fault(target: ControlTarget, given: Fault) -> ServerState:
    """Let the server do something wrong: at once, for so many requests or events, or until faults end."""
    given.begin(target.asterisk.faults)
    return get_state(target)


@SERVER.serve("DELETE", "/faults")
def end_faults(target: ControlTarget) -> ServerState:
    """End all faults; connections are accepted once the response is sent."""
    target.asterisk.faults.recover()
    return get_state(target)


@SERVER.serve("GET", "/endpoints")
def list_endpoints(target: ControlTarget) -> list[EndpointState]:
    """The endpoints."""
    machine = target.asterisk.machine
    return target.asterisk.run_in_server(lambda: [_endpoint(one) for one in machine.endpoints.values()])


def _endpoint(one: ServerEndpoint) -> EndpointState:
    return EndpointState(one.resource, one.behaviour, one.is_reachable, list(one.channels))


@SERVER.serve("PUT", "/endpoints/{name}")
def set_endpoint(target: ControlTarget, name: str, given: Behaviour) -> EndpointState:
    """Add an endpoint, or change what one does when it is called; `reset` undoes this."""
    options = {key: value for key, value in structs.asdict(given).items() if value is not UNSET}
    target.asterisk.set_endpoint(ServerEndpoint(name, **options))
    return _found_endpoint(target, name)


@SERVER.serve("POST", "/endpoints/{name}/register")
def register(target: ControlTarget, name: str) -> EndpointState:
    """Register a contact of an endpoint: it is online and can be called."""
    target.asterisk.register(name)
    return _found_endpoint(target, name)


@SERVER.serve("POST", "/endpoints/{name}/unregister")
def unregister(target: ControlTarget, name: str) -> EndpointState:
    """Remove the contact of an endpoint: it is offline; its calls continue."""
    target.asterisk.unregister(name)
    return _found_endpoint(target, name)


def _found_endpoint(target: ControlTarget, name: str) -> EndpointState:
    return next(one for one in list_endpoints(target) if one.name == name)


@SERVER.serve("POST", "/outbound")
def open_websocket(target: ControlTarget, given: WebSocketToOpen) -> ServerState:
    """Let Asterisk open a WebSocket to a program that listens, one for all calls or one for each; it does so until it ends."""
    target.asterisk.connect_to(OutboundWebSocket(**structs.asdict(given)))
    return get_state(target)


@SERVER.serve("POST", "/messages")
def send_message(target: ControlTarget, given: Message) -> ServerState:
    """Let an endpoint send a text message."""
    target.asterisk.incoming_message(given.endpoint, given.body, given.to, variables=given.variables)
    return get_state(target)


@SERVER.serve("GET", "/messages")
def list_messages(target: ControlTarget) -> list[Json]:
    """The text messages and referrals that programs have sent to endpoints."""
    return target.asterisk.run_in_server(lambda: list(target.asterisk.messages))


@SERVER.serve("GET", "/channels")
def list_channels(target: ControlTarget) -> list[Json]:
    """The channels, each as ARI has it."""
    return list(target.asterisk.channels.values())


@SERVER.serve("GET", "/bridges")
def list_bridges(target: ControlTarget) -> list[Json]:
    """The bridges, each as ARI has it."""
    return list(target.asterisk.bridges.values())


@SERVER.serve("GET", "/recordings")
def list_recordings(target: ControlTarget) -> list[Json]:
    """The recordings, live ones with their state, and stored ones."""
    return list(target.asterisk.recordings.values())


@SERVER.serve("GET", "/ladder")
def get_ladder(target: ControlTarget, given: Width) -> Text:
    """The calls so far as a ladder of requests and events."""
    return Text(target.asterisk.ladder(given.width) + "\n")


@SERVER.serve("GET", "/session")
def get_session(target: ControlTarget, given: SessionWanted) -> JsonLines:
    """Requests, answers and events so far, as a file for `asterisk-ari replay` and `asterisk-ari ladder`."""
    return JsonLines("".join(f"{line}\n" for line in target.asterisk.session_lines(masked=given.masked)))
