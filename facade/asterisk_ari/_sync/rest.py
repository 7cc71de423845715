# Made from _async/rest.py by scripts/unasync.py: edit that file.
"""REST requests by the definitions' names, and the generated functions over the same connections."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import Any, Protocol, Self

from ari_rest._meta import OPERATIONS, Operation
from asterisk_ari._core.events.effects import CREATIONS, Creation, NewChannel
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.observing import Observer
from asterisk_ari._core.reconnect.subscriptions import Subscriptions
from asterisk_ari._core.requests import definitions
from asterisk_ari._core.requests.allocation import endpoint_of, remedy_for
from asterisk_ari._core.requests.definitions import check_values, operations, resource_names
from asterisk_ari._core.requests.in_app import IN_APP, commanded_channels
from asterisk_ari._core.requests.over_websocket import check_filter, check_release, not_supported
from asterisk_ari._core.requests.plan import OperationPlan, build, prepare, prepare_with
from asterisk_ari._core.requests.request import OperationRequest, is_file
from asterisk_ari._core.requests.request_log import arguments_of, channel_of
from asterisk_ari._core.requests.response import Response, result, version_in
from asterisk_ari._core.requests.waiting_requests import WaitingRequests
from asterisk_ari._sync.waiting_reports import WaitingReports
from asterisk_ari._transport.rest_transport_sync import NoTransport, RestTransport
from asterisk_ari._transport.runtime.current_call import current_call
from asterisk_ari._transport.runtime.runtime_sync import EventLoopBinding
from asterisk_ari._transport.transport_errors import first_failure
from asterisk_ari._transport.websocket.rest_sync import FrameSender, WebSocketTransport
from asterisk_ari.capabilities import Capabilities
from asterisk_ari.errors import AllocationFailed, AriError, NotConnected, NotFound, NotSent, ResponseError, TransportError
from asterisk_ari.settings import Settings

log = logging.getLogger("asterisk_ari.rest")


class GeneratedClient:
    """Stands where `ari_rest.Client` would: it is its own HTTP client, and sends over the facade's transport."""

    raise_on_unexpected_status = False

    def __init__(self, rest: "Rest") -> None:
        self._rest = rest

    def get_httpx_client(self) -> Self:
        """Asked for by the generated functions."""
        return self

    get_async_httpx_client = get_httpx_client

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send; `headers` are those of JSON in any case."""
        return self._rest.send_request(
            OperationRequest("ari_rest", method.upper(), url, params or {}, json, is_file(method, url))
        )


class AwaitedChannels(Protocol):
    """The channels that this client sent into its apps, and that are not there yet."""

    awaited: Mapping[str, str]

    def begin(self, new: NewChannel) -> bool:
        """A channel is about to be created: it, if it goes into an app of ours; whether it was not awaited before."""

    def created(self, new: NewChannel, channel_id: object) -> None:
        """It is created, under this id."""

    def not_created(self, new: NewChannel) -> None:
        """The server has refused to create it."""

    def wait_until_entered(self, channel_ids: Sequence[str], exists: Callable[[str], bool]) -> None:
        """Wait until each of these channels that is awaited has entered its app."""


class EventState(Protocol):
    """What REST calls change in what the event layer knows, and wait for."""

    @property
    def new_channels(self) -> AwaitedChannels:
        """What is on its way into our apps."""

    @property
    def subscriptions(self) -> Subscriptions:
        """What our apps are subscribed to."""

    @property
    def waiting_requests(self) -> WaitingRequests:
        """What waits for the server."""

    @property
    def observer(self) -> Observer | None:
        """Who is told of each request, if anybody is."""

    def forget_end(self, subject: Subject) -> None:
        """Forget that an object has ended: its id or name is about to be used again."""


class WithoutEvents:
    """The state for calls that the client makes on its own behalf: there is none, and nothing is waited for."""

    def __init__(self) -> None:
        self.awaited: Mapping[str, str] = {}
        self.subscriptions: Subscriptions = Subscriptions((), all_events=False)
        self.waiting_requests: WaitingRequests = WaitingRequests()
        self.observer: Observer | None = None

    @property
    def new_channels(self) -> Self:
        """Itself: it awaits no channel."""
        return self

    def forget_end(self, subject: Subject) -> None:
        """Do nothing: no ends are recorded."""

    def begin(self, new: NewChannel) -> bool:
        """Await no channel."""
        return False

    def created(self, new: NewChannel, channel_id: object) -> None:
        """Await no channel."""

    def not_created(self, new: NewChannel) -> None:
        """Do nothing: no channel was awaited."""

    def wait_until_entered(self, channel_ids: Sequence[str], exists: Callable[[str], bool]) -> None:
        """Return at once: no event tells of it."""


class Rest:
    """Makes calls by the definitions' names; every method of the facade ends here."""

    def __init__(
        self, transport: RestTransport, events: EventState, settings: Settings, capabilities: Capabilities | None = None
    ) -> None:
        self._transport = transport
        self._events = events
        self._waiting = events.waiting_requests
        self._reports: WaitingReports | None = None
        self.loop: EventLoopBinding = EventLoopBinding()
        self._settings = settings
        self._named = settings.named
        self._lenient = settings.guards == "server"
        self._has_answered = False
        self._logs_personal_data = settings.log_personal_data
        self._fence: Callable[[], None] | None = None
        self._described: dict[str, dict[str, Operation]] = {}
        self._capabilities = capabilities or Capabilities.unknown()

    @property
    def capabilities(self) -> Capabilities:
        """What the server's release can do; before `learn_release()`, everything."""
        return self._capabilities

    def learn_release(self) -> None:
        """Ask the server for its version. Where that does not tell the release, its own definitions tell what it can do."""
        version = version_in(self.call("asterisk.getInfo", only=["system"]), self._named)
        mode = self._settings.version_check
        self._capabilities = Capabilities(version, mode=mode)
        if not self._capabilities.needs_definitions or mode == "off":
            return
        found: definitions.Definitions = {}
        try:
            for name in resource_names(self.fetch("/api-docs/resources.json")):
                found |= definitions.read(name, self.fetch(f"/api-docs/{name}.json"))
        except ResponseError:
            return
        if found:
            self._capabilities = Capabilities(version, definitions=found, mode=mode)

    def fence_with(self, check: Callable[[], None] | None) -> None:
        """Call `check` before each command from now on; it raises while this client must not send any. None: no check."""
        self._fence = check

    def check_fence(self) -> None:
        """Raise where this client must not send commands."""
        if self._fence is not None:
            self._fence()

    def call(self, operation: str, /, **parameters: Any) -> Any:
        """Make a call and return the decoded JSON, bytes of a file, or None.

        What needs a channel in the app waits for one that this client has sent there and that is on its way, up to
        `stasis_timeout_seconds`; then it is sent all the same, and the server says what is wrong.

        Raises:
            BadArgument, NotSupportedByServer: refused before sending.
            ObjectGone: a channel ended before it entered the app.
            TransportError: no response.
            ResponseError: the server's error.
            WrongEventLoop: this is not the event loop of the client's connections.
        """
        self.loop.check()
        request, values = prepare(operation, parameters, lenient=self._lenient)
        self._capabilities.check(operation, values)
        return self._make(operation, request, values)

    def call_defined_by_server(self, operation: str, /, **parameters: Any) -> Any:
        """Make a call that the package does not have, or with parameters that it does not have, as the server describes it.

        Raises:
            BadArgument: the server's own definitions have no such operation or parameter, or not for such values.
            Others as `call`.
        """
        self.loop.check()
        described = self._description_of(operation)
        if described is None:
            return self.call(operation, **parameters)  # which says what is wrong
        request, values = prepare_with(OperationPlan(operation, described), parameters, lenient=self._lenient)
        check_values(operation, described, values)
        if operation in OPERATIONS:
            known = OPERATIONS[operation].params
            self._capabilities.check(operation, {name: value for name, value in values.items() if name in known})
        return self._make(operation, request, values)

    def _description_of(self, operation: str) -> Operation | None:
        """What the server's own definitions say of an operation; they are asked for once for each resource."""
        resource, _, nickname = operation.partition(".")
        if not nickname:
            return None
        if resource not in self._described:
            try:
                listed = resource in resource_names(self.fetch("/api-docs/resources.json"))
                document = self.fetch(f"/api-docs/{resource}.json") if listed else None
            except NotFound:
                document = None
            self._described[resource] = operations(resource, document)
        return self._described[resource].get(operation)

    def _make(self, operation: str, request: OperationRequest, values: Mapping[str, Any]) -> Any:
        if request.method != "GET":
            self.check_fence()
        new_channels = self._events.new_channels
        if new_channels.awaited and operation in IN_APP:
            new_channels.wait_until_entered(commanded_channels(operation, values), self._exists)
        creation = CREATIONS.get(operation)
        if creation is not None:
            return self._create(creation, request, values)
        decoded = self._send(request)
        if operation.startswith("applications."):
            self._events.subscriptions.record(operation, values)
        return decoded

    def _send(self, request: OperationRequest) -> Any:
        waiting = self._waiting.begin(request, monotonic())
        if self._reports is not None:
            self._reports.request_begins()
        observer = self._events.observer
        send = self._transport.send if observer is None else partial(self._send_observed, observer)
        try:
            response = send(request)
        except TransportError as error:
            self._log(request, type(error).__name__, waiting.since)
            if not self._has_answered:
                raise first_failure(request, error, self._settings) from error
            raise
        finally:
            self._waiting.end(waiting)
        self._has_answered = True
        self._log(request, response.status_code, waiting.since)
        return result(request, response, self._named)

    def _send_observed(self, observer: Observer, request: OperationRequest) -> Response:
        begun = observer.request_begins(request)
        try:
            response = self._transport.send(request)
        except BaseException as error:
            observer.request_ends(begun, None, error)
            raise
        observer.request_ends(begun, response, None)
        return response

    def _log(self, request: OperationRequest, outcome: int | str, begun: float) -> None:
        if log.isEnabledFor(logging.DEBUG):
            log.debug(
                "%s %s %s → %s in %.1f ms",
                request.method,
                request.path,
                arguments_of(request, personal=self._logs_personal_data),
                outcome,
                (monotonic() - begun) * 1000,
                extra={"call": current_call() or channel_of(request)},
            )

    def _create(self, creation: Creation, request: OperationRequest, values: Mapping[str, Any]) -> Any:
        for subject in creation.objects(values):
            self._events.forget_end(subject)
        channel = creation.channel(values)
        if channel is None:
            return self._send(request)
        new_channels = self._events.new_channels
        is_new = new_channels.begin(channel)
        try:
            decoded = self._send(request)
        except (ResponseError, NotSent) as error:
            if is_new:
                new_channels.not_created(channel)
            if isinstance(error, AllocationFailed):
                self._explain(error, endpoint_of(values.get("endpoint")))
            raise
        new_channels.created(channel, decoded.get("id") if isinstance(decoded, dict) else None)
        return decoded

    def _explain(self, error: AllocationFailed, endpoint: str | None) -> None:
        """Ask the server for the endpoint for which it has created no channel: that tells why."""
        if endpoint is None:
            return
        try:
            state = self.call("endpoints.get", tech="PJSIP", resource=endpoint).get("state")
        except NotFound:
            state = None
        except AriError:
            return
        error.remedy = remedy_for(endpoint, state) or error.remedy

    def _exists(self, channel_id: str) -> bool:
        try:
            self.call("channels.get", channelId=channel_id)
        except NotFound:
            return False
        return True

    @contextmanager
    def stream(self, operation: str, chunk_bytes: int, /, **parameters: Any) -> Iterator[Iterator[bytes]]:
        """The body of a file in chunks."""
        self.loop.check()
        request, values = prepare(operation, parameters, lenient=self._lenient)
        self._capabilities.check(operation, values)
        with self._transport.stream(request, chunk_bytes) as chunks:
            yield chunks

    def fetch(self, path: str) -> Any:
        """Read one of the server's own documents, `/api-docs/channels.json`."""
        request = OperationRequest("api-docs", "GET", path)
        return result(request, self.send_request(request), self._named)

    def send_request(self, request: OperationRequest) -> Response:
        """Send a request as it is, and return whatever the response is."""
        self.loop.check()
        if request.method != "GET":
            self.check_fence()
        waiting = self._waiting.begin(request, monotonic())
        observer = self._events.observer
        try:
            if observer is not None:
                return self._send_observed(observer, request)
            return self._transport.send(request)
        finally:
            self._waiting.end(waiting)

    def report_waiting(self) -> None:
        """Say when many calls wait for the server: for a client that has no events, whose watchdog says it otherwise."""
        self._reports = WaitingReports(self._waiting, self._settings.slow_handler_seconds)

    def abandon(self, error: NotConnected) -> None:
        """Leave the connections to whom they belong: every further call raises this."""
        self._transport = NoTransport(error)
        self.loop.end()

    def check_filters(self, apps: Iterable[str]) -> None:
        """Check that the filters of these apps let the replies to calls over the event WebSocket through.

        Raises:
            EventStreamError: the filter of an app hides the replies.
        """
        for app in apps:
            request = build("applications.get", {"applicationName": app})
            response = self._transport.send(request)
            if response.status_code != 404:
                check_filter(app, result(request, response, self._named))

    def over_websocket(self, settings: Settings, sender: FrameSender) -> None:
        """Make calls over the event WebSocket from now on. A server whose version does not tell whether it can is asked.

        Raises:
            NotSupportedByServer: the server cannot do that.
            EventStreamError: the filter of an app hides the replies.
        """
        self.check_filters(settings.all_apps)
        transport = WebSocketTransport(settings, self._transport, sender)
        version = self.capabilities.version
        if not check_release(version) and not transport.is_answered(build("asterisk.ping", {})):
            raise not_supported(version, f"this server ({version}) answers no request over the event WebSocket")
        self._transport = transport

    def generated(self) -> GeneratedClient:
        """A client for the functions of `ari_rest`."""
        return GeneratedClient(self)

    def close(self) -> None:
        """Close the connections."""
        if self._reports is not None:
            self._reports.close()
        self._transport.close()
