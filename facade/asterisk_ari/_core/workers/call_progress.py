"""What another worker needs to continue a call. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from asterisk_ari._core.media.legs import MEDIA_LEGS

# What `new_id` and `id_of` generate; the second half of a Local channel has ";2" appended.
_PLACED = re.compile(r"[a-z]+-[0-9a-f]{32}(;2)?|.+-of-.+", re.DOTALL)


@dataclass(frozen=True)
class CallProgress:
    """How a call entered, and the results of its program's steps."""

    args: tuple[str, ...]
    steps: Mapping[str, Any] = field(default_factory=dict)
    is_adopted: bool = False

    @classmethod
    def adopted(cls, text: str | None) -> "CallProgress":
        """Parse the result of `text`; None: the worker died before it had stored anything."""
        kept = json.loads(text) if text else {}
        return cls(tuple(kept.get("args", ())), kept.get("steps", {}), is_adopted=True)

    @property
    def text(self) -> str:
        """Return the stored form."""
        return json.dumps({"args": self.args, "steps": self.steps}, separators=(",", ":"))

    def with_step(self, name: str, result: Any) -> "CallProgress":
        """Return it with the result of one more step."""
        return replace(self, steps={**self.steps, name: result})


def id_of(name: str, call_id: str) -> str:
    """Return the id of an object that belongs to a call."""
    # Placed before the id of the call: Asterisk rejects a channel whose id begins with that of another one.
    return f"{name}-of-{call_id}"


def is_placed_by_client(channel_id: str) -> bool:
    """Whether clients give such ids to channels that they create: then it is not a call, unless recorded as one."""
    return channel_id.startswith(MEDIA_LEGS) or _PLACED.fullmatch(channel_id) is not None


def is_ringing(channel: Mapping[str, Any]) -> bool:
    """Whether a channel was placed and has not been answered yet."""
    return (channel.get("dialplan") or {}).get("app_name") == "AppDial2" and channel.get("state") in ("Down", "Ring", "Ringing")


def app_args(args: Sequence[str]) -> str | None:
    """Return the arguments of an app as `move` takes them."""
    return ",".join(args) or None
