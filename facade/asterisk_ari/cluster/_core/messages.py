"""What goes over NATS besides the frames of Asterisk. Pure."""

from collections.abc import Sequence
from typing import Any

import msgspec

from asterisk_ari import errors
from asterisk_ari._core.requests.request import OperationRequest, percent_encode
from asterisk_ari._core.requests.response import Response
from asterisk_ari.errors import NotSent, OutcomeUnknown, RequestTimeout, TransportError

_CARRIED: dict[str, type[TransportError]] = {
    kind.__name__: kind
    for kind in (
        NotSent,
        errors.ConnectionRefused,
        errors.HostNotFound,
        errors.TlsFailed,
        OutcomeUnknown,
        RequestTimeout,
    )
}


class WorkerRequest(msgspec.Struct, array_like=True):
    """A request of a worker for a node; after `deadline`, by the clock of the gateway, nobody waits for its answer."""

    worker: str
    deadline: float
    operation: str
    method: str
    path: str
    params: dict[str, Any]
    json: Any
    binary: bool
    only_owned: bool


class GatewayReply(msgspec.Struct, array_like=True):
    """The answer of Asterisk, or, with `error`, why there is none."""

    status: int = 0
    headers: dict[str, str] = {}
    content: bytes = b""
    error: str = ""
    message: str = ""
    remedy: str | None = None


class Announcement(msgspec.Struct):
    """What a gateway says of its node, once a second and when something changes; `run` names its process."""

    node: str
    run: str
    at: float
    apps: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    calls: int = 0
    connected: bool = False
    draining: bool = False
    leaving: bool = False


class GatewayState(msgspec.Struct, tag="GatewayState"):
    """Among the events, for workers alone: from here on there are none ("lost"), or there are again ("open")."""

    node: str
    run: str
    number: int
    state: str
    reason: str = ""


ADOPT = "gateway.adopt"
"""What a worker asks a gateway for that no Asterisk has: what a worker that has died had."""


def adoption_of(dead: str, app: str = "", channel_id: str = "", args: Sequence[str] = ()) -> OperationRequest:
    """A request for one channel of a worker that has died, as if it entered the app now; without a channel, for all else."""
    wanted = {"dead": dead, "application": app, "channelId": channel_id}
    return OperationRequest(ADOPT, "POST", f"/channels/{percent_encode(channel_id)}/adopt", wanted, list(args))


encode_request = msgspec.msgpack.Encoder().encode
decode_request = msgspec.msgpack.Decoder(WorkerRequest).decode
encode_reply = msgspec.msgpack.Encoder().encode
decode_reply = msgspec.msgpack.Decoder(GatewayReply).decode
encode_json = msgspec.json.Encoder().encode
decode_announcement = msgspec.json.Decoder(Announcement).decode
decode_state = msgspec.json.Decoder(GatewayState).decode
STATE_BEGINS = b'{"type":"GatewayState"'


def request_of(asked: WorkerRequest) -> OperationRequest:
    """The request as the node's transport takes it."""
    return OperationRequest(asked.operation, asked.method, asked.path, asked.params, asked.json, asked.binary)


def failure(error: TransportError) -> GatewayReply:
    """What a transport's error is told as."""
    kind = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _CARRIED)
    return GatewayReply(error=kind, message=error.message, remedy=error.remedy)


def refusal(status: int, message: str) -> GatewayReply:
    """What Asterisk would say, had it been asked."""
    return GatewayReply(status, {"content-type": "application/json"}, encode_json({"message": message}))


def outcome(request: OperationRequest, reply: GatewayReply) -> Response:
    """The answer.

    Raises:
        TransportError: there is none; its class says whether Asterisk may have executed the request.
    """
    if reply.error:
        kind = _CARRIED.get(reply.error, OutcomeUnknown)
        raise kind(reply.message, operation=request.operation, method=request.method, path=request.path, remedy=reply.remedy)
    return Response(reply.status, reply.headers, reply.content)


def with_node(node: str, number: int, frame: bytes) -> bytes:
    """A frame of Asterisk with the name of its node in it, and its number, by which workers know what they have had."""
    return b'{"node":"%b","node_event":%d,%b' % (node.encode(), number, frame[1:]) if frame[:2] == b'{"' else frame


def as_placed(frame: bytes) -> bytes:
    """The StasisStart of a channel that a worker has created: its next life, which does not know that, takes it for no call."""
    return b'{"placed":true,%b' % frame[1:] if frame[:2] == b'{"' else frame


_SEPARATOR = b"\x1e"  # JSON contains it only escaped, line ends also as they are


def join_frames(frames: Sequence[bytes]) -> bytes:
    """Several frames in one message; a single one is the message."""
    return _SEPARATOR.join(frames) if len(frames) > 1 else frames[0]


def split_frames(data: bytes) -> list[bytes]:
    """The frames of a message."""
    return data.split(_SEPARATOR)


def number_of(node: str, frame: bytes) -> int | None:
    """The number of a frame, if it has one."""
    begin = len(node) + 24
    try:
        return int(frame[begin : frame.index(b",", begin)])
    except ValueError:
        return None
