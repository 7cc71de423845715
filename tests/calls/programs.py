"""Programs for calls, written once as coroutines: for the synchronous client they are translated as the client itself is."""

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from scripts import unasync


def in_variant(program: Callable[..., Any], variant: str, **names: Any) -> Any:
    """A coroutine function of a test, or the same as a plain function; `names` are what it refers to besides its module's."""
    source = textwrap.dedent(inspect.getsource(program))
    lines = source.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(("async def", "def")))
    source = "\n".join(lines[first:])
    if variant == "sync":
        source = unasync.convert(source, set()).replace("asyncio.sleep", "time.sleep")
    names = {**inspect.unwrap(program).__globals__, **inspect.getclosurevars(program).nonlocals, **names}
    exec(compile(source, f"<{program.__name__}, {variant}>", "exec"), names)
    return names[program.__name__]
