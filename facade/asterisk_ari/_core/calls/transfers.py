"""Transfers: what a phone requests, how a transfer ends, and what is reported to the phone. Pure."""

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
    """A completed transfer whose conversation is over.

    Attributes:
        leg: the call to the transfer target.
        ended: which of the two hung up.
    """

    leg: L_co
    ended: "Ended[Any]"


@dataclass(frozen=True)
class Refer:
    """A transfer requested by a phone, from a ChannelTransfer event.

    Attributes:
        kind: "attended" if it names a second call of the phone that is to be replaced.
        target: the number it dialled, such as "1234"; for an attended transfer the one in its address.
        source_id: the channel of the phone.
        other_id: the channel it is talking to; None: none.
        bridge_id: the bridge that connects the two.
        destination_id: for an attended transfer the phone's second channel; None if this server does not know that call.
        connected_id: the channel that the second one is talking to.
        timestamp: the time of the request, by the server's clock.
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
    """Return the transfer that the phone of a channel requests.

    None if the event is not a request of this phone, but of the other party's phone, or echoes a progress report to a phone (it
    then has a state).
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
    """The progress reported to a phone whose transfer target has not answered."""
    return "channel_declined" if isinstance(result, Declined) else "channel_unavailable"
