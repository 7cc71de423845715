"""What another worker needs to go on with a call. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from asterisk_ari._core.media.legs import MEDIA_LEGS

# What `new_id` and `id_of` make; the second half of a Local channel has ";2" after it.
_PLACED = re.compile(r"[a-z]+-[0-9a-f]{32}(;2)?|.+-of-.+", re.DOTALL)


@dataclass(frozen=True)
class CallProgress:
    """What a call entered with, and what the steps of its program gave."""

    args: tuple[str, ...]
    steps: Mapping[str, Any] = field(default_factory=dict)
    is_adopted: bool = False

    @classmethod
    def adopted(cls, text: str | None) -> "CallProgress":
        """Read what `text` gave; None: the worker died before it had kept anything."""
        kept = json.loads(text) if text else {}
        return cls(tuple(kept.get("args", ())), kept.get("steps", {}), is_adopted=True)

    @property
    def text(self) -> str:
        """As it is kept."""
        return json.dumps({"args": self.args, "steps": self.steps}, separators=(",", ":"))

    def with_step(self, name: str, result: Any) -> "CallProgress":
        """With what one more step gave."""
        return replace(self, steps={**self.steps, name: result})


def id_of(name: str, call_id: str) -> str:
    """The id of something that belongs to a call."""
    # Before the id of the call: Asterisk refuses a channel whose id begins with that of another one.
    return f"{name}-of-{call_id}"


def is_placed_by_client(channel_id: str) -> bool:
    """Whether clients give such ids to channels that they create: then it is no call, unless it is kept as one."""
    return channel_id.startswith(MEDIA_LEGS) or _PLACED.fullmatch(channel_id) is not None


def is_ringing(channel: Mapping[str, Any]) -> bool:
    """Whether a channel was placed, and has not been answered yet."""
    return (channel.get("dialplan") or {}).get("app_name") == "AppDial2" and channel.get("state") in ("Down", "Ring", "Ringing")


def app_args(args: Sequence[str]) -> str | None:
    """The arguments of an app as `move` takes them."""
    return ",".join(args) or None
