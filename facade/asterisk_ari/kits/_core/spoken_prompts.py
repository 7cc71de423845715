"""The prompts of a kit, and a program's replacements."""

from collections.abc import Mapping
from typing import Any

from asterisk_ari.building_blocks.pure import media_in
from asterisk_ari.errors import BadArgument

Prompts = Mapping[str, tuple[str, ...]]


def read_prompts(kit: str, usual: Prompts, prompts: Mapping[str, Any] | None) -> dict[str, tuple[str, ...]]:
    """Return the prompts of a kit with the program's replacements; None and an empty list are silent.

    Args:
        kit: the kind of kit, with its article, for messages.
        usual: its default prompts.
        prompts: the replacements, by the same names.

    Raises:
        BadArgument: a name does not exist, or a value is not media.
    """
    if prompts is not None and not isinstance(prompts, Mapping):
        raise BadArgument(f"prompts is a mapping of names and media, not {prompts!r}", parameter="prompts")
    given = dict(prompts or {})
    if unknown := sorted(set(given) - set(usual)):
        raise BadArgument(f"{kit} says {', '.join(usual)}, and no {', '.join(unknown)}", parameter="prompts")
    if "pin" in given and not given["pin"]:
        raise BadArgument(f"{kit} needs a prompt that asks for the PIN", parameter="prompts")
    return {**usual, **{name: media_in(media, "prompts") if media else () for name, media in given.items()}}
