"""The faults, as requests of the control API and the TOML file say them."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from asterisk_ari.testing.faults import Faults

Times = Annotated[int, Meta(ge=1, description="To so many; null is to all, until faults end.")] | None
Seconds = Annotated[float, Meta(ge=0, le=86400)]


class FaultMessage(Struct, tag_field="fault", forbid_unknown_fields=True, kw_only=True):
    """Something that the server does wrong; `begin` lets it take effect."""


class OfRequests(FaultMessage, kw_only=True):
    """A fault of requests: of which ones, and of how many."""

    method: Annotated[str, Meta(description="Of requests with this method; null is any.")] | None = None
    path: Annotated[str, Meta(description="Of requests whose path holds this; null is any.")] | None = None
    times: Times = 1

    @property
    def which(self) -> dict[str, Any]:
        """The arguments that say so."""
        return {"method": self.method, "path": self.path, "times": self.times}


class Delay(OfRequests, tag="delay", kw_only=True):
    """Answer late."""

    seconds: Seconds

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.delay(self.seconds, **self.which)


class OtherAnswer(OfRequests, tag="answer", kw_only=True):
    """Answer this instead: an object is JSON, a text HTML, null a page of Asterisk's own."""

    status: Annotated[int, Meta(ge=100, le=599)]
    body: Any = None

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.answer(self.status, self.body, **self.which)


class DropReply(OfRequests, tag="drop_reply", kw_only=True):
    """Do what is asked, and close the connection without an answer."""

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.drop_reply(**self.which)


class DropRequest(OfRequests, tag="drop_request", kw_only=True):
    """Close the connection, and do nothing."""

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.drop_request(**self.which)


class Garbage(OfRequests, tag="garbage", kw_only=True):
    """Answer with bytes that are not HTTP."""

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.garbage(**self.which)


class LoseEvents(FaultMessage, tag="lose_events", kw_only=True):
    """Do not send events, of one type or of all."""

    event_type: str | None = None
    times: Times = 1

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.lose_events(self.event_type, times=self.times)


class DelayEvents(FaultMessage, tag="delay_events", kw_only=True):
    """Send events late; 0 seconds end it."""

    seconds: Seconds

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.delay_events(self.seconds)


class DropSockets(FaultMessage, tag="drop_sockets", kw_only=True):
    """Cut event WebSockets without a close frame."""

    app: Annotated[str, Meta(description="Those of this app; null is all.")] | None = None

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.drop_sockets(self.app)


class CloseSockets(FaultMessage, tag="close_sockets", kw_only=True):
    """Close event WebSockets with a close frame."""

    code: Annotated[int, Meta(ge=1000, le=4999)] = 1001
    app: Annotated[str, Meta(description="Those of this app; null is all.")] | None = None

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.close_sockets(self.code, self.app)


class SendText(FaultMessage, tag="send_text", kw_only=True):
    """Send a text frame as it is, such as a broken event."""

    text: str
    app: Annotated[str, Meta(description="To this app; null is all.")] | None = None

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.send_text(self.text, self.app)


class Refuse(FaultMessage, tag="refuse", kw_only=True):
    """Refuse connections to ARI, until faults end."""

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.refuse()


class Booting(FaultMessage, tag="booting", kw_only=True):
    """Answer 503 to everything, or 404 as before ARI is loaded, until faults end."""

    loading: bool = False

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.booting(self.loading)


class Restart(FaultMessage, tag="restart", kw_only=True):
    """Restart the server: calls end, WebSockets end, nothing is left."""

    graceful: Annotated[bool, Meta(description="Tell programs of the end of their calls first.")] = True

    def begin(self, faults: Faults) -> None:
        """Let it take effect."""
        faults.restart(graceful=self.graceful)


Fault = (
    Delay
    | OtherAnswer
    | DropReply
    | DropRequest
    | Garbage
    | LoseEvents
    | DelayEvents
    | DropSockets
    | CloseSockets
    | SendText
    | Refuse
    | Booting
    | Restart
)


FAULTS: list[str] = [str(kind.__struct_config__.tag) for kind in Fault.__args__]
"""Their names."""


def read_fault(table: Any) -> Fault:
    """The fault that a table of the TOML file says.

    Raises:
        ValueError: it means nothing.
    """
    try:
        fault: Fault = msgspec.convert(table, Fault)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}; faults are {', '.join(FAULTS)}") from None
    return fault
