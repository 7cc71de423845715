"""The parameters of one request."""

from typing import Any

from asterisk_ari.testing.operations.reply import RequestRefused, error_reply


class Parameters:
    """Parameters by name, with the types of the operation's definition, and the JSON body as a whole."""

    __slots__ = ("body", "values")

    def __init__(self, values: dict[str, Any], body: Any) -> None:
        self.values: dict[str, Any] = values
        self.body: Any = body

    def text(self, name: str) -> str | None:
        """A string; None when it was not given."""
        value: str | None = self.values.get(name)
        return value

    def required_text(self, name: str, message: str, status: int = 400) -> str:
        """A string that is not empty; else the request is refused with this status and message."""
        value = self.text(name)
        if not value:
            raise RequestRefused(error_reply(status, message))
        return value

    def number(self, name: str) -> int:
        """A whole number; 0 when it was not given or is none."""
        value: int = self.values.get(name, 0)
        return value

    def flag(self, name: str) -> bool:
        """A boolean; False when it was not given or is none."""
        value: bool = self.values.get(name, False)
        return value

    def list(self, name: str) -> list[str]:
        """Several strings."""
        value: list[str] = self.values.get(name, [])
        return value
