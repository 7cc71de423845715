# Made from _async/ivr.py by scripts/unasync.py: edit that file.
"""An IVR: menus in menus, from a nested mapping."""

from collections.abc import Mapping
from typing import Any, Unpack

from asterisk_ari.building_blocks.pure import ProcessBound, methods_tell_spellings
from asterisk_ari.building_blocks.sync import outcome_of
from asterisk_ari.kits._core.menu_tree import BACK, OPTIONS, TOP, Chosen, IvrMenu, MenuChoice, read_tree
from asterisk_ari.sync import Call, MenuOptions


@methods_tell_spellings
class Ivr(ProcessBound):
    """Menus of which keys lead to values, functions, or further menus.

    A menu is a mapping: "say" has the prompts, phone keys are the choices, and "tries", "invalid" and the other arguments of
        `Call.menu` are optional; a submenu inherits those of the menu above. A choice is another menu, a function called with the
        call, `BACK`, `TOP`, or any other value, which `run` returns.

    Example:
        >>> ivr = Ivr(
        ...     {
        ...         "say": "sound:main-menu",
        ...         "1": "sales",
        ...         "2": {"say": "sound:support-menu", "1": "printers", "2": open_ticket, "*": BACK},
        ...     },
        ...     invalid="sound:invalid",
        ... )
    """

    def __init__(self, tree: Mapping[str, Any], **options: Unpack[MenuOptions]) -> None:
        """Create an IVR; all menus are checked, and nothing is sent.

        Args:
            tree: the first menu.
            options: as for `Call.menu`; apply to all menus that do not override them.

        Raises:
            BadArgument: a menu lacks "say" or choices, has keys that do not exist or invalid limits, or contains itself; the
                message names the menu.
        """
        if unknown := sorted(set(options) - set(OPTIONS)):
            raise TypeError(f"Ivr() takes {', '.join(OPTIONS)}, and no {', '.join(unknown)}")
        self._top = read_tree(tree, options)

    def run(self, call: Call) -> Chosen | None:
        """Lead a caller through the menus.

        Args:
            call: the call, which should have been answered.

        Returns:
            `Chosen(value, keys)`; None if nothing was chosen in one of the menus.

        Raises:
            MediaNotPlayed: Asterisk could not play a prompt.
            CallEnded: the caller hung up.

        Example:
            >>> match ivr.run(call):
            ...     case Chosen("sales"):
            ...         call.dial("PJSIP/sales")
            ...     case None:
            ...         call.say("sound:vm-goodbye")
        """
        menus = [self._top]
        keys: list[str] = []
        while True:
            chosen: MenuChoice | None = call.menu(menus[-1].say, menus[-1].choices, **menus[-1].options)
            if chosen is None:
                return None
            choice = chosen.choice
            if isinstance(choice, IvrMenu):
                menus.append(choice)
                keys.append(chosen.keys)
                continue
            if choice is BACK:
                keys = keys[:-1]
                menus = menus[: len(keys) + 1]
                continue
            value = outcome_of(choice(call)) if callable(choice) else choice
            if value is TOP:
                menus, keys = [self._top], []
            elif value is not BACK:
                return Chosen(value, (*keys, chosen.keys))
