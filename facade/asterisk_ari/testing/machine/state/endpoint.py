"""Endpoints: how each behaves when it is called."""

from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]


_BEHAVIOURS = ("answers", "rings", "busy", "refuses", "silent", "unreachable")


@dataclass(slots=True)
class ServerEndpoint:
    """One PJSIP endpoint, and what it does when it is called.

    `behaviour` is `answers` (rings after `rings_after` seconds, answers after `answers_after`), `rings` (without end), `busy`,
    `refuses` (with the hangup `cause`), `silent` (no response at all) or `unreachable` (no contact). An endpoint that answers
    then talks for `says` seconds. `busy` and `refuses` come after `answers_after` seconds, too.

    `rings_after` None is an endpoint that does not ring: `ServerEndpoint("eve", "busy", rings_after=None, answers_after=0)`
    is busy at once. `progress_after` are the seconds until early media (183); None is without. `sip_status` is the SIP response
    of one that refuses, which `tech_cause` tells; None is one that fits the cause.
    """

    resource: str
    behaviour: str = "answers"
    rings_after: float | None = 0.0
    answers_after: float = 0.1
    cause: int = 21
    context: str = "from-ua"
    caller_name: str = ""
    caller_number: str = ""
    technology: str = "PJSIP"
    says: float = 0.0
    progress_after: float | None = None
    sip_status: int | None = None
    channels: list[str] = field(default_factory=list)
    registered_as: str = field(default="answers", init=False)
    """Its behaviour once it is registered again."""

    def __post_init__(self) -> None:
        if self.behaviour not in _BEHAVIOURS:
            raise ValueError(f"endpoint {self.resource!r} cannot be {self.behaviour!r}: it is one of {', '.join(_BEHAVIOURS)}")

    @property
    def is_reachable(self) -> bool:
        """Whether it has a contact."""
        return self.behaviour != "unreachable"

    @property
    def topics(self) -> tuple[str, str]:
        """The topics of its events: itself and its technology."""
        return f"{self.technology}/{self.resource}", self.technology

    @property
    def idle_state(self) -> str:
        """Its device state without a call."""
        return "NOT_INUSE" if self.is_reachable else "UNAVAILABLE"

    def snapshot(self) -> Json:
        """The endpoint as responses and events show it."""
        return {
            "technology": self.technology,
            "resource": self.resource,
            "state": "online" if self.is_reachable else "offline",
            "channel_ids": list(self.channels),
        }


# The endpoints that the examples of the documentation call.
_ENDPOINTS_OF_EXAMPLES = ("trunk", "phones", "customer", "user1", "user2", "user3", "supervisor", "1234567890", "new_endpoint")


def read_endpoints(given: "dict[str, str | ServerEndpoint] | None") -> dict[str, ServerEndpoint]:
    """Endpoints by resource, from the argument of EmbeddedAsterisk: `{"alice": "answers", "bob": ServerEndpoint("bob", "busy")}`.

    A `ServerEndpoint` is copied, so that two servers do not share its state.
    """
    if given is None:
        given = {
            "uas": "answers",
            **{name: ServerEndpoint(name, says=3600.0) for name in _ENDPOINTS_OF_EXAMPLES},
            **dict.fromkeys(("alice", "bob", "anonymous"), "unreachable"),
        }
    return {
        resource: replace(item, channels=[]) if isinstance(item, ServerEndpoint) else ServerEndpoint(resource, item)
        for resource, item in ((name.removeprefix("PJSIP/"), item) for name, item in given.items())
    }
