"""Nested menus, from nested mappings. Pure."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asterisk_ari.building_blocks.pure import Choices, menu_question, prompts_in
from asterisk_ari.errors import BadArgument

OPTIONS = ("tries", "first_seconds", "next_seconds", "barge_in", "type_ahead", "invalid", "no_input", "lang")
"""The options of a menu; missing ones are inherited from the menu above."""


class MenuStep(enum.Enum):
    """The target of a choice that is not a menu, a value or a function."""

    BACK = "back"
    TOP = "top"


BACK = MenuStep.BACK
"""A choice that leads to the menu above; returned by a function, to the menu in which it was chosen."""

TOP = MenuStep.TOP
"""A choice that leads to the first menu."""


@dataclass(frozen=True)
class Chosen:
    """A caller's choice in an IVR.

    Attributes:
        value: the value of the choice, or the result of its function.
        keys: the keys entered in each menu, from the first one on.
    """

    value: Any
    keys: tuple[str, ...]


@dataclass(frozen=True)
class MenuChoice:
    """A choice, and its keys."""

    keys: str
    choice: Any


@dataclass(frozen=True)
class IvrMenu:
    """One menu: its prompts, the choices by key, and arguments of `Call.menu`."""

    say: Any
    choices: Mapping[str, MenuChoice]
    options: Mapping[str, Any]


def read_tree(tree: Any, options: Mapping[str, Any], above: tuple[Any, ...] = (), keys: str = "") -> IvrMenu:
    """Read a menu and its submenus.

    Args:
        tree: the mapping.
        options: the options of the menu above.
        above: the mappings that contain it.
        keys: the keys that lead to it, for messages.

    Raises:
        BadArgument: a choice cannot be entered, or a part is not a menu.
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
