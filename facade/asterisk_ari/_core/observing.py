"""The interface of client observers, such as telemetry. There is none unless a program adds one. Pure."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.response import Response


class Observer(Protocol):
    """Called inline with what a client does: its methods must not block or raise."""

    def frames(self, frames: Sequence[bytes], /) -> None:
        """Frames have arrived, and will be routed when this returns."""

    def request_begins(self, request: OperationRequest, /) -> Any:
        """A request is about to be sent; the result is passed to `request_ends`."""

    def request_ends(self, begun: Any, response: Response | None, error: BaseException | None, /) -> None:
        """The request was answered, or it failed."""

    def handler_begins(self, event: Any, /) -> Any:
        """A handler is about to be called with an event, in the same context as this; the result is passed to `handler_ends`."""

    def handler_ends(self, begun: Any, handler: Callable[..., Any], error: BaseException | None, /) -> None:
        """The handler has returned or raised."""

    def step(self, name: str, channel_id: str, /) -> AbstractContextManager[None]:
        """A longer step of a call, such as "ask" or "dial"."""

    def stream_opened(self, stream: Any, /) -> None:
        """An audio stream was opened."""
