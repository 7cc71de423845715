"""Menus in menus, from nested mappings. Pure."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asterisk_ari.building_blocks.pure import Choices, menu_question, prompts_in
from asterisk_ari.errors import BadArgument

OPTIONS = ("tries", "first_seconds", "next_seconds", "barge_in", "type_ahead", "invalid", "no_input", "lang")
"""What a menu may say beside its keys; what it does not say is as in the menu above it."""


class MenuStep(enum.Enum):
    """Where a choice leads that is neither a menu, a value nor a function."""

    BACK = "back"
    TOP = "top"


BACK = MenuStep.BACK
"""A choice that leads to the menu above; from a function, to the menu in which it was chosen."""

TOP = MenuStep.TOP
"""A choice that leads to the first menu."""


@dataclass(frozen=True)
class Chosen:
    """What a caller has chosen in an IVR.

    Attributes:
        value: that of the choice, or what its function has returned.
        keys: what was typed in each menu, from the first one on.
    """

    value: Any
    keys: tuple[str, ...]


@dataclass(frozen=True)
class MenuChoice:
    """A choice, and by which keys."""

    keys: str
    choice: Any


@dataclass(frozen=True)
class IvrMenu:
    """One menu: what is said, the choices by their keys, and arguments of `Call.menu`."""

    say: Any
    choices: Mapping[str, MenuChoice]
    options: Mapping[str, Any]


def read_tree(tree: Any, options: Mapping[str, Any], above: tuple[Any, ...] = (), keys: str = "") -> IvrMenu:
    """Read a menu with all those in it.

    Args:
        tree: the mapping.
        options: what the menu above says.
        above: the mappings that it is in.
        keys: how it is reached, for messages.

    Raises:
        BadArgument: something in it that nobody could choose, or that is no menu.
    """
    where = f"the menu at {keys!r}" if keys else "the first menu"
    if not isinstance(tree, Mapping) or "say" not in tree:
        raise BadArgument(f'{where} must be a mapping with "say", the prompt, and choices by their keys', parameter="tree")
    if any(tree is one for one in above):
        raise BadArgument(f"{where} contains itself: use BACK and TOP to return to the menus above", parameter="tree")
    choices = {name: choice for name, choice in tree.items() if name != "say" and name not in OPTIONS}
    own = {**options, **{name: tree[name] for name in OPTIONS if name in tree}}
    try:
        prompts_in(tree["say"], "say")
        menu_question(tree["say"], Choices(choices), own)
    except BadArgument as error:
        raise BadArgument(f"{where}: {error.message}", parameter="tree") from None
    choices = {
        typed: MenuChoice(typed, read_tree(choice, own, (*above, tree), keys + typed) if isinstance(choice, Mapping) else choice)
        for typed, choice in choices.items()
    }
    return IvrMenu(tree["say"], choices, own)
