"""What is played, one thing after the other. Pure."""

from collections.abc import Iterator
from typing import Any

from asterisk_ari._core.requests.handles import in_request
from asterisk_ari.errors import BadArgument


def media_in(prompts: Any, name: str = "media", *, is_needed: bool = True) -> tuple[str, ...]:
    """Read prompts, a media URI, a handle, or a list of these, as URIs. A text may hold several, separated by commas.

    Raises:
        BadArgument: none where one is needed, or what is no media.
    """
    uris = tuple(_uris_of(prompts, name))
    if is_needed and not uris:
        raise BadArgument(f"{name} is needed: a media URI such as 'sound:hello-world', or a list of them", parameter=name)
    return uris


def _uris_of(prompts: Any, name: str) -> Iterator[str]:
    if prompts is None:
        return
    if isinstance(prompts, str):
        for part in prompts.split(","):
            yield _checked(part.strip(), name)
    elif isinstance(prompts, list | tuple):
        for prompt in prompts:
            yield _checked(prompt if isinstance(prompt, str) else in_request("channels.play", "media", prompt), name)
    else:
        yield _checked(in_request("channels.play", "media", prompts), name)


def _checked(uri: Any, name: str) -> str:
    if not isinstance(uri, str) or not uri.partition(":")[0] or not uri.partition(":")[2]:
        raise BadArgument(f"{name} has {uri!r}, which is no media URI such as 'sound:hello-world'", parameter=name)
    return uri
