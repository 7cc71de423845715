"""The faults, as described by requests of the control API and by the TOML file."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from asterisk_ari.testing.faults import Faults

Times = Annotated[int, Meta(ge=1, description="How many are affected; null means all, until faults end.")] | None
Seconds = Annotated[float, Meta(ge=0, le=86400)]


class FaultMessage(Struct, tag_field="fault", forbid_unknown_fields=True, kw_only=True):
    """Something that the server does wrong; `begin` makes it take effect."""


class OfRequests(FaultMessage, kw_only=True):
    """A fault of requests: which ones, and how many."""

    method: Annotated[str, Meta(description="Only requests with this method; null means any.")] | None = None
    path: Annotated[str, Meta(description="Only requests whose path contains this; null means any.")] | None = None
    times: Times = 1

    @property
    def which(self) -> dict[str, Any]:
        """Return the arguments that select the requests."""
        return {"method": self.method, "path": self.path, "times": self.times}


class Delay(OfRequests, tag="delay", kw_only=True):
    """Respond late."""

    seconds: Seconds

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
        faults.delay(self.seconds, **self.which)


class OtherAnswer(OfRequests, tag="answer", kw_only=True):
    """Send this response instead: an object becomes JSON, a text HTML, null a page of Asterisk's own."""

    status: Annotated[int, Meta(ge=100, le=599)]
    body: Any = None

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
        faults.answer(self.status, self.body, **self.which)


class DropReply(OfRequests, tag="drop_reply", kw_only=True):
    """Execute the request, then close the connection without a response."""

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
        faults.drop_reply(**self.which)


class DropRequest(OfRequests, tag="drop_request", kw_only=True):
    """Close the connection without executing the request."""

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
        faults.drop_request(**self.which)


class Garbage(OfRequests, tag="garbage", kw_only=True):
    """Respond with bytes that are not HTTP."""

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
        faults.garbage(**self.which)


class LoseEvents(FaultMessage, tag="lose_events", kw_only=True):
    """Do not send events, of one type or of all."""

    event_type: str | None = None
    times: Times = 1

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
        faults.lose_events(self.event_type, times=self.times)


class DelayEvents(FaultMessage, tag="delay_events", kw_only=True):
    """Send events late; 0 seconds ends it."""

    seconds: Seconds

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
        faults.delay_events(self.seconds)


class DropSockets(FaultMessage, tag="drop_sockets", kw_only=True):
    """Drop event WebSockets without a close frame."""

    app: Annotated[str, Meta(description="Only those of this app; null means all.")] | None = None

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
        faults.drop_sockets(self.app)


class CloseSockets(FaultMessage, tag="close_sockets", kw_only=True):
    """Close event WebSockets with a close frame."""

    code: Annotated[int, Meta(ge=1000, le=4999)] = 1001
    app: Annotated[str, Meta(description="Only those of this app; null means all.")] | None = None

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
        faults.close_sockets(self.code, self.app)


class SendText(FaultMessage, tag="send_text", kw_only=True):
    """Send a text frame unchanged, such as a malformed event."""

    text: str
    app: Annotated[str, Meta(description="Only to this app; null means all.")] | None = None

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
        faults.send_text(self.text, self.app)


class Refuse(FaultMessage, tag="refuse", kw_only=True):
    """Refuse connections to ARI, until faults end."""

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
        faults.refuse()


class Booting(FaultMessage, tag="booting", kw_only=True):
    """Respond with 503 to everything, or with 404 as before ARI is loaded, until faults end."""

    loading: bool = False

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
        faults.booting(self.loading)


class Restart(FaultMessage, tag="restart", kw_only=True):
    """Restart the server: all calls and WebSockets end, and all state is lost."""

    graceful: Annotated[bool, Meta(description="Notify programs of the end of their calls first.")] = True

    def begin(self, faults: Faults) -> None:
        """Make it take effect."""
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
    """Return the fault described by a table of the TOML file.

    Raises:
        ValueError: it is not a valid fault.
    """
    try:
        fault: Fault = msgspec.convert(table, Fault)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}; faults are {', '.join(FAULTS)}") from None
    return fault
