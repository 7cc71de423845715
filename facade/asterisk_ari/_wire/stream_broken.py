"""How an event WebSocket ends."""


class StreamBroken(Exception):
    """The connection is over: `reason` in words, `code` of the close frame where there was one."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


_MEANINGS = {
    1000: "closed by the server",
    1001: "the server is going away",
    1009: "a message was too big",
    1011: "internal error of the server",
}


def closed_with(code: int | None) -> StreamBroken:
    """Make the exception for a close frame with this code, or for none."""
    if code is None:
        return StreamBroken("the connection broke without a close frame")
    return StreamBroken(f"close code {code}: {_MEANINGS.get(code, 'closed by the server')}", code)


def how_it_broke(abort_reason: str | None, error: Exception | None, code: int | None) -> StreamBroken:
    """Make the exception: the client's own reason if it ended the connection, else the error, else the close frame."""
    if abort_reason is not None:
        return StreamBroken(abort_reason)
    if error is None or isinstance(error, ConnectionError):
        return closed_with(code)
    return StreamBroken(f"the connection broke: {type(error).__name__}: {error}")
