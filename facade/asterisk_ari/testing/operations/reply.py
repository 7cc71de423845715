"""Replies of operations."""

from collections.abc import Callable
from typing import Any


class Reply:
    """A status and a body: JSON, bytes, or nothing."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        self.status: int = status
        self.body: Any = body
        self.headers: dict[str, str] | None = headers


class PendingReply:
    """A reply that is sent once the channel has executed the command."""

    __slots__ = ("_callback", "reply")

    def __init__(self) -> None:
        self.reply: Reply | None = None
        self._callback: Callable[[Reply], None] | None = None

    def set(self, reply: Reply) -> None:
        """Set the reply; only the first one counts."""
        if self.reply is None:
            self.reply = reply
            if self._callback is not None:
                self._callback(reply)

    def on_reply(self, callback: Callable[[Reply], None]) -> None:
        """Call back with the reply, at once if it is already set."""
        self._callback = callback
        if self.reply is not None:
            callback(self.reply)


class RequestRefused(Exception):
    """The operation ends here, with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


NO_CONTENT = Reply(204)


def error_reply(status: int, message: str) -> Reply:
    """Return Asterisk's reply to a rejected request."""
    return Reply(status, {"message": message})


def allocation_failed() -> Reply:
    """Return Asterisk's reply after an internal failure."""
    return Reply(500, {"error": "Allocation failed"})
