"""Members of a conference, how calls leave it, its prompts and its keys. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from asterisk_ari.building_blocks.pure import check_keys
from asterisk_ari.errors import BadArgument

AttendedReason = Literal["left", "kicked", "closed", "moved"]
RefusedReason = Literal["pin", "locked", "full"]
MenuAction = Literal["mute", "lock", "kick_last", "count", "leave"]

ADMIN_ACTIONS = ("lock", "kick_last")
"""Actions that only admins may run by a key."""

KEYS: Mapping[str, MenuAction] = {"1": "mute", "2": "lock", "3": "kick_last", "4": "count", "8": "leave"}
"""The default keys of a conference."""

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
"""The default prompts of a conference, from Asterisk's own sounds."""


@dataclass(frozen=True)
class Member:
    """A member of a conference, as of when the roster was requested.

    Attributes:
        id: id of the channel; methods that take a member also accept the id or the call.
        name: name of the caller; "" if there is none.
        number: number of the caller; "" if there is none.
        is_admin: whether the admin PIN was entered, or the program made it an admin.
        is_muted: whether it is muted for the others.
        is_talking: whether it is talking.
        seconds: how long it has been a member.
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
    """A call has left a conference and continues.

    Attributes:
        reason: "left" (by a key), "kicked", "closed", or "moved" (to another bridge, or the bridge was destroyed).
        seconds: how long it was a member.
    """

    reason: AttendedReason
    seconds: float


@dataclass(frozen=True)
class Refused:
    """A call was refused by a conference and continues.

    Attributes:
        reason: "pin" (no correct PIN was entered), "locked" or "full".
    """

    reason: RefusedReason


class KeyMenu:
    """The actions of members' keys and key sequences.

    Args:
        menu: an action, or a function of the call, by key sequence.

    Raises:
        BadArgument: a key does not exist, a key sequence hides another, or an action does not exist.
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
        """Process a key after the pending ones; return the keys still pending, and the action to run, if any.

        No action and no pending keys means that there is no such key.
        """
        for keys in (before + key, key):
            if keys in self._menu:
                return "", self._menu[keys]
            if any(one.startswith(keys) for one in self._menu):
                return keys, None
        return "", None


def count_prompts(others: int) -> tuple[str, ...]:
    """Return the prompts for the number of other members, from Asterisk's own sounds."""
    return ("sound:conf-thereare", f"number:{others}", "sound:conf-otherinparty")
