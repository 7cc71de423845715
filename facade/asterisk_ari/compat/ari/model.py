"""The objects of a `Client`: a `Repository` for each resource, and a `Channel`, `Bridge`, … for each object of the server."""

import re
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from functools import partial
from typing import Any, ClassVar, Protocol

from asterisk_ari.compat.ari._definitions import DefinedOperation, DefinedResource, ServerDefinitions
from asterisk_ari.compat.ari._listeners import EventUnsubscriber

Json = dict[str, Any]


class CallingClient(Protocol):
    """The part of a client that objects use."""

    @property
    def swagger(self) -> ServerDefinitions:
        """The server's definitions."""

    def call_operation(self, operation: DefinedOperation, arguments: Mapping[str, Any], /) -> Any:
        """Make a call."""


def _operation_of(owner: object, resource: DefinedResource | None, nickname: str) -> DefinedOperation:
    operation = None if resource is None else resource.operations.get(nickname)
    if operation is None:
        raise AttributeError(f"'{owner!r}' object has no attribute {nickname!r}")
    return operation


class Repository:
    """The operations of a resource, as methods named by their nicknames in the definitions, with keyword arguments only.

    Args:
        client: the client.
        name: name of the resource, such as `channels`.
        resource: its definition.

    Example:
        >>> client.channels.originate(endpoint="PJSIP/alice", app="demo")
        Channel(1735689600.1)
    """

    def __init__(self, client: CallingClient, name: str, resource: DefinedResource) -> None:
        self.client: CallingClient = client
        self.name: str = name
        self.api: DefinedResource = resource

    def __repr__(self) -> str:
        return f"Repository({self.__dict__.get('name')})"

    def __getattr__(self, nickname: str) -> Callable[..., Any]:
        operation = _operation_of(self, self.__dict__.get("api"), nickname)

        def call(**arguments: Any) -> Any:
            return self.client.call_operation(operation, arguments)

        return call


class ObjectIdGenerator:
    """How an object is identified among others of its kind.

    Args:
        param_name: the parameter that identifies it in calls.
        id_field: the field of its JSON that holds the id.
    """

    def __init__(self, param_name: str, id_field: str = "id") -> None:
        self.param_name: str = param_name
        self.id_field: str = id_field

    def get_params(self, obj_json: Mapping[str, Any]) -> Json:
        """The parameters that identify an object in calls."""
        return {self.param_name: obj_json[self.id_field]}

    def id_as_str(self, obj_json: Mapping[str, Any]) -> str:
        """The id of an object."""
        name: str = obj_json[self.id_field]
        return name


class EndpointIdGenerator(ObjectIdGenerator):
    """Endpoints are identified by two parameters, and their id is `TECH/resource`."""

    def __init__(self) -> None:
        super().__init__("tech", "technology")

    def get_params(self, obj_json: Mapping[str, Any]) -> Json:
        """The parameters that identify an endpoint in calls."""
        return {"tech": obj_json["technology"], "resource": obj_json["resource"]}

    def id_as_str(self, obj_json: Mapping[str, Any]) -> str:
        """The id of an endpoint."""
        return f"{obj_json['technology']}/{obj_json['resource']}"


class BaseObject:
    """An object of the server, as of when it was returned: `json` is never updated.

    The operations of its resource are methods, with its own id filled in. No two instances are equal, even for the same channel.

    Args:
        client: the client.
        resource: the definition of its resource.
        as_json: its JSON.
        event_reg: registers callbacks for events about objects of its kind; None if there are none.
    """

    id_generator: ClassVar[ObjectIdGenerator]

    def __init__(
        self, client: Any, resource: DefinedResource, as_json: Json, event_reg: Callable[..., EventUnsubscriber] | None
    ) -> None:
        self.client: Any = client
        self.api: DefinedResource = resource
        self.json: Json = as_json
        self.id: str = self.id_generator.id_as_str(as_json)
        self.event_reg: Callable[..., EventUnsubscriber] | None = event_reg

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.__dict__.get('id')})"

    def __getattr__(self, nickname: str) -> Callable[..., Any]:
        operation = _operation_of(self, self.__dict__.get("api"), nickname)

        def call(**arguments: Any) -> Any:
            return self.client.call_operation(operation, {**arguments, **self.id_generator.get_params(self.json)})

        return call

    def on_event(self, event_type: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> EventUnsubscriber:
        """Register a callback for events about this object.

        It ends automatically with the object, after its last event: ChannelDestroyed, BridgeDestroyed, PlaybackFinished,
        RecordingFinished, RecordingFailed.

        Args:
            event_type: for example "ChannelDtmfReceived".
            fn: called with what `Client.on_object_event` passes, the event, and the further arguments.
            args: further arguments.
            kwargs: further keyword arguments.

        Returns:
            A registration to `close()`.

        Raises:
            ValueError: there is no such event type, or it is not about objects of this kind.
            RuntimeError: no event is about objects of this kind.

        Example:
            >>> channel.on_event("ChannelDtmfReceived", lambda channel, event: print(event["digit"]))
        """
        if self.event_reg is None:
            raise RuntimeError(f"there are no events about a {type(self).__name__}")
        registration = self.event_reg(event_type, partial(self._if_mine, fn), *args, **kwargs)
        if isinstance(registration, EventUnsubscriber):
            registration._end_with((self.id_generator.param_name, self.id))
        return registration

    def _if_mine(self, fn: Callable[..., Any], objects: Any, event: Json, *args: Any, **kwargs: Any) -> None:
        found = objects.values() if isinstance(objects, dict | ChannelAsDict) else [objects]
        if any(isinstance(each, BaseObject) and each.id == self.id for each in found):
            fn(objects, event, *args, **kwargs)


class Channel(BaseObject):
    """A channel."""

    id_generator: ClassVar[ObjectIdGenerator] = ObjectIdGenerator("channelId")

    def __init__(self, client: Any, channel_json: Json) -> None:
        super().__init__(client, client.swagger.channels, channel_json, client.on_channel_event)


class ChannelAsDict(Channel):
    """The channel of a StasisStart that is also the dict of its channels: `["channel"]`, `.get("replace_channel")`.

    For programs written for Asterisk 12 as well as for 13 and later; see `Client`.
    """

    def __init__(self, client: Any, channel_json: Json, objects: Mapping[str, Any]) -> None:
        super().__init__(client, channel_json)
        self._objects: dict[str, Any] = {**objects, "channel": self}

    def __repr__(self) -> str:
        return f"Channel({self.__dict__.get('id')})"

    def __getitem__(self, field: str) -> Any:
        return self._objects[field]

    def __contains__(self, field: object) -> bool:
        return field in self._objects

    def __iter__(self) -> Iterator[str]:
        return iter(self._objects)

    def get(self, field: str | None = None, default: Any = None, **arguments: Any) -> Any:
        """With a field, return its object, or the default; without one, call the operation `channels.get`."""
        if field is not None:
            return self._objects.get(field, default)
        return self.__getattr__("get")(**arguments)

    def keys(self) -> KeysView[str]:
        """The fields of the event that hold channels."""
        return self._objects.keys()

    def values(self) -> ValuesView[Any]:
        """The channels of the event."""
        return self._objects.values()

    def items(self) -> ItemsView[str, Any]:
        """Both."""
        return self._objects.items()


class Bridge(BaseObject):
    """A bridge."""

    id_generator: ClassVar[ObjectIdGenerator] = ObjectIdGenerator("bridgeId")

    def __init__(self, client: Any, bridge_json: Json) -> None:
        super().__init__(client, client.swagger.bridges, bridge_json, client.on_bridge_event)


class Playback(BaseObject):
    """A playback."""

    id_generator: ClassVar[ObjectIdGenerator] = ObjectIdGenerator("playbackId")

    def __init__(self, client: Any, playback_json: Json) -> None:
        super().__init__(client, client.swagger.playbacks, playback_json, client.on_playback_event)


class LiveRecording(BaseObject):
    """A recording in progress; its id is its name."""

    id_generator: ClassVar[ObjectIdGenerator] = ObjectIdGenerator("recordingName", "name")

    def __init__(self, client: Any, recording_json: Json) -> None:
        super().__init__(client, client.swagger.recordings, recording_json, client.on_live_recording_event)


class StoredRecording(BaseObject):
    """A finished recording; its id is its name."""

    id_generator: ClassVar[ObjectIdGenerator] = ObjectIdGenerator("recordingName", "name")

    def __init__(self, client: Any, recording_json: Json) -> None:
        super().__init__(client, client.swagger.recordings, recording_json, client.on_stored_recording_event)


class Endpoint(BaseObject):
    """An endpoint."""

    id_generator: ClassVar[ObjectIdGenerator] = EndpointIdGenerator()

    def __init__(self, client: Any, endpoint_json: Json) -> None:
        super().__init__(client, client.swagger.endpoints, endpoint_json, client.on_endpoint_event)


class DeviceState(BaseObject):
    """The state of a device; its id is the device's name."""

    id_generator: ClassVar[ObjectIdGenerator] = ObjectIdGenerator("deviceName", "name")

    def __init__(self, client: Any, device_state_json: Json) -> None:
        super().__init__(client, client.swagger.deviceStates, device_state_json, client.on_device_state_event)


class Sound(BaseObject):
    """An installed sound."""

    id_generator: ClassVar[ObjectIdGenerator] = ObjectIdGenerator("soundId")

    def __init__(self, client: Any, sound_json: Json) -> None:
        super().__init__(client, client.swagger.sounds, sound_json, client.on_sound_event)


class Mailbox(BaseObject):
    """A mailbox; its id is its name. No event is about mailboxes."""

    id_generator: ClassVar[ObjectIdGenerator] = ObjectIdGenerator("mailboxName", "name")

    def __init__(self, client: Any, mailbox_json: Json) -> None:
        super().__init__(client, client.swagger.mailboxes, mailbox_json, None)


CLASS_MAP: dict[str, Callable[[Any, Json], BaseObject]] = {
    "Bridge": Bridge,
    "Channel": Channel,
    "Endpoint": Endpoint,
    "Playback": Playback,
    "LiveRecording": LiveRecording,
    "StoredRecording": StoredRecording,
    "Mailbox": Mailbox,
    "DeviceState": DeviceState,
}

_LIST = re.compile(r"List\[(.+)\]")


def promote(client: Any, result: Any, response_class: str) -> Any:
    """Create objects from a result, by the class that the definitions state.

    Args:
        client: the client.
        result: the decoded JSON, bytes of a file, or None.
        response_class: `Channel`, `List[Channel]`, ….

    Returns:
        An object, a list of objects, or the result unchanged.
    """
    listed = _LIST.fullmatch(response_class)
    factory = CLASS_MAP.get(listed[1] if listed else response_class)
    if factory is None:
        return result
    if listed:
        return [factory(client, each) for each in result] if isinstance(result, list) else result
    return factory(client, result) if isinstance(result, dict) else result
