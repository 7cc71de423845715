"""Which worker gets which event of a node. Pure."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.events.effects import CREATIONS
from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari.cluster._core.subjects import ALL_WORKERS

MAX_LEFT = 10_000
_OWNED = ("channel", "bridge")
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _ObjectId(msgspec.Struct, gc=False):
    id: str = ""


class _Targeted(msgspec.Struct, gc=False):
    target_uri: str = ""


class EventAddress(msgspec.Struct, gc=False):
    """The part of an event that determines its recipients."""

    type: str = ""
    application: str = ""
    channel: _ObjectId | None = None
    bridge: _ObjectId | None = None
    playback: _Targeted | None = None
    recording: _Targeted | None = None
    peer: _ObjectId | None = None
    caller: _ObjectId | None = None
    args: list[str] = []

    def objects(self) -> list[str]:
        """The channels and bridges it is about, such as `channel:1735689600.1`."""
        found = []
        if self.channel is not None and self.channel.id:
            found.append("channel:" + self.channel.id)
        if self.peer is not None and self.peer.id:
            found.append("channel:" + self.peer.id)
        if self.caller is not None and self.caller.id:
            found.append("channel:" + self.caller.id)
        if self.bridge is not None:
            found.append("bridge:" + self.bridge.id)
        if self.playback is not None and self.playback.target_uri:
            found.append(self.playback.target_uri)
        if self.recording is not None and self.recording.target_uri:
            found.append(self.recording.target_uri)
        return found


_decode = msgspec.json.Decoder(EventAddress).decode


def address_of(frame: bytes) -> EventAddress:
    """Return the address of a frame; a frame that cannot be parsed is for all workers."""
    try:
        return _decode(frame)
    except _UNREADABLE:
        return EventAddress()


class Delivery(NamedTuple):
    """The destination of an event: the object named in its subject, and the workers."""

    object: str
    workers: tuple[str, ...]


class Owners:
    """The workers of the channels and bridges of one node.

    A new call belongs to the worker that took it, an object to the worker that created it. An event goes to the owners of all
    objects it is about, or to all workers if none of them has an owner. Channels that left the app are remembered for a while:
    they may come back, and their last events are still to come.
    """

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}
        self._left: OrderedDict[str, str] = OrderedDict()
        self._in_app: set[str] = set()
        self._args: dict[str, list[str]] = {}
        self._placed: set[str] = set()

    @property
    def calls(self) -> int:
        """The number of channels in the apps."""
        return len(self._in_app)

    @property
    def workers(self) -> set[str]:
        """All workers that own an object."""
        return {*self._owners.values(), *self._left.values()}

    def owner(self, subject: str) -> str | None:
        """The owner of an object; None if it has none."""
        return self._owners.get(subject) or self._left.get(subject)

    def own(self, subject: str, worker: str) -> None:
        """Assign an object to a worker."""
        self._left.pop(subject, None)
        self._owners[subject] = worker

    def place(self, subject: str, worker: str) -> None:
        """Assign an object that a worker creates to it."""
        self.own(subject, worker)
        self._placed.add(subject)

    def is_placed(self, subject: str) -> bool:
        """Whether a worker created the object, so that it is not a new call."""
        return subject in self._placed

    def remember(self, subject: str, worker: str) -> None:
        """Assign an object to a worker if it still exists, which is unknown."""
        if self.owner(subject) is None:
            self._keep_left(subject, worker)

    def disown(self, subject: str) -> None:
        """Remove the owner of an object."""
        self._owners.pop(subject, None)
        self._left.pop(subject, None)
        self._placed.discard(subject)

    def args_of(self, subject: str) -> list[str]:
        """The arguments with which a call entered the app; empty if they are unknown."""
        return self._args.get(subject, [])

    def take_over(self, subject: str, dead: str, worker: str) -> bool:
        """Pass a channel in the apps to another worker; return False if it is not there or does not belong to the dead one."""
        if subject not in self._in_app or self.owner(subject) != dead:
            return False
        self.own(subject, worker)
        return True

    def inherit(self, dead: str, worker: str) -> bool:
        """Pass everything else of a dead worker to another one; return False while one of its channels is in the apps."""
        if any(self.owner(subject) == dead for subject in self._in_app):
            return False
        for owned in (self._owners, self._left):
            for subject in [one for one, owner in owned.items() if owner == dead]:
                owned[subject] = worker
        return True

    def delivery(self, event: EventAddress, objects: list[str]) -> Delivery | None:
        """Return the destination of an event about these objects; None for a new call, for which a worker must be found first."""
        found = tuple(dict.fromkeys(worker for one in objects if (worker := self.owner(one)) is not None))
        if event.type == "StasisStart" and event.channel is not None:
            subject = objects[0]
            self._in_app.add(subject)
            if event.args:
                self._args[subject] = event.args
            if (worker := self.owner(subject)) is None:
                return None
            self.own(subject, worker)
        elif event.type in ("StasisEnd", "ChannelDestroyed", "BridgeDestroyed") and objects:
            self._ended(objects[0], is_gone=event.type != "StasisEnd")
        return Delivery(objects[0] if objects else "", found or (ALL_WORKERS,))

    def _ended(self, subject: str, *, is_gone: bool) -> None:
        self._in_app.discard(subject)
        self._args.pop(subject, None)
        worker = self._owners.pop(subject, None)
        if is_gone:
            self._left.pop(subject, None)
            self._placed.discard(subject)
        elif worker is not None:
            self._keep_left(subject, worker)

    def _keep_left(self, subject: str, worker: str) -> None:
        self._left[subject] = worker
        if len(self._left) > MAX_LEFT:
            self._placed.discard(self._left.popitem(last=False)[0])

    def only_in_app(self, subjects: set[str]) -> None:
        """Set the channels that are in the apps to those the server lists."""
        for gone in self._in_app - subjects:
            self._ended(gone, is_gone=False)
        self._in_app = set(subjects)


def created_by(request: OperationRequest) -> list[str]:
    """The channels and bridges that a request creates with ids of its choice."""
    creation = CREATIONS.get(request.operation)
    if creation is None:
        return []
    values = values_of(request)
    return [f"{kind}:{values[name]}" for kind, name in creation.names if kind in _OWNED and values.get(name)]


def values_of(request: OperationRequest) -> Mapping[str, Any]:
    """All parameters of a request, including those in its path."""
    template = OPERATIONS[request.operation].path if request.operation in OPERATIONS else ""
    names = zip(template.strip("/").split("/"), request.path.strip("/").split("/"), strict=False)
    in_path = {name[1:-1]: unquote(value) for name, value in names if name.startswith("{")}
    return {**in_path, **request.params, **(request.json if isinstance(request.json, Mapping) else {})}
