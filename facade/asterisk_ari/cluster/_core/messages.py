"""The messages over NATS besides the frames of Asterisk. Pure."""

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
    """A request of a worker to a node; after `deadline`, by the clock of the gateway, nobody is waiting for the response."""

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
    """Asterisk's response or, with `error`, why there is none."""

    status: int = 0
    headers: dict[str, str] = {}
    content: bytes = b""
    error: str = ""
    message: str = ""
    remedy: str | None = None


class Announcement(msgspec.Struct):
    """The announcement of a node by its gateway, once a second and on every change; `run` identifies the process."""

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
    """A marker among the events, for workers only: a gap begins ("lost") or ends ("open") here."""

    node: str
    run: str
    number: int
    state: str
    reason: str = ""


ADOPT = "gateway.adopt"
"""What a worker asks a gateway for that no Asterisk has: what a worker that has died had."""


def adoption_of(dead: str, app: str = "", channel_id: str = "", args: Sequence[str] = ()) -> OperationRequest:
    """A request to adopt one channel of a dead worker, as if it entered the app now; without a channel, everything else it
    owned."""
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
    """The request in the form the node's transport takes."""
    return OperationRequest(asked.operation, asked.method, asked.path, asked.params, asked.json, asked.binary)


def failure(error: TransportError) -> GatewayReply:
    """The reply for an error of the transport."""
    kind = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _CARRIED)
    return GatewayReply(error=kind, message=error.message, remedy=error.remedy)


def refusal(status: int, message: str) -> GatewayReply:
    """A refusal in the form of an Asterisk response."""
    return GatewayReply(status, {"content-type": "application/json"}, encode_json({"message": message}))


def outcome(request: OperationRequest, reply: GatewayReply) -> Response:
    """Return the response.

    Raises:
        TransportError: there is no response; its class says whether Asterisk may have executed the request.
    """
    if reply.error:
        kind = _CARRIED.get(reply.error, OutcomeUnknown)
        raise kind(reply.message, operation=request.operation, method=request.method, path=request.path, remedy=reply.remedy)
    return Response(reply.status, reply.headers, reply.content)


def with_node(node: str, number: int, frame: bytes) -> bytes:
    """Add the name of the node and a number to a frame; by the number workers recognize frames they already have."""
    return b'{"node":"%b","node_event":%d,%b' % (node.encode(), number, frame[1:]) if frame[:2] == b'{"' else frame


def as_placed(frame: bytes) -> bytes:
    """Mark the StasisStart of a channel that a worker created, so that the worker does not take it for a call after a restart."""
    return b'{"placed":true,%b' % frame[1:] if frame[:2] == b'{"' else frame


_SEPARATOR = b"\x1e"  # JSON contains this byte only escaped, but line ends also unescaped


def join_frames(frames: Sequence[bytes]) -> bytes:
    """Join several frames into one message; a single frame is the message."""
    return _SEPARATOR.join(frames) if len(frames) > 1 else frames[0]


def split_frames(data: bytes) -> list[bytes]:
    """Split a message into its frames."""
    return data.split(_SEPARATOR)


def number_of(node: str, frame: bytes) -> int | None:
    """The number of a frame; None if it has none."""
    begin = len(node) + 24
    try:
        return int(frame[begin : frame.index(b",", begin)])
    except ValueError:
        return None
