"""Transfers: what a phone asks for, how a transfer ends, and what the phone is told. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from asterisk_ari._core.calls.dial_outcomes import Declined, Unanswered
from asterisk_ari._core.calls.talk import Ended

L_co = TypeVar("L_co", covariant=True)

TransferKind = Literal["blind", "attended"]
TransferProgress = Literal["channel_progress", "channel_answered", "channel_unavailable", "channel_declined"]


@dataclass(frozen=True)
class Transferred(Generic[L_co]):
    """A transfer was made, and what it connected is over.

    Attributes:
        leg: the call to whom it went.
        ended: who of the two has hung up.
    """

    leg: L_co
    ended: "Ended[Any]"


@dataclass(frozen=True)
class Refer:
    """What a phone asks for, by a ChannelTransfer.

    Attributes:
        kind: "attended" where it names a second call of its own that is to be replaced.
        target: whom it dialled, such as "1234"; of an attended one what its address says.
        source_id: the channel of the phone.
        other_id: with whom it talks; None: with nobody.
        bridge_id: where they talk.
        destination_id: of an attended one the phone's second channel; None where this server does not know that call.
        connected_id: with whom that one talks.
        timestamp: when it was asked, by the server.
    """

    kind: TransferKind
    target: str
    source_id: str
    other_id: str | None
    bridge_id: str | None
    destination_id: str | None
    connected_id: str | None
    timestamp: str


def read_refer(event: Mapping[str, Any], source_id: str) -> Refer | None:
    """What the phone of a channel asks for.

    None where the event is no request of this phone: one of the other party's phone, or the echo of what a phone was told,
    which has a state.
    """
    by, to = event.get("referred_by") or {}, event.get("refer_to") or {}
    if event.get("state") is not None or _id(by, "source_channel") != source_id:
        return None
    wanted = to.get("requested_destination") or {}
    destination_id = _id(to, "destination_channel")
    return Refer(
        kind="attended" if wanted.get("protocol_id") or destination_id else "blind",
        target=wanted.get("destination") or "",
        source_id=source_id,
        other_id=_id(by, "connected_channel"),
        bridge_id=_id(by, "bridge"),
        destination_id=destination_id,
        connected_id=_id(to, "connected_channel"),
        timestamp=str(event.get("timestamp")),
    )


def _id(party: Mapping[str, Any], name: str) -> str | None:
    found: str | None = (party.get(name) or {}).get("id")
    return found


def progress_without_answer(result: Unanswered) -> TransferProgress:
    """What a phone is told of a transfer to somebody who has not answered."""
    return "channel_declined" if isinstance(result, Declined) else "channel_unavailable"
