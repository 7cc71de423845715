"""What handlers get and give, and which operation has which handler."""

from collections.abc import Callable
from typing import Any

from ..machine.core import Machine

Json = Any


class Reply:
    """A status and a body: JSON, bytes, or nothing."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, body: Json = None, headers: dict[str, str] | None = None) -> None:
        self.status: int = status
        self.body: Json = body
        self.headers: dict[str, str] | None = headers


class Waiting:
    """A reply that comes when the channel has done what it is to do."""

    __slots__ = ("_then", "reply")

    def __init__(self) -> None:
        self.reply: Reply | None = None
        self._then: Callable[[Reply], None] | None = None

    def finish(self, reply: Reply) -> None:
        """Here is the reply."""
        if self.reply is None:
            self.reply = reply
            if self._then is not None:
                self._then(reply)

    def then(self, tell: Callable[[Reply], None]) -> None:
        """Who wants to hear of it."""
        self._then = tell
        if self.reply is not None:
            tell(self.reply)


class Parameters:
    """The parameters of one request, read as Asterisk reads them."""

    __slots__ = ("body", "values")

    def __init__(self, values: dict[str, Any], body: Json) -> None:
        self.values: dict[str, Any] = values
        self.body: Json = body

    def text(self, name: str) -> str | None:
        """A string; None when it was not given."""
        value: str | None = self.values.get(name)
        return value

    def number(self, name: str, default: int = 0) -> int:
        """A whole number; what is none is 0."""
        value: int = self.values.get(name, default)
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean; what is none is false."""
        value: bool = self.values.get(name, default)
        return value

    def list(self, name: str) -> list[str]:
        """Several values."""
        value: list[str] = self.values.get(name, [])
        return value


Handler = Callable[[Machine, Parameters], Reply | Waiting]

HANDLERS: dict[str, Handler] = {}

NOT_SERVED: dict[str, str] = {}
"""Operations that answer 501, and why."""

NO_CONTENT = Reply(204)


def operation(name: str) -> Callable[[Handler], Handler]:
    """This function serves that operation of the definitions."""

    def register(handler: Handler) -> Handler:
        HANDLERS[name] = handler
        return handler

    return register


def error(status: int, message: str) -> Reply:
    """Asterisk's way to say no."""
    return Reply(status, {"message": message})


def allocation_failed() -> Reply:
    """Asterisk's way to say that something went wrong inside."""
    return Reply(500, {"error": "Allocation failed"})
