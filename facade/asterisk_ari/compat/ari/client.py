"""The client of ari-py: `Client`."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Literal, get_args

from requests.exceptions import RequestException

from asterisk_ari.compat.ari._connection import EventRun, ServerConnection
from asterisk_ari.compat.ari._definitions import DefinedOperation, ServerDefinitions
from asterisk_ari.compat.ari._listeners import Callback, Callbacks, EventUnsubscriber
from asterisk_ari.compat.ari.http_client import access_by
from asterisk_ari.compat.ari.model import (
    Bridge,
    Channel,
    ChannelAsDict,
    DeviceState,
    Endpoint,
    LiveRecording,
    Playback,
    Repository,
    Sound,
    StoredRecording,
    promote,
)
from asterisk_ari.policies import Reconnect

log: logging.Logger = logging.getLogger("ari.client")

Json = dict[str, Any]
StasisStartStyle = Literal["definitions", "channel"]


class Client:
    """ARI in the style of ari-py: the server's resources by their names in the definitions, and callbacks for events.

    Subclasses may set attributes before they call `__init__`.

    Args:
        base_url: `http://host:8088`, with the prefix of http.conf if there is one.
        http_client: from swaggerpy, or a `SynchronousHttpClient`: user, password, and the `session` used for requests.
        reconnect: how the event WebSocket reconnects during `run()`; with `Reconnect(enabled=False)` `run()` raises when it is
            lost, as ari-py does. None: the default of the class.
        stasis_start: what callbacks for the channels of a StasisStart get. "definitions": as the server's definitions say, which
            is a dict since Asterisk 13; "channel": a Channel, as with Asterisk 12, that can be used as that dict too. None: the
            default of the class.

    Raises:
        requests.RequestException: the server cannot be reached, or rejects the user.
        ValueError: the address or the user is invalid, or the http_client has no user.

    Example:
        >>> client = ari.connect("http://localhost:8088", "asterisk", "asterisk")
        >>> client.on_event("StasisStart", lambda event: print(event["channel"]["id"]))
        >>> client.run("demo")
    """

    reconnect: ClassVar[Reconnect | None] = None
    stasis_start: ClassVar[StasisStartStyle] = "definitions"

    base_url: str
    swagger: ServerDefinitions
    repositories: dict[str, Any]
    event_models: Json
    websockets: set[EventRun]
    exception_handler: Callable[[Exception], Any]

    def __init__(
        self,
        base_url: str,
        http_client: Any,
        *,
        reconnect: Reconnect | None = None,
        stasis_start: StasisStartStyle | None = None,
    ) -> None:
        style = stasis_start or self.stasis_start
        if style not in get_args(StasisStartStyle):
            raise ValueError(f"stasis_start must be 'definitions' or 'channel', not {style!r}")
        self.base_url = base_url
        # With names that no program uses for attributes.
        self._dropin_stasis_start = style
        self._dropin_callbacks = Callbacks()
        self._dropin_connection = ServerConnection(access_by(base_url, http_client), reconnect or self.reconnect)
        self._dropin_http_client = http_client
        self.websockets = set()
        self.exception_handler = _log_exception
        try:
            self.swagger = self._dropin_translated(lambda: ServerDefinitions(self._dropin_connection.fetch))
        except BaseException:
            self._dropin_connection.close()
            raise
        self.repositories = {name: Repository(self, name, found) for name, found in self.swagger.resources.items()}
        self.event_models = self.swagger.event_models

    def __getattr__(self, name: str) -> Any:
        repository = self.get_repo(name) if "repositories" in self.__dict__ else None
        if repository is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return repository

    def get_repo(self, name: str) -> Any:
        """Return the repository of a resource; None if the server does not have it.

        Example:
            >>> client.get_repo("channels")
            Repository(channels)
        """
        return self.repositories.get(name)

    def close(self) -> None:
        """End every `run()`, and close all connections once the last has returned; from any thread, including callbacks.

        Later calls fail with `requests.ConnectionError`. Closing again does nothing.

        Example:
            >>> client.close()
        """
        self._dropin_connection.close()

    def call_operation(self, operation: DefinedOperation, arguments: Mapping[str, Any]) -> Any:
        """Make a call; used by the methods of repositories and objects.

        Args:
            operation: the operation.
            arguments: its keyword arguments.

        Returns:
            Objects, decoded JSON, bytes of a file, or None.

        Raises:
            TypeError: the operation does not have an argument, or requires a missing one; nothing was sent.
            requests.HTTPError: the server rejects it, or this package does, which looks the same.
            requests.ConnectionError: there is no connection, or it was lost.
            requests.Timeout: no answer within 30 seconds.
        """
        values = operation.values_of(arguments)
        result = self._dropin_translated(lambda: self._dropin_connection.call(operation.full_name, values))
        return promote(self, result, operation.response_class)

    def _dropin_translated(self, work: Callable[[], Any]) -> Any:
        """Run a function whose exceptions a subclass may replace."""
        try:
            return work()
        except RequestException as error:
            replacement = self._dropin_exception(error)
            if replacement is error:
                raise
            raise replacement from error

    def _dropin_exception(self, error: RequestException) -> RequestException:
        return error

    # -- events --

    def run(self, apps: str | Iterable[str]) -> None:
        """Receive the events of apps, and call the callbacks in this thread, one after the other, until `close()`.

        Events are delivered in the order in which the server sent them. An exception of a callback goes to `exception_handler`;
        one raised there ends the run. Several runs are possible at once in several threads, with different apps and the same
        callbacks.

        Args:
            apps: the name of an app, several names separated by commas, or a list of names.

        Raises:
            ValueError: a name is not valid for an app.
            requests.RequestException: the server cannot be reached, or rejects the user.
            websocket.WebSocketException: it rejects the WebSocket, or the WebSocket is lost and cannot be reopened.

        Example:
            >>> client.run(apps="demo")
        """
        names = [name for each in ([apps] if isinstance(apps, str) else apps) for name in each.split(",")]
        run = self._dropin_connection.begin_run(names)
        if run is None:
            return
        try:
            self._dropin_translated(run.open)
            self.websockets.add(run)
            self._dropin_run_opened(names)
            while (event := run.next()) is not None:
                self._dropin_dispatch(event)
        finally:
            self.websockets.discard(run)
            self._dropin_connection.end_run(run)

    def _dropin_run_opened(self, apps: list[str]) -> None:
        """Hook for subclasses, called when apps have been registered."""

    def _dropin_dispatch(self, event: Json) -> None:
        try:
            for callback in self._dropin_callbacks.of(event["type"]):
                try:
                    callback(event)
                except Exception as error:  # noqa: BLE001 - whatever a callback raises is for the handler
                    self.exception_handler(error)
        finally:
            connection, callbacks = self._dropin_connection, self._dropin_callbacks
            for about in callbacks.delivered(event, by_the_only_run=connection.is_read_once):
                if connection.is_gone(about[1]):
                    callbacks.release(about)

    def on_event(self, event_type: str, event_cb: Callable[..., Any], *args: Any, **kwargs: Any) -> EventUnsubscriber:
        """Register a callback for an event type, known or not; before, during or between runs.

        Args:
            event_type: for example "StasisStart".
            event_cb: called with the event, a dict with all its fields, and the further arguments. Registering the same function
                again for the same type replaces its former registration.
            args: further arguments.
            kwargs: further keyword arguments.

        Returns:
            A registration to `close()`.

        Example:
            >>> registration = client.on_event("StasisEnd", lambda event: print(event["channel"]["id"]))
            >>> registration.close()
        """
        return self._dropin_callbacks.add(Callback(event_type, event_cb, args, kwargs))

    def on_object_event(
        self,
        event_type: str,
        event_cb: Callable[..., Any],
        factory_fn: Callable[[Any, Json], Any],
        model_id: str,
        *args: Any,
        **kwargs: Any,
    ) -> EventUnsubscriber:
        """Register a callback for an event type that gets the event's objects of one model.

        Args:
            event_type: a type that the server's definitions have.
            event_cb: called with the object, the event and the further arguments. If the definitions have several fields of the
                model, it gets a dict of those present.
            factory_fn: creates an object from the client and the JSON.
            model_id: the model, for example "Channel".
            args: further arguments.
            kwargs: further keyword arguments.

        Returns:
            A registration to `close()`.

        Raises:
            ValueError: there is no such event type, or none of its fields is of the model.

        Example:
            >>> client.on_object_event("Dial", lambda channels, event: print(channels["peer"]), Channel, "Channel")
        """
        model = self.event_models.get(event_type)
        if not model:
            raise ValueError(f"Cannot find event model {event_type!r}")
        fields = [name for name, field in model["properties"].items() if field.get("type") == model_id]
        if not fields:
            raise ValueError(f"Event model {event_type!r} has no fields of type {model_id}")

        def with_objects(event: Json, *args: Any, **kwargs: Any) -> None:
            event_cb(self._dropin_objects(event, fields, factory_fn), event, *args, **kwargs)

        return self.on_event(event_type, with_objects, *args, **kwargs)

    def _dropin_objects(self, event: Json, fields: list[str], factory_fn: Callable[[Any, Json], Any]) -> Any:
        """Return what a callback for objects gets: those in the fields of an event."""
        found = {field: factory_fn(self, event[field]) for field in fields if event.get(field)}
        as_channel = self._dropin_stasis_start == "channel" and event["type"] == "StasisStart" and factory_fn is Channel
        if as_channel and "channel" in found:
            return ChannelAsDict(self, event["channel"], found)
        return found if len(fields) > 1 else found.get(fields[0])

    def on_channel_event(self, event_type: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> EventUnsubscriber:
        """As `on_object_event`, for the channels of an event."""
        return self.on_object_event(event_type, fn, Channel, "Channel", *args, **kwargs)

    def on_bridge_event(self, event_type: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> EventUnsubscriber:
        """As `on_object_event`, for the bridges of an event."""
        return self.on_object_event(event_type, fn, Bridge, "Bridge", *args, **kwargs)

    def on_playback_event(self, event_type: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> EventUnsubscriber:
        """As `on_object_event`, for the playback of an event."""
        return self.on_object_event(event_type, fn, Playback, "Playback", *args, **kwargs)

    def on_live_recording_event(self, event_type: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> EventUnsubscriber:
        """As `on_object_event`, for the recording of an event."""
        return self.on_object_event(event_type, fn, LiveRecording, "LiveRecording", *args, **kwargs)

    def on_stored_recording_event(self, event_type: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> EventUnsubscriber:
        """As `on_object_event`, for the stored recording of an event; no server has such events yet."""
        return self.on_object_event(event_type, fn, StoredRecording, "StoredRecording", *args, **kwargs)

    def on_endpoint_event(self, event_type: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> EventUnsubscriber:
        """As `on_object_event`, for the endpoint of an event."""
        return self.on_object_event(event_type, fn, Endpoint, "Endpoint", *args, **kwargs)

    def on_device_state_event(self, event_type: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> EventUnsubscriber:
        """As `on_object_event`, for the device of an event."""
        return self.on_object_event(event_type, fn, DeviceState, "DeviceState", *args, **kwargs)

    def on_sound_event(self, event_type: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> EventUnsubscriber:
        """As `on_object_event`, for the sound of an event; no server has such events yet."""
        return self.on_object_event(event_type, fn, Sound, "Sound", *args, **kwargs)


def _log_exception(error: Exception) -> None:
    log.error("an event callback failed", exc_info=error)
