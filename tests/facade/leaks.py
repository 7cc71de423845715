"""Looks for credentials where they must not be."""

import base64
import traceback
from collections.abc import Iterator

from tests.facade.variants import PASSWORD, USERNAME

SECRETS = (PASSWORD, base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode())


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it came from."""
    todo: list[BaseException | None] = [error]
    seen: list[BaseException] = []
    while todo:
        current = todo.pop()
        if current is not None and current not in seen:
            seen.append(current)
            todo += [current.__cause__, current.__context__]
            yield current


def leaked(*texts: str) -> list[str]:
    return [text for text in texts for secret in SECRETS if secret in text]


def variables(error: BaseException) -> Iterator[str]:
    """The variables of our own frames along the way of an error: loguru and error trackers print them."""
    for one in chain(error):
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if "/asterisk_ari/" in frame.f_code.co_filename:
                yield from (f"{frame.f_code.co_name}: {name} = {value!r}" for name, value in frame.f_locals.items())


def leaked_by(error: BaseException) -> list[str]:
    """What of an error, or of what caused it, shows a secret."""
    shown = [
        text
        for one in chain(error)
        for text in (str(one), repr(one), repr(one.args), repr(vars(one)), *getattr(one, "__notes__", ()))
    ]
    return leaked(*shown, *variables(error), "".join(traceback.format_exception(error)))
