"""Who is in a conference, how calls leave it, what it says, and what its keys do. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from asterisk_ari.building_blocks.pure import check_keys
from asterisk_ari.errors import BadArgument

AttendedReason = Literal["left", "kicked", "closed", "moved"]
RefusedReason = Literal["pin", "locked", "full"]
MenuAction = Literal["mute", "lock", "kick_last", "count", "leave"]

ADMIN_ACTIONS = ("lock", "kick_last")
"""What admins alone may do by a key."""

KEYS: Mapping[str, MenuAction] = {"1": "mute", "2": "lock", "3": "kick_last", "4": "count", "8": "leave"}
"""The keys of a conference for which the program names none."""

PROMPTS: dict[str, tuple[str, ...]] = {
    "pin": ("sound:conf-getpin",),
    "invalid_pin": ("sound:conf-invalidpin",),
    "locked": ("sound:conf-locked",),
    "full": ("sound:conf-full",),
    "kicked": ("sound:conf-kicked",),
    "alone": ("sound:conf-onlyperson",),
    "muted": ("sound:conf-muted",),
    "unmuted": ("sound:conf-unmuted",),
    "lock": ("sound:conf-lockednow",),
    "unlock": ("sound:conf-unlockednow",),
    "no_such_key": ("sound:conf-errormenu",),
    "joined": ("sound:beep",),
    "gone": (),
}
"""What a conference says, with Asterisk's own sounds."""


@dataclass(frozen=True)
class Member:
    """One who is in a conference, as it was when the roster was asked for.

    Attributes:
        id: of the channel; whatever takes a member takes the id, or the call, as well.
        name: of the caller, "" where there is none.
        number: of the caller, "" where there is none.
        is_admin: whether the admins' PIN was typed, or the program said so.
        is_muted: whether the others do not hear this one.
        is_talking: whether this one talks.
        seconds: for how long this one has been there.
    """

    id: str
    name: str
    number: str
    is_admin: bool
    is_muted: bool
    is_talking: bool
    seconds: float


@dataclass(frozen=True)
class Attended:
    """A call has been in a conference, and goes on.

    Attributes:
        reason: "left" (by a key), "kicked", "closed", or "moved" (another bridge has taken it, or this one was destroyed).
        seconds: how long it was there.
    """

    reason: AttendedReason
    seconds: float


@dataclass(frozen=True)
class Refused:
    """A call was not let into a conference, and goes on.

    Attributes:
        reason: "pin" (none that is right was typed), "locked" or "full".
    """

    reason: RefusedReason


class KeyMenu:
    """What the keys of members do: single ones, or several one after the other.

    Args:
        menu: an action, or a function of the call, by keys.

    Raises:
        BadArgument: keys that do not exist or hide others, or an action that does not exist.
    """

    def __init__(self, menu: Mapping[str, Any]) -> None:
        if not isinstance(menu, Mapping):
            raise BadArgument(f"menu is a mapping of keys and what they do, not {menu!r}", parameter="menu")
        for keys, action in menu.items():
            check_keys("menu", keys)
            if not keys or any(other != keys and other.startswith(keys) for other in menu):
                raise BadArgument(f"the keys {keys!r} of menu are a prefix of others", parameter="menu")
            if not callable(action) and action not in get_args(MenuAction):
                actions = ", ".join(get_args(MenuAction))
                raise BadArgument(f"a key must have one of {actions}, or a function, not {action!r}", parameter="menu")
        self._menu = dict(menu)

    def press(self, before: str, key: str) -> tuple[str, Any]:
        """Take a key after those that led to nothing yet: what is kept of them, and what is to be done, if anything.

        What leads to nothing is None with nothing kept: there is no such key.
        """
        for keys in (before + key, key):
            if keys in self._menu:
                return "", self._menu[keys]
            if any(one.startswith(keys) for one in self._menu):
                return keys, None
        return "", None


def count_prompts(others: int) -> tuple[str, ...]:
    """How many others are in a conference, with Asterisk's own sounds."""
    return ("sound:conf-thereare", f"number:{others}", "sound:conf-otherinparty")
