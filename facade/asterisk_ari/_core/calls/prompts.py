"""Prompts, played one after the other. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from asterisk_ari._core.media.spoken import Spoken
from asterisk_ari._core.requests.handles import in_request
from asterisk_ari.errors import BadArgument

Playable = str | Spoken
"""A media URI, or text to speak."""


# Asterisk composes these of several sounds, and does not stop before the last one.
_SAID_AT_ONCE = ("digits:", "characters:", "number:")
_ONE_BY_ONE = ("digits:", "characters:")
_CHARACTER = re.compile(r"\S\s*")


def can_be_stopped(media: str) -> bool:
    """Whether Asterisk can stop it while it is playing."""
    return not media.startswith(_SAID_AT_ONCE)


def stoppable_parts(media: str) -> tuple[str, ...]:
    """Return URIs that play the same but can be stopped in between: one per digit or character."""
    if media.startswith(_ONE_BY_ONE):
        kind, _, characters = media.partition(":")
        return tuple(f"{kind}:{part}" for part in _CHARACTER.findall(characters)) or (media,)
    return (media,)


def prompts_in(prompts: Any, name: str = "media", *, is_needed: bool = True) -> tuple[Playable, ...]:
    """Read prompts: a media URI, a handle, a `Spoken`, or a list of these. A string may hold several comma-separated URIs.

    Args:
        prompts: the given value.
        name: name of the parameter, for the error message.
        is_needed: whether at least one is required.

    Raises:
        BadArgument: there is none although one is required, or one is not media.

    Example:
        >>> prompts_in("sound:hello-world, digits:12")
        ('sound:hello-world', 'digits:12')
    """
    uris = tuple(_uris_of(prompts, name))
    if is_needed and not uris:
        raise BadArgument(f"{name} is needed: a media URI such as 'sound:hello-world', or a list of them", parameter=name)
    return uris


def media_in(prompts: Any, name: str) -> tuple[str, ...]:
    """Read prompts that Asterisk can play itself, as URIs.

    Args:
        prompts: the given value, as for `prompts_in`.
        name: name of the parameter, for the error message.

    Raises:
        BadArgument: there is none, one is not media, or one is a `Spoken`.

    Example:
        >>> media_in("sound:hello-world", "greeting")
        ('sound:hello-world',)
    """
    found = prompts_in(prompts, name)
    uris = tuple(prompt for prompt in found if isinstance(prompt, str))
    if len(uris) < len(found):
        raise BadArgument(f"{name} takes media that Asterisk plays, not Spoken", parameter=name)
    return uris


def _uris_of(prompts: Any, name: str) -> Iterator[Playable]:
    if prompts is None:
        return
    if isinstance(prompts, Spoken):
        yield prompts
        return
    if isinstance(prompts, str):
        for part in prompts.split(","):
            yield _checked(part.strip(), name)
    elif isinstance(prompts, list | tuple):
        for prompt in prompts:
            if isinstance(prompt, Spoken):
                yield prompt
            else:
                yield _checked(prompt if isinstance(prompt, str) else in_request("channels.play", "media", prompt), name)
    else:
        yield _checked(in_request("channels.play", "media", prompts), name)


def _checked(uri: Any, name: str) -> str:
    if not isinstance(uri, str) or not uri.partition(":")[0] or not uri.partition(":")[2]:
        raise BadArgument(f"{name} has {uri!r}, which is not a media URI such as 'sound:hello-world'", parameter=name)
    return uri
