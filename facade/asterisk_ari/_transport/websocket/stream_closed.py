"""How an event WebSocket ends."""

from asterisk_ari._transport.websocket.frame_parser import CloseFrameReceived
from asterisk_ari._transport.websocket.frame_rules import ProtocolViolation


class StreamClosed(Exception):
    """The connection has ended: `reason` in words, and the `code` of the server's close frame if there was one."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


_MEANINGS = {
    1000: "closed by the server",
    1001: "the server is going away",
    1002: "the server found an error in the protocol",
    1003: "the server does not take that kind of message",
    1009: "a message was too big for the server",
    1011: "internal error of the server",
}


def why_closed(abort_reason: str | None, error: Exception) -> StreamClosed:
    """Return why a connection ended: the client's own reason if it ended it, otherwise the error that occurred while reading."""
    if abort_reason is not None:
        return StreamClosed(abort_reason)
    if isinstance(error, CloseFrameReceived):
        return _closed_by_the_server(error)
    if isinstance(error, ProtocolViolation):
        return StreamClosed(f"WebSocket protocol error: the server sent {error.reason}; closed with code {error.code}")
    if isinstance(error, ConnectionError):
        return StreamClosed("the connection broke without a close frame")
    return StreamClosed(f"the connection broke: {type(error).__name__}: {error}")


def _closed_by_the_server(frame: CloseFrameReceived) -> StreamClosed:
    if frame.code is None:
        return StreamClosed("closed by the server, with a close frame without a code")
    said = f" ({frame.reason!r})" if frame.reason else ""
    return StreamClosed(f"close code {frame.code}: {_MEANINGS.get(frame.code, 'closed by the server')}{said}", frame.code)
