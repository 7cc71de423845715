"""What the first frames of a WebSocket that Asterisk has opened say: which Asterisk, which apps, what had waited. Pure."""

from datetime import datetime
from typing import Literal

import msgspec

from asterisk_ari._core.events.decode import UNREADABLE
from asterisk_ari._core.requests.over_websocket import REPLY, decode_reply, message_of, response_of
from asterisk_ari._core.requests.plan import build
from asterisk_ari._core.requests.request import query_of
from asterisk_ari._core.requests.response import result

Kind = Literal["persistent", "per_call"]

_REQUEST_ID = "introduction"
_REGISTERED = "ApplicationRegistered"


class _Head(msgspec.Struct, gc=False):
    type: str = ""
    application: str = ""
    asterisk_id: str = ""
    timestamp: str = ""
    request_id: str = ""


_decode_head = msgspec.json.Decoder(_Head).decode


class Introduction:
    """Collects frames until all is known.

    Asterisk sends what it has queued while there was no connection, then ApplicationRegistered for each app; then it serves
    requests: the answer to one comes after all of that.
    """

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        """All that came, but for the answer."""
        self.apps: tuple[str, ...] = ()
        self.asterisk_id: str = ""
        self.queued: int = 0
        """How many frames came before the first app was registered."""
        self.late: tuple[datetime, datetime] | None = None
        """The times of the first and the last of these."""
        self.info: object = None
        """What `asterisk.getInfo` has said."""
        self._times: list[str] = []
        self._asked = build("asterisk.getInfo", {"only": ["system"]})

    @property
    def kind(self) -> Kind:
        """By the name of the app: that of a WebSocket for one call is `app:name/of-the-channel`."""
        return "per_call" if "/" in self.apps[0].partition(":")[2] else "persistent"

    @property
    def request(self) -> bytes:
        """What is to be asked once the first app is registered."""
        return message_of(self._asked, query_of(self._asked.params), _REQUEST_ID) or b""

    def take(self, frames: list[bytes]) -> bool:
        """Take some frames; whether the answer has come.

        Raises:
            ResponseError: it is an error.
        """
        is_complete = False
        for frame in frames:
            head = _head_of(frame)
            if head.type == REPLY and head.request_id == _REQUEST_ID:
                self.info = result(self._asked, response_of(decode_reply(frame)), "the Asterisk that connected")
                is_complete = True
                continue
            self.frames.append(frame)
            if head.type == _REGISTERED:
                self._registered(head)
            elif not self.apps:
                self.queued += 1
                self._times.append(head.timestamp)
        return is_complete

    def _registered(self, head: _Head) -> None:
        if not self.apps:
            self.asterisk_id = head.asterisk_id
            times = [time for text in (self._times[:1] + self._times[-1:]) if (time := _time_of(text)) is not None]
            self.late = (min(times), max(times)) if times else None
        self.apps = tuple(dict.fromkeys((*self.apps, head.application)))


def _head_of(frame: bytes) -> _Head:
    try:
        return _decode_head(frame)
    except UNREADABLE:
        return _Head()


def _time_of(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
