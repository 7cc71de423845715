"""What somebody who observes a client is told: telemetry, for example. Nobody does unless a program asks for it. Pure."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.response import Response


class Observer(Protocol):
    """Told what a client does, where it does it: nothing here may wait or raise."""

    def frames(self, frames: Sequence[bytes], /) -> None:
        """Frames have come, and will be routed when this returns."""

    def request_begins(self, request: OperationRequest, /) -> Any:
        """A request is about to be sent; the result is given back at its end."""

    def request_ends(self, begun: Any, response: Response | None, error: BaseException | None, /) -> None:
        """It was answered, or it failed."""

    def handler_begins(self, event: Any, /) -> Any:
        """A handler is about to be called with an event, in the context in which this is; the result is given back at its end."""

    def handler_ends(self, begun: Any, handler: Callable[..., Any], error: BaseException | None, /) -> None:
        """It has returned or raised."""

    def step(self, name: str, channel_id: str, /) -> AbstractContextManager[None]:
        """What a call does for a while: "ask", "dial"."""

    def stream_opened(self, stream: Any, /) -> None:
        """An audio stream was opened."""
