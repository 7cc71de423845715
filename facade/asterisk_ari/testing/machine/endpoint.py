"""Endpoints: how each behaves when it is called."""

from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Endpoint:
    """One PJSIP endpoint and its script.

    `behaviour` is what it does when it is called: `answers` (after `rings` and `answers_after` seconds), `rings`
    for ever, `busy`, `refuses` (with `cause`), `silent` (gives no sign of life), or `unreachable` (no contact). One that
    answers talks for `says` seconds.
    """

    resource: str
    behaviour: str = "answers"
    rings_after: float = 0.0
    answers_after: float = 0.1
    cause: int = 21
    context: str = "from-ua"
    caller_name: str = ""
    caller_number: str = ""
    technology: str = "PJSIP"
    says: float = 0.0
    channels: list[str] = field(default_factory=list)
    registered_as: str = field(default="answers", init=False)
    """What it does once it is registered again."""

    @property
    def is_reachable(self) -> bool:
        """Whether it has a contact."""
        return self.behaviour != "unreachable"

    @property
    def names(self) -> tuple[str, str]:
        """What one may subscribe to in order to hear of it: itself and its technology."""
        return f"{self.technology}/{self.resource}", self.technology

    @property
    def idle_state(self) -> str:
        """The state of the device behind it while there is no call."""
        return "NOT_INUSE" if self.is_reachable else "UNAVAILABLE"

    def snapshot(self) -> Json:
        """The endpoint as requests and events show it."""
        return {
            "technology": self.technology,
            "resource": self.resource,
            "state": "online" if self.is_reachable else "offline",
            "channel_ids": list(self.channels),
        }


# What the documentation's examples call.
_TALKERS = ("trunk", "phones", "customer", "user1", "user2", "user3", "supervisor", "1234567890", "new_endpoint")


def endpoints_of(given: "dict[str, str | Endpoint] | None") -> dict[str, Endpoint]:
    """By resource, from what the test's author wrote: `{"alice": "answers", "bob": Endpoint("bob", "busy")}`.

    An `Endpoint` is copied: what becomes of it in one server is not known to the next one.
    """
    if given is None:
        given = {
            "uas": "answers",
            **{name: Endpoint(name, says=3600.0) for name in _TALKERS},
            **dict.fromkeys(("alice", "bob", "anonymous"), "unreachable"),
        }
    return {
        resource: replace(item, channels=[]) if isinstance(item, Endpoint) else Endpoint(resource, item)
        for resource, item in ((name.removeprefix("PJSIP/"), item) for name, item in given.items())
    }
