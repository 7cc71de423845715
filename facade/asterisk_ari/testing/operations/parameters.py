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
        """Return a string; None if missing."""
        value: str | None = self.values.get(name)
        return value

    def required_text(self, name: str, message: str, status: int = 400) -> str:
        """Return a non-empty string; otherwise the request is rejected with this status and message."""
        value = self.text(name)
        if not value:
            raise RequestRefused(error_reply(status, message))
        return value

    def number(self, name: str) -> int:
        """Return an integer; 0 if missing or not a number."""
        value: int = self.values.get(name, 0)
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean; False if missing or not a boolean."""
        value: bool = self.values.get(name, False)
        return value

    def list(self, name: str) -> list[str]:
        """Return a list of strings."""
        value: list[str] = self.values.get(name, [])
        return value
